// Tests of Parse: what a person writes, what the plugin makes of it, and what they are told when it is wrong.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Env, parseConfig } from './parse.ts';
import { CONFIG_PATH, configSchema } from './schema.ts';
import type { Settings } from './settings.ts';
import { withoutSecrets } from './tts.ts';

const SECRET = 'f00dfacef00dfacef00dfacef00dface';
const twilio = {
  provider: 'twilio',
  fromNumber: '+15550001234',
  publicUrl: 'https://voice.example.com/voice/webhook',
  twilio: { accountSid: 'AC0123', authToken: SECRET },
};

function settingsOf(raw: unknown, env: Env = {}): Settings {
  const parsed = parseConfig(raw, env);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.join('; '));
  return parsed.settings;
}

function noticesOf(raw: unknown): readonly string[] {
  const parsed = parseConfig(raw, {});
  assert.ok(parsed.ok);
  return parsed.notices;
}

function problemsOf(raw: unknown, env: Env = {}): readonly string[] {
  const parsed = parseConfig(raw, env);
  assert.ok(!parsed.ok, 'it was accepted');
  return parsed.problems;
}

describe('what is not written', () => {
  it('an empty configuration is a mock telephone with the documented defaults', () => {
    assert.deepEqual(settingsOf({}), {
      enabled: true,
      carrier: {
        name: 'mock',
        says: ['Hello! Who is calling?', 'Thank you, goodbye.'],
        answerAfterMs: 1_000,
        pace: 1,
      },
      fromNumber: '+15550000000',
      toNumber: null,
      inboundPolicy: 'disabled',
      allowFrom: [],
      inboundGreeting: 'Hello! How can I help you today?',
      numbers: new Map(),
      defaultMode: 'notify',
      notifyHangupDelayMs: 3_000,
      outbound: {
        maxCallsPerDay: 50,
        maxMinutesPerDay: 180,
        allowEmergencyNumbers: false,
        allowPremiumNumbers: false,
      },
      maxDurationMs: 300_000,
      ringTimeoutMs: 30_000,
      transcriptTimeoutMs: 180_000,
      maxConcurrentCalls: 1,
      maxInboundCalls: 8,
      staleAfterMs: 120_000,
      serve: { port: 3334, bind: '127.0.0.1', path: '/voice/webhook' },
      publicUrl: null,
      tunnel: null,
      forwarding: {
        allowedHosts: [],
        trustForwardingHeaders: false,
        trustedProxyIPs: [],
        trustLoopback: false,
      },
      skipSignatureVerification: false,
      shutdownDrainMs: 8_000,
      agentId: null,
      sessionScope: 'per-phone',
      responseModel: null,
      responseSystemPrompt: null,
      responseTimeoutMs: 30_000,
      language: 'en-US',
      voice: null,
      tts: null,
      streaming: null,
      realtime: null,
      silenceTimeoutMs: 800,
      retentionMs: 90 * 86_400_000,
      store: null,
    });
  });

  it('no calls a day is no limit of calls, for minutes alike', () => {
    const { outbound } = settingsOf({ outbound: { maxCallsPerDay: 0, maxMinutesPerDay: 0 } });
    assert.deepEqual([outbound.maxCallsPerDay, outbound.maxMinutesPerDay], [null, null]);
  });

  it('no configuration at all is an empty one', () => {
    assert.deepEqual(settingsOf(undefined), settingsOf({}));
    assert.deepEqual(settingsOf(null), settingsOf({}));
  });

  it('the environment fills what Twilio lacks, and nothing for the mock', () => {
    const env = {
      TWILIO_ACCOUNT_SID: 'ACenv',
      TWILIO_AUTH_TOKEN: 'env-token',
      TWILIO_FROM_NUMBER: '+15550009876',
    };
    const settings = settingsOf({ provider: 'twilio', publicUrl: 'https://voice.example.com/' }, env);
    assert.equal(settings.fromNumber, '+15550009876');
    assert.deepEqual(settings.carrier, {
      name: 'twilio',
      accountSid: 'ACenv',
      authToken: 'env-token',
      region: 'us1',
      apiBaseUrl: null,
    });
    assert.equal(settingsOf({}, env).fromNumber, '+15550000000');
  });

  it('what is written wins over the environment', () => {
    const env = { TWILIO_ACCOUNT_SID: 'ACenv', TWILIO_AUTH_TOKEN: 'env', TWILIO_FROM_NUMBER: '+15550009876' };
    const { fromNumber, carrier } = settingsOf(twilio, env);
    assert.equal(fromNumber, '+15550001234');
    assert.ok(carrier.name === 'twilio' && carrier.accountSid === 'AC0123' && carrier.authToken === SECRET);
  });
});

