// Clock: the only place that reads the time or sets a timer; everything else is handed one.

/** Ends whatever the call that returned it began. Calling it twice does nothing more. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `run` once when `now()` reaches `atMs`; at once (but never synchronously) if that is past. */
  at(atMs: number, run: () => void): Cancel;
}

/** setTimeout overflows beyond 2^31-1 ms and would fire at once; a longer wait is split. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  at(atMs, run) {
    if (atMs <= Date.now()) return soon(run);
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = Math.max(0, atMs - Date.now());
      timer = leftMs > LONGEST_TIMER_MS ? setTimeout(arm, LONGEST_TIMER_MS) : setTimeout(run, leftMs);
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** A timer of 0 ms takes 1 ms and more. */
function soon(run: () => void): Cancel {
  const next = setImmediate(run);
  return () => clearImmediate(next);
}

/**
 * The clock of everything that is heard: it never jumps, and counts fractions of a millisecond. All threads of the
 * process agree on it. Where a call is stored, `systemClock` is meant.
 */
export const steadyClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  at(atMs, run) {
    const leftMs = atMs - steadyClock.now();
    if (leftMs <= 0) return soon(run);
    const timer = setTimeout(run, leftMs);
    return () => clearTimeout(timer);
  },
};

/** A promise for `afterMs` from now on `clock`; rejects with the signal's reason when it aborts first. */
export function wait(clock: Clock, afterMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = clock.at(clock.now() + afterMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
