// Calls over a simulated Twilio when it, or the way to it, misbehaves: outages, lost, late and repeated webhooks.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import type { HookFault, HookView, RestFault } from '../../sim/twilio/faults.ts';
import { ALICE, GREETING, startTwilioLine, type TwilioLine } from './twilio-line.ts';

const talker = (): Caller => new Caller().says('One').says('Two').hangsUp({ afterMs: 4_000 });
const TALK = [GREETING, 'You said: One', 'You said: Two'];

const status =
  (...statuses: string[]) =>
  (hook: HookView): boolean =>
    hook.kind === 'status' && statuses.includes(hook.status);

/** The error of a call that could not be placed; its record is the only one. */
async function refusedDial(line: TwilioLine, mode: 'conversation' | 'notify' = 'conversation') {
  const placing = line.place(mode).then(
    () => assert.fail('the call was placed'),
    (error: unknown) => error as Error & { readonly code: string },
  );
  await line.until(60_000);
  const [call, ...others] = line.phone.list(9);
  assert.ok(call);
  assert.deepEqual(others, []);
  return { error: await placing, call };
}

describe('When Twilio cannot place a call', () => {
  const outages: readonly (readonly [string, RestFault, RegExp])[] = [
    ['is overloaded', { do: 'status', status: 503 }, /503.*look into the Twilio call log first/],
    ['has had too many requests', { do: 'status', status: 429 }, /429.*nothing was dialled, try again/],
    ['does not answer', { do: 'hang', done: false }, /did not answer.*call log first/],
    ['drops the connection', { do: 'reset', done: false }, /did not answer.*call log first/],
  ];
  for (const [what, fault, message] of outages) {
    it(`because it ${what}, we say so and what to do, and dial no second time`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.faults.rest(fault, { only: 'create' });
      const { error, call } = await refusedDial(line);
      assert.equal(error.code, 'VC_DIAL_FAILED');
      assert.match(error.message, message);
      assert.deepEqual([call.phase, call.end?.reason], ['ended', 'failed']);
      assert.deepEqual([line.requests('create').length, line.twin.calls], [1, []]);
      line.nothingIsLeft();
    });
  }

  it('because it cannot be reached at all, nothing was dialled, and the next call is free to go', async (test) => {
    const line = await startTwilioLine(test);
    await line.twin.goOffline();
    const { error } = await refusedDial(line);
    assert.match(error.message, /could not be reached.*Nothing was dialled; try again/);
    await line.twin.goOnline();
    await line.place('notify');
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING]);
  });

  it('because the number is refused, the cure is in the message', async (test) => {
    const line = await startTwilioLine(test, { twin: { fromNumbers: ['+15550007777'] } });
    const { error } = await refusedDial(line);
    assert.match(error.message, /2121\d.*Check fromNumber/);
  });
});

describe('When the answer to our dialling is lost but the call was placed', () => {
  for (const mode of ['conversation', 'notify'] as const) {
    it(`a ${mode} call we gave up is hung up before anybody is rung`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.faults.rest({ do: 'reset', done: true }, { only: 'create' });
      const { error, call } = await refusedDial(line, mode);
      assert.equal(error.code, 'VC_DIAL_FAILED');
      await line.toTheEnd();
      assert.deepEqual([line.theirs.end?.by, line.theirs.status], ['plugin', 'canceled']);
      assert.deepEqual([line.heard, line.requests('create').length], [[], 1]);
      assert.deepEqual(line.call(call.id), call, 'our record stays as it was');
    });
  }

  it('and nobody told us that it rings, it is hung up when the phone is picked up', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.faults.rest({ do: 'reset', done: true }, { only: 'create' });
    line.twin.faults.hook({ do: 'drop' }, { only: ({ kind }) => kind === 'status' });
    await refusedDial(line);
    await line.toTheEnd();
    assert.deepEqual([line.theirs.end?.why, line.heard], ['<Hangup>', []]);
  });

  for (const fault of [
    { do: 'hang', done: true },
    { do: 'slow', ms: 5_000 },
  ] as const) {
    it(`the webhooks tell us, and the conversation goes on (${fault.do})`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.faults.rest(fault, { only: 'create' });
      line.twin.expect(ALICE, talker());
      const placing = line.place('conversation');
      await line.toTheEnd();
      const { id } = await placing;
      assert.deepEqual([line.heard, line.requests('create').length], [TALK, 1]);
      assert.equal(line.call(id).end?.reason, 'completed');
    });
  }
});

