// Advisories: every published hole of telephone plugins like ours, as a row that tries it on every carrier.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FakePhone } from '../../sim/fake-phone.ts';
import { telnyxCarrier } from '../../src/carrier/telnyx/index.ts';
import { merged } from '../../src/config/merge.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { Continues } from '../../src/operation/continues.ts';
import { verbs } from '../../src/operation/index.ts';
import { openJournal } from '../../src/record/journal.ts';
import { ALICE, CarrierStage, PUBLIC_URL, type StageOptions } from '../conformance/carrier-stage.ts';
import { CELLS, playCell } from '../conformance/cells.ts';
import type { CarrierName, FaultName, Letter, Script } from '../conformance/exchanges.ts';
import { type Answer, bytesOf, knock, knockRaw } from './knock.ts';

export interface Advisory {
  readonly id: string;
  readonly rule: string;
  /** Tries it on one carrier; or why there is nothing to try yet. */
  readonly attempt: ((carrier: CarrierName) => Promise<void>) | { readonly later: string };
}

const OPEN: StageOptions = { settings: { inboundPolicy: 'open' } };
const LATER = { later: 'belongs to live audio: there is no media socket yet' };
const TALKER: Script = (human) => human.says('One').says('Two').hangsUp({ afterMs: 30_000 });

async function onStage(
  carrier: CarrierName,
  options: StageOptions,
  run: (stage: CarrierStage) => Promise<void>,
): Promise<void> {
  const stage = new CarrierStage(carrier, options);
  try {
    await stage.open();
    await run(stage);
  } finally {
    await stage.close();
  }
}

/** A call that came in and talks, and every webhook of it so far. */
function inCall(
  carrier: CarrierName,
  run: (stage: CarrierStage) => Promise<void>,
  options = OPEN,
): Promise<void> {
  return onStage(carrier, options, async (stage) => {
    stage.dialIn(TALKER);
    await stage.until(() => stage.agent.turns.length === 2);
    await stage.until(3_000);
    await run(stage);
  });
}

/** What must not change when nothing may happen. */
const stateOf = (stage: CarrierStage): string =>
  JSON.stringify([stage.app.phone.list(50), stage.agent.turns.length, stage.exchange.asked.length]);

/** Sends every webhook so far with changes; each is refused or answered, and nothing at all happens. */
async function changesNothing(
  stage: CarrierStage,
  send: (letter: Letter) => Promise<Answer>,
  statuses: readonly number[],
): Promise<void> {
  const before = stateOf(stage);
  const letters = [...stage.exchange.letters];
  assert.ok(letters.length >= 2);
  for (const letter of letters) {
    const { status } = await send(letter);
    assert.ok(statuses.includes(status), `${status} for ${letter.url}`);
  }
  assert.equal(stateOf(stage), before);
}

function headerLike(letter: Letter, part: RegExp): [name: string, value: string] {
  const found = Object.entries(letter.headers).find(([name]) => part.test(name));
  assert.ok(found, 'a signature header');
  return found;
}

/** Plays a cell of the conformance table by name. */
const cell = (name: string, fault: FaultName) => async (carrier: CarrierName) => {
  const found = CELLS.find(
    (one) => one.carrier === carrier && one.story.name === name && one.fault === fault,
  );
  assert.ok(found && found.senseless === null);
  await playCell(found);
};

const FORWARDED = {
  forwarded: 'host=voice.example.test;proto=https',
  'x-forwarded-host': 'voice.example.test',
  'x-forwarded-proto': 'https',
  'ngrok-forwarded-host': 'voice.example.test',
};

