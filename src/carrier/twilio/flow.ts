// Flow: the addresses we hand to Twilio, and what they say when Twilio comes back on them.
import type { Call } from '../../call/call.ts';
import { type FlowVisit, numberIn, queryOf, readFlow } from '../flow-query.ts';

const FLOWS = ['answer', 'status', 'gather', 'silent', 'played', 'streamed', 'wait'] as const;
export type Flow = (typeof FLOWS)[number];

/** What one address is for. */
export type Place =
  | { readonly flow: 'answer' | 'wait' }
  /** `inlined`: the opening went along with the dialling, so nobody will ask for it when the phone is answered. */
  | { readonly flow: 'status'; readonly inlined: boolean }
  | { readonly flow: 'gather'; readonly turn: number }
  | { readonly flow: 'silent'; readonly turn: number; readonly utteranceId: string | null }
  | { readonly flow: 'played'; readonly utteranceId: string }
  /** The media stream of that number is over, or never came about. */
  | { readonly flow: 'streamed'; readonly stream: number };

/** The absolute address of `place` for `call`. */
export function flowUrl(webhookUrl: string, call: Call, place: Place): string {
  const query = new URLSearchParams({ callId: call.id, flow: place.flow });
  if ('turn' in place) query.set('turn', String(place.turn));
  if ('utteranceId' in place && place.utteranceId !== null) query.set('utterance', place.utteranceId);
  if ('stream' in place) query.set('stream', String(place.stream));
  if (place.flow === 'status' && place.inlined) query.set('opening', 'inline');
  // Without this, two visits that say the same would have the same signature: the second, taken for a replay.
  if (place.flow !== 'status' && place.flow !== 'answer') query.set('asked', String(call.line.asked));
  return `${webhookUrl}?${query}`;
}

/** What a visited address says. The values are a stranger's until checked: odd ones are null. */
export interface Visit extends FlowVisit<Flow> {
  readonly stream: number | null;
  readonly inlined: boolean;
}

/** Reads the query of `path`; anything at all may stand there. */
export function visitOf(path: string): Visit {
  const query = queryOf(path);
  return {
    ...readFlow(query, FLOWS),
    stream: numberIn(query.get('stream')),
    inlined: query.get('opening') === 'inline',
  };
}
