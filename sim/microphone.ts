// Microphone: what a test phone with sound sends: a frame every 20 ms, silence while nothing is to be said.
import type { Cancel, Clock } from '../src/lib/clock.ts';
import { FRAME_BYTES, FRAME_MS, SILENCE } from '../src/media/frame.ts';

/** A process that was away catches up with what a person would have said meanwhile, but not with minutes of it. */
const MOST_AT_ONCE = 25;

export class Microphone {
  readonly #clock: Clock;
  readonly #send: (frame: Uint8Array<ArrayBuffer>) => void;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #said: (() => void)[] = [];
  #cancel: Cancel;

  /** It is on from now. The clock should never jump. */
  constructor(clock: Clock, send: (frame: Uint8Array<ArrayBuffer>) => void) {
    this.#clock = clock;
    this.#send = send;
    const startedAt = clock.now();
    this.#cancel = clock.at(startedAt + FRAME_MS, () => this.#tick(startedAt + FRAME_MS));
  }

  /** Says it, after what is being said; mu-law at 8 kHz. Resolves when its last frame has left. */
  say(mulaw: Uint8Array): Promise<void> {
    for (let at = 0; at < mulaw.length; at += FRAME_BYTES) {
      const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE);
      frame.set(mulaw.subarray(at, at + FRAME_BYTES));
      this.#waiting.push(frame);
    }
    return new Promise((resolve) => this.#said.push(resolve));
  }

  off(): void {
    this.#cancel();
    this.#waiting = [];
    this.#done();
  }

  #tick(dueAt: number): void {
    let nextAt = dueAt;
    for (let sent = 0; nextAt <= this.#clock.now() && sent < MOST_AT_ONCE; sent++) {
      this.#send(this.#waiting.shift() ?? new Uint8Array(FRAME_BYTES).fill(SILENCE));
      nextAt += FRAME_MS;
    }
    if (this.#waiting.length === 0) this.#done();
    const at = Math.max(nextAt, this.#clock.now());
    this.#cancel = this.#clock.at(at, () => this.#tick(at));
  }

  #done(): void {
    const said = this.#said;
    this.#said = [];
    for (const resolve of said) resolve();
  }
}
