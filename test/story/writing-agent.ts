// WritingAgent: answers that are written token by token while they are told, at a pace of the story clock.
import type { AgentTurn } from '../../src/conversation/ports.ts';
import { type Clock, wait } from '../../src/lib/clock.ts';

export interface Pace {
  /** The host's preparation, until it asks the model, ms. Default 50. */
  readonly askMs?: number;
  /** From there to the first token, ms. Default 250. */
  readonly firstMs?: number;
  /** Between two tokens, a word each, ms. Default 40. */
  readonly tokenMs?: number;
}

/**
 * Writes `{"spoken":"..."}` as a model does, and resolves to the whole of it. Rejects as soon as the turn is aborted;
 * an answer of ScriptedAgent: `answer: (turn) => writing(clock, turn, 'It is noon.')`.
 */
export async function writing(
  clock: Clock,
  turn: AgentTurn,
  spoken: string,
  { askMs = 50, firstMs = 250, tokenMs = 40 }: Pace = {},
): Promise<string> {
  const { signal } = turn;
  await wait(clock, askMs, signal);
  turn.onModelAsked?.();
  await wait(clock, firstMs, signal);
  let text = '';
  for (const token of JSON.stringify({ spoken }).match(/\s*\S+/g) ?? []) {
    if (text !== '') await wait(clock, tokenMs, signal);
    text += token;
    turn.onText?.(text);
  }
  return text;
}