describe('When the REST API fails in a call', () => {
  for (const fault of [
    { do: 'status', status: 429 },
    { do: 'status', status: 503 },
    { do: 'status', status: 400, code: 21220 },
    { do: 'reset', done: false },
    { do: 'hang', done: false },
  ] as const) {
    it(`what we were asked to say is said all the same, once (${JSON.stringify(fault)})`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 30_000 }));
      const { id } = await line.place('conversation');
      await line.until(() => line.call(id).floor.kind === 'listening');
      line.twin.faults.rest(fault, { only: 'update', times: 1 });
      const spoken = line.phone.speak(id, 'One more thing.');
      await line.toTheEnd();
      await spoken;
      assert.equal(line.heard.filter((text) => text === 'One more thing.').length, 1);
    });
  }
});

describe('When webhooks misbehave', () => {
  const faults: readonly (readonly [string, HookFault, (hook: HookView) => boolean])[] = [
    ['all come twice', { do: 'duplicate', ms: 5 }, () => true],
    ['all come twice at once', { do: 'duplicate' }, () => true],
    ['come out of order', { do: 'holdUntilNext' }, status('initiated')],
    ['say "ringing" after the answer', { do: 'delay', ms: 3_000 }, status('ringing')],
    ['say "in-progress" after the end', { do: 'holdUntilEnd' }, status('in-progress')],
    [
      'say everything after the end',
      { do: 'delay', ms: 30_000 },
      status('initiated', 'ringing', 'in-progress'),
    ],
    ['are late', { do: 'delay', ms: 700 }, () => true],
    ['about the status are lost but the last', { do: 'drop' }, status('initiated', 'ringing', 'in-progress')],
  ];
  for (const [what, fault, only] of faults) {
    it(`and ${what}, a conversation is what it always is`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.faults.hook(fault, { only });
      line.twin.expect(ALICE, talker());
      const { id } = await line.place('conversation');
      await line.toTheEnd();
      assert.deepEqual(line.heard, TALK);
      assert.equal(line.agent.turns.length, 2);
      assert.deepEqual([line.call(id).end?.reason, line.phone.list(9).length], ['completed', 1]);
    });

    it(`and ${what}, a message is said once`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.faults.hook(fault, { only });
      const { id } = await line.place('notify');
      await line.toTheEnd();
      assert.deepEqual([line.heard, line.said(id)], [[GREETING], [`agent: ${GREETING}`]]);
      assert.deepEqual([line.call(id).end?.reason, line.phone.list(9).length], ['hangup-bot', 1]);
    });
  }

  it('and every status is lost, no call stays open for ever', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.faults.hook({ do: 'drop' }, { only: ({ kind }) => kind === 'status' });
    line.twin.expect(ALICE, talker());
    const { id } = await line.place('conversation');
    await line.toTheEnd();
    assert.deepEqual(line.heard, TALK);
    assert.ok((line.call(id).endedAt ?? Infinity) - (line.theirs.end?.at ?? 0) < 60_000);
  });

  it('and nothing at all reaches us, the slot is free again', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.faults.hook({ do: 'drop' });
    line.twin.expect(ALICE, new Caller().noAnswer());
    const { id } = await line.place('conversation');
    await line.toTheEnd();
    assert.equal(line.call(id).end?.reason, 'no-answer');
  });
});
