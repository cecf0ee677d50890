// Order: our addresses, what is on disk, and what is done again when it fails.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { merged } from '../../src/config/merge.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { openJournal } from '../../src/record/journal.ts';
import {
  ALICE,
  type CarrierStage,
  PUBLIC_URL,
  STRANGER,
  type StageOptions,
} from '../conformance/carrier-stage.ts';
import type { Letter } from '../conformance/exchange.ts';
import { type Advisory, changesNothing, inCall, OPEN, onStage, TALKER } from './advisory.ts';
import { between } from './between.ts';
import { knock } from './knock.ts';
import { killedAfter } from './victim.ts';

const EVIL = {
  host: 'evil.example',
  forwarded: 'host=evil.example;proto=https',
  'x-forwarded-host': 'evil.example',
  'x-original-host': 'evil.example',
  'ngrok-forwarded-host': 'evil.example',
};

/** Every header is believed that can be; the configured address is still the only one. */
const CREDULOUS: StageOptions = {
  settings: {
    ...OPEN.settings,
    forwarding: {
      allowedHosts: ['evil.example'],
      trustForwardingHeaders: true,
      trustedProxyIPs: [],
      trustLoopback: false,
    },
  },
};

/** A whole call through a proxy that names another host: nothing of that host is ever handed to the carrier. */
function keepsItsAddress(stage: CarrierStage): Promise<void> {
  return between(stage, { headers: EVIL }, async () => {
    stage.dialIn(TALKER);
    await stage.until(() => stage.agent.turns.length === 2);
    await stage.until(3_000);
    const handedOut = JSON.stringify([stage.exchange.spoken, stage.exchange.asked]);
    assert.ok(handedOut.includes(PUBLIC_URL), 'an address of ours was handed out');
    assert.doesNotMatch(handedOut, /evil/);
  });
}

/** Signed by the account itself, but for an address that is not ours. Where no address is signed, none can be wrong. */
async function refusesOtherAddresses(stage: CarrierStage): Promise<void> {
  const { exchange } = stage;
  const signedFor = (letter: Letter, url: string): Letter => exchange.resigned(letter, url) ?? letter;
  await changesNothing(stage, (letter) => knock(stage, signedFor(letter, letter.url)), [200, 204]);
  const isSigned = exchange.letters.some((letter) => exchange.resigned(letter, letter.url) !== null);
  if (!isSigned) return;
  await changesNothing(
    stage,
    (letter) => {
      const url = letter.url.replace(new URL(PUBLIC_URL).origin, 'https://evil.example');
      return knock(stage, signedFor(letter, url), { headers: EVIL });
    },
    [401],
  );
}

const heardFrom = ({ ours }: CarrierStage): readonly string[] =>
  ours.transcript.filter(({ speaker }) => speaker === 'caller').map(({ text }) => text);

/** Plays the webhooks of a call to another process, kills it with the answer to the last one, and goes on here. */
async function survivesKill(stage: CarrierStage): Promise<void> {
  const letters = [...stage.exchange.letters];
  const { id } = stage.ours;
  const words = heardFrom(stage);
  assert.deepEqual(words, ['One', 'Two']);
  await stage.stop();
  const nowMs = stage.clock.now();
  const until = letters.findLastIndex(({ body }) => /\bTwo\b/.test(body)) + 1;
  await withStore(async (storeDir) => {
    await killedAfter(letters.slice(0, 1), { settings: stage.settings, storeDir, nowMs });
    const journal = openJournal(storeDir);
    assert.deepEqual(
      journal.open().map((call) => call.id),
      [id],
      'the call is on disk with its first webhook',
    );
    journal.close();
  });
  await withStore(async (storeDir) => {
    await killedAfter(letters.slice(0, until), { settings: stage.settings, storeDir, nowMs });
    await stage.start(storeDir);
    assert.deepEqual(heardFrom(stage), words, 'every word that was acknowledged is on disk');
    for (const letter of letters.slice(0, until)) assert.ok((await knock(stage, letter)).status < 300);
    await stage.over();
    assert.deepEqual([heardFrom(stage), stage.agent.turns.length], [words, 2], 'and none is taken twice');
    assert.deepEqual([stage.ours.id, stage.ours.phase, stage.app.openCalls()], [id, 'ended', 0]);
    await stage.stop();
  });
}

async function withStore(run: (storeDir: string) => Promise<void>): Promise<void> {
  const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-killed-'));
  try {
    await run(storeDir);
  } finally {
    rmSync(storeDir, { recursive: true, force: true });
  }
}

export const order: readonly Advisory[] = [
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
        await refusesOtherAddresses(stage);
        await onStage(carrier, CREDULOUS, keepsItsAddress);
        const evil = JSON.parse('{"__proto__":{"p":1},"constructor":{"prototype":{"p":1}}}');
        merged({}, evil);
        parseConfig(evil, {});
        assert.equal(Reflect.get({}, 'p'), undefined);
      }),
  },
  {
    id: '20 openclaw#18851',
    rule: 'what was acknowledged is on disk, though the process is killed that moment; the next one goes on',
    attempt: (carrier) => inCall(carrier, survivesKill),
  },
  {
    id: '21 openclaw#13242',
    rule: 'a refused caller is turned away although our answer is lost and the first hang-up fails',
    attempt: (carrier) => {
      const settings = { inboundPolicy: 'allowlist', allowFrom: [ALICE] } as const;
      return onStage(carrier, { settings }, (stage) =>
        between(stage, { swallows: 1 }, async () => {
          stage.exchange.switchOn('429 on hang-up');
          stage.dialIn((human) => human.says('Hello?'), STRANGER);
          await stage.over();
          assert.ok(stage.exchange.strikes() > 0, 'the fault has struck');
          assert.deepEqual([stage.theirs.answeredAt, stage.theirs.end?.by], [undefined, 'plugin']);
          assert.deepEqual([stage.agent.turns, stage.app.openCalls()], [[], 0]);
          assert.equal(stage.ours.end?.cause, 'refused: not on the allowlist');
        }),
      );
    },
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
