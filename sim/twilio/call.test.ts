// TwinCall: the life of outbound and inbound calls as their webhooks tell it.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import twilio from 'twilio';
import { play } from '../play.ts';
import type { TwinCall } from './call.ts';
import { Caller } from './caller.ts';
import { ACCOUNT, ALICE, OURS, openStage, type Stage, TOKEN, twiml } from './stage.ts';

const EVERY_EVENT = ['initiated', 'ringing', 'answered', 'completed'];

async function dialled(
  test: TestContext,
  person: Caller,
  more: Partial<Parameters<Stage['sdk']['calls']['create']>[0]> = {},
): Promise<Stage & { readonly call: TwinCall }> {
  const stage = await openStage(test);
  const { plugin, sdk, twin, clock } = stage;
  plugin.answers = () => twiml('<Say>Hello there</Say>');
  twin.expect(ALICE, person);
  const urls = { url: `${plugin.origin}/voice`, statusCallback: `${plugin.origin}/status` };
  const made = await sdk.calls.create({
    to: ALICE,
    from: OURS,
    ...urls,
    statusCallbackEvent: EVERY_EVENT,
    ...more,
  });
  const call = twin.call(made.sid);
  assert.ok(call);
  await play(clock, twin, () => !call.isAlive);
  assert.equal(clock.pending, 0, 'no timer outlives the call');
  return { ...stage, call };
}

const statuses = ({ plugin }: Stage): readonly (string | undefined)[] =>
  plugin.questions.filter(({ path }) => path === '/status').map(({ params }) => params['CallStatus']);

