// Nearest: which known word was probably meant, by the number of letters to change.

/** The word of `known` (not empty) that needs the fewest changes; the first of equals. */
export function nearest(word: string, known: readonly string[]): string {
  let best = known[0] ?? '';
  let bestChanges = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const changes = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (changes < bestChanges) [best, bestChanges] = [candidate, changes];
  }
  return best;
}

/** Letters to insert, remove or replace to turn `a` into `b` (Levenshtein). Long words are compared in part. */
export function editDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 64), b.slice(0, 64)];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
