// pause: a promise for some milliseconds on a clock, given up when its signal aborts.
import type { Clock } from '../src/lib/clock.ts';

/** Resolves after `ms` (at once for zero, never for Infinity); rejects with the signal's reason when it aborts first. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    if (ms <= 0) return resolve();
    const cancel = Number.isFinite(ms)
      ? clock.at(clock.now() + ms, () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        })
      : () => undefined;
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The promise's own outcome, or the signal's reason when it aborts first. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
