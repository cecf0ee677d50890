// Presence: somebody speaks on a line, told again while it lasts; and a line on which nothing arrives any more.
import type { Cancel, Clock } from '../lib/clock.ts';

/** Less than any wait for a silent caller. */
const SPEAKS_EVERY_MS = 3_000;
/** A voice without a word for so long is none that speaks to us. */
const NO_WORDS_MS = 15_000;
/** Carriers send sound all the time, also of a silent caller: without any for so long, nobody is there. */
const NO_MEDIA_MS = 30_000;
/** For sound that is only late. */
const NO_MEDIA_GRACE_MS = 2_000;

interface PresenceListener {
  readonly onSpeaks: () => void;
  /** Nothing has arrived from the carrier for a long time. */
  readonly onLost: () => void;
}

export class Presence {
  readonly #clock: Clock;
  readonly #listener: PresenceListener;
  #isCallerSpeaking = false;
  #isModelSpeaking = false;
  /** When the caller began to speak, or was understood last. */
  #callerAt = 0;
  #mediaAt = 0;
  #cancelSpeaks: Cancel | null = null;
  #cancelLost: Cancel = () => undefined;

  constructor(clock: Clock, listener: PresenceListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  get isCallerSpeaking(): boolean {
    return this.#isCallerSpeaking;
  }

  /** How long the caller has said nothing and was not understood; 0 while they speak. */
  get quietMs(): number {
    return this.#isCallerSpeaking ? 0 : this.#clock.now() - this.#callerAt;
  }

  caller(isSpeaking: boolean): void {
    this.#isCallerSpeaking = isSpeaking;
    this.#callerAt = this.#clock.now();
    this.#changed();
  }

  /** They were understood. */
  words(): void {
    this.#callerAt = this.#clock.now();
    this.#changed();
  }

  model(isSpeaking: boolean): void {
    this.#isModelSpeaking = isSpeaking;
    this.#changed();
  }

  /** The media stream is there. */
  opened(): void {
    this.#mediaAt = this.#clock.now();
    this.#watch();
  }

  /** Sound of the caller arrived, be it silence. */
  media(): void {
    this.#mediaAt = this.#clock.now();
  }

  closed(): void {
    this.#cancelLost();
  }

  close(): void {
    this.#cancelLost();
    this.#cancelSpeaks?.();
  }

  /** One look at a time: at the moment at which it would be true. */
  #watch(): void {
    this.#cancelLost();
    const lostAt = this.#mediaAt + NO_MEDIA_MS + NO_MEDIA_GRACE_MS;
    this.#cancelLost = this.#clock.at(lostAt, () => {
      if (this.#clock.now() - this.#mediaAt >= NO_MEDIA_MS + NO_MEDIA_GRACE_MS) this.#listener.onLost();
      else this.#watch();
    });
  }

  #changed(): void {
    if (!this.#isAnySpeaking) {
      this.#cancelSpeaks?.();
      this.#cancelSpeaks = null;
    } else if (this.#cancelSpeaks === null) this.#speaks();
  }

  #speaks(): void {
    this.#listener.onSpeaks();
    this.#cancelSpeaks = this.#clock.at(this.#clock.now() + SPEAKS_EVERY_MS, () => {
      this.#cancelSpeaks = null;
      this.#changed();
    });
  }

  get #isAnySpeaking(): boolean {
    const isHeard = this.#isCallerSpeaking && this.#clock.now() - this.#callerAt < NO_WORDS_MS;
    return isHeard || this.#isModelSpeaking;
  }
}
