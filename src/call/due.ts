// Due: what happens on a live call when one of its deadlines passes.
import { settleAsk } from './ask.ts';
import type { Call, DeadlineName, End } from './call.ts';
import { GOODBYE_MS, SHORT_CALL_MS } from './deadline.ts';
import type { EventOf } from './event.ts';
import { leave, openThinking, playedOverdue, replyArrived, sayFiller } from './floor.ts';
import { afterKeys, keysOver } from './keys.ts';
import { phrasesFor } from './phrases.ts';
import { beginEnding, keysNoted, type Step, step, withOutcome } from './step.ts';
import { withoutStream } from './stream.ts';
import { apologise, retell } from './telling.ts';
import { callerSilent } from './words.ts';

type Due = (call: Call, event: EventOf<'deadlinePassed'>) => Step;

/** What each deadline of a live call leads to. */
export const liveDeadlines: Readonly<Partial<Record<DeadlineName, Due>>> = {
  played: (call, { at }) => playedOverdue(call, at),
  silence: (call, { at }) => callerSilent(call, at),
  filler: (call, { at }) => sayFiller(call, at),
  reply: (call, { at }) => replyOverdue(call, at),
  keys: (call, { at }) => keysOver(call, at),
  // Keys still being pressed are the answer, if they can be one.
  transcript: (call, { at }) => afterKeys(call, at, (told) => step(settleAsk(told, null))),
  notifyHangup: (call, { at }) => beginEnding(call, { reason: 'hangup-bot', cause: 'message delivered' }, at),
  maxDuration: (call, { at }) => timeIsUp(call, at),
  retell: (call, { at }) => retell(call, at),
  // It is open, or wanted no more, when this deadline was cleared.
  stream: (call, { at }) => step(withoutStream(call, at)),
};

/** The agent took too long, or the person driving the call did: in any case listen again. */
function replyOverdue(call: Call, at: number): Step {
  const thinking = openThinking(call);
  if (!thinking) return step(call);
  const next = thinking.by === 'agent' ? apologise(call, at) : replyArrived(call, '', at);
  return { call: next.call, effects: [{ kind: 'dropAgent' }, ...next.effects] };
}

function timeIsUp(call: Call, at: number): Step {
  const end: End = { reason: 'timeout', cause: 'maximum duration reached' };
  if (call.settings.maxDurationMs < SHORT_CALL_MS) return beginEnding(call, end, at);
  return lastWords(call, end, phrasesFor(call.settings.language).timeIsUp, at);
}

export const STOPPED: End = { reason: 'hangup-bot', cause: 'the Gateway was stopped' };

/** The Gateway goes for good: what it is about to do to us cannot be put off either. */
export function closing(call: Call, at: number): Step {
  if (call.mode === 'notify') return beginEnding(call, STOPPED, at);
  return lastWords(call, STOPPED, phrasesFor(call.settings.language).closing, at);
}

/** The one case where we talk over ourselves: the line will be cut in a few seconds. Said once, then we hang up. */
function lastWords(call: Call, end: End, words: string, at: number): Step {
  const noted = keysNoted(call, at);
  const cut = noted.floor.kind === 'speaking' ? withOutcome(noted, noted.floor.utterance.id, 'cut') : noted;
  const quiet: Call = {
    ...cut,
    floor: { kind: 'idle' },
    queue: [],
    deadlines: { maxDuration: at + GOODBYE_MS },
  };
  if (call.leaving) return beginEnding(quiet, call.leaving, at);
  const farewell = leave(quiet, end, words, at);
  return { call: farewell.call, effects: [{ kind: 'dropAgent' }, ...farewell.effects] };
}
