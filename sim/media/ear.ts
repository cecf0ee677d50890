// Ear: what the caller heard: every 20 ms with its time, the holes, the words, and what was cut off.
import { FRAME_BYTES, FRAME_MS, joined, loudness, SILENCE } from './mulaw.ts';
import { decodeWords, type HeardWord, textOf, WordDecoder } from './word-decoder.ts';

/** 20 ms of the line: sound, or null when the carrier had nothing to play. */
export interface HeardFrame {
  /** When it began, ms on the clock. */
  readonly at: number;
  readonly mulaw: Uint8Array | null;
}

/** A time without anything to play, between two sounds. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** One stretch of voice, from its first sound until it was quiet for a while. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Its words; `(voice)` when there are none in word-code. */
  readonly text: string;
  /** The same, with the words that were sent and thrown away before they were heard. */
  readonly whole: string;
  /** True when words were thrown away, or one broke off. */
  readonly isCut: boolean;
}

export interface EarListener {
  /** Somebody began to speak. */
  voiceBegan?(at: number): void;
  wordHeard?(word: HeardWord): void;
  /** It was quiet for a while. */
  stretchEnded?(stretch: Stretch): void;
  /** 20 ms passed, `mulaw` was heard; `quietMs` since the last voice, or since the ear was opened. */
  passed?(at: number, quietMs: number, mulaw: Uint8Array): void;
}

/** Many calls at once want ears that are cheap. */
export interface EarOptions {
  /** After how much quiet a stretch is over, ms; 500 when absent. */
  readonly stretchEndMs?: number;
  /** False: words are not looked for. */
  readonly understands?: boolean;
  /** False: what was heard is told to listeners and forgotten; `frames` stays empty. */
  readonly keeps?: boolean;
}

/** Below this, of 32635, nobody calls it a voice. */
const FAINTEST = 120;
const SILENT = new Uint8Array(FRAME_BYTES).fill(SILENCE);

export class Ear {
  readonly frames: HeardFrame[] = [];
  readonly words: HeardWord[] = [];
  readonly stretches: Stretch[] = [];
  /** After how much quiet a stretch is over, ms. */
  readonly #stretchEndMs: number;
  readonly #understands: boolean;
  readonly #keeps: boolean;
  readonly #listeners = new Set<EarListener>();
  readonly #decoder: WordDecoder;
  /** Thrown away in the running stretch, unheard. */
  #lost: Uint8Array[] = [];
  #stretch: { readonly from: number; to: number; readonly firstFrame: number } | undefined;
  #quietMs = 0;

  constructor({ stretchEndMs = 500, understands = true, keeps = true }: EarOptions = {}) {
    this.#keeps = keeps;
    this.#stretchEndMs = stretchEndMs;
    this.#understands = understands;
    this.#decoder = new WordDecoder((word) => {
      this.words.push(word);
      for (const listener of this.#listeners) listener.wordHeard?.(word);
    });
  }

  /** Calls the listener from now on, until the returned function is called. */
  listen(listener: EarListener): () => void {
    this.#listeners.add(listener);
    this.#quietMs = 0;
    return () => this.#listeners.delete(listener);
  }

  /** 20 ms pass from `at` on; the sound may be shorter, and is empty when there was nothing to play. */
  hear(at: number, mulaw: Uint8Array): void {
    const frame = filled(mulaw);
    if (this.#keeps) this.frames.push({ at, mulaw: mulaw.length === 0 ? null : frame });
    if (loudness(frame) >= FAINTEST) this.#voice(at);
    else this.#quietMs += FRAME_MS;
    if (this.#understands) this.#decoder.push(at, frame);
    if (this.#stretch && at - this.#stretch.to >= this.#stretchEndMs) this.#endStretch();
    for (const listener of this.#listeners) listener.passed?.(at, this.#quietMs, frame);
  }

  /** This was sent for the caller, and thrown away before it was heard. */
  lose(mulaw: Uint8Array): void {
    if (mulaw.length > 0 && this.#stretch) this.#lost.push(mulaw);
  }

  /** The line fell silent for good, or another begins. */
  close(): void {
    this.#decoder.flush();
    if (this.#stretch) this.#endStretch();
  }

  /** All words heard so far. */
  get text(): string {
    return textOf(this.words);
  }

  /** Times without anything to play between two sounds, up to `mostMs` long: what the caller hears as a stumble. */
  gaps(mostMs = 400): readonly Gap[] {
    const gaps: Gap[] = [];
    let last: number | undefined;
    for (const { at, mulaw } of this.frames) {
      if (mulaw === null) continue;
      if (last !== undefined && at - last > FRAME_MS && at - last - FRAME_MS <= mostMs) {
        gaps.push({ from: last + FRAME_MS, to: at });
      }
      last = at;
    }
    return gaps;
  }

  /** When the first sound was heard after `at`, or undefined: silence that was sent is no sound. */
  firstVoiceAfter(at: number): number | undefined {
    const frame = this.frames.find((one) => one.at >= at && one.mulaw && loudness(one.mulaw) >= FAINTEST);
    return frame?.at;
  }

  /** What reached the ear between two times, silence where there was nothing. */
  sound(from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY): Uint8Array {
    return joined(this.frames.filter(({ at }) => at >= from && at < to).map(({ mulaw }) => mulaw ?? SILENT));
  }

  #voice(at: number): void {
    this.#quietMs = 0;
    if (this.#stretch) this.#stretch.to = at + FRAME_MS;
    else {
      this.#stretch = { from: at, to: at + FRAME_MS, firstFrame: this.frames.length - 1 };
      for (const listener of this.#listeners) listener.voiceBegan?.(at);
    }
  }

  #endStretch(): void {
    const stretch = this.#stretch;
    if (!stretch) return;
    this.#stretch = undefined;
    this.#decoder.flush();
    const { from, to, firstFrame } = stretch;
    const words = this.words.filter((word) => word.to > from);
    const text = words.length === 0 ? '(voice)' : textOf(words);
    const whole = this.#lost.length === 0 ? text : this.#wholeText(firstFrame, to);
    const isCut = this.#lost.length > 0 || words.some(({ isWhole }) => !isWhole);
    this.#lost = [];
    const ended = { from, to, text, whole, isCut };
    this.stretches.push(ended);
    for (const listener of this.#listeners) listener.stretchEnded?.(ended);
  }

  #wholeText(firstFrame: number, to: number): string {
    const heard = this.frames.slice(firstFrame).filter(({ at }) => at < to);
    const words = decodeWords(joined([...heard.map(({ mulaw }) => mulaw ?? SILENT), ...this.#lost]));
    return words.length === 0 ? '(voice)' : textOf(words);
  }
}

function filled(mulaw: Uint8Array): Uint8Array {
  if (mulaw.length === FRAME_BYTES) return mulaw;
  if (mulaw.length === 0) return SILENT;
  const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE);
  frame.set(mulaw.subarray(0, FRAME_BYTES));
  return frame;
}
