// BrowserClock: the clock of pages, where there is no setImmediate and timers are numbers.
import type { Clock } from './clock.ts';

export const browserClock: Clock = {
  now: () => Date.now(),
  at(atMs, run) {
    const timer = setTimeout(run, Math.max(0, atMs - Date.now()));
    return () => clearTimeout(timer);
  },
};