describe('what Twilio needs', () => {
  it('everything that is missing is named at once, with the environment that would do', () => {
    const problems = problemsOf({ provider: 'twilio' });
    assert.deepEqual(
      problems.map((text) => text.replace(`${CONFIG_PATH}.`, '')),
      [
        'twilio.accountSid is required (or set TWILIO_ACCOUNT_SID env)',
        'twilio.authToken is required (or set TWILIO_AUTH_TOKEN env)',
        'fromNumber is required (or set TWILIO_FROM_NUMBER env)',
        'publicUrl is required: the carrier asks it what to say. Set it to the https address that leads to serve.port, or set tunnel.provider or tailscale.mode',
      ],
    );
    assert.ok(problems.every((text) => text.startsWith(`${CONFIG_PATH}.`)));
  });

  it('nothing is missing while the plugin is disabled', () => {
    assert.equal(settingsOf({ enabled: false, provider: 'twilio' }).enabled, false);
  });

  it('a secret that could not be resolved counts as missing, unless the environment has it', () => {
    const ref = { source: 'env', provider: 'default', id: 'TWILIO_AUTH_TOKEN' };
    const raw = { ...twilio, twilio: { accountSid: 'AC0123', authToken: ref } };
    assert.match(problemsOf(raw).join(), /twilio\.authToken is required .*SecretRef could not be resolved/);
    const { carrier } = settingsOf(raw, { TWILIO_AUTH_TOKEN: SECRET });
    assert.ok(carrier.name === 'twilio' && carrier.authToken === SECRET);
  });

  it('an address only we can reach is refused, a public name that looks like one is not', () => {
    for (const publicUrl of [
      'http://localhost:3334/voice/webhook',
      'https://127.1/voice/webhook',
      'https://10.0.0.4/',
      'https://100.64.1.2/',
      'https://[fd00::1]/',
    ]) {
      const [problem] = problemsOf({ ...twilio, publicUrl });
      assert.match(
        problem ?? '',
        /publicUrl .*requires a publicly reachable webhook URL\. Refusing to use local-only webhook https?:/,
      );
    }
    for (const host of ['fd-voice.example.com', 'fc1.example.org', '10.example.com', '100.128.0.1']) {
      assert.equal(settingsOf({ ...twilio, publicUrl: `https://${host}/v` }).publicUrl, `https://${host}/v`);
    }
  });

  it('what is no web address is refused', () => {
    assert.match(
      problemsOf({ ...twilio, publicUrl: 'voice.example.com' }).join(),
      /publicUrl is not an http\(s\)/,
    );
    assert.match(problemsOf({ ...twilio, publicUrl: 'ftp://voice.example.com' }).join(), /publicUrl is not/);
  });

  it('a simulator on loopback needs no public address; anything else is no simulator', () => {
    const { publicUrl: _none, ...local } = twilio;
    const at = (apiBaseUrl: string): unknown => ({ ...local, twilio: { ...twilio.twilio, apiBaseUrl } });
    for (const address of ['http://127.0.0.1:4010', 'http://localhost:4010', 'http://[::1]:4010/']) {
      const { carrier, publicUrl } = settingsOf(at(address));
      assert.ok(carrier.name === 'twilio' && carrier.apiBaseUrl === address && publicUrl === null);
    }
    for (const address of [
      'https://127.0.0.1:4010',
      'http://api.example.com',
      'http://10.0.0.1',
      'http://localhost.example.com',
      'http://127.0.0.1@example.com/',
      'nonsense',
    ]) {
      assert.match(problemsOf(at(address)).join(), /twilio\.apiBaseUrl is the address of a simulator/);
    }
  });

  it('a secret is never in a message, even when it stands where the SID should be', () => {
    const swapped = { ...twilio, twilio: { accountSid: SECRET, authToken: 'AC0123' } };
    const inEnv = { ...twilio, twilio: { authToken: 'x' } };
    const texts = [
      ...problemsOf(swapped),
      ...problemsOf(inEnv, { TWILIO_ACCOUNT_SID: SECRET }),
      ...problemsOf({ ...twilio, twilio: { accountSid: 'AC0123', authToken: [SECRET] } }),
      ...problemsOf({ ...twilio, twilio: { accountSid: 'AC0123', authToken: { source: SECRET } } }),
      ...problemsOf({ ...twilio, twilio: { ...twilio.twilio, authTokn: SECRET } }),
    ];
    assert.ok(texts.length >= 5);
    for (const text of texts) assert.ok(!text.includes(SECRET), text);
  });
});