const identity: readonly Advisory[] = [
  {
    id: '1 CVE-2026-28446',
    rule: 'a caller is on the allowlist exactly, or not at all',
    attempt: async (carrier) => {
      for (const from of [
        '',
        'anonymous',
        '+',
        '5550001234',
        '+4415550001234',
        '+155500012345',
        'sip:+15550001234@x',
        '+１５５５０００１２３４',
      ]) {
        const options: StageOptions = { settings: { inboundPolicy: 'allowlist', allowFrom: [ALICE] } };
        await onStage(carrier, options, async (stage) => {
          stage.dialIn((human) => human.says('Hello?').givesUpAfter(20_000), from);
          await stage.over();
          assert.deepEqual([stage.theirs.answeredAt, stage.agent.turns], [undefined, []], from);
        });
      }
    },
  },
  {
    id: '2 CVE-2026-28465',
    rule: 'forwarding headers of strangers prove nothing',
    attempt: (carrier) =>
      inCall(carrier, (stage) =>
        changesNothing(
          stage,
          (letter) => knock(stage, letter, { body: `${letter.body} `, headers: FORWARDED }),
          [401],
        ),
      ),
  },
  {
    id: '3 CVE-2026-26319',
    rule: 'no key, no start; a malformed key neither',
    attempt: async (carrier) => {
      const parsed = parseConfig(
        { provider: carrier, fromNumber: ALICE, publicUrl: PUBLIC_URL, [carrier]: {} },
        {},
      );
      assert.equal(parsed.ok, false);
      if (carrier !== 'telnyx') return;
      const options = { apiKey: 'KEY', connectionId: '1', apiBaseUrl: null, webhookUrl: PUBLIC_URL };
      for (const publicKey of ['', 'abc', 'AAAA', '-----BEGIN PUBLIC KEY-----'])
        assert.throws(() => telnyxCarrier({ ...options, publicKey }));
    },
  },
  {
    id: '4 GHSA-c37p-4qqg-3p76',
    rule: 'a wrong signature is refused on loopback and behind every tunnel',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        for (const host of ['127.0.0.1', 'localhost', 'x.ngrok-free.app', 'x.trycloudflare.com', 'x.ts.net'])
          await changesNothing(
            stage,
            (letter) => knock(stage, letter, { body: `${letter.body}x`, headers: { host, ...FORWARDED } }),
            [401],
          );
      }),
  },
  {
    id: '19 openclaw#12541',
    rule: 'skipping the signature is refused unless everything is loopback',
    attempt: async (carrier) => {
      const parsed = parseConfig(
        { provider: carrier, fromNumber: ALICE, publicUrl: PUBLIC_URL, skipSignatureVerification: true },
        {},
      );
      assert.ok(!parsed.ok);
      assert.match(parsed.problems.join(), /skipSignatureVerification is refused/);
    },
  },
];

