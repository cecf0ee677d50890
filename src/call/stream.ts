// Stream: the media stream of a call: when one is wanted, what a broken one leads to, and being interrupted on it.
import { askOf, pendingAsk, settleAsk } from './ask.ts';
import type { Call, Resting, TurnStages } from './call.ts';
import { FIRST_FILLER_MS, RESUMED_MS, STREAM_GRACE_MS, STREAM_WITHIN_MS, silenceMs } from './deadline.ts';
import type { EventOf } from './event.ts';
import { nextListening, openListening, openThinking, rest, say, thoughtOver, untold } from './floor.ts';
import { instructionFor, keyOf } from './instruction.ts';
import { beginEnding, type Step, step, withDeadlines, withHeard, withSound } from './step.ts';

/** A line that broke so often will break again: from then on the carrier speaks for us. */
const MAX_STREAMS = 5;

/** The same call, wanting a media stream from now on if it is to have one. */
export function withStream(call: Call, at: number): Call {
  return call.settings.stream && call.mode === 'conversation' ? wanting(call, at, STREAM_WITHIN_MS) : call;
}

/** Whether the call has a media stream, or will have one when it is answered. */
export function takesStream({ settings, mode, phase, stream }: Call): boolean {
  const isToBe = phase === 'ringing' || phase === 'dialing';
  return stream !== null || (isToBe && settings.stream && mode === 'conversation');
}

function wanting(call: Call, at: number, withinMs: number): Call {
  const n = call.streams + 1;
  return {
    ...withDeadlines(call, { stream: at + withinMs }),
    streams: n,
    stream: { n, state: 'wanted', expiresAt: at + withinMs },
  };
}

export function streamOpened(call: Call, { n }: EventOf<'streamOpened'>): Step {
  if (call.stream?.n !== n) return step(call);
  // The carrier may connect before it has answered the request to do so.
  const line = { ...call.line, told: lineKey(call), accepted: true, attempts: 0 };
  return step({
    ...withDeadlines(call, { stream: null, retell: null }),
    line,
    stream: { ...call.stream, state: 'open' },
  });
}

function lineKey(call: Call): string {
  return keyOf(instructionFor(call));
}

/** It broke, or never came about: connect again, or let the carrier speak for us. */
export function streamClosed(call: Call, { n, at, isOver }: EventOf<'streamClosed'>): Step {
  if (call.stream === null || (n !== null && n !== call.stream.n)) return step(call);
  if (call.streams >= MAX_STREAMS) return step(withoutStream(call, at));
  const next = wanting(call, at, STREAM_GRACE_MS);
  // A carrier that asks comes by itself when the stream is over; one that ended it will say that the call is over.
  // The deadline catches what does not come.
  if (!call.asks && !isOver) return step(next);
  const told = call.asks ? 'wait' : lineKey(next);
  return step({ ...next, line: { ...next.line, told, accepted: true } });
}

/** The same call for a process that has no media streams, or none of its kind: the carrier speaks from now on. */
export function neverStreams(call: Call): Call {
  if (!call.settings.stream) return call;
  const settings = { ...call.settings, stream: false, voiceModel: false };
  const line = call.stream === null ? call.line : { ...call.line, told: null, accepted: false };
  return withDeadlines({ ...call, line, settings, stream: null }, { stream: null });
}

/** From now on the carrier speaks and listens for us; it is told so at once. */
export function withoutStream(call: Call, at: number): Call {
  if (call.stream === null) return call;
  const told = untold(withDeadlines({ ...call, stream: null }, { stream: null }), at);
  const { floor } = told;
  return floor.kind === 'listening' ? withDeadlines(told, { silence: at + silenceMs(told) }) : told;
}

