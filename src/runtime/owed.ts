// Owed: steps of calls that could not be written when they happened: written, in their order, as soon as that works.
import type { Call } from '../call/call.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Journal, Noted } from '../record/journal.ts';

const AGAIN_MS = 5_000;
/** Of a longer trouble the oldest steps are lost; the calls themselves are whole in every step. */
const MOST = 10_000;

export class Owed {
  readonly #clock: Clock;
  readonly #journal: Pick<Journal, 'save'>;
  readonly #steps: { readonly call: Call; readonly event: Noted }[] = [];
  #cancel: Cancel | null = null;
  #isLeaving = false;

  constructor(deps: { readonly clock: Clock; readonly journal: Pick<Journal, 'save'> }) {
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
        this.#journal.save(step.call, step.event);
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
}
