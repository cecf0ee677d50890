// Broken set-ups: each fails one check, which says in one line what to do; the others go on as if nothing was.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { FakeSynthesizer, FakeTranscriber } from '../../sim/fake-voices.ts';
import { PlivoTwin } from '../../sim/plivo/twin.ts';
import { TelnyxTwin } from '../../sim/telnyx/twin.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { VoiceCallError } from '../../src/lib/errors.ts';
import type { CheckId, SetupReport } from '../../src/setup/check.ts';
import type { AddressVerdict } from '../../src/setup/machine.ts';
import { type Broken, openSetup, type SetupStage } from './setup-stage.ts';

const OURS = '+15550005678';
const PUBLIC_URL = 'https://voice.example.test/voice/webhook';
const TWILIO = { accountSid: `AC${'0123456789abcdef'.repeat(2)}`, authToken: 'throw-away-token' };
const RIGHT = { voice_url: PUBLIC_URL, status_callback: PUBLIC_URL };
const common = {
  fromNumber: OURS,
  publicUrl: PUBLIC_URL,
  serve: { port: 0 },
  inboundPolicy: 'allowlist',
  allowFrom: ['+15550001234'],
};

interface Changes {
  readonly config?: object;
  readonly twilio?: object;
  readonly number?: Parameters<TwilioTwin['numbers']['add']>[1] | null;
  readonly broken?: Broken;
}

async function onTwilio(
  test: TestContext,
  { config, twilio, number, broken }: Changes = {},
): Promise<SetupStage> {
  const twin = new TwilioTwin({ clock: systemClock, ...TWILIO });
  await twin.listen();
  test.after(() => twin.close());
  if (number !== null) twin.numbers.add(OURS, { ...RIGHT, ...number });
  const account = { ...TWILIO, apiBaseUrl: twin.apiBaseUrl, ...twilio };
  return openSetup(test, { provider: 'twilio', twilio: account, ...common, ...config }, broken);
}

async function onTelnyx(test: TestContext, change: (twin: TelnyxTwin) => void): Promise<SetupStage> {
  const twin = new TelnyxTwin({ clock: systemClock });
  await twin.listen();
  test.after(() => twin.close());
  const { apiKey, connectionId } = twin.settings;
  twin.numbers.add(OURS, { connection_id: connectionId });
  twin.numbers.application = { ...twin.numbers.application, webhook_event_url: PUBLIC_URL };
  change(twin);
  const telnyx = { apiKey, connectionId, publicKey: twin.publicKey, apiBaseUrl: twin.apiBaseUrl };
  return openSetup(test, { provider: 'telnyx', telnyx, ...common });
}

async function onPlivo(test: TestContext, change: (twin: PlivoTwin) => void): Promise<SetupStage> {
  const account = { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: 'throw-away-token' };
  const twin = new PlivoTwin({ clock: systemClock, ...account });
  await twin.listen();
  test.after(() => twin.close());
  change(twin);
  return openSetup(test, {
    provider: 'plivo',
    plivo: { ...account, apiBaseUrl: twin.apiBaseUrl },
    ...common,
  });
}

const streaming = { streaming: { enabled: true } };

