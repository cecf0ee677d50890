// Pacer: one clock for all lines that play: a wheel of five slots, 4 ms apart, so that not all lines send at once.
import type { Cancel, Clock } from '../lib/clock.ts';
import { FRAME_MS } from './frame.ts';

const SLOTS = 5;
const SLOT_MS = FRAME_MS / SLOTS;
/** Timers count whole milliseconds and may fire this much before the clock of fractions is there. */
const EARLY_MS = 1;

export interface Paced {
  /**
   * Called every 20 ms. `at` is the moment of the wheel, exactly 20 ms after the one before however late the timer
   * was; after a long delay the moments in between are left out.
   */
  pace(at: number): void;
}

interface Slot {
  readonly lines: Paced[];
  ranAt: number;
}

/**
 * The moments are multiples of 4 ms since the epoch: nothing adds up, so nothing drifts (a timer of 20 ms, repeated,
 * loses one frame in 70). Five slots were measured as the best: with one all lines wait for each other, with twenty
 * the timers cost more than they give.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #slots: readonly Slot[];
  readonly #slotOf = new Map<Paced, Slot>();
  #cancel: Cancel | null = null;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#slots = Array.from({ length: SLOTS }, () => ({ lines: [], ranAt: Number.NEGATIVE_INFINITY }));
  }

  join(line: Paced): void {
    if (this.#slotOf.has(line)) return;
    const slot = this.#slots.reduce((best, other) => (other.lines.length < best.lines.length ? other : best));
    // A slot that was empty did not run; its moments of before are nobody's.
    if (slot.lines.length === 0) slot.ranAt = this.#lastMomentOf(slot, this.#clock.now());
    slot.lines.push(line);
    this.#slotOf.set(line, slot);
    this.#arm();
  }

  leave(line: Paced): void {
    const slot = this.#slotOf.get(line);
    if (!slot) return;
    this.#slotOf.delete(line);
    const last = slot.lines.pop();
    if (last && last !== line) slot.lines[slot.lines.indexOf(line)] = last;
    if (this.#slotOf.size === 0) this.#disarm();
  }

  #arm(): void {
    const nextAt = this.#slots.reduce(
      (soonest, slot) => (slot.lines.length === 0 ? soonest : Math.min(soonest, slot.ranAt + FRAME_MS)),
      Number.POSITIVE_INFINITY,
    );
    if (nextAt >= this.#armedFor || nextAt === Number.POSITIVE_INFINITY) return;
    this.#disarm();
    this.#armedFor = nextAt;
    this.#cancel = this.#clock.at(nextAt, () => this.#turn());
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #turn(): void {
    this.#cancel = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots) this.#run(slot, this.#lastMomentOf(slot, this.#clock.now() + EARLY_MS));
    this.#arm();
  }

  #run(slot: Slot, at: number): void {
    if (at <= slot.ranAt) return;
    slot.ranAt = at;
    // Backwards: a line that leaves meanwhile is replaced by one that had its turn.
    for (let index = slot.lines.length - 1; index >= 0; index--) slot.lines[index]?.pace(at);
  }

  #lastMomentOf(slot: Slot, now: number): number {
    const offset = this.#slots.indexOf(slot) * SLOT_MS;
    return Math.floor((now - offset) / FRAME_MS) * FRAME_MS + offset;
  }
}
