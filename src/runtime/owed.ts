// Owed: steps of calls that could not be written when they happened: written, in their order, as soon as that works.
import type { Call } from '../call/call.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Journal, Noted } from '../record/journal.ts';

const AGAIN_MS = 5_000;
/** Of a longer trouble the oldest steps are lost; the calls themselves are whole in every step. */
const MOST = 10_000;
/** SQLite's numbers for what no later try changes: too big, against the rules of the table, of another type. */
const UNWRITABLE: ReadonlySet<number> = new Set([18, 19, 20]);

export class Owed {
  readonly #clock: Clock;
  readonly #journal: Pick<Journal, 'save'>;
  readonly #log: Log;
  readonly #steps: { readonly call: Call; readonly event: Noted }[] = [];
  #cancel: Cancel | null = null;
  #isLeaving = false;

  constructor(deps: {
    readonly clock: Clock;
    readonly journal: Pick<Journal, 'save'>;
    readonly log: Log;
  }) {
    this.#log = deps.log;
    this.#clock = deps.clock;
    this.#journal = deps.journal;
  }

  /** Never throws: a call in progress outlives a full disk. */
  save(call: Call, event: Noted): void {
    this.#steps.push({ call, event });
    if (this.#steps.length > MOST) this.#steps.shift();
    if (this.#cancel === null) this.#pay();
  }

  /** The last try: what cannot be written now is lost with the process. */
  stop(): void {
    this.#isLeaving = true;
    this.#cancel?.();
    this.#pay();
  }

  #pay(): void {
    try {
      for (let step = this.#steps[0]; step; step = this.#steps[0]) {
        this.#write(step.call, step.event);
        this.#steps.shift();
      }
    } catch {
      // The store has told what is wrong with it.
      if (this.#isLeaving) return;
      this.#cancel = this.#clock.at(this.#clock.now() + AGAIN_MS, () => {
        this.#cancel = null;
        this.#pay();
      });
    }
  }

  /** A step that can never be written must not keep those of all other calls waiting. */
  #write(call: Call, event: Noted): void {
    try {
      this.#journal.save(call, event);
    } catch (error) {
      if (!isUnwritable(error)) throw error;
      this.#log.error('a step of a call can never be written; it is left out', {
        callId: call.id,
        kind: event.kind,
        error: reasonOf(error),
      });
    }
  }
}

function isUnwritable(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  if (cause instanceof TypeError) return true;
  const { errcode } = (cause ?? {}) as { readonly errcode?: unknown };
  return typeof errcode === 'number' && UNWRITABLE.has(errcode & 0xff);
}
