// Who may call, on every carrier: turned away at the carrier, told that all lines are busy, or paired by a code.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Person as PlivoPerson } from '../../sim/plivo/person.ts';
import { Person as TelnyxPerson } from '../../sim/telnyx/person.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import type { Phone } from '../../src/runtime/phone.ts';
import type { CallPlan } from '../../src/runtime/runtime.ts';
import type { KeptLog, ScriptedAgent } from './line.ts';
import { startPlivoLine } from './plivo-line.ts';
import { startTelnyxLine } from './telnyx-line.ts';
import { startTwilioLine } from './twilio-line.ts';

const ALICE = '+15550001234';
const STRANGER = '+15550009999';
const OURS = '+15550005678';
const GREETING = /^Hello/;
const BUSY = 'All lines are busy. Please call again later. Goodbye.';
const HANGS_UP_AFTER_MS = 30_000;

type Plan = Partial<Pick<CallPlan, 'inboundPolicy' | 'allowFrom' | 'maxInboundCalls'>>;

/** One carrier, as these stories see it. */
interface Line {
  readonly phone: Phone;
  readonly log: KeptLog;
  readonly agent: ScriptedAgent;
  /** Somebody calls and listens until we hang up, or half a minute; gives what they have heard so far. */
  callIn(from: string): () => readonly string[];
  /** Time passes, and with it what the carrier does. */
  until(condition: number | (() => boolean)): Promise<number>;
  /** How many calls the carrier still has. */
  live(): number;
  problems(): readonly unknown[];
  /** The carrier's API fails for our next `times` requests about a call. */
  failTwice(): void;
}

const texts = (heard: readonly { readonly text: string }[]): string[] => heard.map(({ text }) => text);

async function twilio(test: TestContext, plan: Plan): Promise<Line> {
  const line = await startTwilioLine(test, { settings: plan });
  return {
    phone: line.phone,
    log: line.log,
    agent: line.agent,
    callIn: (from) => {
      const call = line.dialIn(new Caller().hangsUp({ afterMs: HANGS_UP_AFTER_MS }), from);
      return () => texts(call.heard);
    },
    until: (condition) => line.until(condition),
    live: () => line.twin.liveCalls().length,
    problems: () => line.twin.problems,
    failTwice: () => void line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'update', times: 2 }),
  };
}

async function telnyx(test: TestContext, plan: Plan): Promise<Line> {
  const line = await startTelnyxLine(test, { plan });
  return {
    phone: line.runtime,
    log: line.log,
    agent: line.agent,
    callIn: (from) => {
      const person = new TelnyxPerson().hangsUp({ afterMs: HANGS_UP_AFTER_MS });
      line.twin.dialIn({ from, to: OURS, person });
      return () => texts(person.calls.flatMap(({ heard }) => heard));
    },
    until: line.until,
    live: () => line.twin.calls.filter(({ end }) => !end).length,
    problems: () => line.twin.problems,
    failTwice: () => {
      for (const only of ['reject', 'hangup']) {
        line.twin.faults.rest({ do: 'status', status: 503 }, { only, times: 1 });
      }
    },
  };
}

async function plivo(test: TestContext, plan: Plan): Promise<Line> {
  const line = await startPlivoLine(test, { plan });
  return {
    phone: line.runtime,
    log: line.log,
    agent: line.agent,
    callIn: (from) => {
      const person = new PlivoPerson().hangsUp({ afterMs: HANGS_UP_AFTER_MS });
      line.twin.dialIn({ from, to: OURS, ...line.application, person });
      return () => texts(person.heard);
    },
    until: line.until,
    live: () => line.twin.calls.filter(({ end }) => !end).length,
    problems: () => line.twin.problems,
    failTwice: () => void line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'hangup', times: 2 }),
  };
}

/** Plays until nobody is on the line any more, at the carrier or here. */
async function over(line: Line): Promise<void> {
  await line.until(1_000);
  await line.until(() => line.live() === 0);
  await line.until(60_000);
  assert.ok(line.phone.list(50).every(({ phase }) => phase === 'ended'));
  assert.deepEqual(line.problems(), []);
}

for (const [name, start] of Object.entries({ twilio, telnyx, plivo })) {
  describe(`On ${name}, a caller`, () => {
    it('who may not call is turned away unanswered, also when the carrier’s API fails meanwhile', async (test) => {
      const line = await start(test, { inboundPolicy: 'disabled' });
      line.failTwice();
      const heard = line.callIn(ALICE);
      await over(line);
      assert.deepEqual(heard(), []);
      const [call] = line.phone.list(1);
      assert.deepEqual(
        [call?.end, call?.answeredAt],
        [{ reason: 'hangup-bot', cause: 'refused: inbound calls are disabled' }, null],
      );
    });

    it('beyond the limit hears that all lines are busy and is hung up, even at the third try', async (test) => {
      const line = await start(test, { inboundPolicy: 'open', maxInboundCalls: 1 });
      const first = line.callIn(ALICE);
      await line.until(() => line.phone.list(1)[0]?.phase === 'live');
      await line.until(2_000);
      line.failTwice();
      const second = line.callIn(STRANGER);
      await line.until(4_000);
      const third = line.callIn('+15550007777');
      await over(line);
      assert.match(first()[0] ?? '', GREETING);
      assert.deepEqual([second(), third()], [[BUSY], [BUSY]]);
      assert.equal(line.agent.prepared.length, 1);
      const refusals = line.phone.list(9).filter(({ mode }) => mode === 'notify');
      assert.deepEqual(
        refusals.map(({ end }) => end),
        Array(2).fill({ reason: 'hangup-bot', cause: 'refused: all lines are busy' }),
      );
    });

    it('nobody knows hears a code, and is let in once it was approved', async (test) => {
      const line = await start(test, { inboundPolicy: 'pairing', allowFrom: [ALICE] });
      const unknown = line.callIn(STRANGER);
      await over(line);
      const [pairing] = line.phone.pairings();
      assert.ok(pairing);
      assert.equal(pairing.from, STRANGER);
      assert.deepEqual(line.agent.prepared, [], 'no agent hears of somebody unknown');
      const [said, ...more] = unknown();
      assert.ok(said?.includes([...pairing.code].join(', ')), said);
      assert.deepEqual(more, []);

      const again = line.callIn(STRANGER);
      await over(line);
      assert.deepEqual(again(), unknown(), 'the same code while it lasts');

      assert.throws(() => line.phone.approve('none'), { code: 'VC_PAIRING_UNKNOWN' });
      assert.deepEqual(line.phone.approve(pairing.code), { from: STRANGER });
      assert.deepEqual(line.phone.pairings(), []);
      const known = line.callIn(STRANGER);
      const listed = line.callIn(ALICE);
      await over(line);
      for (const heard of [known(), listed()]) assert.match(heard[0] ?? '', GREETING);

      const logged = JSON.stringify(line.log.lines);
      for (const secret of [pairing.code, [...pairing.code].join(', '), STRANGER]) {
        assert.ok(!logged.includes(secret), secret);
      }
    });

    it('who hides their number is not told a code', async (test) => {
      const line = await start(test, { inboundPolicy: 'pairing' });
      const heard = line.callIn('anonymous');
      await over(line);
      assert.deepEqual([heard(), line.phone.pairings()], [[], []]);
      assert.equal(line.phone.list(1)[0]?.end?.cause, 'refused: the caller hides their number');
    });
  });
}