const telnyx = {
  provider: 'telnyx',
  fromNumber: '+15550001234',
  publicUrl: 'https://voice.example.com/voice/webhook',
  telnyx: { apiKey: SECRET, connectionId: '42', publicKey: 'cHVibGlj' },
};
const plivo = {
  provider: 'plivo',
  fromNumber: '+15550001234',
  publicUrl: 'https://voice.example.com/voice/webhook',
  plivo: { authId: 'MA0123', authToken: SECRET },
};
const short = (problems: readonly string[]): readonly string[] =>
  problems.map((problem) => problem.replace(`${CONFIG_PATH}.`, ''));

describe('what Telnyx and Plivo need', () => {
  it('is read from the configuration', () => {
    assert.deepEqual(settingsOf(telnyx).carrier, { name: 'telnyx', ...telnyx.telnyx, apiBaseUrl: null });
    assert.deepEqual(settingsOf(plivo).carrier, { name: 'plivo', ...plivo.plivo, apiBaseUrl: null });
  });

  it('is named when it is missing, with the environment that would do', () => {
    assert.deepEqual(short(problemsOf({ provider: 'telnyx' })), [
      'telnyx.apiKey is required (or set TELNYX_API_KEY env)',
      'telnyx.connectionId is required (or set TELNYX_CONNECTION_ID env)',
      'telnyx.publicKey is required (or set TELNYX_PUBLIC_KEY env)',
      'fromNumber is required',
      'publicUrl is required: the carrier asks it what to say. Set it to the https address that leads to serve.port, or set tunnel.provider or tailscale.mode',
    ]);
    assert.deepEqual(short(problemsOf({ provider: 'plivo' })).slice(0, 3), [
      'plivo.authId is required (or set PLIVO_AUTH_ID env)',
      'plivo.authToken is required (or set PLIVO_AUTH_TOKEN env)',
      'fromNumber is required',
    ]);
  });

  it('is filled from the environment, of the chosen carrier only', () => {
    const env = {
      TELNYX_API_KEY: 'key',
      TELNYX_CONNECTION_ID: '7',
      TELNYX_PUBLIC_KEY: 'pub',
      PLIVO_AUTH_ID: 'MA1',
      PLIVO_AUTH_TOKEN: 'token',
      TWILIO_FROM_NUMBER: '+15550009876',
    };
    const { carrier } = settingsOf({ ...telnyx, telnyx: {} }, env);
    assert.ok(carrier.name === 'telnyx' && carrier.apiKey === 'key' && carrier.publicKey === 'pub');
    const other = settingsOf({ ...plivo, plivo: { authId: 'MA2' } }, env).carrier;
    assert.ok(other.name === 'plivo' && other.authId === 'MA2' && other.authToken === 'token');
    const { fromNumber: _none, ...anonymous } = plivo;
    assert.deepEqual(short(problemsOf(anonymous, env)), ['fromNumber is required']);
  });

  it('may be a SecretRef where it is secret; one that was not resolved is missing', () => {
    const ref = { source: 'file', provider: 'vault', id: 'phone' };
    for (const [raw, key] of [
      [{ ...telnyx, telnyx: { ...telnyx.telnyx, apiKey: ref } }, 'telnyx.apiKey'],
      [{ ...plivo, plivo: { ...plivo.plivo, authToken: ref } }, 'plivo.authToken'],
    ] as const) {
      const [problem = '', ...more] = short(problemsOf(raw));
      assert.ok(problem.startsWith(`${key} is required`) && problem.includes('SecretRef'), problem);
      assert.deepEqual(more, []);
    }
  });

  it('has the same rules for its address and for a simulator as Twilio', () => {
    for (const raw of [telnyx, plivo]) {
      const name = raw.provider;
      assert.match(problemsOf({ ...raw, publicUrl: 'http://10.0.0.1/' })[0] ?? '', /^.*publicly reachable/);
      const { publicUrl: _none, ...local } = raw;
      const section = 'telnyx' in raw ? raw.telnyx : raw.plivo;
      const at = (apiBaseUrl: string): unknown => ({ ...local, [name]: { ...section, apiBaseUrl } });
      const { carrier } = settingsOf(at('http://127.0.0.1:9'));
      assert.equal(carrier.name, name);
      assert.ok('apiBaseUrl' in carrier && carrier.apiBaseUrl === 'http://127.0.0.1:9');
      assert.match(noticesOf(at('http://127.0.0.1:9'))[0] ?? '', new RegExp(`${name}.apiBaseUrl is set`));
      assert.match(problemsOf(at('http://10.0.0.1')).join(), new RegExp(`${name}.apiBaseUrl is the address`));
    }
  });

  it('is never in a message', () => {
    for (const raw of [
      { ...telnyx, telnyx: { apiKey: [SECRET], connectionId: 7, publicKey: { of: SECRET } } },
      { ...plivo, plivo: { authId: [SECRET], authToken: { source: SECRET } } },
      { ...plivo, tts: SECRET },
      { ...plivo, tts: { providers: { openai: SECRET } } },
    ]) {
      const problems = problemsOf(raw);
      assert.ok(problems.length > 0);
      for (const problem of problems) assert.ok(!problem.includes(SECRET), problem);
    }
  });
});

