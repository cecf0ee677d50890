// Retention: calls that are older than their owner wants are forgotten, some at a time, when calls begin to be over.
import { reasonOf } from '../lib/errors.ts';
import type { RuntimeDeps } from './deps.ts';

/** The steps of a call are for finding out what went wrong; nobody looks at them weeks later. */
const STEPS_MS = 14 * 24 * 60 * 60_000;
/** When there was nothing more to forget, it is looked for again no sooner. */
const PAUSE_MS = 60 * 60_000;

type RetentionDeps = Pick<RuntimeDeps, 'clock' | 'journal' | 'log' | 'plan'>;

export class Retention {
  readonly #deps: RetentionDeps;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /** To be called now and then: at the start, and whenever a call is over. Never throws. */
  forget(): void {
    const { clock, journal, log, plan } = this.#deps;
    const now = clock.now();
    if (now < this.#nextAt) return;
    const { retentionMs } = plan();
    try {
      const callsBefore = retentionMs === null ? null : now - retentionMs;
      const more = journal.forget({ callsBefore, stepsBefore: now - STEPS_MS });
      this.#nextAt = more ? now : now + PAUSE_MS;
    } catch (error) {
      log.warn('old calls could not be forgotten', { why: reasonOf(error) });
      this.#nextAt = now + PAUSE_MS;
    }
  }
}
