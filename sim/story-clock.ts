// StoryClock: a hand clock that also tells when its next timer is due, so a story can jump from event to event.
import type { Cancel } from '../src/lib/clock.ts';
import { HandClock } from './hand-clock.ts';

export class StoryClock extends HandClock {
  readonly #due = new Map<symbol, number>();

  override at(atMs: number, run: () => void): Cancel {
    const key = Symbol();
    this.#due.set(key, atMs);
    const cancel = super.at(atMs, () => {
      this.#due.delete(key);
      run();
    });
    return () => {
      this.#due.delete(key);
      cancel();
    };
  }

  /** When the next timer is due, or undefined when none is waiting. */
  get nextAt(): number | undefined {
    return this.#due.size === 0 ? undefined : Math.min(...this.#due.values());
  }
}
