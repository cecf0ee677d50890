// WordsDue: after a voice model broke, whether its next session tells what the caller said meanwhile, or nobody does.
import type { Cancel, Clock } from '../lib/clock.ts';

/** A session that heard all of it would have told the words so long after the last of them. */
const WITHIN_MS = 1_000;

interface WordsDueStage {
  /** How long the caller has said nothing; 0 while they speak. */
  readonly quietMs: () => number;
  /** They spoke, and nobody knows what they said. */
  readonly onMissing: () => void;
}

export class WordsDue {
  readonly #clock: Clock;
  readonly #stage: WordsDueStage;
  #areDue = false;
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, stage: WordsDueStage) {
    this.#clock = clock;
    this.#stage = stage;
  }

  /** They spoke, and nobody has told what they said. */
  get areDue(): boolean {
    return this.#areDue;
  }

  /** The caller speaks, and what they say is not known yet. */
  spoken(): void {
    this.#areDue = true;
  }

  /** It is known now, or answered. */
  known(): void {
    this.#areDue = false;
  }

  /** The session before heard the beginning of what they say: of the rest alone there may be no words. */
  expect(withinMs = WITHIN_MS): void {
    this.#cancel();
    if (!this.#areDue) return;
    this.#cancel = this.#clock.at(this.#clock.now() + withinMs, () => {
      const quietMs = this.#stage.quietMs();
      if (quietMs < WITHIN_MS) this.expect(WITHIN_MS - quietMs);
      else if (this.#areDue) this.#stage.onMissing();
    });
  }

  close(): void {
    this.#cancel();
  }
}
