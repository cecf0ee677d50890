// ModelWords: what a voice model said, as text: which reply each word belongs to, and how much of it was heard.
import type { Cancel, Clock } from '../lib/clock.ts';
import { wordsHeard } from './heard.ts';
import type { Reply } from './model-reply.ts';

/** A provider that writes down what it said is not later than this after the sound is over. */
const WORDS_WITHIN_MS = 1_000;
/** Longer speeches are cut off on record. */
const MAX_WORDS = 8_000;

/** `text` is what was heard of it; never empty. */
type Heard = (text: string, isCut: boolean) => void;

interface Ended {
  readonly reply: Reply;
  readonly heardMs: number;
  readonly isCut: boolean;
}

/** Words come without a name: they belong to the reply that sounds, or to the next one when that has all of its own. */
export class ModelWords {
  readonly #clock: Clock;
  readonly #onHeard: Heard;
  /** Replies in order, the latest last, that may still get words. */
  #open: readonly Reply[] = [];
  /** Came before any sound of their reply. */
  #early = { text: '', isFinal: false };
  /** Over for the caller, and waiting for words. */
  #ended: readonly Ended[] = [];
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, onHeard: Heard) {
    this.#clock = clock;
    this.#onHeard = onHeard;
  }

  /** A reply begins. */
  begin(reply: Reply): void {
    reply.words = this.#early.text;
    reply.areWordsFinal = this.#early.isFinal;
    this.#early = { text: '', isFinal: false };
    this.#open = [...this.#open, reply].slice(-4);
  }

  /** The model says this; partial words replace the ones before. */
  said(text: string, isFinal: boolean): void {
    const words = text.replace(/\s+/g, ' ').trim().slice(0, MAX_WORDS);
    if (words === '') return;
    const reply = this.#open.find(({ areWordsFinal }) => !areWordsFinal);
    if (!reply) {
      this.#early = { text: words, isFinal };
      return;
    }
    reply.words = words;
    reply.areWordsFinal = isFinal;
    this.#settle(false);
  }

  /** A reply of the model's own is over for the caller. */
  ended(ended: Ended): void {
    this.#ended = [...this.#ended, ended];
    this.#settle(false);
    if (this.#ended.length === 0) return;
    this.#cancel();
    this.#cancel = this.#clock.at(this.#clock.now() + WORDS_WITHIN_MS, () => this.#settle(true));
  }

  /** Nobody waits for its words any more. */
  forget(reply: Reply): void {
    this.#open = this.#open.filter((one) => one !== reply);
  }

  /** Somebody else's words come next: what was heard before them goes on record before them. */
  flush(): void {
    this.#settle(true);
  }

  close(): void {
    this.#settle(true);
    this.#cancel();
  }

  #settle(isLate: boolean): void {
    for (let next = this.#ended[0]; next; next = this.#ended[0]) {
      const { reply, heardMs, isCut } = next;
      if (!isLate && !reply.areWordsFinal && !reply.isBrokenOff) return;
      this.#ended = this.#ended.slice(1);
      this.forget(reply);
      const text = wordsOf(reply, isCut ? heardMs : null);
      if (text !== '') this.#onHeard(text, isCut);
    }
    this.#cancel();
  }
}

/** What was said of it in `heardMs`; null: all of it. */
export function wordsOf({ words, receivedMs, droppedMs }: Reply, heardMs: number | null): string {
  if (heardMs === null && droppedMs === 0) return words;
  return wordsHeard([{ text: words, ms: receivedMs + droppedMs }], heardMs ?? receivedMs);
}

/** Whether a model that was told to say `wanted` did so: most of its words are there. */
export function resembles(said: string, wanted: string): boolean {
  const asked = signs(wanted);
  if (asked.length === 0) return true;
  const given = new Set(signs(said));
  return asked.filter((sign) => given.has(sign)).length >= asked.length / 2;
}

/** Words; single signs where words are not separated. */
function signs(text: string): readonly string[] {
  return text.toLowerCase().match(/[\u3040-\u30ff\u3400-\u9fff]|[\p{L}\p{M}\p{N}]+/gu) ?? [];
}
