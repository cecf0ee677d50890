// Settled: how much of text that is still being written will be said as it stands, whatever follows. Pure.
// The marks of spoken-text.ts reach ahead: `**` may become emphasis, `[` a link, `MEDIA:` a line that is not said.

/** Marks that are taken out as a pair, with what stands between them left, or with it. */
const CLOSED: readonly RegExp[] = [
  /\[\[[^\]]*\]\]/y,
  /!?\[[^\]]*\]\([^)\s]*(?:\s+"[^"]*")?\)/y,
  /<\/?[a-z][^<>]*>/iy,
  /```[\s\S]*?```/y,
  /(\*\*|__|~~|`+)(?=\S)[\s\S]*?\S\1(?=[\s\S])/y,
  /(?<=^|[\s("'])([*_])(?=\S)[^*_]*\S\1(?=\W)/my,
];
/** The same marks while they are still open at the end of the text. */
const OPEN: readonly RegExp[] = [
  /\[\[[^\]]*\]?$/y,
  /!?\[(?!\[)[^\]]*(?:\](?:\([^)\s]*(?:\s+(?:"[^"]*"?)?)?)?)?$/y,
  /<(?:\/?[a-z][^<>]*)?$/iy,
  /(?:\*\*|__|~~|`+)(?:\S[\s\S]*)?$/y,
  /(?<=^|[\s("'])[*_](?:\S[^*_]*[*_]?)?$/my,
];
/** The beginning of a line that may yet become a list, a heading, a rule of a table, or a directive of the host. */
const LINE_OPEN = /[ \t]*(?:[-*_#>+•|: \t]*|M(?:E(?:D(?:I(?:A(?::.*)?)?)?)?)?)$/y;
const LINE_MARK = /[ \t]*(?:MEDIA:.*\n|(?:[-*_][ \t]*){3,}\n|(?:#{1,6}|>|[-*+•])[ \t]+)/y;

/** Between words; scripts without blanks have words of one sign. */
const BREAK = /[\s\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/;

/** How many characters of `text` are settled: whole words, none of them inside a mark. */
export function settledLength(text: string): number {
  let settled = 0;
  let at = 0;
  while (at < text.length) {
    if (isLineStart(text, at)) {
      if (matchAt(LINE_OPEN, text, at) > 0) return settled;
      at += matchAt(LINE_MARK, text, at);
    }
    const next = afterMark(text, at);
    if (next === null) return settled;
    at = next;
    if (BREAK.test(text[at - 1] ?? '')) settled = at;
  }
  return settled;
}

/** The letter or digit that surely follows the first `length` characters, which are settled, with the blank before it. */
export function letterAfter(text: string, length: number): string {
  const next = String.fromCodePoint(text.codePointAt(length) ?? 0x20);
  if (isLineStart(text, length) || !/[\p{L}\p{N}]/u.test(next)) return '';
  return /\s/.test(text[length - 1] ?? '') ? ` ${next}` : next;
}

function isLineStart(text: string, at: number): boolean {
  return at === 0 || text[at - 1] === '\n';
}

/** The next place to look at, or null when a mark that begins at `at` is still open. */
function afterMark(text: string, at: number): number | null {
  if (!/[[!<`*_~]/.test(text[at] ?? '')) return at + 1;
  for (const pattern of CLOSED) {
    const length = matchAt(pattern, text, at);
    if (length > 0) return at + length;
  }
  return OPEN.some((pattern) => matchAt(pattern, text, at) > 0) ? null : at + 1;
}

function matchAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