/** Heads that promise a body which never comes. */
async function halfSent(stage: CarrierStage, letter: Letter, many: number): Promise<() => void> {
  const { pathname, search } = new URL(letter.url);
  const headers = Object.entries(letter.headers).filter(([name]) => !/content-length/i.test(name));
  const head = [`POST ${pathname}${search} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (!headers.some(([name]) => /^host$/i.test(name))) head.push('host: voice.example.test');
  const sockets = Array.from({ length: many }, () =>
    connect(stage.port, '127.0.0.1').on('error', () => undefined),
  );
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.write(`${head.join('\r\n')}\r\ncontent-length: 900\r\n\r\nhalf`, () => resolve());
        }),
    ),
  );
  await stage.exchange.idle();
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

const cost: readonly Advisory[] = [
  {
    id: '5 CVE-2026-28478',
    rule: 'a body is at most 64 KB, and there within 5 s',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        await changesNothing(
          stage,
          (letter) => knock(stage, letter, { body: 'x'.repeat(1_000_000) }),
          [413, 0],
        );
        const [letter] = stage.exchange.letters;
        assert.ok(letter);
        const pending = stage.log.lines.length;
        const leave = await halfSent(stage, letter, 1);
        await stage.until(5_100);
        leave();
        assert.equal(stage.log.lines.slice(pending).filter(({ level }) => level === 'error').length, 0);
      }),
  },
  { id: '6 CVE-2026-32062', rule: 'a socket is known before it is upgraded', attempt: LATER },
  {
    id: '10 GHSA-rm59-992w-x2mv',
    rule: 'nothing is read before the head was checked; half-sent bodies never lock out an honest webhook',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        const [letter] = stage.exchange.letters;
        assert.ok(letter);
        const leave = await halfSent(stage, letter, 12);
        await changesNothing(stage, (one) => knock(stage, one), [200, 204]);
        leave();
        const noSignature = `POST /voice/webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n`;
        assert.equal((await stage.settle(knockRaw(stage.port, noSignature))).status, 401);
      }),
  },
  { id: '12 CVE-2026-41400', rule: 'a frame is small before the start', attempt: LATER },
  { id: '13 CVE-2026-42437', rule: 'every socket has the same cap', attempt: LATER },
];

const repetition: readonly Advisory[] = [
  {
    id: '7 CVE-2026-32053',
    rule: 'the same webhook a hundred times at once gets the same answer, and happens once',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        const before = stateOf(stage);
        for (const letter of [...stage.exchange.letters]) {
          const answers = await Promise.all(
            Array.from({ length: 100 }, () => knockRaw(stage.port, bytesOf(letter))),
          );
          assert.equal(new Set(answers.map(({ body }) => body)).size, 1);
          assert.ok(answers.every(({ status }) => status < 300));
        }
        assert.equal(stateOf(stage), before);
        await stage.stop();
        await stage.start();
        await changesNothing(stage, (letter) => knock(stage, letter), [200, 204]);
      }),
  },
  {
    id: '8 unsigned retry token',
    rule: 'what is not signed does not make a webhook a new one',
    attempt: (carrier) =>
      inCall(carrier, (stage) =>
        changesNothing(
          stage,
          (letter) =>
            knock(stage, letter, { headers: { 'i-twilio-idempotency-token': 'other', 'x-retry': '1' } }),
          [200, 204],
        ),
      ),
  },
  {
    id: '9 openclaw#25832',
    rule: 'a signature written differently makes no new webhook',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        for (const rewrite of [
          (text: string) => text.replaceAll('+', '-').replaceAll('/', '_'),
          (text: string) => text.replace(/=+$/, ''),
          (text: string) => `${text}==`,
          (text: string) => `${text},${text}`,
        ])
          await changesNothing(
            stage,
            (letter) => {
              const [name, value] = headerLike(letter, /signature(-v3|-ed25519)?$/i);
              return knock(stage, letter, { headers: { [name]: rewrite(value) } });
            },
            [200, 204, 401],
          );
      }),
  },
  {
    id: '11 CVE-2026-41395',
    rule: 'a query in another order or spelling makes no new webhook',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        for (const rewrite of [
          (query: string) => query.split('&').toReversed().join('&'),
          (query: string) => (query === '' ? '' : `${query}&${query}`),
          (query: string) => query.replaceAll('i', '%69'),
          (query: string) => `${query}#x`,
        ])
          await changesNothing(
            stage,
            (letter) => {
              const { pathname, search } = new URL(letter.url);
              return knock(stage, letter, { target: `${pathname}?${rewrite(search.slice(1))}` });
            },
            [200, 204, 401, 400],
          );
      }),
  },
  { id: '15 openclaw#7001', rule: 'an audio socket is let in by a token of its own', attempt: LATER },
  {
    id: '16 openclaw#87497',
    rule: 'a replay makes no new audio token (replays themselves: row 7)',
    attempt: LATER,
  },
  { id: '17 openclaw#102837', rule: 'an audio socket shows its token on every carrier', attempt: LATER },
  {
    id: '18 openclaw#152579',
    rule: 'late words for an older turn never answer a newer one',
    attempt: (carrier) =>
      inCall(
        carrier,
        async (stage) => {
          const words = stage.exchange.letters.filter(({ body }) => /\bOne\b/.test(body));
          assert.ok(words.length > 0, 'the webhook with the first words');
          for (const letter of words) {
            // A carrier that answers a visit may hold it; nobody waits for it here.
            knock(stage, letter, { body: letter.body.replace(/\bOne\b/, 'Stale') }).catch(() => undefined);
            await stage.until(200);
          }
          await stage.until(10_000);
          assert.ok(!stage.agent.turns.some((turn) => turn.words.includes('Stale')));
          assert.ok(!JSON.stringify(stage.ours.transcript).includes('Stale'));
        },
        // Without signatures in the way: a carrier that is late signs its words as well.
        { settings: { ...OPEN.settings, skipSignatureVerification: true } },
      ),
  },
];

