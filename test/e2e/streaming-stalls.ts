// StreamingStalls: when the machine stood still: a test in real time cannot blame the plugin for that.
import { type Cancel, systemClock } from '../../src/lib/clock.ts';

const EVERY_MS = 20;
/** A tick later than this is a stall of the machine, or of the test. */
const LATE_MS = 100;

export class Stalls {
  readonly seen: { readonly from: number; readonly to: number }[] = [];
  #cancel: Cancel = () => undefined;

  start(): void {
    const due = systemClock.now() + EVERY_MS;
    this.#cancel = systemClock.at(due, () => {
      const now = systemClock.now();
      if (now - due > LATE_MS) this.seen.push({ from: due, to: now });
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** How long it stood still between two moments, ms. */
  between(from: number, to: number): number {
    return this.seen.reduce(
      (sum, stall) => sum + Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from)),
      0,
    );
  }
}
