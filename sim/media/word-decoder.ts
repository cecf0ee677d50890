// word-decoder: hears word-code: which words, when, and where one was cut, repeated or has a hole.
import { PER_MS, sampleOf } from './mulaw.ts';
import { LETTER_MS, type Letter, letterIn, PLACES } from './word-code.ts';

/** One word as it reached an ear. */
export interface HeardWord {
  /** As spelled, with `…` where letters are missing: `hel…`, `…lo`, `h…lo`. */
  readonly text: string;
  /** ms, on the scale of the times given to `push`. */
  readonly from: number;
  readonly to: number;
  readonly isWhole: boolean;
}

const WINDOW = 10 * PER_MS;
const HOP = 5 * PER_MS;
const HOP_MS = 5;
/** A letter heard for less than this is not believed. */
const SHORTEST_MS = 15;
/** The last letter ends its word at once when it was heard for so long; after less, the rest of it may follow. */
const ENOUGH_MS = LETTER_MS - 20;
/** A hole up to this length may stand in the middle of a word (lost frames); after a longer one it is another. */
const LONGEST_HOLE_MS = 400;

interface Spoken extends Letter {
  readonly from: number;
  to: number;
  /** How long it sounded; less than from `from` to `to` when there was a hole in it. */
  ms: number;
}

/** Follows one ear. Feed it everything in order, silence too; `flush` at the end. */
export class WordDecoder {
  readonly #onWord: (word: HeardWord) => void;
  readonly #samples = new Int16Array(WINDOW);
  #filled = 0;
  /** When the oldest sample of the window was heard. */
  #at = 0;
  #letter: Spoken | undefined;
  #word: Spoken[] = [];

  constructor(onWord: (word: HeardWord) => void) {
    this.#onWord = onWord;
  }

  /** The letters so far of the word that is being heard. */
  get begun(): string {
    const letters = this.#letter ? [...this.#word, this.#letter] : this.#word;
    return letters.map(({ letter }) => letter).join('');
  }

  /** Mu-law that was heard from `at` on, ms. */
  push(at: number, mulaw: Uint8Array): void {
    for (let index = 0; index < mulaw.length; index++) {
      if (this.#filled === 0) this.#at = at + index / PER_MS;
      this.#samples[this.#filled++] = sampleOf(mulaw[index] ?? 0);
      if (this.#filled < WINDOW) continue;
      this.#look();
      this.#samples.copyWithin(0, HOP);
      this.#filled = WINDOW - HOP;
      this.#at = at + (index + 1 - this.#filled) / PER_MS;
    }
  }

  /** Nothing more comes. */
  flush(): void {
    this.#endLetter();
    this.#endWord();
    this.#filled = 0;
  }

  #look(): void {
    const found = letterIn(this.#samples);
    const end = this.#at + WINDOW / PER_MS;
    if (!found) {
      this.#nothing(end);
      return;
    }
    const current = this.#letter;
    if (current && isSame(current, found) && end - current.to <= WINDOW / PER_MS + HOP_MS) {
      current.ms += end - current.to;
      current.to = end;
      return;
    }
    this.#endLetter();
    this.#letter = { ...found, from: this.#at, to: end, ms: end - this.#at };
  }

  #nothing(end: number): void {
    if (this.#letter && end - this.#letter.to > WINDOW / PER_MS) this.#endLetter();
    const last = this.#word.at(-1);
    if (last && end - last.to > LONGEST_HOLE_MS) this.#endWord();
  }

  #endLetter(): void {
    const letter = this.#letter;
    this.#letter = undefined;
    if (!letter || letter.ms < SHORTEST_MS) return;
    const before = this.#word.at(-1);
    if (before && isSame(before, letter) && before.ms + letter.ms <= LETTER_MS + HOP_MS) {
      before.to = letter.to;
      before.ms += letter.ms;
    } else {
      if (before && !mayFollow(before, letter)) this.#endWord();
      this.#word.push(letter);
    }
    const last = this.#word.at(-1);
    if (last?.isLast && last.ms >= ENOUGH_MS) this.#endWord();
  }

  #endWord(): void {
    const [first] = this.#word;
    const last = this.#word.at(-1);
    if (!first || !last) return;
    let text = first.isFirst ? '' : '…';
    let expected = first.place;
    for (const { letter, place } of this.#word) {
      if (place !== expected) text += '…';
      text += letter;
      expected = (place + 1) % PLACES;
    }
    if (!last.isLast) text += '…';
    this.#word = [];
    this.#onWord({ text, from: first.from, to: last.to, isWhole: !text.includes('…') });
  }
}

/** All words of a sound that begins at `at`, ms. */
export function decodeWords(mulaw: Uint8Array, at = 0): readonly HeardWord[] {
  const words: HeardWord[] = [];
  const decoder = new WordDecoder((word) => words.push(word));
  decoder.push(at, mulaw);
  decoder.flush();
  return words;
}

/** The words as one text. */
export function textOf(words: readonly HeardWord[]): string {
  return words.map(({ text }) => text).join(' ');
}

function isSame(a: Letter, b: Letter): boolean {
  return a.letter === b.letter && a.place === b.place && a.isFirst === b.isFirst && a.isLast === b.isLast;
}

/**
 * False when `next` begins a word or its place goes back, as when something is said again from its middle. A step of
 * half the places or more cannot be told from one back, and is taken for one.
 */
function mayFollow(last: Letter, next: Letter): boolean {
  const step = (next.place - last.place + PLACES) % PLACES;
  return !next.isFirst && !last.isLast && step !== 0 && step < PLACES / 2;
}
