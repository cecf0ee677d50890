// Gather: listens on one line for speech and keys, with Twilio's timers, until there is a result or silence.
import type { Cancel, Clock } from '../../src/lib/clock.ts';
import type { Utterance } from './attendance.ts';

export interface GatherRules {
  readonly takesSpeech: boolean;
  readonly takesDigits: boolean;
  /** Silence (or the pause between two keys) that ends it. */
  readonly timeoutMs: number;
  /** Silence after speech that ends it. */
  readonly speechEndMs: number;
  readonly longestSpeechMs: number;
  /** '' when no key ends it. */
  readonly finishOnKey: string;
  readonly mostDigits: number;
  readonly bargeIn: boolean;
}

export type GatherResult =
  | { readonly kind: 'digits'; readonly digits: string }
  | { readonly kind: 'speech'; readonly text: string; readonly confidence: number | undefined }
  | { readonly kind: 'nothing' };

export interface GatherEvents {
  /** Keys or speech cut the prompts short. */
  interrupted(): void;
  /** Half of an utterance was heard. */
  partial(text: string): void;
}

interface Taking {
  readonly speech: Utterance;
  readonly since: number;
}

export class Gather {
  readonly result: Promise<GatherResult>;
  readonly #clock: Clock;
  readonly #rules: GatherRules;
  readonly #events: GatherEvents;
  readonly #resolve: (result: GatherResult) => void;
  readonly #heard: { readonly text: string; readonly speech: Utterance }[] = [];
  #phase: 'prompt' | 'listening' | 'over' = 'prompt';
  #digits = '';
  #taking: Taking | undefined;
  #timer: Cancel | undefined;
  #partialTimer: Cancel | undefined;

  constructor(clock: Clock, rules: GatherRules, events: GatherEvents) {
    this.#clock = clock;
    this.#rules = rules;
    this.#events = events;
    const { promise, resolve } = Promise.withResolvers<GatherResult>();
    this.result = promise;
    this.#resolve = resolve;
  }

  /** The prompts are over. `speaking` is whoever talks right now: the rest of it is still taken. */
  listen(speaking: Utterance | undefined): void {
    if (this.#phase !== 'prompt') return;
    this.#phase = 'listening';
    if (speaking && !this.#taking) this.#take(speaking, this.#clock.now());
    if (!this.#taking && this.#heard.length === 0 && this.#digits === '') this.#arm(this.#rules.timeoutMs);
  }

  speechBegan(speech: Utterance): void {
    if (!this.#rules.takesSpeech || this.#phase === 'over') return;
    if (this.#phase === 'prompt' && !this.#rules.bargeIn) return;
    // Speech that has just begun is taken whole, however late the real clock tells us.
    this.#take(speech, speech.from);
    if (this.#phase === 'prompt') this.#events.interrupted();
  }

  #take(speech: Utterance, since: number): void {
    if (!this.#rules.takesSpeech) return;
    this.#taking = { speech, since };
    this.#arm(this.#rules.longestSpeechMs);
    this.#partialTimer = this.#clock.at((this.#clock.now() + speech.to) / 2, () => {
      this.#events.partial(firstHalf(speech.text));
    });
  }

  speechEnded(speech: Utterance): void {
    if (this.#taking?.speech !== speech || this.#phase === 'over') return;
    const missed = (this.#taking.since - speech.from) / (speech.to - speech.from);
    const text = tail(speech.text, missed);
    if (text !== '') this.#heard.push({ text, speech });
    this.#taking = undefined;
    this.#arm(this.#rules.speechEndMs);
  }

  /** True when the key was taken. */
  pressed(digit: string): boolean {
    if (!this.#rules.takesDigits || this.#phase === 'over') return false;
    if (this.#phase === 'prompt') this.#events.interrupted();
    if (digit === this.#rules.finishOnKey) {
      this.#finish();
      return true;
    }
    this.#digits += digit;
    if (this.#digits.length >= this.#rules.mostDigits) this.#finish();
    else this.#arm(this.#rules.timeoutMs);
    return true;
  }

  /** Stops listening without a result. */
  close(): void {
    this.#phase = 'over';
    this.#timer?.();
    this.#partialTimer?.();
  }

  #arm(ms: number): void {
    this.#timer?.();
    this.#timer = this.#clock.at(this.#clock.now() + ms, () => this.#finish());
  }

  /** Keys win over speech. */
  #finish(): void {
    if (this.#taking) this.speechEnded(this.#taking.speech);
    this.close();
    if (this.#digits !== '') this.#resolve({ kind: 'digits', digits: this.#digits });
    else if (this.#heard.length > 0) this.#resolve(this.#speech());
    else this.#resolve({ kind: 'nothing' });
  }

  #speech(): GatherResult {
    for (const { speech } of this.#heard) speech.said.caught = true;
    const text = this.#heard.map((part) => part.text).join(' ');
    return { kind: 'speech', text, confidence: this.#heard[0]?.speech.confidence };
  }
}

/** The words after the missed share of a text. */
function tail(text: string, missed: number): string {
  const words = text.split(' ');
  return words.slice(Math.round(words.length * missed)).join(' ');
}

function firstHalf(text: string): string {
  const words = text.split(' ');
  return words.slice(0, Math.ceil(words.length / 2)).join(' ');
}
