// Tests of Messages: every wrong value of every key is told with its key, itself and what it should be.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isUnshown, type Key, keys, type Node } from './keys.ts';
import { parseConfig } from './parse.ts';
import { CONFIG_PATH } from './schema.ts';

/** A value that does not fit, and a word the sentence about it must have. */
interface Wrong {
  readonly value: unknown;
  readonly says: RegExp;
  /** Below the key, when the sentence is about an item of it. */
  readonly below?: string;
}

const NUMBER = '+15550009999';
const MALFORMED = ['?', ' ', '+', 'x y', '://'];

/** What may be wrong about a value, read off the schema. */
function wrongs(node: Node): readonly Wrong[] {
  if (node.anyOf) {
    return [
      ...[7, true, []].map((value) => ({ value, says: /text or a SecretRef/ })),
      { value: '', says: /must not be empty/ },
    ];
  }
  if (node.enum) return ['nonsense', 7, null].map((value) => ({ value, says: /must be one of "/ }));
  if (node.const !== undefined) return [{ value: 'nonsense', says: /must be one of "/ }];
  switch (node.type) {
    case 'string':
      return stringWrongs(node);
    case 'integer':
    case 'number':
      return numberWrongs(node);
    case 'boolean':
      return ['yes', 1, null, []].map((value) => ({ value, says: /must be true or false/ }));
    case 'array':
      return listWrongs(node);
    default:
      return ['nonsense', 7, [], true].map((value) => ({ value, says: /must be an object of options/ }));
  }
}

function stringWrongs({ minLength = 0, pattern }: Node): readonly Wrong[] {
  const malformed = MALFORMED.filter((text) => pattern !== undefined && !new RegExp(pattern).test(text));
  assert.ok(pattern === undefined || malformed.length > 0, pattern);
  return [
    ...[7, true, null, {}].map((value) => ({ value, says: /must be text/ })),
    ...(minLength > 0 ? [{ value: '', says: /must not be empty|:/ }] : []),
    ...malformed.map((value) => ({ value, says: /: \S.{10,}/ })),
  ];
}

function numberWrongs({ type, minimum, exclusiveMinimum, maximum }: Node): readonly Wrong[] {
  const isLimited = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return [
    ...['two', '3', true, null, []].map((value) => ({ value, says: /must be a (whole )?number/ })),
    ...(type === 'integer' ? [{ value: 1.5, says: /must be a whole number/ }] : []),
    ...(minimum === undefined ? [] : [{ value: minimum - 1, says: new RegExp(`at least ${minimum}$`) }]),
    ...(exclusiveMinimum === undefined ? [] : [{ value: exclusiveMinimum, says: /more than 0$/ }]),
    ...(isLimited ? [{ value: maximum + 1, says: new RegExp(`at most ${maximum}$`) }] : []),
  ];
}

function listWrongs({ items = {}, minItems = 0 }: Node): readonly Wrong[] {
  return [
    ...['nonsense', 7, {}].map((value) => ({ value, says: /must be a list/ })),
    ...(minItems > 0 ? [{ value: [], says: /must not be empty/ }] : []),
    ...wrongs(items).map(({ value, says, below = '' }) => ({ value: [value], says, below: `.0${below}` })),
  ];
}

/** A configuration with `value` at `path`, and nothing else wrong about it. */
function configWith(path: string, value: unknown): unknown {
  return concrete(path)
    .split('.')
    .reduceRight((inner: unknown, step) => ({ [step]: inner }), value);
}

function concrete(path: string): string {
  return path.replace(/^numbers\.\*/, `numbers.${NUMBER}`).replaceAll('*', 'someone');
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}

function check({ path, node }: Key): number {
  const cases = wrongs(node);
  for (const { value, says, below = '' } of cases) {
    const parsed = parseConfig(configWith(path, value), {});
    const key = `${CONFIG_PATH}.${concrete(path)}${below}`;
    assert.ok(!parsed.ok, `${key} took ${JSON.stringify(value)}`);
    const [sentence = '', ...more] = parsed.problems;
    assert.deepEqual(more, [], key);
    const isHidden = isUnshown([...concrete(path).split('.'), ...below.split('.').slice(1).map(Number)]);
    const item = below === '' || !Array.isArray(value) ? value : value[0];
    const named = isHidden ? 'not valid' : shown(item);
    assert.ok(sentence.startsWith(`${key} is ${named}: `), `${sentence} | ${key} is ${named}`);
    assert.match(sentence, says);
    if (isHidden) assert.doesNotMatch(sentence, /nonsense|the moon/);
  }
  return cases.length;
}

describe('a value that does not fit', () => {
  it('is told with its key, itself and what it should be: every key, every way to be wrong', () => {
    const tried = keys().reduce((sum, key) => sum + check(key), 0);
    assert.ok(tried > 500, String(tried));
  });

  it('is told so too when only the code knows the form', () => {
    const forms: readonly [path: string, value: unknown, says: RegExp][] = [
      ['language', 'english language', /BCP 47 tag such as "en-US"/],
      [`numbers.${NUMBER}.language`, '12', /BCP 47 tag such as "en-US"/],
      ['webhookSecurity.trustedProxyIPs', ['10.0.0.0/33'], /IP address or a range such as 10\.0\.0\.0\/8/],
      ['numbers.555', {}, /E\.164 format, e\.g\. \+15550001234/],
    ];
    for (const [path, value, says] of forms) {
      const parsed = parseConfig(configWith(path, value), {});
      assert.ok(!parsed.ok, path);
      assert.match(parsed.problems.join(), says);
    }
  });

  it('from the environment is told with its variable, and only where the variable counts', () => {
    const bad = { TWILIO_ACCOUNT_SID: 'SK1', TWILIO_AUTH_TOKEN: 't', TWILIO_FROM_NUMBER: '555' };
    const publicUrl = 'https://voice.example.com/voice/webhook';
    const parsed = parseConfig({ provider: 'twilio', publicUrl }, bad);
    assert.ok(!parsed.ok);
    assert.deepEqual(parsed.problems.map((text) => text.replace(`${CONFIG_PATH}.`, '')).sort(), [
      'fromNumber is "555" (from TWILIO_FROM_NUMBER): Expected E.164 format, e.g. +15550001234',
      'twilio.accountSid is not valid (from TWILIO_ACCOUNT_SID): a Twilio account SID starts with "AC"',
    ]);
    assert.ok(parseConfig({ provider: 'mock' }, bad).ok);
    assert.ok(parseConfig({ enabled: false, provider: 'twilio' }, bad).ok);
    const ngrok = { NGROK_AUTHTOKEN: 'x', NGROK_DOMAIN: 'https://a.ngrok.app' };
    const tunnelled = parseConfig({ tunnel: { provider: 'ngrok' } }, ngrok);
    assert.match(
      tunnelled.ok ? '' : tunnelled.problems.join(),
      /ngrokDomain is ".*" \(from NGROK_DOMAIN\): a domain/,
    );
  });

  it('under an old name is told with both names', () => {
    const parsed = parseConfig({ twilio: { from: '555' } }, {});
    assert.deepEqual(parsed.ok ? [] : parsed.problems, [
      `${CONFIG_PATH}.fromNumber is "555" (written as twilio.from): Expected E.164 format, e.g. +15550001234`,
    ]);
  });
});

it('a sentence is one line, and nothing in it steers a terminal', () => {
  const odd = 'a\u0000b\u001bc\u007fd\u0085e\u009bf\u2028g';
  for (const raw of [{ maxConcurrentCalls: odd }, { [odd]: 1 }]) {
    const parsed = parseConfig(raw, {});
    const [sentence = ''] = parsed.ok ? [] : parsed.problems;
    assert.match(sentence, /"a\\u0000b\\u001bc\\u007fd\\u0085e\\u009bf\\u2028g"/);
    assert.doesNotMatch(sentence, /[\p{Cc}\u2028]/u);
  }
});

describe('a SecretRef that could not be resolved', () => {
  const ref = { source: 'env', provider: 'default', id: 'NOT_THERE' };

  it('is named as such wherever one may stand', () => {
    const twilio = { provider: 'twilio', fromNumber: '+15550001234', publicUrl: 'https://a.example.com/v' };
    const missing = parseConfig({ ...twilio, twilio: { accountSid: 'AC1', authToken: ref } }, {});
    assert.match(
      missing.ok ? '' : missing.problems.join(),
      /twilio\.authToken is required .*SecretRef could not be resolved/,
    );
    for (const section of ['streaming', 'realtime', 'tts', `numbers.${NUMBER}.tts`]) {
      const raw = configWith(`${section}.providers.openai.apiKey`, ref);
      const parsed = parseConfig(raw, {});
      const named = `${section}.providers.openai.apiKey is not known: its SecretRef could not be resolved`;
      assert.ok(
        parsed.ok && parsed.notices.some((notice) => notice.startsWith(`${CONFIG_PATH}.${named}`)),
        section,
      );
      assert.doesNotMatch(JSON.stringify(parsed.notices), /NOT_THERE/);
    }
  });

  it('is made up for by the variable', () => {
    const raw = {
      provider: 'plivo',
      fromNumber: '+15550001234',
      publicUrl: 'https://a.example.com/v',
      plivo: { authId: 'MA1', authToken: ref },
    };
    const parsed = parseConfig(raw, { PLIVO_AUTH_TOKEN: 'from-env' });
    assert.ok(parsed.ok && parsed.settings.carrier.name === 'plivo');
    assert.equal(parsed.settings.carrier.authToken, 'from-env');
  });
});
