// Unsaid: what of a text remains to be said when some of it was said before. Pure.

/** Marks that were said with the word before them. */
const TRAILING = /^[^\p{L}\p{N}\s("“„«「『¿¡]+/u;
/** What was said before belongs to the text when at least this much of it agrees. */
const ENOUGH = 0.5;
/** And this many words of it, when they stand in the middle of the text: fewer may stand there by chance. */
const MIN_WORDS = 2;
const LETTERS = /[\p{L}\p{N}]/u;

/**
 * The rest of `whole` after what was said of it, stretch by stretch. A stretch that is not in it was something
 * else; one that agrees with it only at first was its beginning, and is not said again.
 */
export function unsaid(whole: string, said: readonly string[]): string {
  return said.reduce(after, whole).trim();
}

function after(whole: string, said: string): string {
  return (
    afterSame(whole, said) ??
    afterSame(whole, said, LETTERS)?.replace(TRAILING, '') ??
    afterSimilar(whole, said)
  );
}

/** What follows `said` in `whole`, or null when it does not begin so; only signs that match `counts` do count. */
export function afterSame(whole: string, said: string, counts = /\S/u): string | null {
  const wanted = [...said].filter((sign) => counts.test(sign));
  let at = 0;
  let matched = 0;
  for (const sign of whole) {
    if (matched === wanted.length) break;
    at += sign.length;
    if (!counts.test(sign)) continue;
    if (sign !== wanted[matched]) return null;
    matched++;
  }
  return matched === wanted.length ? whole.slice(at) : null;
}

/** Enough of its words agree: what stood before them is not said any more, and they are not said again. */
function afterSimilar(whole: string, said: string): string {
  const wanted = (said.match(/\S+/g) ?? []).map(plain).filter((word) => word !== '');
  const words = [...whole.matchAll(/\S+/g)].filter(([word]) => LETTERS.test(word));
  for (let from = 0; from < words.length; from++) {
    const same = agreeing(words.slice(from, from + wanted.length), wanted);
    const isEnough = same >= wanted.length * ENOUGH && (from === 0 || same >= MIN_WORDS);
    if (same > 0 && isEnough) return whole.slice(words[from + same]?.index ?? whole.length);
  }
  return whole;
}

function agreeing(words: readonly RegExpExecArray[], wanted: readonly string[]): number {
  const differs = words.findIndex(([word], index) => plain(word) !== wanted[index]);
  return differs === -1 ? words.length : differs;
}

function plain(word: string): string {
  return word.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}
