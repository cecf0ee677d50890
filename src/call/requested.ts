// Requested: what people and agents outside the conversation want said, pressed or asked on a live call.
import { askOf, settleAsk } from './ask.ts';
import type { Call } from './call.ts';
import type { EventOf } from './event.ts';
import { nextListening, openThinking, restingAfterAll, say, thoughtOver, type Words } from './floor.ts';
import { type Step, step, withDeadlines } from './step.ts';

/** More than this may not wait to be said: nobody listens that long, and every step saves it all. */
const MAX_QUEUED = 10;

/** Somebody outside the conversation has something to say on it. A driver who speaks has answered. */
export function requested(call: Call, words: Words, at: number): Step {
  if (call.leaving || isFull(call)) return declined(call, words, at);
  if (call.mode === 'notify') return say(call, words, { kind: 'idle' }, at);
  const free = openThinking(call)?.by === 'driver' ? thoughtOver(call, at) : call;
  const resting = restingAfterAll(free);
  const thinks = resting.kind === 'thinking' && resting.by === 'agent';
  return say(free, words, thinks ? resting : nextListening(free, askOf(resting)), at);
}

/** The sentences of the agent's own answer do not count. */
function isFull({ queue }: Call): boolean {
  return queue.filter(({ utterance }) => utterance.requestId !== null).length >= MAX_QUEUED;
}

/** What we will not say any more is on record as never heard, so that whoever asked for it learns it now. */
function declined(call: Call, { text, requestId }: Words, at: number): Step {
  const utteranceId = `u${call.said + 1}`;
  const entry = { at, speaker: 'agent', text, utteranceId, requestId, outcome: 'unheard' } as const;
  return step({ ...call, said: call.said + 1, transcript: [...call.transcript, entry] });
}

export function askRequested(call: Call, { askId, text, at }: EventOf<'askRequested'>): Step {
  if (call.leaving || call.mode === 'notify' || isFull(call)) {
    return step({ ...call, answer: { askId, text: null } });
  }
  const free = settleAsk(thoughtOver(call, at), null);
  const asking = withDeadlines(free, { transcript: at + call.settings.transcriptTimeoutMs });
  const spoken = say(asking, { text, requestId: askId }, nextListening(asking, askId), at);
  return { call: spoken.call, effects: [{ kind: 'dropAgent' }, ...spoken.effects] };
}
