// Mutate: changes texts as people, proxies, old systems and attackers do, and makes texts nobody would write.
import type { Random } from '../random.ts';

/** Letters at which parsers part: borders, half characters, and those that look or fold alike. */
const ODD = [
  ...'\0\t\n\r\u001b "\'\\/&=?#%;,.:+-_|<>{}[]()*$`~@!^0189aAzZ\u007f\u0085\u00a0\u00ad\u00e9\u00df',
  ...['\u0130', '\u0131', '\u017f', '\u212a', '\u2028', '\u202e', '\u3002', '\ufeff', '\ufffd', '\uffff'],
  ...['\ud800', '\udc00', '\u{1f600}', '\u{10ffff}', 'e\u0301', '\u0627', '\u4e2d'],
];
const TOKENS = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'undefined', 'true'],
  ...['%00', '%zz', '%', '%2e%2e%2f', '%c3%28', '%ud800', '&amp;', '&#0;', '&#x1F;', ']]>', '<![CDATA['],
  ...[
    '<!--',
    '<?xml?>',
    '<Hangup/>',
    '</Say>',
    '<break time="9s"/>',
    '\r\n',
    '\r\n\r\n',
    '../',
    '//',
    '\\u0000',
  ],
  ...['\\ud800', '{"a":', '[[[[', '"}', '{}', '[]', '-0', '1e999', 'NaN', '0x10', '1_000', '١٢', '+', ' '],
];
const NUMBERS = [
  ...['0', '-1', '1', '00', '255', '256', '65535', '65536', '2147483647', '2147483648', '4294967296'],
  ...['9007199254740992', '99999999999999999999', '1.5', '1e3', '-0', '0x1F', 'Infinity'],
];

type Change = (random: Random, text: string) => string;

function spliced(text: string, at: number, length: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + length);
}

const changes: readonly Change[] = [
  // One bit of one letter.
  (random, text) => {
    const at = random.below(text.length);
    const bit = 1 << random.below(random.once(8) ? 16 : 7);
    return spliced(text, at, 1, String.fromCharCode((text.charCodeAt(at) || 0) ^ bit));
  },
  (random, text) => spliced(text, random.below(text.length + 1), random.below(2), random.pick(ODD)),
  (random, text) => spliced(text, random.below(text.length + 1), 0, random.pick(TOKENS)),
  // A part left out, twice, or elsewhere.
  (random, text) => spliced(text, random.below(text.length + 1), random.between(1, 12), ''),
  (random, text) => {
    const at = random.below(text.length + 1);
    const part = text.slice(at, at + random.between(1, 40));
    return spliced(text, random.once(2) ? at : random.below(text.length + 1), 0, part);
  },
  (random, text) => text.slice(0, random.below(text.length + 1)),
  (random, text) => text.slice(random.below(text.length + 1)),
  // A number that is none any more, or a large one.
  (random, text) => {
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return text + random.pick(NUMBERS);
    const found = random.pick(numbers);
    return spliced(text, found.index, found[0].length, random.pick(NUMBERS));
  },
  // The other case, and the escaped form of what needs none.
  (random, text) => {
    const at = random.below(text.length);
    const letter = text.charAt(at);
    const other = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
    return spliced(text, at, 1, other);
  },
  (random, text) => {
    const at = random.below(text.length);
    const code = (text.charCodeAt(at) || 0).toString(16);
    return spliced(text, at, 1, random.once(2) ? `%${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`);
  },
];

/** `text` after one to four changes; once in a while it grows by thousands of letters. */
export function mutated(random: Random, text: string): string {
  let now = text;
  for (let times = random.between(1, random.once(4) ? 4 : 1); times > 0; times -= 1)
    now = random.pick(changes)(random, now);
  return random.once(400) ? grown(random, now) : now;
}

function grown(random: Random, text: string): string {
  const part = random.once(2)
    ? random.pick(TOKENS)
    : text.slice(random.below(text.length)).slice(0, 20) || 'x';
  return spliced(text, random.below(text.length + 1), 0, part.repeat(random.between(100, 3_000)));
}

/** Any text at all, mostly short. */
export function anyText(random: Random, most = 60): string {
  const length = random.once(10) ? random.below(most * 4) : random.below(most);
  let made = '';
  while (made.length < length) {
    if (random.once(6)) made += random.pick(TOKENS);
    else if (random.once(2)) made += String.fromCharCode(random.between(0x20, 0x7e));
    else if (random.once(3)) made += String.fromCharCode(random.below(0x10000));
    else made += random.pick(ODD);
  }
  return made;
}

/** Any JSON value, as text: also with keys that come twice, numbers nobody can hold, and a great depth. */
export function anyJson(random: Random, keys: readonly string[], depth = 3): string {
  const leaf = (): string =>
    random.pick([
      () => JSON.stringify(anyText(random, 20)),
      () => random.pick(['null', 'true', 'false', '0', '-0', '1e400', '-1', '1.5', '""', '[]', '{}', '"0"']),
      () => random.pick(NUMBERS.filter((number) => /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(number))),
    ])();
  if (random.once(600)) return deep(random);
  if (depth === 0 || random.once(3)) return leaf();
  if (random.once(3)) return `[${random.list(4, () => anyJson(random, keys, depth - 1)).join(',')}]`;
  const key = (): string =>
    JSON.stringify(random.once(8) ? anyText(random, 10) : random.pick([...keys, '__proto__']));
  return `{${random.list(6, () => `${key()}:${anyJson(random, keys, depth - 1)}`).join(',')}}`;
}

function deep(random: Random): string {
  const times = random.between(100, 5_000);
  return random.once(2)
    ? `${'['.repeat(times)}${']'.repeat(times)}`
    : `${'{"a":'.repeat(times)}0${'}'.repeat(times)}`;
}

/** A JSON text with one value of it replaced, left out or put elsewhere; what is no JSON, or too deep, is changed as text. */
export function otherJson(random: Random, json: string, keys: readonly string[]): string {
  try {
    const value: unknown = JSON.parse(json);
    const paths = pathsOf(value);
    if (paths.length === 0) return anyJson(random, keys);
    const replaced = changedAt(value, random.pick(paths), (old) =>
      otherValue(random, old, { value, paths, keys }),
    );
    return JSON.stringify(replaced) ?? 'null';
  } catch {
    return mutated(random, json);
  }
}

interface Around {
  readonly value: unknown;
  readonly paths: readonly Path[];
  readonly keys: readonly string[];
}

function otherValue(random: Random, old: unknown, { value, paths, keys }: Around): unknown {
  if (random.once(4)) return undefined;
  if (typeof old === 'string' && random.once(2)) return mutated(random, old);
  if (random.once(5)) return valueAmong(random, value, paths);
  return JSON.parse(anyJson(random, keys, 2));
}

type Path = readonly string[];

/** As deep as anything of ours goes: what is deeper is one value. */
function pathsOf(value: unknown, depth = 8): readonly Path[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...pathsOf(inner, depth - 1).map((rest) => [key, ...rest]),
  ]);
}

function valueAmong(random: Random, value: unknown, paths: readonly Path[]): unknown {
  let found = value;
  for (const key of random.pick(paths)) found = (found as Record<string, unknown>)[key];
  return found;
}

function changedAt(value: unknown, [key, ...rest]: Path, change: (old: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  const fields = value as Record<string, unknown>;
  const inner = changedAt(fields[key], rest, change);
  return Array.isArray(value) ? value.toSpliced(Number(key), 1, inner) : { ...fields, [key]: inner };
}
