// Calls that come in over a simulated Twilio: who is let in, who is turned away unanswered, and what we ask for them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import type { Settings } from '../../src/config/settings.ts';
import { ALICE, OURS, STRANGER, startTwilioLine, type TwilioLine } from './twilio-line.ts';

const WELCOME = 'Hello! How can I help you today?';
const allowlist: Partial<Settings> = { inboundPolicy: 'allowlist', allowFrom: [ALICE] };
const open: Partial<Settings> = { inboundPolicy: 'open' };

/** Our record of the only call. */
function ours(line: TwilioLine) {
  const [call, ...others] = line.phone.list(10);
  assert.ok(call);
  assert.deepEqual(others, []);
  return call;
}

describe('A caller', () => {
  const turnedAway = [
    ['while inbound calls are disabled', {}, ALICE, 'refused: inbound calls are disabled'],
    ['who is not on the allowlist', allowlist, STRANGER, 'refused: not on the allowlist'],
    [
      'whose number only ends like an allowed one',
      allowlist,
      '+4415550001234',
      'refused: not on the allowlist',
    ],
    [
      'whose number only begins like an allowed one',
      allowlist,
      '+155500012345',
      'refused: not on the allowlist',
    ],
    ['without a number', allowlist, 'anonymous', 'refused: the caller hides their number'],
    ['with an empty number', allowlist, '', 'refused: the caller hides their number'],
    ['with a made-up number', allowlist, '+266696687', 'refused: not on the allowlist'],
  ] as const;
  for (const [who, settings, from, cause] of turnedAway) {
    it(`${who} is turned away at the carrier, unanswered and unheard`, async (test) => {
      const line = await startTwilioLine(test, { settings });
      const person = new Caller().says('Hello?');
      line.dialIn(person, from);
      await line.toTheEnd();
      assert.equal(line.theirs.end?.why, '<Reject>');
      assert.deepEqual([line.theirs.answeredAt, line.heard], [undefined, []], 'nobody pays for it');
      assert.deepEqual([ours(line).end?.cause, ours(line).answeredAt], [cause, null]);
      assert.deepEqual([line.agent.turns, line.requests('update')], [[], []]);
    });
  }

  it('on the allowlist is let in', async (test) => {
    const line = await startTwilioLine(test, { settings: allowlist });
    line.dialIn(new Caller().says('It is me').hangsUp({ afterMs: 4_000 }));
    await line.toTheEnd();
    assert.deepEqual(line.heard, [WELCOME, 'You said: It is me']);
  });

  it('is greeted and has three turns with the agent where everybody is let in', async (test) => {
    const line = await startTwilioLine(test, { settings: open });
    const person = new Caller().says('Is the shop open?').says('And tomorrow?').says('Thanks');
    line.dialIn(person.hangsUp({ afterMs: 4_000 }), STRANGER);
    await line.toTheEnd();
    assert.deepEqual(line.heard, [
      WELCOME,
      'You said: Is the shop open?',
      'You said: And tomorrow?',
      'You said: Thanks',
    ]);
    const call = ours(line);
    assert.deepEqual([call.direction, call.from, call.to], ['inbound', STRANGER, OURS]);
    assert.deepEqual([call.carrierCallId, call.end?.reason], [line.theirs.sid, 'completed']);
    assert.ok(line.agent.turns.every(({ callerIsOwner }) => !callerIsOwner));
    assert.equal(line.theirs.heard[0]?.from, line.theirs.answeredAt, 'greeted with the first breath');
  });

  it('without a number is let in where everybody is', async (test) => {
    const line = await startTwilioLine(test, { settings: open });
    line.dialIn(new Caller().says('Hi').hangsUp({ afterMs: 4_000 }), 'anonymous');
    await line.toTheEnd();
    assert.deepEqual(line.heard, [WELCOME, 'You said: Hi']);
    assert.equal(ours(line).from, 'unknown');
  });
});

describe('A call that was let in', () => {
  it('gets our time limit and our status address from us, once', async (test) => {
    const line = await startTwilioLine(test, { settings: { ...open, maxDurationMs: 60_000 } });
    line.dialIn(new Caller().hangsUp({ afterMs: 8_000 }));
    await line.toTheEnd();
    const [adoption, ...others] = line.requests('update');
    assert.deepEqual(others, []);
    assert.deepEqual(adoption?.['TimeLimit'], ['60']);
    assert.match(line.theirs.statusTarget?.url ?? '', /callId=id-\d+&flow=status/);
    assert.deepEqual(line.heard, [WELCOME], 'nothing is interrupted by it');
    assert.match(ours(line).end?.cause ?? '', /CallStatus=completed/);
  });

  it('is known to be over although its number reports nothing', async (test) => {
    const line = await startTwilioLine(test, { settings: open });
    const { voiceUrl } = line;
    line.twin.dialIn({ from: ALICE, to: OURS, voiceUrl, person: new Caller().hangsUp({ afterMs: 8_000 }) });
    await line.toTheEnd();
    assert.equal(ours(line).endedAt, line.theirs.end?.at);
  });

  it('is no zombie although the caller leaves before we could ask to be told', async (test) => {
    const line = await startTwilioLine(test, { settings: open });
    const { voiceUrl } = line;
    line.twin.dialIn({ from: ALICE, to: OURS, voiceUrl, person: new Caller().hangsUp({ afterMs: 400 }) });
    await line.toTheEnd();
    assert.equal(ours(line).phase, 'ended');
  });

  it('goes on without our limits when Twilio does not take them', async (test) => {
    const line = await startTwilioLine(test, { settings: open });
    line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'update', times: 1 });
    line.dialIn(new Caller().says('Hi').hangsUp({ afterMs: 4_000 }));
    await line.toTheEnd();
    assert.deepEqual(line.heard, [WELCOME, 'You said: Hi']);
    assert.ok(line.log.lines.some(({ level, text }) => level === 'warn' && /adopting/.test(text)));
  });

  it('does not keep us from calling somebody else', async (test) => {
    const line = await startTwilioLine(test, { settings: open });
    line.dialIn(new Caller().hangsUp({ afterMs: 9_000 }), STRANGER);
    await line.until(() => line.phone.list(9)[0]?.phase === 'live');
    await line.place('notify');
    await line.toTheEnd();
    assert.deepEqual(
      line.twin.calls.map(({ heard }) => heard.map(({ text }) => text)),
      [[WELCOME], ['Good morning.']],
    );
  });
});
