// Interrupt: what commands that run until somebody ends them need of their process.
import { once } from 'node:events';

/** Aborted by Ctrl-C, by a polite kill, and when whoever read our output is gone. */
export function interrupted(): AbortSignal {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  process.stdout.on('error', end);
  return stop.signal;
}

/** Resolves when standard output takes more. */
export async function flushed(): Promise<void> {
  const { stdout } = process;
  if (!stdout.writableNeedDrain || stdout.destroyed) return;
  await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(() => undefined);
}
