// Clipped: a value whose texts are not longer than what those who look on are told at once.

/** Longer sentences are cut here, with an ellipsis; the whole of it is on record. */
const MAX_TEXT = 2_000;

/** The same value, plain JSON, with long texts cut. */
export function clipped<T>(value: T): T {
  if (typeof value === 'string') return (value.length > MAX_TEXT ? `${cut(value)}…` : value) as T;
  if (Array.isArray(value)) return value.map(clipped) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, clipped(inner)])) as T;
}

/** Never in the middle of a character. */
function cut(text: string): string {
  const end = text.charCodeAt(MAX_TEXT - 2);
  const isHalf = end >= 0xd800 && end < 0xdc00;
  return text.slice(0, isHalf ? MAX_TEXT - 2 : MAX_TEXT - 1);
}