describe('an outbound call', () => {
  it('tells initiated, ringing, in-progress and completed, numbered from 0', async (test) => {
    const stage = await dialled(test, new Caller().answersAfter(4000));
    assert.deepEqual(statuses(stage), ['initiated', 'ringing', 'in-progress', 'completed']);
    const told = stage.plugin.questions.filter(({ path }) => path === '/status').map(({ params }) => params);
    assert.deepEqual(
      told.map((params) => params['SequenceNumber']),
      ['0', '1', '2', '3'],
    );
    assert.deepEqual(
      ['CallDuration', 'Duration', 'SipResponseCode'].map((name) => told[3]?.[name]),
      ['1', '1', '200'],
    );
    assert.equal(told[0]?.['Timestamp'], 'Sat, 21 Nov 2026 12:00:00 +0000');
    assert.equal((stage.call.answeredAt ?? 0) - stage.call.createdAt, 4500);
  });

  it('asks the URL on the answer with all documented parameters', async (test) => {
    const { plugin, call } = await dialled(test, new Caller());
    const question = plugin.questions.find(({ path }) => path === '/voice');
    assert.deepEqual(
      { ...question?.params },
      {
        CallSid: call.sid,
        AccountSid: ACCOUNT,
        From: OURS,
        To: ALICE,
        Caller: OURS,
        Called: ALICE,
        CallStatus: 'in-progress',
        ApiVersion: '2010-04-01',
        Direction: 'outbound-api',
      },
    );
  });

  it('signs every webhook so that the official validator accepts it', async (test) => {
    const { plugin } = await dialled(test, new Caller(), { method: 'GET' });
    assert.equal(plugin.questions.length, 5);
    for (const { headers, url, method, params } of plugin.questions) {
      const signed = method === 'GET' ? {} : params;
      const signature = `${headers['x-twilio-signature']}`;
      assert.ok(twilio.validateRequest(TOKEN, signature, plugin.origin + url, signed));
    }
  });

  it('tells the end only, unless asked for more', async (test) => {
    const stage = await dialled(test, new Caller(), { statusCallbackEvent: [] });
    assert.deepEqual(statuses(stage), ['completed']);
  });

  for (const [what, person, told, sip] of [
    ['a busy line', new Caller().busy(), ['initiated', 'busy'], '486'],
    ['a number out of reach', new Caller().fails(), ['initiated', 'failed'], '404'],
    ['nobody', new Caller().noAnswer(), ['initiated', 'ringing', 'no-answer'], '487'],
    ['someone too slow', new Caller().answersAfter(25_001), ['initiated', 'ringing', 'no-answer'], '487'],
  ] as const) {
    it(`to ${what} ends as ${told.at(-1)}, and the URL is never asked`, async (test) => {
      const stage = await dialled(test, person, { timeout: 25 });
      assert.deepEqual(statuses(stage), told);
      const last = stage.plugin.questions.at(-1)?.params;
      assert.deepEqual([last?.['SipResponseCode'], last?.['CallDuration']], [sip, '0']);
      assert.ok(stage.plugin.questions.every(({ path }) => path === '/status'));
    });
  }

  it('sends digits after the answer, before the document', async (test) => {
    const { call } = await dialled(test, new Caller(), { sendDigits: '1w2' });
    assert.deepEqual(
      call.heard.map(({ kind, text }) => [kind, text]),
      [
        ['digits', '1w2'],
        ['say', 'Hello there'],
      ],
    );
  });

  it('ends at its TimeLimit', async (test) => {
    const { call } = await dialled(test, new Caller(), {
      twiml: twiml('<Pause length="90"/>'),
      url: '',
      timeLimit: 60,
    });
    assert.deepEqual([call.status, call.durationS, call.end?.by], ['completed', 60, 'carrier']);
  });

  it('waits for machine detection, or is told its verdict apart', async (test) => {
    const machine = (): Caller => new Caller().isA('machine_start');
    const waiting = await dialled(test, machine(), { machineDetection: 'Enable' });
    const asked = waiting.plugin.questions.find(({ path }) => path === '/voice');
    assert.equal(asked?.params['AnsweredBy'], 'machine_start');
    const apart = await openStage(test);
    apart.twin.person = machine();
    await apart.sdk.calls.create({
      to: ALICE,
      from: OURS,
      twiml: twiml('<Pause length="9"/>'),
      machineDetection: 'Enable',
      asyncAmd: 'true',
      asyncAmdStatusCallback: `${apart.plugin.origin}/amd`,
    });
    await play(apart.clock, apart.twin, () => apart.twin.liveCalls().length === 0);
    assert.deepEqual(
      apart.plugin.questions.map(({ path, params }) => [path, params['AnsweredBy']]),
      [['/amd', 'machine_start']],
    );
  });

  it('finds the people expected, in order, and the last one again', async (test) => {
    const { twin, sdk, clock } = await openStage(test);
    twin.expect(ALICE, new Caller().busy());
    twin.expect(ALICE, new Caller().noAnswer());
    for (let count = 0; count < 3; count++)
      await sdk.calls.create({ to: ALICE, from: OURS, twiml: twiml('') });
    await play(clock, twin, () => twin.liveCalls().length === 0);
    assert.deepEqual(
      twin.calls.map(({ status }) => status),
      ['busy', 'no-answer', 'no-answer'],
    );
  });
});

describe('an inbound call', () => {
  it('rings until the document answers it, and tells its end', async (test) => {
    const { twin, clock, plugin } = await openStage(test);
    plugin.answers = () => twiml('<Pause length="2"/><Say>Hello</Say>');
    const urls = { voiceUrl: `${plugin.origin}/voice`, statusCallback: `${plugin.origin}/status` };
    const call = twin.dialIn({ from: ALICE, to: OURS, ...urls, person: new Caller() });
    await play(clock, twin, () => !call.isAlive);
    const [voice, status] = plugin.questions;
    assert.deepEqual([voice?.params['CallStatus'], voice?.params['Direction']], ['ringing', 'inbound']);
    assert.deepEqual([status?.params['CallStatus'], status?.params['SequenceNumber']], ['completed', '0']);
    assert.equal((call.answeredAt ?? 0) - call.createdAt, 2000);
    assert.equal(plugin.questions.length, 2);
  });
});
