// Config: whatever stands in the configuration file is understood or refused in words, and nothing out of range gets in.
import { keys } from '../../../src/config/keys.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { CONFIG_PATH } from '../../../src/config/schema.ts';
import type { Settings } from '../../../src/config/settings.ts';
import type { Random } from '../../random.ts';
import { anyJson, anyText, mutated, otherJson } from '../mutate.ts';
import { forbid, type Input, type Outcome, type Target, text, texts } from '../target.ts';

const DAY_MS = 86_400_000;
const SECRET = 'f00dfacef00dfacef00dfacef00dface';

/** Configurations people have, new and old. */
const VALID: readonly object[] = [
  {},
  {
    provider: 'twilio',
    fromNumber: '+15550001234',
    publicUrl: 'https://voice.example.com/voice/webhook',
    twilio: { accountSid: 'AC0123', authToken: SECRET, region: 'ie1' },
    inboundPolicy: 'allowlist',
    allowFrom: ['+15550001111'],
    streaming: { enabled: true, maxConnections: 20 },
    tts: { provider: 'openai', openai: { voice: 'alloy', apiKey: SECRET } },
  },
  {
    provider: 'telnyx',
    fromNumber: '+15550001234',
    publicUrl: 'https://voice.example.com/voice/webhook',
    telnyx: {
      apiKey: SECRET,
      connectionId: '7267',
      publicKey: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=',
    },
    numbers: { '+15550001234': { inboundGreeting: 'Hello.', language: 'de-DE', agentId: 'front' } },
  },
  {
    provider: 'plivo',
    fromNumber: '+15550001234',
    plivo: { authId: 'MA0123', authToken: SECRET },
    tunnel: { provider: 'ngrok', ngrokAuthToken: SECRET },
    outbound: { defaultMode: 'conversation', maxCallsPerDay: 0, maxMinutesPerDay: 10 },
    retentionDays: 0,
    staleCallReaperSeconds: 120,
  },
  {
    provider: 'mock',
    realtime: { enabled: true, provider: 'openai', providers: { openai: { apiKey: SECRET } } },
    serve: { port: 3334, bind: '127.0.0.1', path: '/voice/webhook' },
    silenceTimeoutMs: 800,
    language: 'en-US',
  },
  // As earlier versions wrote it.
  {
    provider: 'log',
    twilio: { from: '+15550001234' },
    streaming: {
      sttProvider: 'openai-realtime',
      openaiApiKey: SECRET,
      sttModel: 'gpt-4o-transcribe',
      silenceDurationMs: 500,
      vadThreshold: 0.4,
    },
    webhookSecurity: { allowedHosts: ['a.example'], trustForwardingHeaders: true },
    tailscale: { mode: 'funnel', path: '/voice' },
    responseTimeoutMs: 20_000,
  },
];
const ENV = [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TELNYX_API_KEY',
  'TELNYX_PUBLIC_KEY',
  'PLIVO_AUTH_ID',
  'NGROK_AUTHTOKEN',
];
const PATHS = keys().map(({ path }) => path);
const NAMES = [...new Set(PATHS.flatMap((path) => path.split('.')))];

export const configTargets: readonly Target[] = [
  {
    name: 'config: what is written',
    family: 'config',
    share: 60_000,
    promise:
      'Reading never throws and pollutes no prototype; each refusal is one sentence that names its key and what it must be; no secret is shown; what is accepted is within its ranges and has a carrier with everything it needs.',
    open: () => ({ make: written, check }),
  },
];

function written(random: Random): Input {
  const valid = JSON.stringify(random.pick(VALID));
  let json = random.pick([
    () => otherJson(random, valid, NAMES),
    () => otherJson(random, otherJson(random, valid, NAMES), NAMES),
    () => withKey(random, valid),
    () => withKey(random, withKey(random, valid)),
    () => mutated(random, valid),
    () => anyJson(random, NAMES),
    () => valid,
  ])();
  if (random.once(20)) json = withKey(random, json);
  const env = random.list(3, () => `${random.pick(ENV)}=${random.once(2) ? SECRET : anyText(random, 20)}`);
  return { json, env };
}

/** A known key, with a value that may or may not be one for it. */
function withKey(random: Random, json: string): string {
  const path = random.once(12)
    ? random.pick(['__proto__.x', 'constructor.prototype.x', 'numbers.__proto__', 'tts.__proto__'])
    : random.pick(PATHS);
  const value = random.pick([
    () =>
      random.pick([
        '0',
        '1',
        '-1',
        '1e9',
        '1e308',
        '0.5',
        'null',
        'true',
        '"0"',
        '""',
        '[]',
        '{}',
        '65536',
        '"+15550001234"',
      ]),
    () => anyJson(random, NAMES, 1),
    () => JSON.stringify(anyText(random, 20)),
  ])();
  const nested = path.split('.').reduceRight((inner, step) => `{${JSON.stringify(step)}:${inner}}`, value);
  const body = json.trim();
  return body.startsWith('{') && body.length > 2 ? `${body.slice(0, -1)},${nested.slice(1)}` : nested;
}

