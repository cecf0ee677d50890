// Farewell: the voice model wants to hang up: the line is kept until the caller has heard the goodbye.
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Result } from './consults.ts';

/** A model that was asked for a goodbye begins it within this time, or there is none. */
const BEGINS_WITHIN_MS = 5_000;
/** No goodbye is longer. */
const LONGEST_MS = 20_000;

interface FarewellListener {
  /** It was heard: hang up. */
  readonly onHeard: () => void;
}

export class Farewell {
  readonly #clock: Clock;
  readonly #listener: FarewellListener;
  /** Answers the tool; null once it was answered, or when nobody asked. */
  #answer: ((result: Result) => void) | null = null;
  #state: 'none' | 'expected' | 'sounds' | 'over' = 'none';
  #cancel: Cancel = () => undefined;
  #cancelLongest: Cancel = () => undefined;

  constructor(clock: Clock, listener: FarewellListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** The model, or its provider, ends the call. `isSpeaking`: what it says now is the goodbye. */
  begin(isSpeaking: boolean, answer: ((result: Result) => void) | null): void {
    if (this.#state !== 'none') {
      answer?.({ error: 'The call is ending already.' });
      return;
    }
    this.#cancelLongest = this.#clock.at(this.#clock.now() + LONGEST_MS, () => this.#over());
    if (isSpeaking) {
      this.#state = 'sounds';
      this.#answer = answer;
      return;
    }
    this.#state = 'expected';
    if (answer === null) {
      this.#over();
      return;
    }
    this.#cancel = this.#clock.at(this.#clock.now() + BEGINS_WITHIN_MS, () => this.#over());
    answer({ status: 'ending', message: 'Say one short goodbye now. The call ends when it was heard.' });
  }

  /** The model begins to speak. */
  began(): void {
    if (this.#state !== 'expected') return;
    this.#state = 'sounds';
    this.#cancel();
  }

  /** Everything it said was heard to its end. */
  heard(): void {
    if (this.#state === 'sounds') this.#over();
  }

  /** The caller interrupts the goodbye: they have more to say. False: there was none, or there is no way back. */
  interrupted(): void {
    if (this.#state !== 'sounds' && this.#state !== 'expected') return;
    this.#cancel();
    this.#cancelLongest();
    this.#state = 'none';
    this.#answer?.({ status: 'cancelled', message: 'The caller goes on speaking: the call is not over.' });
    this.#answer = null;
  }

  close(): void {
    this.#cancel();
    this.#cancelLongest();
    this.#state = 'over';
  }

  #over(): void {
    this.close();
    this.#listener.onHeard();
  }
}
