// Decode: what a Plivo webhook says about a call. Report after report may arrive late or twice.
import { isE164 } from '../../call/admission.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Report, WebhookRequest } from '../carrier.ts';
import { endOf, isOver } from './causes.ts';
import { type Flow, type Visit, visitOf } from './flow.ts';

/** Marks the id Plivo gives when we dial: it names the request, not the call, until the call's own id is known. */
const REQUEST = 'request:';
const UUID = /^[0-9A-Za-z][0-9A-Za-z-]{7,63}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The provisional id of a call we dialled. */
export function provisionalId(requestUuid: string): string {
  return `${REQUEST}${requestUuid}`;
}

/** The request behind a provisional id; null for the id of a call. */
export function requestIn(carrierCallId: string): string | null {
  return carrierCallId.startsWith(REQUEST) ? carrierCallId.slice(REQUEST.length) : null;
}

/** The report in a verified request, or null when it means nothing to us. Never throws. */
export function decode(request: WebhookRequest, now: number): Report | null {
  if (request.method !== 'POST') return null;
  const said = new URLSearchParams(request.body);
  const carrierCallId = said.get('CallUUID') ?? '';
  if (!isUuid(carrierCallId)) return null;
  const visit = visitOf(request.path);
  const heard = visit.callId === null ? fromTheNumber(said, now) : fromOurAddress(said, visit, now);
  if (!heard) return null;
  const formerId = visit.callId === null ? null : formerIdOf(said);
  return {
    ...parties(said),
    carrierCallId,
    ...(formerId === null ? {} : { formerId }),
    callId: visit.callId,
    ...heard,
  };
}

type Heard = Pick<Report, 'events' | 'asks'>;

function formerIdOf(said: URLSearchParams): string | null {
  const request = said.get('RequestUUID') || said.get('ALegRequestUUID') || '';
  return isUuid(request) ? provisionalId(request) : null;
}

function parties(said: URLSearchParams): Pick<Report, 'direction' | 'from' | 'to'> {
  return {
    direction: directionOf(said.get('Direction') ?? ''),
    from: numberOf(said.get('From')),
    to: numberOf(said.get('To')),
  };
}

function directionOf(direction: string): Report['direction'] {
  return direction === 'inbound' || direction === 'outbound' ? direction : null;
}

/** Plivo leaves the `+` away; a hidden caller comes as a word. Shorter numbers are no country's. */
function numberOf(text: string | null): string | null {
  if (text === null || !/^\+?\d{7,}$/.test(text)) return null;
  const number = text.startsWith('+') ? text : `+${text}`;
  return isE164(number) ? number : null;
}

/** On the addresses the phone number's application is set up with: a caller, or the news that one has left. */
function fromTheNumber(said: URLSearchParams, now: number): Heard | null {
  if (said.get('Direction') !== 'inbound') return null;
  if (saysOver(said)) return { events: [ended(said, now)], asks: false };
  const event = said.get('Event') ?? '';
  if (event !== '' && event !== 'StartApp') return { events: [], asks: false };
  // Whatever document we answer with, Plivo picks up to follow it, unless it turns the caller away.
  return { events: [{ kind: 'answered', at: now }], asks: true };
}

/** On an address we handed out ourselves. */
function fromOurAddress(said: URLSearchParams, visit: Visit, now: number): Heard | null {
  if (visit.flow === null) return null;
  const asks = !TELLS_ONLY.has(visit.flow);
  if (visit.flow === 'hangup' || saysOver(said)) return { events: [ended(said, now)], asks };
  return { events: newsOf[visit.flow](said, visit, now), asks };
}

/** Addresses on which Plivo tells something and takes no document. */
const TELLS_ONLY: ReadonlySet<Flow> = new Set<Flow>(['ring', 'hangup', 'streaming']);

function saysOver(said: URLSearchParams): boolean {
  return said.get('Event') === 'Hangup' || isOver(said.get('CallStatus') ?? '');
}

function ended(said: URLSearchParams, at: number): CarrierEvent {
  return { kind: 'carrierEnded', at, ...endOf(said) };
}

type News = (said: URLSearchParams, visit: Visit, at: number) => readonly CarrierEvent[];

const newsOf: Readonly<Record<Exclude<Flow, 'hangup'>, News>> = {
  ring: (_said, _visit, at) => [{ kind: 'rang', at }],
  answer: (_said, _visit, at) => [{ kind: 'answered', at }],
  next: () => [],
  played: (_said, { utteranceId }, at) =>
    utteranceId === null ? [] : [{ kind: 'utterancePlayed', at, utteranceId }],
  streaming: (said, { stream }, at) =>
    stream === null || !STREAM_LOST.has(said.get('Event') ?? '')
      ? []
      : [{ kind: 'streamClosed', at, n: stream, why: 'Plivo lost the connection' }],
  // Plivo goes on to the next element alike, whether the stream was closed or could not be connected.
  streamed: (_said, { stream }, at) =>
    stream === null ? [] : [{ kind: 'streamClosed', at, n: stream, why: 'Plivo went on without it' }],
  silent: (_said, { turn }, at) => (turn === null ? [] : [{ kind: 'callerSilent', at, turn }]),
  input: (said, { turn }, at) => (turn === null ? [] : [inputOf(said, turn, at)]),
};

/** The event that says so, and its name on another page of Plivo's. */
const STREAM_LOST: ReadonlySet<string> = new Set(['DroppedStream', 'failed']);

/** Speech has borne other names in Plivo's callbacks; the first one is today's. */
const SPEECH = ['Speech', 'Transcription', 'TranscriptionText', 'SpeechResult'];

/** `InputType` decides when both are there; nothing usable is silence. */
function inputOf(said: URLSearchParams, turn: number, at: number): CarrierEvent {
  const type = said.get('InputType');
  const text = type === 'dtmf' ? undefined : SPEECH.map((name) => said.get(name)?.trim()).find(Boolean);
  if (text) return { kind: 'callerSaid', at, text, turn };
  const digits = type === 'speech' ? '' : (said.get('Digits') ?? '');
  if (/^[0-9A-Da-d*#]+$/.test(digits)) return { kind: 'digitsReceived', at, digits, turn };
  return { kind: 'callerSilent', at, turn };
}
