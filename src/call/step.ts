// Step: small moves every transition is made of: deadlines, and how a call begins to end.
import type { Call, DeadlineName, End, SoundHeard } from './call.ts';
import { HANGUP_CONFIRM_MS } from './deadline.ts';
import { pressed } from './dtmf.ts';
import type { Effect } from './effect.ts';
import { keyOf } from './instruction.ts';

/** What one event leads to. */
export interface Step {
  readonly call: Call;
  readonly effects: readonly Effect[];
}

export function step(call: Call, ...effects: Effect[]): Step {
  return { call, effects };
}

/** The same call with deadlines set (a time) or cleared (null). */
export function withDeadlines(call: Call, changes: Partial<Record<DeadlineName, number | null>>): Call {
  const deadlines: Partial<Record<DeadlineName, number>> = { ...call.deadlines };
  for (const [name, at] of Object.entries(changes) as [DeadlineName, number | null][]) {
    if (at === null) delete deadlines[name];
    else deadlines[name] = at;
  }
  return { ...call, deadlines };
}

/** We hang up now. The end that was decided first stays. */
export function beginEnding(call: Call, end: End, at: number): Step {
  const ending: Call = {
    ...settleTranscript(call, at),
    phase: 'ending',
    end: call.end ?? call.leaving ?? end,
    floor: { kind: 'idle' },
    queue: [],
    line: { ...call.line, attempts: 0 },
    deadlines: { hangup: at + HANGUP_CONFIRM_MS },
  };
  return step(ending, { kind: 'dropAgent' });
}

/** The call is over. Nothing is owed and nothing can happen to it any more. */
export function finish(call: Call, end: End, at: number): Step {
  const ended: Call = {
    ...settleTranscript(call, at),
    phase: 'ended',
    end: call.end ?? call.leaving ?? end,
    endedAt: at,
    floor: { kind: 'idle' },
    queue: [],
    deadlines: {},
  };
  return step(ended, { kind: 'dropAgent' });
}

/** Whatever was still being said when the call ended was cut; what the line never knew of was not heard at all. */
function settleTranscript(pressing: Call, at: number): Call {
  const call = keysNoted(pressing, at);
  if (call.floor.kind !== 'speaking') return call;
  return withOutcome(call, call.floor.utterance.id, reachedLine(call) ? 'cut' : 'unheard');
}

/** Keys nobody will answer any more are on record all the same. */
export function keysNoted(call: Call, at: number): Call {
  if (call.keys === '') return call;
  const keys = call.keys.replaceAll('#', '');
  const free = withDeadlines({ ...call, keys: '', keysAt: [] }, { keys: null });
  if (keys === '') return free;
  const entry = { at, speaker: 'caller', text: pressed(keys), turn: call.turn } as const;
  return { ...free, transcript: [...free.transcript, entry] };
}

/** Whether the carrier was told to say what is being said, and did not decline. */
export function reachedLine(call: Call): boolean {
  if (call.floor.kind !== 'speaking') return false;
  // A stream that is to be connected again has carried what is being said, or some of it.
  if (call.stream !== null) return call.stream.state === 'open' || call.stream.n > 1;
  const key = keyOf({ kind: 'say', utterance: call.floor.utterance, turn: null });
  return call.line.told === key && call.deadlines.retell === undefined;
}

/** Records of an utterance that was interrupted what was heard of it; nothing: it was not heard at all. */
export function withHeard(call: Call, utteranceId: string, heard: string): Call {
  if (heard === '') return withOutcome(call, utteranceId, 'unheard');
  const transcript = call.transcript.map((entry) =>
    entry.speaker === 'agent' && entry.utteranceId === utteranceId && entry.outcome === 'playing'
      ? ({ ...entry, text: heard, outcome: 'cut' } as const)
      : entry,
  );
  return { ...call, transcript };
}

/** Records what became of an utterance; an outcome already known stays. */
export function withOutcome(call: Call, utteranceId: string, outcome: 'heard' | 'cut' | 'unheard'): Call {
  const transcript = call.transcript.map((entry) =>
    entry.speaker === 'agent' && entry.utteranceId === utteranceId && entry.outcome === 'playing'
      ? { ...entry, outcome }
      : entry,
  );
  return { ...call, transcript };
}

/** How much sound there was of it, where that is known. */
export function withSound(call: Call, utteranceId: string | null, sound: SoundHeard | undefined): Call {
  if (sound === undefined || utteranceId === null) return call;
  const transcript = call.transcript.map((entry) =>
    entry.speaker === 'agent' && entry.utteranceId === utteranceId ? { ...entry, sound } : entry,
  );
  return { ...call, transcript };
}