function check(input: Input): Outcome {
  let raw: unknown;
  try {
    raw = JSON.parse(text(input, 'json'));
  } catch {
    return { kind: 'no JSON' };
  }
  const env = Object.fromEntries(texts(input, 'env').map((line) => line.split(/=(.*)/s)));
  const before = copyOf(raw);
  const parsed = parseConfig(raw, env);
  forbid(before !== copyOf(raw), 'reading a configuration changes it');
  forbid(Object.hasOwn(Object.prototype, 'x') || 'x' in {}, 'a configuration pollutes every object');
  if (!parsed.ok) {
    forbid(parsed.problems.length === 0, 'a configuration is refused without a reason');
    for (const sentence of parsed.problems) checkSentence(sentence);
    return { kind: 'refused', answer: parsed.problems };
  }
  for (const notice of parsed.notices)
    forbid(notice.includes('\n'), 'a notice breaks its line', () => notice);
  checkSettings(parsed.settings);
  return { kind: parsed.notices.length > 0 ? 'accepted with notices' : 'accepted', answer: parsed.notices };
}

/** Null: too deep to be written. It must be read all the same. */
function copyOf(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

const SECRET_KEY = /(?:key|token|secret)$/i;

function checkSentence(sentence: string): void {
  const names =
    sentence.startsWith(`${CONFIG_PATH}.`) || sentence === `${CONFIG_PATH} must be an object of options`;
  forbid(!names, 'a refusal does not name its key', () => sentence);
  // A secret that was written at another key is a value like any other.
  const isSecret = SECRET_KEY.test(sentence.split(' ', 1)[0] ?? '');
  forbid(isSecret && sentence.includes(SECRET), 'a refusal shows a secret', () => sentence);
  forbid(/\p{Cc}/u.test(sentence) || sentence.length > 1_500, 'a refusal is not one line of text', () =>
    JSON.stringify(sentence),
  );
  const what = sentence.slice(sentence.indexOf(' ') + 1);
  forbid(what.length < 11, 'a refusal does not say what is wrong', () => sentence);
  // What was written may say so; it stands in quotes, and is cut after a while.
  const bare = sentence.replace(/"(?:[^"\\]|\\.)*(?:"|\.\.\.)/g, '');
  const ours = bare.slice(bare.indexOf(' ') + 1).replace(/^is (?:undefined|NaN)[ :]/, '');
  forbid(
    /\[object|\bNaN\b|Invalid input|\bundefined\b/.test(ours),
    'a refusal speaks of our insides',
    () => sentence,
  );
}

/** The ranges the documentation gives, written down a second time. */
function checkSettings(settings: Settings): void {
  const { serve, maxDurationMs, outbound, carrier, fromNumber, forwarding, skipSignatureVerification } =
    settings;
  const numbers: Readonly<Record<string, readonly [value: number | null, least: number, most: number]>> = {
    'serve.port': [serve.port, 0, 65_535],
    maxDuration: [maxDurationMs, 1_000, DAY_MS],
    ringTimeout: [settings.ringTimeoutMs, 1_000, 600_000],
    transcriptTimeout: [settings.transcriptTimeoutMs, 1, DAY_MS],
    responseTimeout: [settings.responseTimeoutMs, 1, DAY_MS],
    notifyHangupDelay: [settings.notifyHangupDelayMs, 0, 600_000],
    maxConcurrentCalls: [settings.maxConcurrentCalls, 1, Number.MAX_SAFE_INTEGER],
    maxCallsPerDay: [outbound.maxCallsPerDay, 1, 10_000],
    maxMinutesPerDay: [outbound.maxMinutesPerDay, 1, 100_000],
    silenceTimeout: [settings.silenceTimeoutMs, 100, 10_000],
    retention: [settings.retentionMs, DAY_MS, 36_500 * DAY_MS],
    stale: [settings.staleAfterMs, 1_000, DAY_MS],
    shutdownDrain: [settings.shutdownDrainMs, 0, 300_000],
  };
  for (const [name, [value, least, most]] of Object.entries(numbers))
    forbid(
      value !== null && !(Number.isFinite(value) && value >= least && value <= most),
      'a setting is out of its range',
      () => `${name} ${value}`,
    );
  if (!settings.enabled) return;
  forbid(!serve.path.startsWith('/'), 'the path of the webhook is none', () => serve.path);
  forbid(
    carrier.name !== 'mock' && !/^\+[1-9]\d{1,14}$/.test(fromNumber),
    'a carrier is to be used without a number',
    () => fromNumber,
  );
  for (const [name, value] of Object.entries(carrier))
    forbid(value === undefined || value === '', 'a carrier lacks what it needs', () => name);
  forbid(
    skipSignatureVerification && carrier.name !== 'mock' && settings.publicUrl !== null,
    'unsigned webhooks are believed from the internet',
  );
  for (const one of [...settings.allowFrom, ...forwarding.allowedHosts])
    forbid(typeof one !== 'string' || one === '', 'a list has an empty item');
}