/** Everything that is in the way of the first call: what is wrong, and the one check and line that say so. */
const BROKEN: readonly {
  readonly what: string;
  readonly open: (test: TestContext) => Promise<SetupStage>;
  readonly id: CheckId;
  readonly says: RegExp;
  readonly cure: RegExp;
  /** Checks that cannot be made for that reason. */
  readonly skipped?: readonly CheckId[];
  readonly isOk?: true;
}[] = [
  {
    what: 'a wrong auth token',
    open: (test) => onTwilio(test, { twilio: { authToken: 'another-token' } }),
    id: 'credentials',
    says: /does not accept twilio\.accountSid/,
    cure: /Account Dashboard/,
    skipped: ['number', 'number-webhook'],
  },
  {
    what: 'a wrong account SID',
    open: (test) => onTwilio(test, { twilio: { accountSid: `AC${'f'.repeat(32)}` } }),
    id: 'credentials',
    says: /does not accept twilio\.accountSid/,
    cure: /Copy both/,
    skipped: ['number', 'number-webhook'],
  },
  {
    what: 'no auth token at all',
    open: (test) => onTwilio(test, { twilio: { authToken: undefined } }),
    id: 'provider-config',
    says: /twilio\.authToken is required \(or set TWILIO_AUTH_TOKEN env\)/,
    cure: /Correct the named keys/,
    skipped: ['credentials', 'number', 'number-webhook', 'public-url-http', 'public-url-websocket'],
  },
  {
    what: 'a number of somebody else',
    open: (test) => onTwilio(test, { number: null }),
    id: 'number',
    says: /\+15550005678 is not a number of this Twilio account/,
    cure: /Active numbers/,
    skipped: ['number-webhook'],
  },
  {
    what: 'a number without voice',
    open: (test) => onTwilio(test, { number: { capabilities: { voice: false, sms: true } } }),
    id: 'number',
    says: /no voice capability/,
    cure: /shows "Voice"/,
  },
  {
    what: 'a number that leads to another address',
    open: (test) => onTwilio(test, { number: { voice_url: 'https://old.example.test/voice' } }),
    id: 'number-webhook',
    says: /is https:\/\/old\.example\.test\/voice, not https:\/\/voice\.example\.test/,
    cure: /setup --fix/,
  },
  {
    what: 'a number that is asked by the wrong method',
    open: (test) => onTwilio(test, { number: { voice_method: 'GET' } }),
    id: 'number-webhook',
    says: /\(HTTP\) is GET, not POST/,
    cure: /setup --fix/,
  },
  {
    what: 'an application of the old API version',
    open: (test) =>
      onTelnyx(test, (twin) => {
        twin.numbers.application = { ...twin.numbers.application, webhook_api_version: '1' };
      }),
    id: 'number-webhook',
    says: /API version is API v1, not API v2/,
    cure: /setup --fix/,
  },
  {
    what: 'an application that may place no calls',
    open: (test) =>
      onTelnyx(test, (twin) => {
        twin.numbers.application = { ...twin.numbers.application, outbound: {} };
      }),
    id: 'number',
    says: /no outbound voice profile/,
    cure: /Outbound voice profile/,
  },
  {
    what: 'an application that does not tell when callers hang up',
    open: (test) =>
      onPlivo(test, (twin) => {
        twin.numbers.add(
          OURS,
          twin.numbers.addApplication({ answer_url: PUBLIC_URL, answer_method: 'POST' }),
        );
      }),
    id: 'number-webhook',
    says: /Hangup URL is empty, not https/,
    cure: /setup --fix/,
  },
  {
    what: 'a public address nobody answers at',
    open: (test) => atAddress(test, 'http://127.0.0.1:1/voice/webhook'),
    id: 'public-url-http',
    says: /http:\/\/127\.0\.0\.1:1\/voice\/webhook does not lead to us/,
    cure: /Start the proxy or tunnel/,
    skipped: ['public-url-websocket'],
  },
  {
    what: 'a public address another program answers at',
    open: async (test) => atAddress(test, `http://127.0.0.1:${await anotherProgram(test)}/voice/webhook`),
    id: 'public-url-http',
    says: /does not lead to us/,
    cure: /Another program, or another Gateway/,
    skipped: ['public-url-websocket'],
  },
  {
    what: 'a tunnel that is down',
    open: (test) => {
      const fields = { tunnel: 'ngrok', why: 'it is being opened', cure: 'Try again in a moment' };
      const closed = new VoiceCallError('VC_TUNNEL_DOWN', fields);
      return onTwilio(test, { config: { publicUrl: undefined }, broken: { closed } });
    },
    id: 'public-url-http',
    says: /it is being opened/,
    cure: /Try again in a moment/,
    skipped: ['number-webhook', 'public-url-websocket'],
  },
  {
    what: 'WebSockets that do not get through',
    open: async (test) => {
      const error = new VoiceCallError('VC_REQUEST_FAILED', {
        why: 'it answered 400',
        cure: 'Pass upgrades on.',
      });
      const verdict: AddressVerdict = { ok: false, at: 'stream', error };
      return atAddress(test, `http://127.0.0.1:1/voice/webhook`, { probe: async () => verdict });
    },
    id: 'public-url-websocket',
    says: /it answered 400/,
    cure: /Pass upgrades on/,
  },
  {
    what: 'a speech provider that refuses the key',
    open: (test) =>
      onTwilio(test, {
        config: streaming,
        broken: {
          synthesizer: () => new FakeSynthesizer(systemClock, () => ({ pieces: [], fails: '401 bad key' })),
        },
      }),
    id: 'speech',
    says: /401 bad key/,
    cure: /.+/,
  },
  {
    what: 'a speech provider that sends silence',
    open: (test) =>
      onTwilio(test, { config: streaming, broken: { synthesizer: () => new FakeSynthesizer(systemClock) } }),
    id: 'speech',
    says: /s of silence for a sentence/,
    cure: /the voice and the model/,
  },
  {
    what: 'a transcription provider that refuses the key',
    open: (test) => onTwilio(test, { config: streaming, broken: { transcriber: async () => refusing() } }),
    id: 'transcription',
    says: /cannot be reached: 401 bad key/,
    cure: /streaming\.providers\.fake\.apiKey/,
  },
  {
    what: 'no transcription provider',
    open: (test) =>
      onTwilio(test, {
        config: streaming,
        broken: { transcriber: async () => ({ why: 'no transcription provider is configured' }) },
      }),
    id: 'transcription',
    says: /no transcription provider is configured/,
    cure: /under "streaming"/,
  },
  {
    what: 'a voice model that cannot be found',
    open: (test) => onTwilio(test, { config: { realtime: { enabled: true } } }),
    id: 'voice-model',
    says: /there is none here/,
    cure: /under "realtime"/,
  },
  {
    what: 'a model that fails',
    open: (test) =>
      onTwilio(test, { broken: { askModel: () => Promise.reject(new Error('401 no such key')) } }),
    id: 'model',
    says: /the model of agent main gave no answer: 401 no such key/,
    cure: /openclaw models status/,
  },
  {
    what: 'an agent there is not',
    open: (test) => onTwilio(test, { config: { agentId: 'nobody' }, broken: { agents: ['main', 'work'] } }),
    id: 'agent-owner',
    says: /there is no agent "nobody"/,
    cure: /agentId/,
    skipped: ['model'],
  },
  {
    what: 'a folder that cannot be written',
    open: (test) =>
      onTwilio(test, {
        broken: {
          storeTrouble: async () =>
            new VoiceCallError('VC_STORE_FAILED', { why: 'read-only', path: '/calls' }),
        },
      }),
    id: 'store',
    says: /read-only/,
    cure: /permissions of \/calls/,
  },
  {
    what: 'an empty allowlist',
    open: (test) => onTwilio(test, { config: { allowFrom: [] } }),
    id: 'inbound-policy',
    says: /the allowlist is empty/,
    cure: /allowFrom/,
  },
  {
    what: 'open doors',
    open: (test) => onTwilio(test, { config: { inboundPolicy: 'open' } }),
    id: 'inbound-policy',
    says: /everybody may call/,
    cure: /"allowlist" or "pairing"/,
    isOk: true,
  },
  {
    what: 'no cap on what our calls may cost',
    open: (test) => onTwilio(test, { config: { outbound: { maxCallsPerDay: 0, maxMinutesPerDay: 0 } } }),
    id: 'limits',
    says: /nothing caps what our own calls cost/,
    cure: /outbound\.maxCallsPerDay/,
    isOk: true,
  },
  {
    what: 'no carrier',
    open: (test) => openSetup(test, {}),
    id: 'provider',
    says: /no carrier is chosen/,
    cure: /config\.provider/,
  },
];

