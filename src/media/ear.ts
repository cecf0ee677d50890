// Ear: the caller's voice on one media stream: put in order, cut into frames of 20 ms, and watched for speech.
import { FRAME_BYTES, FRAME_MS } from './frame.ts';
import { Reorder } from './reorder.ts';
import type { VoiceActivity, VoiceChange } from './voice.ts';

/** Sound that comes faster than time by more than this is thrown away: after a stall much comes at once, not more. */
const MOST_AHEAD_MS = 10_000;

export interface EarDeps {
  readonly mayReorder: boolean;
  readonly activity: VoiceActivity;
  /** A frame of 160 bytes that is the listener's own, and what the detector made of it. */
  readonly hear: (frame: Uint8Array, at: number, change: VoiceChange | null) => void;
}

export class Ear {
  readonly #deps: EarDeps;
  readonly #reorder: Reorder | null;
  /** Less than a frame that waits for the rest. */
  readonly #rest = new Uint8Array(FRAME_BYTES);
  #restBytes = 0;
  #aheadMs = 0;
  #at = Number.NEGATIVE_INFINITY;

  constructor(deps: EarDeps) {
    this.#deps = deps;
    this.#reorder = deps.mayReorder ? new Reorder((mulaw) => this.#cut(mulaw)) : null;
  }

  /** Audio that arrived at `at`, ms since the epoch; any length. */
  push(chunk: number | null, mulaw: Uint8Array, at: number): void {
    this.#aheadMs = Math.max(0, this.#aheadMs - (at - this.#at));
    this.#at = at;
    if (this.#reorder) this.#reorder.push(chunk, mulaw, at);
    else this.#cut(mulaw);
  }

  #cut(mulaw: Uint8Array): void {
    // What carriers send as a rule.
    if (this.#restBytes === 0 && mulaw.length === FRAME_BYTES) {
      this.#take(new Uint8Array(mulaw));
      return;
    }
    let from = 0;
    while (this.#restBytes + mulaw.length - from >= FRAME_BYTES) {
      const frame = new Uint8Array(FRAME_BYTES);
      frame.set(this.#rest.subarray(0, this.#restBytes));
      const to = from + FRAME_BYTES - this.#restBytes;
      frame.set(mulaw.subarray(from, to), this.#restBytes);
      from = to;
      this.#restBytes = 0;
      this.#take(frame);
    }
    this.#rest.set(mulaw.subarray(from), this.#restBytes);
    this.#restBytes += mulaw.length - from;
  }

  #take(frame: Uint8Array): void {
    if (this.#aheadMs >= MOST_AHEAD_MS) return;
    this.#aheadMs += FRAME_MS;
    // The detector first: the listener may hand the bytes to another thread.
    this.#deps.hear(frame, this.#at, this.#deps.activity.push(frame, this.#at));
  }
}
