// ModelReply: one stretch of a voice model's speech on its way to the caller, and how much of it was heard. Pure.
import type { Utterance } from '../call/call.ts';

/** The carrier confirms the first time after two frames. */
const CONFIRMED_MS = 40;
/** Until a carrier has confirmed anything, it plays this much later than we send; before that long nothing is heard. */
const DELAY_MS = 300;
const UNCONFIRMED_MS = 1_000;
/** After a pause the line goes on a little before the place where it stopped. */
const OVERLAP_MS = 120;

/** Times are of the steady clock, ms. */
export interface Reply {
  /** The provider's name for it, unique within the call. */
  readonly key: string;
  /** Ours, on the line: `m1`, `m2`, ... */
  readonly id: string;
  /** The utterance of the call that it says; null: the model speaks for itself. */
  readonly utterance: Utterance | null;
  /** Nobody may interrupt it: a goodbye, or what we called them to say. */
  readonly isVital: boolean;
  receivedMs: number;
  /** What was left out because too much was waiting. */
  droppedMs: number;
  /** No more sound will come. */
  isOver: boolean;
  /** The session broke in the middle of it. */
  isBrokenOff: boolean;
  beganAt: number | null;
  audibleAt: number | null;
  /** When all that was received will have been sent at the pace of speech. */
  endsAt: number;
  /** So much was surely heard; sound that comes late takes none of it back. */
  leastMs: number;
  /** Since when it stands still: the caller made a sound, or the stream is away. */
  pausedAt: number | null;
  /** What it says, as far as the provider has told. */
  words: string;
  areWordsFinal: boolean;
}

export function newReply(init: Pick<Reply, 'key' | 'id' | 'utterance' | 'isVital'>): Reply {
  return {
    ...init,
    receivedMs: 0,
    droppedMs: 0,
    isOver: false,
    isBrokenOff: false,
    beganAt: null,
    audibleAt: null,
    endsAt: 0,
    leastMs: 0,
    pausedAt: null,
    words: '',
    areWordsFinal: false,
  };
}

/** More sound of it arrived. */
export function received(reply: Reply, ms: number, at: number): void {
  reply.leastMs = heardMs(reply, at);
  reply.receivedMs += ms;
  if (reply.beganAt !== null) reply.endsAt = Math.max(reply.endsAt, at) + ms;
}

export function began(reply: Reply, at: number): void {
  reply.beganAt ??= at;
  reply.endsAt = Math.max(reply.endsAt, at + reply.receivedMs);
}

export function paused(reply: Reply, at: number): void {
  if (reply.beganAt !== null) reply.pausedAt ??= at;
}

export function resumed(reply: Reply, at: number): void {
  if (reply.pausedAt === null) return;
  reply.endsAt += at - reply.pausedAt + OVERLAP_MS;
  reply.pausedAt = null;
}

/** How much of it was heard at `now`, ms: never more than was sent, and not what is still on its way. */
export function heardMs(reply: Reply, now: number): number {
  const { beganAt, audibleAt, pausedAt, endsAt, receivedMs, leastMs } = reply;
  if (beganAt === null) return 0;
  const until = pausedAt ?? now;
  if (audibleAt === null && until - beganAt < UNCONFIRMED_MS) return 0;
  const delayMs = audibleAt === null ? DELAY_MS : Math.max(0, audibleAt - beganAt - CONFIRMED_MS);
  return Math.max(leastMs, Math.min(receivedMs, receivedMs - (endsAt + delayMs - until)));
}