/** Somebody is speaking: they are not silent, and need no "one moment". */
export function callerSpeaks(call: Call, at: number): Step {
  const { silence, filler } = call.deadlines;
  return step(
    withDeadlines(call, {
      ...(silence !== undefined && { silence: Math.max(silence, at + silenceMs(call)) }),
      ...(filler !== undefined && { filler: Math.max(filler, at + FIRST_FILLER_MS) }),
    }),
  );
}

/** The next sentence of an answer that is still being written. */
export function agentSaid(call: Call, text: string, at: number): Step {
  const thinking = openThinking(call);
  if (!thinking || text.trim() === '') return step(call);
  const last = call.turns.length - 1;
  const turns = call.turns.map((turn, index) =>
    index === last && turn.repliedAt === null ? { ...turn, repliedAt: at } : turn,
  );
  // Who has heard a sentence already can wait longer for the next one.
  const after: Resting = { ...thinking, fillers: Math.max(1, thinking.fillers) };
  return say({ ...call, turns }, { text, requestId: null }, after, at);
}

/**
 * The caller interrupted us. What they heard of it stays, everything behind it is forgotten, the agent stops. If
 * they heard nothing of an answer yet, they are not answering it: they go on with what they were saying.
 */
export function utteranceCut(call: Call, { utteranceId, heard, sound, at }: EventOf<'utteranceCut'>): Step {
  const { floor } = call;
  if (call.stream?.state !== 'open') return step(call);
  if (floor.kind !== 'speaking' || floor.utterance.id !== utteranceId) return step(call);
  const thinking = openThinking(call);
  const quiet: Call = {
    ...forgetQueue(withHeard(withSound(call, utteranceId, sound), utteranceId, heard), at),
    floor: { kind: 'idle' },
  };
  if (call.leaving) return beginEnding(quiet, call.leaving, at);
  if (thinking?.by === 'agent' && heard === '' && !isAnswering(call, thinking.turn)) {
    const again = rest(quiet, { ...thinking, fillers: Math.max(1, thinking.fillers) }, null, at).call;
    return step(withDeadlines(again, { reply: at + RESUMED_MS }), { kind: 'dropAgent' });
  }
  const listening = openListening(call) ?? nextListening(quiet);
  const over = thoughtOver({ ...quiet, floor: thinking ?? quiet.floor }, at);
  const moved = rest({ ...over, floor: { kind: 'idle' } }, listening, null, at);
  return thinking ? { ...moved, effects: [{ kind: 'dropAgent' }, ...moved.effects] } : moved;
}

/** Whether some of the agent's answer to `turn` has been heard: then the caller's next words are a new turn. */
function isAnswering(call: Call, turn: number): boolean {
  const from = call.transcript.findLastIndex((entry) => entry.speaker === 'caller' && entry.turn === turn);
  return call.transcript
    .slice(from + 1)
    .some((entry) => entry.speaker === 'agent' && (entry.outcome === 'heard' || entry.outcome === 'cut'));
}

/** What waited is not said any more; who asked for it learns that now. */
export function forgetQueue(call: Call, at: number): Call {
  const asked = call.queue.filter(({ utterance }) => utterance.requestId !== null);
  const declined = asked.map(
    ({ utterance: { id: utteranceId, text, requestId } }) =>
      ({ at, speaker: 'agent', text, utteranceId, requestId, outcome: 'unheard' }) as const,
  );
  // A question that is being asked is answered by whoever interrupts it; one that was not asked cannot be.
  const isAsked = askOf(openListening(call) ?? { kind: 'idle' }) !== null;
  const free = !isAsked && pendingAsk(call) !== null ? settleAsk(call, null) : call;
  return { ...free, queue: [], transcript: [...free.transcript, ...declined] };
}

export function turnTimed(call: Call, turn: number, stages: TurnStages): Step {
  if (!call.turns.some((one) => one.turn === turn)) return step(call);
  const turns = call.turns.map((one) =>
    one.turn === turn ? { ...one, stages: { ...one.stages, ...stages } } : one,
  );
  return step({ ...call, turns });
}