/** The number leads to this address, wherever that leads. */
function atAddress(test: TestContext, publicUrl: string, broken: Broken = {}): Promise<SetupStage> {
  const number = { voice_url: publicUrl, status_callback: publicUrl };
  return onTwilio(test, { config: { publicUrl }, number, broken });
}

/** A web server of somebody else; gives its port. */
async function anotherProgram(test: TestContext): Promise<number> {
  const server = createServer((_request, response) => response.end('Welcome to nginx!'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function refusing(): FakeTranscriber {
  const fake = new FakeTranscriber();
  const open = fake.open.bind(fake);
  fake.connectsAtOnce = false;
  return Object.assign(fake, {
    open: (...args: Parameters<typeof open>) => {
      const session = open(...args);
      session.refuse(new Error('401 bad key'));
      return session;
    },
  });
}

/** What is not as it should be, warnings too. */
function faults({ checks }: SetupReport): string {
  return checks
    .filter(({ ok, warning, skipped }) => (!ok && !skipped) || warning)
    .map(({ id }) => id)
    .join(' ');
}

describe('A set-up with', () => {
  for (const { what, open, id, says, cure, skipped = [], isOk = false } of BROKEN) {
    it(`${what} fails ${id}, with its cure in one line`, async (test) => {
      const stage = await open(test);
      const report = await stage.report();
      const found = report.checks.find((check) => check.id === id);
      assert.match(found?.message ?? '', says);
      assert.match(found?.cure ?? '', cure);
      assert.doesNotMatch(found?.cure ?? '', /\n/);
      const others = faults(report)
        .split(' ')
        .filter((one) => one !== id && one !== 'health');
      assert.deepEqual(others, [], JSON.stringify(report.checks, null, 1));
      assert.deepEqual(
        report.checks.filter((check) => check.skipped).map((check) => check.id),
        skipped,
      );
      assert.equal(report.ok, isOk);
      const out = await stage.command(['setup', '--json']);
      // How long something took differs from time to time.
      const same = (text: string): string => text.replaceAll(/\d+ ms/g, '0 ms');
      assert.deepEqual(JSON.parse(same(out)), JSON.parse(same(JSON.stringify(report))));
      assert.equal(stage.exitCode, isOk ? 0 : 1);
    });
  }

  it('nothing wrong is ready', async (test) => {
    const stage = await onTwilio(test, { config: streaming });
    const report = await stage.report();
    assert.equal(faults(report), '');
    assert.equal(report.ok, true);
    assert.deepEqual(
      report.checks.slice(0, 6).map(({ id }) => id),
      ['plugin-enabled', 'provider', 'provider-config', 'webhook-exposure', 'mode', 'agent-owner'],
    );
    assert.match((await stage.check('speech')).message, /^2\.0 s of speech, the first sound after \d+ ms$/);
    assert.match((await stage.check('transcription')).message, /understood 3 words/);
  });
});
