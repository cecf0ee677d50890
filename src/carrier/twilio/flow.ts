// Flow: the addresses we hand to Twilio, and what they say when Twilio comes back on them.
import type { Call } from '../../call/call.ts';

const FLOWS = ['answer', 'status', 'gather', 'silent', 'played', 'wait'] as const;
export type Flow = (typeof FLOWS)[number];

/** What one address is for. */
export type Place =
  | { readonly flow: 'answer' | 'wait' }
  /** `inlined`: the opening went along with the dialling, so nobody will ask for it when the phone is answered. */
  | { readonly flow: 'status'; readonly inlined: boolean }
  | { readonly flow: 'gather'; readonly turn: number }
  | { readonly flow: 'silent'; readonly turn: number; readonly utteranceId: string | null }
  | { readonly flow: 'played'; readonly utteranceId: string };

/** The absolute address of `place` for `call`. */
export function flowUrl(webhookUrl: string, call: Call, place: Place): string {
  const query = new URLSearchParams({ callId: call.id, flow: place.flow });
  if ('turn' in place) query.set('turn', String(place.turn));
  if ('utteranceId' in place && place.utteranceId !== null) query.set('utterance', place.utteranceId);
  if (place.flow === 'status' && place.inlined) query.set('opening', 'inline');
  // Without this, two visits that say the same would have the same signature: the second, taken for a replay.
  if (place.flow !== 'status' && place.flow !== 'answer') query.set('asked', String(call.line.asked));
  return `${webhookUrl}?${query}`;
}

/** What a visited address says. The values are a stranger's until checked: odd ones are null. */
export interface Visit {
  readonly callId: string | null;
  readonly flow: Flow | null;
  readonly turn: number | null;
  readonly utteranceId: string | null;
  readonly inlined: boolean;
}

/** Reads the query of `path`; anything at all may stand there. */
export function visitOf(path: string): Visit {
  const [address = ''] = path.split('#', 1);
  const at = address.indexOf('?');
  const query = new URLSearchParams(at === -1 ? '' : address.slice(at + 1));
  const flow = query.get('flow');
  return {
    callId: query.get('callId') || null,
    flow: FLOWS.find((known) => known === flow) ?? null,
    turn: numberIn(query.get('turn')),
    utteranceId: /^u[1-9]\d{0,8}$/.exec(query.get('utterance') ?? '')?.[0] ?? null,
    inlined: query.get('opening') === 'inline',
  };
}

function numberIn(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
