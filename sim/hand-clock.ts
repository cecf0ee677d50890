// HandClock: a clock that stands still until a test moves it; timers due on the way fire in order.
import type { Cancel, Clock } from '../src/lib/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class HandClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** Starts at 2026-11-21T12:00:00Z unless told otherwise. */
  constructor(startMs = Date.UTC(2026, 10, 21, 12)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  at(atMs: number, run: () => void): Cancel {
    const timer: Timer = { at: atMs, order: this.#order++, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are waiting: zero when nothing was leaked. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time forward, firing what comes due; between timers real promises and sockets get their turn. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (let due = this.#next(target); due; due = this.#next(target)) {
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
      await settle();
    }
    this.#now = target;
    await settle();
  }

  /** The thread stands still for so long: time goes on, and what comes due meanwhile is late. */
  async stall(ms: number): Promise<void> {
    this.#now += ms;
    await this.advance(0);
  }

  #next(target: number): Timer | undefined {
    return [...this.#timers]
      .filter((timer) => timer.at <= target)
      .sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

/** Lets every promise that can go on without time passing go on. */
export async function settle(rounds = 4): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise((resolve) => setImmediate(resolve));
}