describe('webhooks without a signature', () => {
  const local = {
    provider: 'plivo',
    fromNumber: '+15550001234',
    plivo: { ...plivo.plivo, apiBaseUrl: 'http://127.0.0.1:9' },
    skipSignatureVerification: true,
  };

  it('are believed when everything is on this machine, with a warning', () => {
    for (const more of [
      {},
      { publicUrl: 'http://localhost:3334/voice/webhook' },
      { serve: { bind: '::1' } },
      { serve: { bind: 'localhost' } },
    ]) {
      assert.equal(settingsOf({ ...local, ...more }).skipSignatureVerification, true);
    }
    assert.match(noticesOf(local)[0] ?? '', /^SECURITY WARNING: .*skipSignatureVerification is on/);
    assert.equal(
      noticesOf({ ...local, skipSignatureVerification: false })
        .join()
        .includes('SECURITY'),
      false,
    );
  });

  it('are refused when anybody else could send one', () => {
    for (const [more, exposed] of [
      [{ serve: { bind: '0.0.0.0' } }, 'serve.bind'],
      [{ serve: { bind: '::' } }, 'serve.bind'],
      [{ serve: { bind: '192.168.1.2' } }, 'serve.bind'],
      [{ publicUrl: 'https://voice.example.com/v' }, 'publicUrl'],
      [{ plivo: plivo.plivo, publicUrl: plivo.publicUrl }, 'publicUrl and plivo.apiBaseUrl'],
    ] as const) {
      const problem = short(problemsOf({ ...local, ...more })).join();
      assert.ok(problem.startsWith('skipSignatureVerification is refused: anybody could'), problem);
      assert.ok(problem.includes(`so ${exposed} must be loopback`), problem);
    }
  });

  it('do not excuse a carrier from its credentials', () => {
    const raw = { ...local, provider: 'telnyx', telnyx: { apiBaseUrl: 'http://127.0.0.1:9' } };
    assert.match(problemsOf(raw).join(), /telnyx\.publicKey is required/);
  });
});

