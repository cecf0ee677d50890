// StreamingEar: what a caller's ear must not have heard: silence where we owe sound, a word twice, one after a clear.
import { FRAME_MS, loudness } from '../../sim/media/mulaw.ts';
import type { TwinCall } from './streaming-lines.ts';
import type { Stalls } from './streaming-stalls.ts';
import { wordsOf } from './streaming-talk.ts';

/** Below this, of 32635, nobody calls it a voice. */
const FAINTEST = 120;

export interface Silence {
  readonly from: number;
  /** Without the time in which this machine stood still. */
  readonly ms: number;
}

/** The longest silence while we owed sound between two moments: up to the last sound of ours before the second. */
export function longestSilence({ ear }: TwinCall, span: readonly [number, number], stalls: Stalls): Silence {
  const [from, to] = span;
  const voiced = ear.frames.filter(
    ({ at, mulaw }) => at >= from && at < to && mulaw !== null && loudness(mulaw) >= FAINTEST,
  );
  if (voiced.length === 0) return { from, ms: to - from - stalls.between(from, to) };
  let longest: Silence = { from, ms: 0 };
  let since = from;
  for (const { at } of voiced) {
    const ms = at - since - stalls.between(since, at);
    if (ms > longest.ms) longest = { from: since, ms };
    since = at + FRAME_MS;
  }
  return longest;
}

/** The words of an answer in the order they were heard, without those that broke off. */
export function heardOf(call: TwinCall, answer: string): readonly string[] {
  const words = new Set(wordsOf(answer));
  return call.ear.words.flatMap(({ text, isWhole }) => {
    const [word = ''] = wordsOf(text);
    return isWhole && words.has(word) ? [word] : [];
  });
}

/** When an answer began to sound; undefined when it never did. */
export function heardAt(call: TwinCall, answer: string): number | undefined {
  const [first = ''] = wordsOf(answer);
  return call.ear.words.find(({ text }) => wordsOf(text)[0] === first)?.from;
}

export function heardTwice(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => words.indexOf(word) !== index);
}

/** The words of an answer, or three letters of one, that began to sound after `at`. */
export function heardAfter(call: TwinCall, answer: string, at: number): readonly string[] {
  const words = wordsOf(answer);
  return call.ear.words.flatMap(({ from, text, isWhole }) => {
    const [letters = ''] = wordsOf(text);
    const isPart = letters.length > 2 && words.some((word) => word.includes(letters));
    return from > at && (isWhole ? words.includes(letters) : isPart) ? [text] : [];
  });
}
