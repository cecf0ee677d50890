// Outside: holes nobody has numbered: odd heads, odd numbers, and carriers that do not answer.
import assert from 'node:assert/strict';
import { FakePhone } from '../../sim/fake-phone.ts';
import { HandClock } from '../../sim/hand-clock.ts';
import { voiceService } from '../../sim/voice-service.ts';
import { verbs } from '../../src/operation/index.ts';
import type { CarrierStage } from '../conformance/carrier-stage.ts';
import { type Advisory, cell, inCall, onStage } from './advisory.ts';
import { knockRaw } from './knock.ts';

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

/** How long somebody who asks for a call waits at most to hear that it cannot be placed. */
const PATIENCE_MS = 15_000;

async function hangsForGood(stage: CarrierStage): Promise<void> {
  stage.exchange.switchOn('create hangs');
  await givenUp(stage);
  assert.deepEqual(stage.exchange.calls, []);
}

/** Its answer is lost, but its webhooks tell of the call: there is nothing to give up. */
async function hangsYetDials(stage: CarrierStage): Promise<void> {
  stage.exchange.switchOn('create hangs, yet it dials');
  await stage.place({ mode: 'notify' });
  await stage.over();
  assert.deepEqual(stage.heard, ['Good morning.']);
  assert.equal(stage.ours.end?.reason, 'hangup-bot');
}

/** Nothing tells of the call until it is answered, when we have long given it up. */
async function hangsAndDialsLate(stage: CarrierStage): Promise<void> {
  stage.exchange.switchOn('create hangs, yet it dials');
  stage.exchange.switchOn('lost status webhooks');
  stage.expect((human) => human.answersAfter(20_000));
  await givenUp(stage);
  await stage.until(() => stage.theirs.answeredAt !== undefined);
  await stage.until(() => !stage.theirs.isAlive);
  const { answeredAt = 0, end } = stage.theirs;
  assert.ok((end?.at ?? Number.NaN) - answeredAt <= 2_000, 'hung up as soon as it is answered');
  assert.deepEqual([stage.heard, end?.by], [[], 'plugin']);
  await stage.until(100_000);
  assert.deepEqual([stage.app.openCalls(), stage.exchange.calls.length], [0, 1]);
}

async function givenUp(stage: CarrierStage): Promise<void> {
  const began = stage.clock.now();
  await assert.rejects(stage.place({ mode: 'conversation' }), {
    code: 'VC_DIAL_FAILED',
    message: /did not answer/,
  });
  assert.ok(stage.clock.now() - began <= PATIENCE_MS);
  assert.equal(stage.app.openCalls(), 0);
}

export const outside: readonly Advisory[] = [
  {
    id: 'a ghost call',
    rule: 'a late "in progress" after the end brings no call to life',
    attempt: cell('notify', 'webhooks after the end'),
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
      for (const to of [
        '5550001',
        '5550001234',
        '+0155500',
        'sip:x@y',
        '+1555000１',
        '+1555 000 1234 ext 5',
      ]) {
        const phone = new FakePhone();
        const context = voiceService(phone, new HandClock());
        const by = { sessionKey: null, agentId: null, isTrusted: false };
        await assert.rejects(async () => verbs.initiate.call(context, { message: 'Hi', to }, by), to);
        assert.deepEqual(phone.placed, []);
      }
    },
  },
  {
    id: 'an emergency number, however it is written',
    rule: 'is not dialled',
    attempt: (carrier) =>
      onStage(carrier, {}, async (stage) => {
        for (const to of ['911', '112', '+1911', '+44999']) {
          await assert.rejects(stage.place({ to, mode: 'notify' }), { code: 'VC_EMERGENCY_NUMBER' }, to);
        }
        assert.deepEqual([stage.exchange.calls, stage.app.openCalls()], [[], 0]);
      }),
  },
  {
    id: 'a create answered 503',
    rule: 'is dialled once and explained',
    attempt: cell('notify', '503 on create'),
  },
  {
    id: 'a create answered 429',
    rule: 'is dialled once and explained, with the time to wait',
    attempt: cell('notify', '429 on create'),
  },
  {
    id: 'a create that hangs',
    rule: 'is given up within the caller’s patience; what it dialled goes on, or is hung up when it is answered',
    attempt: async (carrier) => {
      await onStage(carrier, {}, hangsForGood);
      await onStage(carrier, {}, hangsYetDials);
      await onStage(carrier, {}, hangsAndDialsLate);
    },
  },
  {
    id: 'a hang-up that fails',
    rule: 'is said again until it is done',
    attempt: cell('end', '429 on commands'),
  },
];