describe('the numbers people call', () => {
  const NUMBER = '+15550002222';
  const routeOf = (route: unknown, rest: object = {}): unknown =>
    settingsOf({ ...rest, numbers: { [NUMBER]: route } }).numbers.get(NUMBER);

  it('may differ in all they are known for', () => {
    const route = {
      inboundGreeting: 'Shop, good day.',
      agentId: 'shop',
      responseModel: 'fast',
      responseSystemPrompt: 'Sell.',
      responseTimeoutMs: 9_000,
      language: 'de-de',
      voice: 'Polly.Vicki',
    };
    assert.deepEqual(routeOf(route), { ...route, language: 'de-DE', tts: null });
    assert.deepEqual(new Set(Object.values(routeOf({}) as object)), new Set([null]));
  });

  it('are E.164, and their options as strict as all others', () => {
    assert.deepEqual(short(problemsOf({ numbers: { '5550002222': {} } })), [
      'numbers.5550002222 is not valid: Expected E.164 format, e.g. +15550001234',
    ]);
    assert.deepEqual(short(problemsOf({ numbers: { [NUMBER]: { agentID: 'x' } } })), [
      `numbers.${NUMBER}.agentID is not a known option. The nearest known one is "numbers.*.agentId"`,
    ]);
    assert.match(
      problemsOf({ numbers: { [NUMBER]: { agentId: '' } } })[0] ?? '',
      /agentId .*must not be empty/,
    );
    assert.match(problemsOf({ numbers: JSON.parse('{"constructor": {}}') }).join(), /numbers\.constructor/);
  });

  it('take their voice from tts, laid over the tts of all', () => {
    const tts = { provider: 'openai', providers: { openai: { voice: 'alloy' }, other: { voice: 'low' } } };
    const voice = (route: unknown, rest: object = { tts }): unknown =>
      (routeOf(route, rest) as { voice: unknown }).voice;
    assert.equal(voice({ tts: { providers: { openai: { voice: 'nova' } } } }), 'nova');
    assert.equal(voice({ tts: { provider: 'other' } }), 'low');
    assert.equal(voice({ tts: { openai: { voice: 'echo' } } }), 'echo');
    assert.equal(voice({ tts: { provider: 'other' }, voice: 'Polly.Amy' }), 'Polly.Amy');
    // Says nothing about who speaks: the global voice, whatever it comes from, stays.
    assert.equal(voice({ tts: { timeoutMs: 5_000 } }), null);
  });
});

describe('the voice', () => {
  it('is the one that is named, else the one of tts, else nobody in particular', () => {
    const tts = { openai: { voice: 'alloy' } };
    assert.equal(settingsOf({ voice: 'Polly.Amy', tts }).voice, 'Polly.Amy');
    assert.equal(settingsOf({ tts }).voice, 'alloy');
    assert.equal(settingsOf({}).voice, null);
  });

  it('is all that is taken from tts, and that is said', () => {
    assert.match(noticesOf({ tts: { auto: 'always' } })[0] ?? '', /tts names the voice and nothing else/);
    assert.deepEqual(noticesOf({}), []);
  });
});

describe('limits', () => {
  it('a call nobody answers is given up in time, or only when it stops ringing', () => {
    assert.equal(settingsOf({ staleCallReaperSeconds: 45 }).staleAfterMs, 45_000);
    assert.equal(settingsOf({ staleCallReaperSeconds: 0 }).staleAfterMs, null);
    assert.match(noticesOf({ staleCallReaperSeconds: 5 })[0] ?? '', /shorter than ringTimeoutMs/);
  });

  it('callers have a limit of their own, at least one', () => {
    assert.equal(settingsOf({ maxInboundCalls: 2 }).maxInboundCalls, 2);
    assert.deepEqual(short(problemsOf({ maxInboundCalls: 0 })), [
      'maxInboundCalls is 0: it must be at least 1',
    ]);
  });

  it('callers may have to pair', () => {
    assert.equal(settingsOf({ inboundPolicy: 'pairing' }).inboundPolicy, 'pairing');
  });
});

