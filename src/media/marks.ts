// Marks: the marks that are out and not settled yet; a mark that returns proves that what was sent before it was played.
import { FRAME_MS } from './frame.ts';
import type { Utterance } from './utterance.ts';

/**
 * A mark that does not return although everything before it must have been played this long ago never will: the
 * carrier has lost it, or returns none at all. Longer than any delay on the way that leaves a conversation possible.
 */
const LOST_AFTER_MS = 2_000;
/** A mark that may still be on its way is not lost, and we look again after this time. */
const LOOK_AGAIN_MS = 500;

export interface Mark {
  readonly name: string;
  readonly utterance: Utterance;
  /** How much of the utterance was sent before it. */
  readonly bytes: number;
  readonly isEnd: boolean;
  /** Before this moment, ms since the epoch, nobody can have played what was sent before it. */
  readonly earliestAt: number;
  hasReturned: boolean;
}

export class Marks {
  #out: Mark[] = [];
  #count = 0;
  #doReturn = false;

  /** The carrier returns its marks: the last one that was settled, or a later one, did return. */
  get doReturn(): boolean {
    return this.#doReturn;
  }

  /** The oldest that is not settled. */
  get first(): Mark | null {
    return this.#out[0] ?? null;
  }

  /** Names are never used twice, so that a mark of before a clear can never pass for one of after it. */
  add(utterance: Utterance, earliestAt: number, isEnd: boolean): string {
    this.#count += 1;
    const name = `m${this.#count}`;
    const bytes = utterance.sentBytes;
    this.#out.push({ name, utterance, bytes, isEnd, earliestAt, hasReturned: false });
    return name;
  }

  /** One came back; those before it count as returned too. One that a clear made void proves nothing. */
  returned(name: string): void {
    this.#doReturn = true;
    const last = this.#out.findIndex((mark) => mark.name === name);
    for (const mark of this.#out.slice(0, last + 1)) mark.hasReturned = true;
  }

  /**
   * The next that is settled, or null. One that returned sooner than sound can be played waits for that moment: some
   * carriers answer when they receive it. One that never returned is settled by time, unless it `mayBeOnItsWay`.
   */
  take(now: number, mayBeOnItsWay: boolean): Mark | null {
    const mark = this.#out[0];
    if (!mark) return null;
    const isLost = !mark.hasReturned && !mayBeOnItsWay && now >= mark.earliestAt + LOST_AFTER_MS;
    if (!isLost && !(mark.hasReturned && now >= mark.earliestAt - FRAME_MS)) return null;
    if (isLost) this.#doReturn = false;
    this.#out.shift();
    return mark;
  }

  /** When `take` should be asked next without any news; null when nothing is out. */
  deadline(now: number): number | null {
    const mark = this.#out[0];
    if (!mark) return null;
    if (mark.hasReturned) return mark.earliestAt - FRAME_MS;
    const lostAt = mark.earliestAt + LOST_AFTER_MS;
    return now < lostAt ? lostAt : now + LOOK_AGAIN_MS;
  }

  /** The oldest should have returned this long ago; negative before that, -Infinity when nothing is out. */
  lateMs(now: number): number {
    const mark = this.#out[0];
    return mark && !mark.hasReturned ? now - mark.earliestAt : Number.NEGATIVE_INFINITY;
  }

  /** What is out proves nothing any more: it was cleared, or its connection is gone. */
  void(): void {
    this.#out = [];
  }
}
