// Log: static text plus fields. Never speech, secrets or full numbers in either; see mask.ts.

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
}

/** `text key=value key=value`: what we hand to a logger that only takes strings. */
export function logLine(text: string, fields: LogFields = {}): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
  return [text, ...pairs.map(([key, value]) => `${key}=${plainOrQuoted(String(value))}`)].join(' ');
}

/** Anything but plain printable text without blanks: it could look like another field, or another line. */
const NOT_PLAIN = /^$|["\\\s\p{C}\p{Z}]/u;
/** What JSON leaves as it is although terminals and log viewers take it for a line end or a command. */
const UNSEEN = /[\p{C}\p{Z}]/gu;

/** Values come from outside too (a carrier's words): one that is not plain is quoted, and forges nothing. */
function plainOrQuoted(value: string): string {
  if (!NOT_PLAIN.test(value)) return value;
  return JSON.stringify(value).replace(UNSEEN, (letter) => (letter === ' ' ? letter : escaped(letter)));
}

function escaped(letter: string): string {
  return [...Array(letter.length).keys()]
    .map((index) => `\\u${letter.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