const order: readonly Advisory[] = [
  {
    id: '14 pinned base, exact path, prototypes',
    rule: 'our address is the configured one, the path exact, and no key reaches a prototype',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        for (const target of [
          '/voice/webhook/x',
          '/voice/webhookx',
          '/voice/webhook%2f',
          '/Voice/webhook',
          '//voice/webhook',
        ])
          await changesNothing(stage, (letter) => knock(stage, letter, { target }), [404]);
        const evil = JSON.parse('{"__proto__":{"p":1},"constructor":{"prototype":{"p":1}}}');
        merged({}, evil);
        parseConfig(evil, {});
        assert.equal(Reflect.get({}, 'p'), undefined);
      }),
  },
  {
    id: '20 openclaw#18851',
    rule: 'what was acknowledged is on disk',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        // A process killed now leaves what the disk has: a copy is that.
        const copy = mkdtempSync(join(tmpdir(), 'voice-call-killed-'));
        cpSync(stage.storeDir, copy, { recursive: true });
        const journal = openJournal(copy);
        const [call] = journal.open();
        journal.close();
        rmSync(copy, { recursive: true });
        assert.deepEqual(call?.transcript.length, stage.ours.transcript.length);
        assert.equal(call?.id, stage.ours.id);
      }),
  },
  {
    id: '21 openclaw#13242',
    rule: 'a refused caller is turned away although the carrier fails at first',
    attempt: cell('refused caller', '429 on commands'),
  },
  {
    id: '22 openclaw#129473',
    rule: 'a call that cannot be saved is not begun, and takes no place',
    attempt: (carrier) =>
      onStage(carrier, {}, async (stage) => {
        const file = join(stage.storeDir, STORE_FILE);
        alter(file, 'ALTER TABLE calls RENAME TO calls_away');
        await assert.rejects(stage.place({ mode: 'notify' }));
        assert.equal(stage.app.openCalls(), 0);
        assert.deepEqual(stage.exchange.calls, [], 'not dialled');
        alter(file, 'ALTER TABLE calls_away RENAME TO calls');
        await stage.place({ mode: 'notify' });
        await stage.over();
        assert.deepEqual(stage.heard, ['Good morning.']);
      }),
  },
];

const STORE_FILE = 'calls.sqlite';

function alter(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

const MALFORMED = [
  'POST /voice/webhook HTTP/1.1\r\nhost: a b\r\n',
  'POST /voice/webhook HTTP/1.1\r\nhost: [::1\r\n',
  'POST /voice/webhook HTTP/1.1\r\nhost: \r\n',
  'POST //voice/webhook HTTP/1.1\r\nhost: x\r\n',
  'POST http://[ HTTP/1.1\r\nhost: x\r\n',
  'POST * HTTP/1.1\r\nhost: x\r\n',
  'POST /voice/webhook?%zz=%&callId=%e0%a4%a HTTP/1.1\r\nhost: x\r\n',
  'POST ?/voice/webhook HTTP/1.1\r\nhost: x\r\n',
] as const;

const outside: readonly Advisory[] = [
  {
    id: 'a ghost call',
    rule: 'a late "in progress" after the end brings no call to life',
    attempt: cell('notify', 'reordered webhooks'),
  },
  {
    id: 'a malformed Host or target',
    rule: 'is refused, never answered 500',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        const [letter] = stage.exchange.letters;
        assert.ok(letter);
        const own = Object.entries(letter.headers)
          .filter(([name]) => !/^(host|content-length|connection)$/i.test(name))
          .map(([name, value]) => `${name}: ${value}\r\n`);
        for (const head of MALFORMED) {
          const bytes = `${head}${own.join('')}connection: close\r\ncontent-length: 2\r\n\r\nhi`;
          const { status } = await stage.settle(knockRaw(stage.port, bytes));
          assert.ok(status < 500, `${status}: ${head}`);
        }
      }),
  },
  {
    id: 'a number that is not E.164',
    rule: 'is not dialled',
    attempt: async () => {
      for (const to of ['911', '5550001234', '+0155500', 'sip:x@y', '+1555000１', '+1555 000 1234 ext 5']) {
        const phone = new FakePhone();
        const context = {
          phone,
          defaults: { toNumber: null, mode: 'notify' as const, transcriptTimeoutMs: 1_000 },
          continues: new Continues({ now: () => 0, at: () => () => undefined }, () => 'op'),
        };
        const by = { sessionKey: null, agentId: null, isTrusted: false };
        await assert.rejects(async () => verbs.initiate.call(context, { message: 'Hi', to }, by), to);
        assert.deepEqual(phone.placed, []);
      }
    },
  },
  {
    id: 'a create answered 503',
    rule: 'is dialled once and explained',
    attempt: cell('notify', '503 on create'),
  },
  {
    id: 'a create that hangs',
    rule: 'is given up within the caller’s patience, and its call never stays',
    attempt: (carrier) =>
      onStage(carrier, {}, async (stage) => {
        stage.exchange.switchOn('create hangs');
        const began = stage.clock.now();
        await assert.rejects(stage.place({ mode: 'notify' }), { code: 'VC_DIAL_FAILED' });
        assert.ok(stage.clock.now() - began <= 15_000);
        assert.equal(stage.app.openCalls(), 0);
      }),
  },
  {
    id: 'a hang-up that fails',
    rule: 'is said again until it is done',
    attempt: cell('end', '429 on commands'),
  },
];

export const ADVISORIES: readonly Advisory[] = [...identity, ...cost, ...repetition, ...order, ...outside];
