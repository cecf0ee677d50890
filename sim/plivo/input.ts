// Input: what a GetInput does on one line: takes speech or keys, whichever comes first, with Plivo's timers.
import type { Cancel, Clock } from '../../src/lib/clock.ts';
import type { Utterance } from '../twilio/attendance.ts';

export interface InputRules {
  readonly takesSpeech: boolean;
  readonly takesDigits: boolean;
  /** From the end of the prompts; then whatever came is the input, or there was none. */
  readonly executionMs: number;
  /** Pause after a key that ends it. */
  readonly digitEndMs: number;
  /** Silence after speech that ends it. */
  readonly speechEndMs: number;
  /** '' when no key ends it. */
  readonly finishOnKey: string;
  readonly mostDigits: number;
  readonly bargeIn: boolean;
}

export type InputResult =
  | { readonly kind: 'digits'; readonly digits: string }
  | { readonly kind: 'speech'; readonly text: string; readonly confidence: number | undefined }
  | { readonly kind: 'nothing' };

interface Taking {
  readonly speech: Utterance;
  readonly since: number;
}

export class Input {
  readonly result: Promise<InputResult>;
  readonly #clock: Clock;
  readonly #rules: InputRules;
  readonly #interrupted: () => void;
  readonly #resolve: (result: InputResult) => void;
  readonly #heard: { readonly text: string; readonly speech: Utterance }[] = [];
  #phase: 'prompt' | 'listening' | 'over' = 'prompt';
  #digits = '';
  #taking: Taking | undefined;
  #pauseTimer: Cancel | undefined;
  #deadline: Cancel | undefined;

  /** `interrupted`: keys or speech cut the prompts short. */
  constructor(clock: Clock, rules: InputRules, interrupted: () => void) {
    this.#clock = clock;
    this.#rules = rules;
    this.#interrupted = interrupted;
    const { promise, resolve } = Promise.withResolvers<InputResult>();
    this.result = promise;
    this.#resolve = resolve;
  }

  /** The prompts are over. `speaking` is whoever talks right now: the rest of it is still taken. */
  listen(speaking: Utterance | undefined): void {
    if (this.#phase !== 'prompt') return;
    this.#phase = 'listening';
    this.#deadline = this.#after(this.#rules.executionMs);
    if (speaking && !this.#taking) this.speechBegan(speaking);
  }

  speechBegan(speech: Utterance): void {
    if (!this.#rules.takesSpeech || this.#phase === 'over' || this.#digits !== '') return;
    if (this.#phase === 'prompt' && !this.#rules.bargeIn) return;
    this.#taking = { speech, since: this.#clock.now() };
    this.#pauseTimer?.();
    if (this.#phase === 'prompt') this.#interrupted();
  }

  speechEnded(speech: Utterance): void {
    if (this.#taking?.speech !== speech || this.#phase === 'over') return;
    this.#keep(this.#taking, 1);
    this.#taking = undefined;
    this.#armPause(this.#rules.speechEndMs);
  }

  /** True when the key was taken. */
  pressed(digit: string): boolean {
    if (!this.#rules.takesDigits || this.#phase === 'over') return false;
    if (this.#taking || this.#heard.length > 0) return false;
    if (this.#phase === 'prompt') this.#interrupted();
    if (digit === this.#rules.finishOnKey) this.#finish();
    else {
      this.#digits += digit;
      if (this.#digits.length >= this.#rules.mostDigits) this.#finish();
      else this.#armPause(this.#rules.digitEndMs);
    }
    return true;
  }

  /** Stops listening without a result. */
  close(): void {
    this.#phase = 'over';
    this.#pauseTimer?.();
    this.#deadline?.();
  }

  #armPause(ms: number): void {
    this.#pauseTimer?.();
    this.#pauseTimer = this.#after(ms);
  }

  #after(ms: number): Cancel {
    return this.#clock.at(this.#clock.now() + ms, () => this.#finish());
  }

  #finish(): void {
    if (this.#taking) {
      const { from, to } = this.#taking.speech;
      this.#keep(this.#taking, (this.#clock.now() - from) / (to - from));
    }
    this.close();
    if (this.#digits !== '') this.#resolve({ kind: 'digits', digits: this.#digits });
    else if (this.#heard.length > 0) this.#resolve(this.#speech());
    else this.#resolve({ kind: 'nothing' });
  }

  /** Keeps the words between where the taking began and the share `until` of the speech. */
  #keep({ speech, since }: Taking, until: number): void {
    const words = speech.text.split(' ');
    const missed = (since - speech.from) / (speech.to - speech.from);
    const text = words.slice(Math.ceil(words.length * missed), Math.ceil(words.length * until)).join(' ');
    if (text !== '') this.#heard.push({ text, speech });
  }

  #speech(): InputResult {
    for (const { speech } of this.#heard) speech.said.caught = true;
    const text = this.#heard.map((part) => part.text).join(' ');
    return { kind: 'speech', text, confidence: this.#heard[0]?.speech.confidence };
  }
}
