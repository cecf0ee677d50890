// Stories of the set-up: from nothing to a call, on the twin of each carrier, over real sockets.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { Person as PlivoPerson } from '../../sim/plivo/person.ts';
import { PlivoTwin } from '../../sim/plivo/twin.ts';
import { Person as TelnyxPerson } from '../../sim/telnyx/person.ts';
import { TelnyxTwin } from '../../sim/telnyx/twin.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { openSetup, type SetupStage } from './setup-stage.ts';

const OURS = '+15550005678';
const OWNER = '+15550001234';
const QUICK = { clock: systemClock, msPerChar: 2, personMsPerChar: 2, dialDelayMs: 20, ringDelayMs: 20 };
const TWILIO = { accountSid: `AC${'0123456789abcdef'.repeat(2)}`, authToken: 'throw-away-token' };
const PLIVO = { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: 'throw-away-token' };

/** A port that is free now. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

interface Carrier {
  readonly choice: string;
  readonly name: string;
  /** In the order they are asked for, with what the questions begin with. */
  readonly credentials: readonly (readonly [RegExp, string])[];
  readonly twin: {
    readonly apiBaseUrl: string;
    listen(): Promise<void>;
    close(): Promise<void>;
    tunnel(publicOrigin: string, loopbackOrigin: string): void;
    readonly problems: readonly unknown[];
  };
  /** The number of the account leads nowhere yet; then the owner picks up. */
  prepare(): void;
  /** Where calls to our number lead now. */
  leadsTo(): string | undefined;
  /** What the owner heard. */
  heard(): readonly string[];
}

function twilio(): Carrier {
  const twin = new TwilioTwin({ ...QUICK, ...TWILIO });
  const owner = new Caller().answersAfter(20);
  return {
    choice: '1',
    name: 'twilio',
    credentials: [
      [/^Account SID/, TWILIO.accountSid],
      [/^Auth token/, TWILIO.authToken],
    ],
    twin,
    prepare: () => {
      twin.numbers.add(OURS);
      twin.expect(OWNER, owner);
    },
    leadsTo: () => twin.numbers.get(OURS)?.voice_url,
    heard: () => owner.heard.map(({ text }) => text),
  };
}

function telnyx(): Carrier {
  const twin = new TelnyxTwin({ ...QUICK, retriesMs: [] });
  const owner = new TelnyxPerson().answersAfter(20);
  return {
    choice: '2',
    name: 'telnyx',
    credentials: [
      [/^API key/, twin.settings.apiKey],
      [/^ID of the application/, twin.settings.connectionId],
      [/^Public key/, twin.publicKey],
    ],
    twin,
    prepare: () => {
      twin.numbers.add(OURS);
      twin.expect(OWNER, owner);
    },
    leadsTo: () => twin.numbers.application.webhook_event_url,
    heard: () => owner.heard.map(({ text }) => text),
  };
}

function plivo(): Carrier {
  const twin = new PlivoTwin({ ...QUICK, ...PLIVO });
  const owner = new PlivoPerson().answersAfter(20);
  return {
    choice: '3',
    name: 'plivo',
    credentials: [
      [/^Auth ID/, PLIVO.authId],
      [/^Auth token/, PLIVO.authToken],
    ],
    twin,
    prepare: () => {
      twin.numbers.add(OURS);
      twin.expect(OWNER, owner);
    },
    leadsTo: () => twin.numbers.applicationOf(OURS)?.answer_url,
    heard: () => owner.heard.map(({ text }) => text),
  };
}

