// Watch: notices a line thread that hangs: it is asked every two seconds, and one that works answers.
import type { Cancel, Clock } from '../lib/clock.ts';

const ASK_EVERY_MS = 2_000;
/**
 * So many questions without an answer: ten seconds. Counted by our own timers and not by time, so that it is not the
 * thread's fault when we ourselves stood still, or the machine slept.
 */
const MOST_MISSED = 5;

export interface WatchInit {
  readonly clock: Clock;
  readonly ask: () => void;
  /** Told once. */
  readonly onHung: () => void;
}

export class Watch {
  readonly #init: WatchInit;
  #missed = 0;
  #cancel: Cancel;

  /** Asks at once. */
  constructor(init: WatchInit) {
    this.#init = init;
    this.#cancel = () => undefined;
    this.#ask();
  }

  answered(): void {
    this.#missed = 0;
  }

  stop(): void {
    this.#cancel();
  }

  #ask(): void {
    const { clock, ask, onHung } = this.#init;
    if (this.#missed >= MOST_MISSED) {
      onHung();
      return;
    }
    this.#missed += 1;
    ask();
    this.#cancel = clock.at(clock.now() + ASK_EVERY_MS, () => this.#ask());
  }
}
