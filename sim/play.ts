// play: lets a story run, moving a hand clock only when everything that can happen now has happened.
import type { HandClock } from './hand-clock.ts';
import { StoryClock } from './story-clock.ts';

/** Whatever can say that it has come to rest: a twin, or several of them together. */
export interface Restful {
  idle(): Promise<void>;
}

export interface PlayOptions {
  /** How far a plain HandClock moves at a time; a StoryClock jumps exactly from timer to timer. Default 20 ms. */
  readonly stepMs?: number;
  /** Clock time after which an unmet condition is an error. Default 10 minutes. */
  readonly mostMs?: number;
}

/** Timers that fire at the same instant more often than this are a loop, not a story. */
const MOST_AT_ONE_INSTANT = 10_000;

/**
 * Plays `until` that many milliseconds of clock time have passed, or until the condition holds.
 * Returns the clock time it took. Between two moves of the clock the twin is idle, so real HTTP takes no clock time.
 */
export async function play(
  clock: HandClock,
  twin: Restful,
  until: number | (() => boolean),
  options: PlayOptions = {},
): Promise<number> {
  const began = clock.now();
  const mostMs = typeof until === 'number' ? until : (options.mostMs ?? 600_000);
  const isOver = typeof until === 'number' ? () => clock.now() - began >= until : until;
  await twin.idle();
  for (let standing = 0; !isOver(); ) {
    const leftMs = began + mostMs - clock.now();
    if (leftMs <= 0) throw new Error(`play: the condition did not hold within ${mostMs} ms`);
    const stepMs = Math.min(leftMs, nextStep(clock, options.stepMs ?? 20));
    standing = stepMs === 0 ? standing + 1 : 0;
    if (standing > MOST_AT_ONE_INSTANT) throw new Error('play: time stands still while timers keep firing');
    await clock.advance(stepMs);
    await twin.idle();
  }
  return clock.now() - began;
}

function nextStep(clock: HandClock, stepMs: number): number {
  if (!(clock instanceof StoryClock)) return stepMs;
  return clock.nextAt === undefined ? Number.POSITIVE_INFINITY : Math.max(0, clock.nextAt - clock.now());
}
