// Strain: when a thread works so hard that one more call would spoil those that run, and when it has room again. Pure.
import type { Load } from '../lib/beat.ts';

/** What a thread can be strained by, and what it must fall to before it counts as at ease again. */
export interface StrainLimits {
  readonly full: Load;
  readonly ease: Load;
}

export interface Strain {
  readonly isFull: boolean;
  /** Readings in a row that say the opposite of `isFull`. */
  readonly against: number;
  /** The latest reading; null before the first. */
  readonly load: Load | null;
}

export const AT_EASE: Strain = { isFull: false, against: 0, load: null };

/**
 * So many readings, a second each, must agree. One long block of a thread, however long, is one reading or two. What else
 * a machine does comes in bursts of a few seconds: they fill nothing, and between two of them there is room again.
 */
const TO_FILL = 5;
const TO_EASE = 3;

export function afterReading(strain: Strain, load: Load, { full, ease }: StrainLimits): Strain {
  const { isFull } = strain;
  const isAgainst = isFull
    ? load.lateMs < ease.lateMs && load.busy < ease.busy
    : load.lateMs >= full.lateMs || load.busy >= full.busy;
  const against = isAgainst ? strain.against + 1 : 0;
  const turns = against >= (isFull ? TO_EASE : TO_FILL);
  return turns ? { isFull: !isFull, against: 0, load } : { isFull, against, load };
}