describe('what is wrong', () => {
  it('a wrong value is named with its key, itself and what it should be', () => {
    const wrong: readonly [unknown, string][] = [
      [{ fromNumber: '555' }, 'fromNumber is "555": Expected E.164 format, e.g. +15550001234'],
      [{ serve: { port: 70_000 } }, 'serve.port is 70000: it must be at most 65535'],
      [{ serve: { port: '80' } }, 'serve.port is "80": it must be a number'],
      [{ maxDurationSeconds: 0 }, 'maxDurationSeconds is 0: it must be at least 1'],
      [{ maxConcurrentCalls: 1.5 }, 'maxConcurrentCalls is 1.5: it must be a whole number'],
      [{ mock: { pace: 0 } }, 'mock.pace is 0: it must be more than 0'],
      [{ mock: { says: [''] } }, 'mock.says.0 is "": it must not be empty'],
      [{ allowFrom: ['+1 555'] }, 'allowFrom.0 is "+1 555": Expected E.164 format, e.g. +15550001234'],
      [
        { sessionScope: 'perphone' },
        'sessionScope is "perphone": it must be one of "per-phone", "per-call", "main"',
      ],
      [
        { language: 'english language' },
        'language is "english language": a language is a BCP 47 tag such as "en-US"',
      ],
      [
        { webhookSecurity: { trustedProxyIPs: ['10.0.0.0/8', '::1', '10.0.0.0/33'] } },
        'webhookSecurity.trustedProxyIPs.2 is "10.0.0.0/33": it must be an IP address or a range such as 10.0.0.0/8',
      ],
      [{ enabled: 'yes' }, 'enabled is "yes": it must be true or false'],
      [{ serve: [] }, 'serve is a list: it must be an object of options'],
    ];
    for (const [raw, expected] of wrong) assert.deepEqual(problemsOf(raw), [`${CONFIG_PATH}.${expected}`]);
  });

  it('what only other versions can do is refused plainly', () => {
    for (const key of ['callbacks', 'voicemail']) {
      assert.deepEqual(problemsOf({ [key]: { enabled: true } }), [
        `${CONFIG_PATH}.${key} is not supported in this version. Remove it`,
      ]);
    }
    assert.match(
      problemsOf({ provider: 'carrier-pigeon' })[0] ?? '',
      /must be one of "twilio", "telnyx", "plivo", "mock"$/,
    );
  });

  it('an unknown key is answered with the nearest known one', () => {
    assert.match(
      problemsOf({ inboundPolcy: 'open' })[0] ?? '',
      /inboundPolcy is not a known option.*"inboundPolicy"/,
    );
    assert.match(problemsOf({ outbound: { defaultmode: 'notify' } })[0] ?? '', /"outbound\.defaultMode"/);
    assert.match(problemsOf({ accountSid: 'AC1' })[0] ?? '', /accountSid is not a known option/);
  });

  it('a wrong value does not hide what else is missing', () => {
    const problems = problemsOf({ provider: 'twilio', fromNumber: 'me', ringTimeoutMs: -1, colour: 'red' });
    const keys = problems.map((text) => text.replace(`${CONFIG_PATH}.`, '').split(' ')[0]);
    assert.deepEqual(keys.sort(), [
      'colour',
      'fromNumber',
      'publicUrl',
      'ringTimeoutMs',
      'twilio.accountSid',
      'twilio.authToken',
    ]);
  });

  it('anything that is not an object is refused', () => {
    for (const raw of ['mock', 1, true, []]) {
      assert.deepEqual(problemsOf(raw), [`${CONFIG_PATH} must be an object of options`]);
    }
  });

  it('keys that would reach a prototype are unknown keys like any other', () => {
    const raw: unknown = JSON.parse('{"__proto__": {"enabled": false}, "constructor": 1, "toString": 2}');
    const problems = problemsOf(raw);
    assert.equal(problems.length, 3);
    for (const key of ['__proto__', 'constructor', 'toString']) {
      assert.ok(
        problems.some((text) => text.startsWith(`${CONFIG_PATH}.${key} is not a known option`)),
        key,
      );
    }
    assert.equal(Object.hasOwn(Object.prototype, 'enabled'), false);
  });
});

describe('what is old or doubtful', () => {
  it('the provider once called log is the mock', () => {
    assert.equal(settingsOf({ provider: 'log' }).carrier.name, 'mock');
    assert.match(noticesOf({ provider: 'log' })[0] ?? '', /provider "log" is an old name/);
  });

  it('twilio.from fills a missing fromNumber and never replaces one', () => {
    const { fromNumber, ...rest } = twilio;
    const old = { ...rest, twilio: { ...twilio.twilio, from: '+15550002222' } };
    assert.equal(settingsOf(old).fromNumber, '+15550002222');
    assert.match(noticesOf(old)[0] ?? '', /twilio\.from is an old name: it is read as fromNumber/);
    assert.equal(settingsOf({ ...old, fromNumber }).fromNumber, fromNumber);
    assert.match(noticesOf({ ...old, fromNumber })[0] ?? '', /fromNumber is set and wins/);
  });

  it('settings that are allowed but hardly meant are noticed', () => {
    assert.match(noticesOf({ inboundPolicy: 'allowlist' })[0] ?? '', /allowFrom is empty/);
    assert.match(noticesOf({ ...twilio, publicUrl: 'http://voice.example.com/v' })[0] ?? '', /unencrypted/);
    assert.match(noticesOf({ ...twilio, publicUrl: 'https://voice.example.com' })[0] ?? '', /has no path/);
    assert.deepEqual(noticesOf(twilio), []);
  });

  it('paths and languages are brought into one form', () => {
    assert.equal(settingsOf({ serve: { path: 'hook/' } }).serve.path, '/hook');
    assert.equal(settingsOf({ serve: { path: '/' } }).serve.path, '/');
    assert.equal(settingsOf({ language: 'de-de' }).language, 'de-DE');
  });
});