/** Nothing but where the simulator is, which no person would write. */
async function nothing(
  test: TestContext,
  carrier: Carrier,
): Promise<{ stage: SetupStage; publicUrl: string }> {
  await carrier.twin.listen();
  test.after(() => carrier.twin.close());
  const port = await freePort();
  const stage = await openSetup(test, {
    [carrier.name]: { apiBaseUrl: carrier.twin.apiBaseUrl },
    serve: { port },
    outbound: { notifyHangupDelaySec: 0 },
    // Left from an earlier try.
    tunnel: { provider: 'ngrok' },
    allowFrom: ['+15550004444'],
  });
  const publicUrl = 'https://voice.example.test';
  carrier.twin.tunnel(publicUrl, `http://127.0.0.1:${port}`);
  return { stage, publicUrl };
}

describe('The set-up, from nothing', () => {
  for (const carrier of [twilio(), telnyx(), plivo()]) {
    it(`to a call that is heard, on ${carrier.name}`, async (test) => {
      const { stage, publicUrl } = await nothing(test, carrier);
      carrier.prepare();
      const out = await stage.command(
        ['setup'],
        [
          [/^Carrier/, carrier.choice],
          ...carrier.credentials,
          [/^Our number/, '015550005678'],
          [/^Our number/, OURS],
          [/^Way in/, '1'],
          [/^The address/, publicUrl],
          [/^Your own number/, OWNER],
          [/^Who may call/, '2'],
          [/^Write this/, ''],
          [/^Change this at the carrier/, 'y'],
          [/^Call you at/, 'y'],
        ],
      );
      assert.match(out, /That cannot be: .*country code/);
      assert.match(out, /live-call: OK\naudio: said 1, heard to the end 1/, out);
      assert.equal(stage.exitCode, 0);
      assert.equal(stage.writes, 1, 'written once');
      assert.deepEqual(stage.config['allowFrom'], ['+15550004444', OWNER], 'nobody is locked out');
      assert.equal(stage.config['tunnel'], undefined, 'one way in is enough');
      assert.doesNotMatch(out, /throw-away-token|KEY-of-the-twin/, 'no secret is shown');
      assert.equal(carrier.leadsTo(), `${publicUrl}/voice/webhook`);
      assert.deepEqual(carrier.heard(), ['Hello! This is your agent. The telephone is set up. Goodbye.']);
      assert.match(await stage.command(['setup']), /^Voice Call setup: OK\n/);
      assert.match(await stage.command(['setup', '--fix', '--yes']), /^Nothing to do: calls to .* lead to/);
      assert.deepEqual(carrier.twin.problems, []);
    });
  }

  it('writes nothing when the person stops half-way, or does not want it', async (test) => {
    const carrier = twilio();
    const { stage } = await nothing(test, carrier);
    const before = stage.config;
    const half = await stage.command(['setup'], [[/^Carrier/, '1'], ...carrier.credentials]);
    assert.match(half, /Nothing was changed: nobody answers any more/);
    const rest: readonly (readonly [RegExp, string])[] = [
      [/^Our number/, OURS],
      [/^Way in/, '3'],
      [/^Your own number/, ''],
      [/^Who may call/, '1'],
      [/^Write this/, 'n'],
    ];
    const all = await stage.command(['setup'], [[/^Carrier/, '1'], ...carrier.credentials, ...rest]);
    assert.match(all, /twilio\.authToken: \*{8}/);
    assert.match(all, /tunnel\.provider: tailscale-funnel/);
    assert.match(all, /Nothing was changed: you did not want it/);
    assert.deepEqual([stage.config, stage.writes, stage.exitCode], [before, 0, 1]);
    assert.deepEqual(carrier.twin.problems, []);
  });

  it('to the mock carrier, for who only wants to see it', async (test) => {
    const stage = await openSetup(test, {
      mock: { pace: 100, answerAfterMs: 0 },
      outbound: { notifyHangupDelaySec: 0 },
    });
    const answers = [
      [/^Carrier/, '4'],
      [/^Write this/, 'y'],
      [/^Call you at/, ''],
    ] as const;
    const out = await stage.command(['setup'], answers);
    assert.match(out, /WARN provider: the carrier is mock/);
    assert.match(out, /live-call: OK/, out);
  });
});
