// Decode: what a Telnyx webhook says about a call. Webhooks may arrive late, twice or out of order.
import { isE164 } from '../../call/admission.ts';
import type { EndReason } from '../../call/call.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Report, StreamUrl, WebhookRequest } from '../carrier.ts';
import { asFields, type Fields, textOf } from '../json.ts';
import { type ClientState, decodeState } from './client-state.ts';
import { streamOver } from './streaming.ts';
import { dataOf } from './wire.ts';

/** How Telnyx says that a call is over, and what we call it: its documented words, and older ones still met. */
const ENDS: Readonly<Record<string, EndReason>> = {
  normal_clearing: 'completed',
  normal_unspecified: 'completed',
  // Only we can cancel a call that we placed and nobody answered; for a caller who gave up it is as good a name.
  originator_cancel: 'hangup-bot',
  call_rejected: 'busy',
  user_busy: 'busy',
  timeout: 'no-answer',
  no_answer: 'no-answer',
  no_user_response: 'no-answer',
  time_limit: 'timeout',
  not_found: 'failed',
  destination_out_of_order: 'failed',
  network_out_of_order: 'failed',
  service_unavailable: 'failed',
  recovery_on_timer_expire: 'failed',
  machine_detected: 'voicemail',
  fax_detected: 'voicemail',
  user_hangup: 'hangup-user',
  subscriber_absent: 'hangup-user',
};

interface Circumstances {
  /** When it happened, by Telnyx's clock: webhooks may overtake each other. */
  readonly occurredAt: number;
  readonly streamUrl: StreamUrl | null;
}

type Decode = (
  payload: Fields,
  state: ClientState | null,
  at: number,
  more: Circumstances,
) => readonly CarrierEvent[] | null;

/** What each event means; null: nothing to us. Others tell nothing that a call of ours waits for. */
const EVENTS: Readonly<Record<string, Decode>> = {
  'call.initiated': (payload, _state, at) => {
    // A caller is met by the report itself, and picked up by command.
    if (payload['direction'] === 'incoming') return [];
    return payload['direction'] === 'outgoing' ? [{ kind: 'rang', at }] : null;
  },
  'call.answered': (_payload, _state, at) => [{ kind: 'answered', at }],
  'call.transcription': words,
  'call.dtmf.received': (payload, state, at, { occurredAt: pressedAt }) => {
    const digits = textOf(payload['digit']).toUpperCase();
    if (!/^[0-9A-D*#]$/.test(digits)) return null;
    return [{ kind: 'digitsReceived', at, digits, turn: state?.turn ?? null, pressedAt }];
  },
  'call.speak.ended': (payload, state, at) => {
    const utteranceId = state?.utteranceId ?? null;
    // Speech that was stopped for newer speech ends too, but it carries the name of the newer one.
    if (payload['status'] !== 'completed' || utteranceId === null) return null;
    return [{ kind: 'utterancePlayed', at, utteranceId }];
  },
  'streaming.failed': (payload, state, at, { streamUrl }) => {
    const why = `Telnyx could not stream: ${word(textOf(payload['failure_reason']))}`;
    return streamOver(payload, state, streamUrl, { at, why });
  },
  'streaming.stopped': (payload, state, at, { streamUrl }) =>
    streamOver(payload, state, streamUrl, { at, why: 'Telnyx stopped streaming' }),
  'call.hangup': (payload, _state, at) => [{ kind: 'carrierEnded', at, ...endOf(payload) }],
};

/**
 * The report in a verified request, or null when it tells us nothing. Never throws. `streamUrl` as in the options:
 * it tells an older media stream from the present one.
 */
export function decode(request: WebhookRequest, now: number, streamUrl: StreamUrl | null): Report | null {
  if (request.method !== 'POST') return null;
  const { event_type, occurred_at, payload: said } = dataOf(request.body);
  const type = textOf(event_type);
  const payload = asFields(said);
  const carrierCallId = textOf(payload['call_control_id']);
  if (carrierCallId === '' || !Object.hasOwn(EVENTS, type)) return null;
  const state = decodeState(payload['client_state']);
  const happened = Date.parse(textOf(occurred_at));
  const occurredAt = Number.isNaN(happened) ? now : happened;
  const events = EVENTS[type]?.(payload, state, now, { occurredAt, streamUrl }) ?? null;
  if (events === null) return null;
  return { carrierCallId, callId: state?.callId ?? null, ...parties(payload), events, asks: false };
}

function parties(payload: Fields): Pick<Report, 'direction' | 'from' | 'to'> {
  return {
    direction: directionOf(payload['direction']),
    from: numberOf(payload['from']),
    to: numberOf(payload['to']),
  };
}

function directionOf(direction: unknown): Report['direction'] {
  if (direction === 'incoming') return 'inbound';
  return direction === 'outgoing' ? 'outbound' : null;
}

/** A SIP address, `anonymous` or a made-up number is nobody we know; only a real number is. */
function numberOf(value: unknown): string | null {
  const number = textOf(value);
  return isE164(number) ? number : null;
}

/** We ask for final words of the other side only; should others come, they are not the caller's turn. */
function words(payload: Fields, state: ClientState | null, at: number): readonly CarrierEvent[] | null {
  const heard = asFields(payload['transcription_data']);
  const text = textOf(heard['transcript']).trim();
  if (text === '' || heard['is_final'] === false || heard['transcription_track'] === 'outbound') return null;
  return [{ kind: 'callerSaid', at, text, turn: state?.turn ?? null }];
}

function endOf(payload: Fields): { readonly reason: EndReason; readonly cause: string } {
  const named = textOf(payload['hangup_cause']);
  const source = textOf(payload['hangup_source']) || 'unknown';
  const sip = textOf(payload['sip_hangup_cause']);
  const known = Object.hasOwn(ENDS, named) ? ENDS[named] : undefined;
  const code = /^\d{3}$/.test(sip) ? `, sip ${sip}` : '';
  return { reason: known ?? endOfSip(sip), cause: `${word(named)} (source ${word(source)}${code})` };
}

/** Telnyx does not always know why: then the telephone network may. */
function endOfSip(sip: string): EndReason {
  return /^[4-6]\d\d$/.test(sip) ? 'failed' : 'completed';
}

function word(text: string): string {
  return /^[a-z_]{1,40}$/.exec(text)?.[0] ?? 'unspecified';
}
