// CoarseClock: a clock that does things in steps of some milliseconds: a thousand timers cost what a few do.
import type { Cancel, Clock } from '../../src/lib/clock.ts';

/** Runs what is due within the same step together, at its end: never early, at most a step late. */
export function coarseClock(clock: Clock, stepMs: number): Clock {
  const steps = new Map<number, Set<() => void>>();
  const run = (at: number): void => {
    const due = steps.get(at) ?? [];
    steps.delete(at);
    for (const one of due) one();
  };
  return {
    now: () => clock.now(),
    at(atMs, what): Cancel {
      if (atMs <= clock.now()) return clock.at(atMs, what);
      const step = Math.ceil(atMs / stepMs) * stepMs;
      const due = steps.get(step) ?? new Set();
      if (!steps.has(step)) {
        steps.set(step, due);
        clock.at(step, () => run(step));
      }
      // The same function may be due twice.
      const one = (): void => what();
      due.add(one);
      return () => due.delete(one);
    },
  };
}