describe('whatever is written', () => {
  it('never throws, and never answers without a sentence that names our path', () => {
    const keyish = fc.constantFrom(
      'provider',
      'twilio',
      'serve',
      'mock',
      'allowFrom',
      'says',
      '__proto__',
      'x',
    );
    const configish = fc.dictionary(
      keyish,
      fc.oneof(fc.jsonValue(), fc.constantFrom('twilio', 'mock', '+15550001234')),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), configish), (raw) => {
        const parsed = parseConfig(raw, {});
        if (parsed.ok) return;
        assert.ok(parsed.problems.length > 0);
        for (const text of parsed.problems) assert.ok(text.startsWith(CONFIG_PATH), text);
      }),
    );
  });

  it('a key nobody knows is always reported', () => {
    const stranger = fc.string({ minLength: 1 }).filter((key) => !Object.hasOwn(configSchema.shape, key));
    fc.assert(
      fc.property(stranger, fc.jsonValue(), (key, value) => {
        const raw: unknown = Object.fromEntries([[key, value]]);
        assert.equal(problemsOf(raw).length, 1);
      }),
    );
  });
});

describe('live audio', () => {
  const streaming = (options: object): Settings['streaming'] =>
    settingsOf({ ...twilio, streaming: { enabled: true, ...options } }).streaming;

  it('is off until it is asked for, and then has the documented defaults', () => {
    assert.equal(settingsOf({ streaming: {} }).streaming, null);
    assert.deepEqual(streaming({}), {
      provider: null,
      providers: {},
      path: '/voice/stream',
      sensitivity: 'medium',
      preStartTimeoutMs: 5_000,
      maxPendingConnections: 32,
      maxPendingConnectionsPerIp: 4,
      maxConnections: 128,
    });
  });

  it('passes the options of a provider on as they are, whatever they are', () => {
    const providers = { deepgram: { apiKey: 'k', endpointingMs: 300, nested: { a: [1] } } };
    assert.deepEqual(streaming({ provider: 'deepgram', providers })?.providers, providers);
  });

  it('understands its old names, says so, and lets the new ones win', () => {
    const old = { sttProvider: 'openai', openaiApiKey: 'old', sttModel: 'm', vadThreshold: 0.4 };
    const parsed = streaming(old);
    assert.equal(parsed?.provider, 'openai');
    assert.deepEqual(parsed?.providers, { openai: { apiKey: 'old', model: 'm', vadThreshold: 0.4 } });
    const both = streaming({ ...old, provider: 'deepgram', providers: { openai: { apiKey: 'new' } } });
    assert.equal(both?.provider, 'deepgram');
    assert.equal(both?.providers['openai']?.['apiKey'], 'new');
    const notices = noticesOf({ ...twilio, streaming: { enabled: true, ...old, provider: 'deepgram' } });
    assert.match(
      notices.join('\n'),
      /streaming\.sttProvider is an old name: streaming\.provider is set and wins/,
    );
    assert.match(notices.join('\n'), /streaming\.openaiApiKey is an old name: it is read as/);
    assert.doesNotMatch(notices.join('\n'), /\bold\b.*\bk\b/);
  });

  it('lays the speech options of a number over the global ones, and never writes keys down', () => {
    const { tts, numbers } = settingsOf({
      ...twilio,
      tts: { openai: { voice: 'alloy', apiKey: 'k' }, timeoutMs: 5_000 },
      numbers: { '+15550002222': { tts: { provider: 'edge', providers: { edge: { voice: 'amy' } } } } },
    });
    assert.deepEqual(tts, {
      timeoutMs: 5_000,
      providers: { openai: { speakerVoice: 'alloy', apiKey: 'k' } },
    });
    const route = numbers.get('+15550002222')?.tts ?? {};
    assert.deepEqual(withoutSecrets(route), {
      timeoutMs: 5_000,
      provider: 'microsoft',
      providers: { openai: { speakerVoice: 'alloy' }, microsoft: { speakerVoice: 'amy' } },
    });
  });

  it('says plainly that the mock carrier has none', () => {
    assert.match(noticesOf({ streaming: { enabled: true } }).join(), /the mock carrier has no media stream/);
  });
});
