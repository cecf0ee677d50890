// Beat: how hard a thread works: how late it notices even moments, and how much of its time it is busy.
import { type Cancel, type Clock, steadyClock } from './clock.ts';
import { percentileOf } from './percentile.ts';

/** Of one second of a thread, or of longer when it stood still. */
export interface Load {
  /** How late the thread was at even moments, ms: 95 of 100 of them were noticed sooner. */
  readonly lateMs: number;
  /** How much of the time it worked, 0 to 1. */
  readonly busy: number;
}

export interface BeatOptions {
  /** Must not jump; the steady one when absent. */
  readonly clock?: Clock;
  /** How far apart the moments are, ms: how long a delay is that matters. */
  readonly everyMs: number;
  /** Told about once a second while the beat runs; late news of a thread that stood still is one reading. */
  readonly tell: (load: Load) => void;
}

const READING_MS = 1_000;
/** A thread that noticed nothing for so long did not work: the machine slept, or the clock was set. */
const ASLEEP_MS = 30_000;

/**
 * Moments that were missed count, each by how late it is noticed: a thread that stands still for 200 ms and then goes
 * on has missed ten frames, not one.
 */
export class Beat {
  readonly #clock: Clock;
  readonly #options: BeatOptions;
  #late: number[] = [];
  #nextAt = 0;
  #readingFrom = 0;
  #used = performance.eventLoopUtilization();
  #cancel: Cancel | null = null;

  constructor(options: BeatOptions) {
    this.#options = options;
    this.#clock = options.clock ?? steadyClock;
  }

  /** Starting one that runs changes nothing. */
  start(): void {
    if (this.#cancel) return;
    this.#begin(this.#clock.now());
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    this.#cancel = this.#clock.at(this.#nextAt, () => this.#strike(this.#clock.now()));
  }

  #begin(now: number): void {
    this.#late = [];
    this.#readingFrom = now;
    this.#used = performance.eventLoopUtilization();
    this.#nextAt = now + this.#options.everyMs;
  }

  #strike(now: number): void {
    if (now < this.#readingFrom || now - this.#nextAt > ASLEEP_MS) this.#begin(now);
    for (; this.#nextAt <= now; this.#nextAt += this.#options.everyMs) this.#late.push(now - this.#nextAt);
    const load = now - this.#readingFrom < READING_MS ? null : this.#reading();
    if (load) this.#begin(now);
    this.#arm();
    if (load) this.#options.tell(load);
  }

  #reading(): Load {
    const { utilization: busy } = performance.eventLoopUtilization(this.#used);
    const sorted = this.#late.sort((a, b) => a - b);
    return { lateMs: percentileOf(sorted, 0.95) ?? 0, busy };
  }
}
