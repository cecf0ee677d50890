// Flow: the addresses we hand to Plivo, and what they say when Plivo comes back on them.
import type { Call } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';
import { type FlowVisit, numberIn, queryOf, readFlow } from '../flow-query.ts';

const FLOWS = [
  'answer',
  'ring',
  'hangup',
  'input',
  'silent',
  'played',
  'streaming',
  'streamed',
  'next',
] as const;
export type Flow = (typeof FLOWS)[number];

/** What one address is for. */
export type Place =
  | { readonly flow: 'answer' | 'ring' | 'hangup' }
  | { readonly flow: 'input'; readonly turn: number }
  | { readonly flow: 'silent'; readonly turn: number; readonly utteranceId: string | null }
  | { readonly flow: 'played'; readonly utteranceId: string }
  /** News of the media stream of that number; and: it is over, or never came about. */
  | { readonly flow: 'streaming' | 'streamed'; readonly stream: number }
  /** What the line is to do now. All but the flow only makes the address of each transfer another one. */
  | {
      readonly flow: 'next';
      readonly turn: number | null;
      readonly utteranceId: string | null;
      readonly stream: number | null;
    };

/**
 * The absolute address of `place` for `call`. Names stand in code-unit order: Plivo's documentation signs the
 * query as it is written, its libraries sign it sorted, and so both mean the same bytes.
 */
export function flowUrl(webhookUrl: string, call: Call, place: Place): string {
  const query = new URLSearchParams({ callId: call.id, flow: place.flow });
  // Two legitimate visits never have equal signed bytes: the second would be taken for a repetition.
  query.set('n', String(call.line.asked));
  if ('stream' in place && place.stream !== null) query.set('stream', String(place.stream));
  if ('turn' in place && place.turn !== null) query.set('turn', String(place.turn));
  if ('utteranceId' in place && place.utteranceId !== null) query.set('utterance', place.utteranceId);
  return `${webhookUrl}?${query}`;
}

/** Where Plivo is sent to fetch `instruction`. */
export function nextPlace(instruction: Instruction): Place {
  const turn = 'turn' in instruction ? instruction.turn : null;
  const utteranceId = instruction.kind === 'say' ? instruction.utterance.id : null;
  const stream = instruction.kind === 'stream' ? instruction.n : null;
  return { flow: 'next', turn, utteranceId, stream };
}

/** What a visited address says. The values are a stranger's until checked: odd ones are null. */
export interface Visit extends FlowVisit<Flow> {
  readonly stream: number | null;
}

/** Reads the query of `path`; anything at all may stand there. */
export function visitOf(path: string): Visit {
  const query = queryOf(path);
  return { ...readFlow(query, FLOWS), stream: numberIn(query.get('stream')) };
}
