// Meter: how loud the two directions of one line are, for whoever looks on: the peak of every 40 ms, told in batches.
import { FRAME_MS } from './frame.ts';

/** What one peak stands for, ms. */
export const PEAK_MS = 2 * FRAME_MS;
/** So many peaks are told at once: six times a second. */
const BATCH = 4;
/** Our sound is measured as it is sent, ahead of when it is heard: the lead, a batch, and some room. */
const KEPT = 32;

/** Peaks 0 to 127: the magnitude as mu-law codes it, which grows as loudness does to the ear. */
export interface Peaks {
  /** When the first of them began, ms since the epoch. */
  readonly at: number;
  readonly caller: readonly number[];
  readonly agent: readonly number[];
}

/** Hot path: per frame. Allocates only what it tells. */
export class Meter {
  readonly #caller = new Uint8Array(KEPT);
  readonly #agent = new Uint8Array(KEPT);
  /** The first step that was not told yet; null before the first frame. */
  #from: number | null = null;

  /** A frame of the caller that arrived at `at`. */
  caller(mulaw: Uint8Array, at: number): void {
    this.#measure(this.#caller, mulaw, at);
  }

  /** A frame of ours that will be heard at `at`. */
  agent(mulaw: Uint8Array, at: number): void {
    this.#measure(this.#agent, mulaw, at);
  }

  /** What was sent for later than `now` will not be heard. */
  cleared(now: number): void {
    if (this.#from === null) return;
    const first = Math.max(this.#from, stepOf(now) + 1);
    for (let step = first; step < this.#from + KEPT; step++) this.#agent[step % KEPT] = 0;
  }

  /** The batch that is complete at `now`; null while there is none. */
  take(now: number): Peaks | null {
    const from = this.#from;
    if (from === null || stepOf(now) < from + BATCH) return null;
    this.#from = from + BATCH;
    return {
      at: from * PEAK_MS,
      caller: taken(this.#caller, from),
      agent: taken(this.#agent, from),
    };
  }

  #measure(peaks: Uint8Array, mulaw: Uint8Array, at: number): void {
    const step = stepOf(at);
    if (this.#from === null || step >= this.#from + KEPT) this.#restart(step - BATCH);
    // What is late belongs to a batch that is gone.
    if (step < (this.#from ?? 0)) return;
    peaks[step % KEPT] = Math.max(peaks[step % KEPT] ?? 0, peakOf(mulaw));
  }

  /** At the beginning, and after nothing flowed for a while. */
  #restart(from: number): void {
    this.#from = from;
    this.#caller.fill(0);
    this.#agent.fill(0);
  }
}

function stepOf(at: number): number {
  return Math.floor(at / PEAK_MS);
}

function taken(peaks: Uint8Array, from: number): readonly number[] {
  return Array.from({ length: BATCH }, (_, step) => {
    const at = (from + step) % KEPT;
    const peak = peaks[at] ?? 0;
    peaks[at] = 0;
    return peak;
  });
}

/** Mu-law is written inverted, and its lower seven bits grow with the magnitude. */
function peakOf(mulaw: Uint8Array): number {
  let peak = 0;
  for (let i = 0; i < mulaw.length; i++) {
    const magnitude = ~(mulaw[i] as number) & 0x7f;
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}
