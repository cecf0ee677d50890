// Instruction: what the phone line should be doing now. Computed from the call, so asking twice gives the same.
import type { Call, Utterance } from './call.ts';

export type Instruction =
  /**
   * Nothing new: keep the line as it is. Sends nothing; answers a carrier that asks with "ask again", at once or
   * after `forMs` because we are away until then.
   */
  | { readonly kind: 'wait'; readonly forMs?: number }
  /** Pick up a call that rings here (only for carriers that must be told). */
  | { readonly kind: 'answer' }
  /** Say it; `turn` set: and listen for that turn in the same breath, so that no prompt is cut. */
  | { readonly kind: 'say'; readonly utterance: Utterance; readonly turn: number | null }
  | { readonly kind: 'listen'; readonly turn: number }
  /** Connect the call's media stream: connection `n`, not later than `expiresAt` (ms since the epoch). */
  | { readonly kind: 'stream'; readonly n: number; readonly expiresAt: number }
  /** Turn the call away unanswered. */
  | { readonly kind: 'reject' }
  | { readonly kind: 'hangup' };

/** What the line should do now. `ended` says wait: never hang up a line that is already gone. */
export function instructionFor(call: Call): Instruction {
  switch (call.phase) {
    case 'dialing':
    case 'ended':
      return { kind: 'wait' };
    case 'ringing':
      return call.direction === 'inbound' && !call.asks ? { kind: 'answer' } : { kind: 'wait' };
    case 'ending':
      return wasTurnedAway(call) && call.line.attempts === 0 ? { kind: 'reject' } : { kind: 'hangup' };
    case 'live':
      return liveInstruction(call);
  }
}

function liveInstruction(call: Call): Instruction {
  const { floor, stream } = call;
  if (stream !== null) return { kind: 'stream', n: stream.n, expiresAt: stream.expiresAt };
  switch (floor.kind) {
    case 'idle':
    case 'thinking':
      return { kind: 'wait' };
    case 'listening':
      return floor.prompt
        ? { kind: 'say', utterance: floor.prompt, turn: floor.turn }
        : { kind: 'listen', turn: floor.turn };
    case 'speaking':
      return {
        kind: 'say',
        utterance: floor.utterance,
        turn: floor.after.kind === 'listening' && !call.leaving ? floor.after.turn : null,
      };
  }
}

/** What is being said and what waits to be said over the call's media stream, in order; empty without one. */
export function utterancesToPlay({ phase, stream, floor, queue }: Call): readonly Utterance[] {
  if (phase !== 'live' || stream === null || floor.kind !== 'speaking') return [];
  return [floor.utterance, ...queue.map(({ utterance }) => utterance)];
}

/**
 * Whether the caller may interrupt it on a media stream: not keys we press, not our goodbye, and not what we
 * called them to say.
 */
export function isInterruptible(call: Call, { id, digits, text }: Utterance): boolean {
  if (digits !== null || call.leaving !== null) return false;
  const first = call.transcript.find((entry) => entry.speaker === 'agent' && entry.text === text);
  const isFirst = first === undefined || (first.speaker === 'agent' && first.utteranceId === id);
  const isOpening = isFirst && text === call.settings.greeting;
  return !(call.direction === 'outbound' && isOpening);
}

/** Names an instruction: equal keys mean the line need not be told again. */
export function keyOf(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'say':
      return `say:${instruction.utterance.id}`;
    case 'listen':
      return `listen:${instruction.turn}`;
    case 'stream':
      return `stream:${instruction.n}`;
    case 'wait':
    case 'answer':
    case 'reject':
    case 'hangup':
      return instruction.kind;
  }
}

/**
 * What must be sent to the carrier now, or null. A carrier that asks and was told to wait will come back by
 * itself; a carrier that has no call id yet cannot be told anything.
 */
export function instructionToSend(call: Call): Instruction | null {
  const instruction = instructionFor(call);
  if (instruction.kind === 'wait' || call.carrierCallId === null) return null;
  if (keyOf(instruction) === call.line.told) return null;
  const willAsk = call.asks && call.line.told === 'wait' && call.phase === 'live';
  return willAsk ? null : instruction;
}

/** The same call, knowing that the line is being told `key` by request; the carrier has yet to agree. */
export function toldByRequest(call: Call, key: string): Call {
  return { ...call, line: { ...call.line, told: key, accepted: false }, deadlines: withoutRetell(call) };
}

/** The same call, knowing that the line was told `key` in the answer to its own question. */
export function toldByReply(call: Call, key: string): Call {
  // A line that takes its documents works again; while we hang up, the repetitions are still counted.
  const attempts = call.phase === 'ending' ? call.line.attempts : 0;
  const line = { told: key, accepted: true, attempts, asked: call.line.asked + 1 };
  return { ...call, line, deadlines: withoutRetell(call) };
}

/** What was to be told again is told now, or something newer is: never both. */
function withoutRetell({ deadlines }: Call): Call['deadlines'] {
  const { retell: _, ...others } = deadlines;
  return others;
}

function wasTurnedAway(call: Call): boolean {
  return call.direction === 'inbound' && call.answeredAt === null;
}
