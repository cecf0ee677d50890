// Telling: what becomes of a call when the carrier does not do what it is told, or when we come back to it.
import { settleAsk } from './ask.ts';
import type { Call } from './call.ts';
import { HANGUP_CONFIRM_MS, MAX_HANGUPS, RETELL_MS } from './deadline.ts';
import type { EventOf } from './event.ts';
import { openThinking, replyArrived, untold } from './floor.ts';
import { phrasesFor } from './phrases.ts';
import { beginEnding, finish, type Step, step, withDeadlines, withOutcome } from './step.ts';
import { streamClosed, withoutStream } from './stream.ts';

/** The carrier could not, or would not, do what it was told. */
export function tellFailed(call: Call, { key, failure, at }: EventOf<'tellFailed'>): Step {
  if (call.line.told !== key) return step(call);
  // The carrier fetched it meanwhile: the request that failed is not missed, and saying it again would be twice.
  if (call.line.accepted && failure.kind !== 'gone') return step(call);
  const unsaid =
    call.floor.kind === 'speaking' ? withOutcome(call, call.floor.utterance.id, 'unheard') : call;
  if (failure.kind === 'gone') return finish(unsaid, { reason: 'completed', cause: failure.why }, at);
  const pauseMs = failure.kind === 'retry' ? RETELL_MS[call.line.attempts] : undefined;
  // The carrier cannot connect a stream: it speaks for us instead.
  if (pauseMs === undefined && key.startsWith('stream:')) return step(withoutStream(call, at));
  // A call nobody can steer is ended rather than left silent.
  if (pauseMs === undefined) {
    return beginEnding(unsaid, { reason: 'error', cause: `the carrier refused: ${failure.why}` }, at);
  }
  const line = { ...call.line, accepted: false, attempts: call.line.attempts + 1 };
  return step(withDeadlines({ ...call, line }, { retell: at + pauseMs }));
}

/** The pause after a failure is over. Telling the line anything else meanwhile has cleared this deadline. */
export function retell(call: Call, at: number): Step {
  return step(call.line.accepted ? call : untold(call, at));
}

/** Says the hang-up again, waiting longer each time; at last the call is closed on our side. */
export function hangUpAgain(call: Call, at: number): Step {
  const attempts = call.line.attempts + 1;
  if (attempts >= MAX_HANGUPS) {
    return finish(call, { reason: 'error', cause: 'the carrier never confirmed the hang-up' }, at);
  }
  const line = { ...call.line, told: null, accepted: false, attempts };
  return step(withDeadlines({ ...call, line }, { hangup: at + HANGUP_CONFIRM_MS * 2 ** attempts }));
}

/** We are back and the phone still rings: a call that was never dialled for sure is closed, not dialled again. */
export function restoredUnanswered(call: Call, at: number): Step {
  if (call.carrierCallId === null) {
    return finish(call, { reason: 'error', cause: 'we were restarted while dialling' }, at);
  }
  return step(call.line.accepted ? call : untold(call, at));
}

/**
 * We are back and somebody is on the line. What the carrier agreed to it goes on doing without us, so nothing is
 * said twice; what it had not agreed to is told again. Whoever asked a question went with the old process, and so
 * did the answer the agent was thinking about.
 */
export function restoredLive(call: Call, at: number): Step {
  const free = withStreamAgain(settleAsk(call, null), at);
  const thinking = openThinking(free);
  const resumed = free.line.accepted && free.floor.kind !== 'thinking' ? free : untold(free, at);
  const known: Call = { ...resumed, line: { ...resumed.line, attempts: 0 } };
  return thinking?.by === 'agent' ? apologise(known, at) : step(known);
}

/** A line that would come back to us, or connect to us, by an address that is gone is told once more by the new one. */
export function addressChanged(call: Call, at: number): Step {
  const { stream, asks } = call;
  const isLost = stream === null ? asks : stream.state === 'wanted';
  return step(isLost ? untold(call, at) : call);
}

/** The media stream went with the old process. */
function withStreamAgain(call: Call, at: number): Call {
  const closed = streamClosed(call, { kind: 'streamClosed', at, n: null, why: 'we were restarted' }).call;
  return closed === call ? call : { ...closed, line: { ...closed.line, told: null, accepted: false } };
}

/** There is no answer: say so and listen, or hang up if only the answer kept us. */
export function apologise(call: Call, at: number): Step {
  if (call.leaving) return beginEnding(call, call.leaving, at);
  return replyArrived(call, phrasesFor(call.settings.language).apology, at);
}
