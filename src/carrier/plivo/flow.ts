// Flow: the addresses we hand to Plivo, and what they say when Plivo comes back on them.
import type { Call } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';

const FLOWS = ['answer', 'ring', 'hangup', 'input', 'silent', 'played', 'next'] as const;
export type Flow = (typeof FLOWS)[number];

/** What one address is for. */
export type Place =
  | { readonly flow: 'answer' | 'ring' | 'hangup' }
  | { readonly flow: 'input'; readonly turn: number }
  | { readonly flow: 'silent'; readonly turn: number; readonly utteranceId: string | null }
  | { readonly flow: 'played'; readonly utteranceId: string }
  /** What the line is to do now. Turn and utterance only make the address of each transfer another one. */
  | { readonly flow: 'next'; readonly turn: number | null; readonly utteranceId: string | null };

/**
 * The absolute address of `place` for `call`. Names stand in code-unit order: Plivo's documentation signs the
 * query as it is written, its libraries sign it sorted, and so both mean the same bytes.
 */
export function flowUrl(webhookUrl: string, call: Call, place: Place): string {
  const query = new URLSearchParams({ callId: call.id, flow: place.flow });
  // Two legitimate visits never have equal signed bytes: the second would be taken for a repetition.
  query.set('n', String(call.line.asked));
  if ('turn' in place && place.turn !== null) query.set('turn', String(place.turn));
  if ('utteranceId' in place && place.utteranceId !== null) query.set('utterance', place.utteranceId);
  return `${webhookUrl}?${query}`;
}

/** Where Plivo is sent to fetch `instruction`. */
export function nextPlace(instruction: Instruction): Place {
  const turn = 'turn' in instruction ? instruction.turn : null;
  const utteranceId = instruction.kind === 'say' ? instruction.utterance.id : null;
  return { flow: 'next', turn, utteranceId };
}

/** What a visited address says. The values are a stranger's until checked: odd ones are null. */
export interface Visit {
  readonly callId: string | null;
  readonly flow: Flow | null;
  readonly turn: number | null;
  readonly utteranceId: string | null;
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
  };
}

function numberIn(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
