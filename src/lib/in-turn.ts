// InTurn: steps of a clean-up, one after the other: what fails in one does not keep the others from being done.
import { reasonOf } from './errors.ts';
import type { Log } from './log.ts';

/** Runs all `steps` in their order; failures are logged under the name of their step. Never rejects. */
export async function inTurn(
  steps: Readonly<Record<string, () => unknown>>,
  log: Pick<Log, 'error'>,
): Promise<void> {
  for (const [step, run] of Object.entries(steps)) {
    try {
      await run();
    } catch (error) {
      log.error('a step of stopping failed; the others go on', { step, error: reasonOf(error) });
    }
  }
}
