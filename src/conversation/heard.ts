// Heard: which words of what we said the caller had heard when they interrupted us. Pure.

/** A stretch of speech that was synthesised as one; `ms` is how long it sounds, null when only the line knows. */
export interface SpokenPiece {
  readonly text: string;
  readonly ms: number | null;
}

/** What a voice spends on each sign, in units of one letter; a pause after a mark belongs to the word before it. */
const DIGIT = 5;
const WIDE_LETTER = 3;
const SHORT_PAUSE = 4;
const LONG_PAUSE = 7;
/** One letter of a calm voice, ms: only for sound whose length is not known. */
const LETTER_MS = 65;

const WIDE = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;
/** A word, or one sign of a script that has no blanks, with what follows it. */
const WORDS = /[\u3040-\u30ff\u3400-\u9fff][^\p{L}\p{N}\s]*|[^\s\u3040-\u30ff\u3400-\u9fff]+|\s+/gu;

/** The words that were heard whole, rounded down; `heardMs` counts from the beginning of the first piece. */
export function wordsHeard(pieces: readonly SpokenPiece[], heardMs: number): string {
  const heard: string[] = [];
  let leftMs = heardMs;
  for (const { text, ms } of pieces) {
    const wholeMs = ms ?? guessedMs(text);
    if (leftMs < wholeMs) return [...heard, beginning(text, leftMs / wholeMs)].join(' ').trim();
    heard.push(text);
    leftMs -= wholeMs;
  }
  return heard.join(' ');
}

/** How long a calm voice takes to say it, ms. */
export function guessedMs(text: string): number {
  return cost(text) * LETTER_MS;
}

/** The words within `share` (0 to 1) of the time it takes to say `text`. */
function beginning(text: string, share: number): string {
  const words = text.match(WORDS) ?? [];
  const limit = share * cost(text);
  let spent = 0;
  let end = 0;
  for (const word of words) {
    spent += cost(word);
    if (spent > limit) break;
    end += word.length;
  }
  return text.slice(0, end).trimEnd();
}

function cost(text: string): number {
  let units = 0;
  for (const sign of text) units += costOf(sign);
  return units;
}

function costOf(sign: string): number {
  if (/\d/.test(sign)) return DIGIT;
  if (/[.!?…。！？।؟]/.test(sign)) return LONG_PAUSE;
  if (/[,;:–—，、；：،]/.test(sign)) return SHORT_PAUSE;
  return WIDE.test(sign) ? WIDE_LETTER : 1;
}
