// Problem: what is wrong with the configuration, as sentences that name the key, the value and the cure.
import type * as z from 'zod';
import { isUnshown, keys } from './keys.ts';
import { nearest } from './nearest.ts';
import { CONFIG_PATH } from './schema.ts';

/** One thing that is wrong. `key` is dotted and without CONFIG_PATH; `sentence` is complete. */
export interface Problem {
  readonly key: string;
  readonly sentence: string;
}

/** What other versions and the plugin of the same name know and this one does not have. */
const KNOWN_ELSEWHERE = new Set(['realtime.idleHangupMs', ...['reports', 'live', 'callbacks', 'voicemail']]);

/** `plugins.entries.voice-call.config.<key> <what>`. */
export function problem(key: string, what: string): Problem {
  return { key, sentence: `${CONFIG_PATH}.${key} ${what}` };
}

/** By key: how its value came to be there, in words, when it was not written there. */
export type Origins = ReadonlyMap<string, string>;

/** The schema's complaints about `raw` in our words. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
  origins: Origins,
): readonly Problem[] {
  const told = new Set<string>();
  return issues.flatMap((issue) => {
    const key = dotted(issue.path);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknownKey(key, name));
    if (key === '') return [{ key, sentence: `${CONFIG_PATH} must be an object of options` }];
    // What is empty is malformed too: one sentence will do.
    if (told.has(key)) return [];
    told.add(key);
    const value =
      isUnshown(issue.path) || issue.code === 'invalid_key' ? 'not valid' : shown(valueAt(raw, issue.path));
    const origin = origins.get(key);
    const came = origin === undefined ? '' : ` (${origin})`;
    return [problem(key, `is ${value}${came}: ${requirement(issue)}`)];
  });
}

function unknownKey(parent: string, name: string): Problem {
  const key = parent === '' ? printable(name) : `${parent}.${printable(name)}`;
  if (KNOWN_ELSEWHERE.has(key)) return problem(key, 'is not supported in this version. Remove it');
  const known = keys().map(({ path }) => path);
  return problem(key, `is not a known option. The nearest known one is "${nearest(key, known)}"`);
}

function requirement(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${nounFor(issue.expected)}`;
    case 'invalid_value':
      return `it must be one of ${issue.values.map(shown).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string' || issue.origin === 'array') return 'it must not be empty';
      return `it must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `it must be at most ${issue.maximum}`;
    case 'invalid_union':
      // The only choice there is.
      return 'it must be text or a SecretRef {source, provider, id}';
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object of options',
  record: 'an object of options',
};

function nounFor(expected: string): string {
  return ownValue(NOUNS, expected) ?? expected;
}

/** A value as it may be shown: short, on one line, and never what is inside an object. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? quoted(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** JSON leaves some letters as they are that break a line or steer a terminal. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function printable(key: PropertyKey): string {
  const text = String(key);
  return /^[\w+-]{1,64}$/.test(text) ? text : quoted(text.slice(0, 64));
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(printable).join('.');
}

/** What stands at `path` in `raw`; only own properties count. */
function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

function ownValue(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
