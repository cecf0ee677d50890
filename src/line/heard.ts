// Heard: what all callers said within one turn of the line thread's loop, as one message, and how many may wait.
import { FRAME_BYTES } from '../media/frame.ts';
import type { LineEvent } from '../media/lines.ts';

export type AudioEvent = Extract<LineEvent, { readonly kind: 'audio' }>;

/**
 * Frames of 20 ms, in order: the one at `i` is of `callIds[i]`, came at `ats[i]` and has its bytes at
 * `i * FRAME_BYTES`. A message costs seven times what a frame in it does, so they travel together.
 */
export interface HeardMessage {
  readonly kind: 'heard';
  readonly callIds: readonly string[];
  readonly ats: readonly number[];
  readonly mulaw: Uint8Array<ArrayBuffer>;
}

/** So many frames may wait for a main thread that is busy: 8 MB; ten seconds of 100 callers. */
export const MOST_WAITING = 50_000;
/** What a turn brings when some hundred callers speak. */
const USUAL_FRAMES = 64;

/** The number of frames the main thread has taken, for both threads; it only grows, and may overflow. */
export type Taken = Int32Array<SharedArrayBuffer>;

export function newTaken(): Taken {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** The line thread's end. */
export class HeardFrames {
  readonly #taken: Taken;
  #callIds: string[] = [];
  #ats: number[] = [];
  #mulaw = new Uint8Array(USUAL_FRAMES * FRAME_BYTES);
  #sent = 0;

  constructor(taken: Taken) {
    this.#taken = taken;
  }

  get count(): number {
    return this.#callIds.length;
  }

  /** Copies the frame. False: too much waits already, and it is thrown away. */
  add({ callId, at, mulaw }: AudioEvent): boolean {
    const { count } = this;
    const waiting = (this.#sent - Atomics.load(this.#taken, 0)) | 0;
    if (waiting + count >= MOST_WAITING) return false;
    const from = count * FRAME_BYTES;
    if (from === this.#mulaw.length) this.#grow();
    this.#mulaw.set(mulaw, from);
    this.#callIds.push(callId);
    this.#ats.push(at);
    return true;
  }

  /** What was added since; its bytes are free to move. */
  take(): HeardMessage {
    const { count } = this;
    const message: HeardMessage = {
      kind: 'heard',
      callIds: this.#callIds,
      ats: this.#ats,
      mulaw: this.#mulaw.slice(0, count * FRAME_BYTES),
    };
    this.#callIds = [];
    this.#ats = [];
    this.#sent = (this.#sent + count) | 0;
    return message;
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#mulaw.length);
    larger.set(this.#mulaw);
    this.#mulaw = larger;
  }
}

/** The main thread's end: frame by frame, each with bytes of its own, so that one that is kept keeps no others. */
export function tellHeard(
  { callIds, ats, mulaw }: HeardMessage,
  taken: Taken,
  tell: (event: AudioEvent) => void,
): void {
  Atomics.add(taken, 0, callIds.length);
  for (const [i, callId] of callIds.entries()) {
    const frame = mulaw.slice(i * FRAME_BYTES, (i + 1) * FRAME_BYTES);
    tell({ kind: 'audio', callId, at: ats[i] as number, mulaw: frame });
  }
}
