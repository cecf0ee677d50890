// Problem: what is wrong with the configuration, as sentences that name the key, the value and the cure.
import type * as z from 'zod';
import { nearest } from './nearest.ts';
import { CONFIG_PATH, configKeys } from './schema.ts';

/** One thing that is wrong. `key` is dotted and without CONFIG_PATH; `sentence` is complete. */
export interface Problem {
  readonly key: string;
  readonly sentence: string;
}

/** Their values never leave the configuration, not even in an error: a swapped SID may be the token. */
const SECRET =
  /^twilio\.(accountSid|authToken)|^telnyx\.(apiKey|connectionId|publicKey)|^plivo\.auth(Id|Token)|(^|\.)tts\b|^streaming\.(openaiApiKey|providers)|^realtime\.providers|^tunnel\.ngrokAuthToken/;

/** What other versions and the plugin of the same name know and this one does not have. */
const KNOWN_ELSEWHERE = new Set(['realtime.idleHangupMs', ...['reports', 'live', 'callbacks', 'voicemail']]);

/** `plugins.entries.voice-call.config.<key> <what>`. */
export function problem(key: string, what: string): Problem {
  return { key, sentence: `${CONFIG_PATH}.${key} ${what}` };
}

/** The schema's complaints about `raw` in our words. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], raw: unknown): readonly Problem[] {
  return issues.flatMap((issue) => {
    const key = dotted(issue.path);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknownKey(key, name));
    if (key === '') return [{ key, sentence: `${CONFIG_PATH} must be an object of options` }];
    return [wrongValue(key, issue, valueAt(raw, issue.path))];
  });
}

function unknownKey(parent: string, name: string): Problem {
  const key = parent === '' ? printable(name) : `${parent}.${printable(name)}`;
  if (KNOWN_ELSEWHERE.has(key)) return problem(key, 'is not supported in this version. Remove it');
  return problem(key, `is not a known option. The nearest known one is "${nearest(key, configKeys())}"`);
}

function wrongValue(key: string, issue: z.core.$ZodIssue, value: unknown): Problem {
  const need = requirement(issue);
  return SECRET.test(key) || issue.code === 'invalid_key'
    ? problem(key, `is not valid: ${need}`)
    : problem(key, `is ${shown(value)}: ${need}`);
}

function requirement(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${nounFor(issue.expected)}`;
    case 'invalid_value':
      return `it must be one of ${issue.values
        .filter((value) => value !== 'log')
        .map(shown)
        .join(', ')}`;
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
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function printable(key: PropertyKey): string {
  const text = String(key);
  return /^[\w+-]{1,64}$/.test(text) ? text : JSON.stringify(text.slice(0, 64));
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
