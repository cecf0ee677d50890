// Background: the one way to start a promise that nobody awaits; its failure is logged, never lost.
import type { Log } from './log.ts';

/** Runs `task` without waiting. `what` names it in the log line if it rejects. */
export function background(task: Promise<unknown>, what: string, log: Log): void {
  task.catch((error: unknown) => {
    log.error(`${what} failed`, { error: error instanceof Error ? error.message : String(error) });
  });
}
