// Decode: what a Twilio webhook says about a call. Report after report may arrive late, twice or out of order.
import { isE164 } from '../../call/admission.ts';
import type { EndReason } from '../../call/call.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Report, WebhookRequest } from '../carrier.ts';
import { type Flow, type Visit, visitOf } from './flow.ts';

/** How Twilio says that a call is over, and what we call it. */
const ENDS: Readonly<Record<string, EndReason>> = {
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  // Only we can cancel a call that nobody has answered yet.
  canceled: 'hangup-bot',
};

const CALL_SID = /^CA[0-9a-fA-F]{32}$/;

export function isCallSid(text: string): boolean {
  return CALL_SID.test(text);
}

/** True for a `CallStatus` nothing comes after. */
export function isOver(callStatus: string): boolean {
  return Object.hasOwn(ENDS, callStatus);
}

/** The report in a verified request, or null when it is not about a call of this account. Never throws. */
export function decode(request: WebhookRequest, accountSid: string, now: number): Report | null {
  if (request.method !== 'POST') return null;
  const said = new URLSearchParams(request.body);
  const carrierCallId = said.get('CallSid') ?? '';
  if (!isCallSid(carrierCallId) || said.get('AccountSid') !== accountSid) return null;
  const visit = visitOf(request.path);
  const heard = visit.callId === null ? fromTheNumber(said, now) : fromOurAddress(said, visit, now);
  return heard && { ...parties(said), carrierCallId, callId: visit.callId, ...heard };
}

type Heard = Pick<Report, 'events' | 'asks'>;

function parties(said: URLSearchParams): Pick<Report, 'direction' | 'from' | 'to'> {
  return {
    direction: directionOf(said.get('Direction') ?? ''),
    from: numberOf(said.get('From')),
    to: numberOf(said.get('To')),
  };
}

function directionOf(direction: string): Report['direction'] {
  if (direction === 'inbound') return 'inbound';
  return direction.startsWith('outbound') ? 'outbound' : null;
}

/** A hidden caller comes as an empty word, `anonymous` or a made-up number; only a real number is one. */
function numberOf(text: string | null): string | null {
  return text !== null && isE164(text) ? text : null;
}

/** On the address the phone number is set up with: a caller, or the news that one has left. */
function fromTheNumber(said: URLSearchParams, now: number): Heard | null {
  if (said.get('Direction') !== 'inbound') return null;
  const ended = endOf(said, now);
  if (ended) return { events: [ended], asks: false };
  if (said.has('CallbackSource') || said.has('CallDuration')) return { events: [], asks: false };
  // Whatever document we answer with, Twilio picks up to follow it.
  return { events: [{ kind: 'answered', at: now }], asks: true };
}

/** On an address we handed out ourselves. */
function fromOurAddress(said: URLSearchParams, visit: Visit, now: number): Heard | null {
  if (visit.flow === null) return null;
  const asks = visit.flow !== 'status';
  const ended = endOf(said, now);
  if (ended) return { events: [ended], asks };
  return { events: newsOf[visit.flow](said, visit, now), asks };
}

type News = (said: URLSearchParams, visit: Visit, at: number) => readonly CarrierEvent[];

/** A call in progress was answered. Said again on every visit that may overtake the first one to say so. */
const answered: News = (said, _visit, at) =>
  said.get('CallStatus') === 'in-progress' ? [{ kind: 'answered', at }] : [];

const newsOf: Readonly<Record<Flow, News>> = {
  answer: answered,
  wait: answered,
  status(said, visit, at) {
    if (said.get('CallStatus') === 'ringing') return [{ kind: 'rang', at }];
    // Otherwise the visit to `answer` says so, and it must be the one to get the opening as its answer.
    return visit.inlined ? answered(said, visit, at) : [];
  },
  played(said, visit, at) {
    if (visit.utteranceId === null) return [];
    return [...answered(said, visit, at), { kind: 'utterancePlayed', at, utteranceId: visit.utteranceId }];
  },
  // Twilio goes on to the next verb alike, whether the stream was closed or could not be connected.
  streamed(_said, { stream }, at) {
    return stream === null ? [] : [{ kind: 'streamClosed', at, n: stream, why: 'Twilio went on without it' }];
  },
  silent(_said, { turn }, at) {
    return turn === null ? [] : [{ kind: 'callerSilent', at, turn }];
  },
  gather(said, { turn }, at) {
    if (turn === null) return [];
    const text = said.get('SpeechResult')?.trim();
    if (text) return [{ kind: 'callerSaid', at, text, turn }];
    const digits = said.get('Digits') ?? '';
    if (/^[0-9A-Da-d*#]+$/.test(digits)) return [{ kind: 'digitsReceived', at, digits, turn }];
    return [{ kind: 'callerSilent', at, turn }];
  },
};

function endOf(said: URLSearchParams, at: number): CarrierEvent | null {
  const status = said.get('CallStatus') ?? '';
  const reason = isOver(status) ? ENDS[status] : undefined;
  if (!reason) return null;
  const sip = said.get('SipResponseCode') ?? '';
  const cause = /^\d{3}$/.test(sip) ? `CallStatus=${status} SipResponseCode=${sip}` : `CallStatus=${status}`;
  return { kind: 'carrierEnded', at, reason, cause };
}
