// Faults: every switch, seen from the plugin and from the person.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import twilio from 'twilio';
import { play } from '../play.ts';
import { Caller } from './caller.ts';
import type { HookFault, HookView } from './faults.ts';
import { ALICE, OURS, openStage, type Question, type Stage, TOKEN, twiml } from './stage.ts';

const EVENTS = { statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'] };

/** One answered call of two seconds with all status callbacks; what the plugin was sent on the way. */
async function faultyCall(
  test: TestContext,
  fault: HookFault,
  only?: (hook: HookView) => boolean,
): Promise<Stage & { told: string[] }> {
  const stage = await openStage(test);
  const { twin, sdk, clock, plugin } = stage;
  twin.faults.hook(fault, { times: 1, ...(only && { only }) });
  plugin.answers = () => twiml('<Pause length="2"/>');
  const urls = { url: `${plugin.origin}/voice`, statusCallback: `${plugin.origin}/status` };
  await sdk.calls.create({ to: ALICE, from: OURS, ...urls, ...EVENTS });
  await play(clock, twin, 60_000);
  assert.deepEqual(twin.liveCalls(), []);
  const told = plugin.questions.map(({ path, params }) => `${path} ${params['CallStatus']}`);
  return { ...stage, told };
}

const statusIs =
  (status: string) =>
  (hook: HookView): boolean =>
    hook.kind === 'status' && hook.status === status;

function isSigned(stage: Stage, question: Question): boolean {
  const url = stage.plugin.origin + question.url;
  return twilio.validateRequest(TOKEN, `${question.headers['x-twilio-signature']}`, url, {
    ...question.params,
  });
}

describe('webhook faults', () => {
  it('drop loses a status callback', async (test) => {
    const { told } = await faultyCall(test, { do: 'drop' }, statusIs('completed'));
    assert.ok(!told.includes('/status completed'));
    assert.equal(told.length, 4);
  });

  it('drop lets a document request run into its deadline', async (test) => {
    const { twin, told } = await faultyCall(test, { do: 'drop' }, ({ kind }) => kind === 'voice');
    assert.ok(!told.includes('/voice in-progress'));
    const [call] = twin.calls;
    assert.equal(call?.end?.code, 11200);
    assert.equal((call?.heard[0]?.from ?? 0) - (call?.answeredAt ?? 0), 15_000);
    assert.deepEqual(twin.problems, []);
  });

  it('delay sends late', async (test) => {
    const { told } = await faultyCall(test, { do: 'delay', ms: 10_000 }, statusIs('ringing'));
    assert.equal(told.at(-1), '/status ringing');
  });

  it('duplicate sends the identical request twice', async (test) => {
    const { told, plugin } = await faultyCall(test, { do: 'duplicate' }, statusIs('completed'));
    assert.deepEqual(told.slice(-2), ['/status completed', '/status completed']);
    const [first, second] = plugin.questions.slice(-2);
    assert.deepEqual(first?.headers, second?.headers);
    assert.deepEqual(first?.params, second?.params);
  });

  it('holdUntilNext swaps two status callbacks', async (test) => {
    const { told } = await faultyCall(test, { do: 'holdUntilNext' }, statusIs('initiated'));
    assert.deepEqual(told.slice(0, 2), ['/status ringing', '/status initiated']);
  });

  it('holdUntilEnd lets in-progress arrive after completed', async (test) => {
    const { told } = await faultyCall(test, { do: 'holdUntilEnd' }, statusIs('in-progress'));
    assert.deepEqual(told.slice(-2), ['/status completed', '/status in-progress']);
  });

  it('wrongToken, unsigned and tamper make webhooks that do not verify', async (test) => {
    for (const fault of ['wrongToken', 'unsigned', 'tamper'] as const) {
      const stage = await faultyCall(test, { do: fault });
      assert.deepEqual(
        stage.plugin.questions.map((question) => isSigned(stage, question)),
        [false, ...Array<boolean>(4).fill(true)],
      );
    }
  });

  it('replay sends a recorded webhook byte for byte, even long after', async (test) => {
    const stage = await faultyCall(test, { do: 'delay', ms: 1 });
    const recorded = stage.twin.ledger.hooks.find(({ kind }) => kind === 'voice');
    assert.ok(recorded);
    const replayed = await stage.twin.replay(recorded);
    assert.equal(replayed.answer?.status, 200);
    const original = stage.plugin.questions.find(({ path }) => path === '/voice');
    assert.deepEqual(stage.plugin.questions.at(-1), original);
  });

  it('is over when switched off', async (test) => {
    const stage = await openStage(test);
    const off = stage.twin.faults.hook({ do: 'unsigned' });
    off();
    stage.twin.dialIn({ from: ALICE, to: OURS, voiceUrl: `${stage.plugin.origin}/v`, person: new Caller() });
    await stage.twin.idle();
    assert.deepEqual(
      stage.plugin.questions.map((question) => isSigned(stage, question)),
      [true],
    );
  });
});

describe('REST faults', () => {
  const create = ({ sdk, plugin }: Stage) =>
    sdk.calls.create({ to: ALICE, from: OURS, url: `${plugin.origin}/voice` });

  it('503 and 429 carry Twilio’s bodies and do nothing', async (test) => {
    const stage = await openStage(test);
    stage.twin.faults.rest({ do: 'status', status: 503 }, { times: 1 });
    await assert.rejects(create(stage), { status: 503, code: 20503 });
    stage.twin.faults.rest({ do: 'status', status: 429 }, { times: 1 });
    await assert.rejects(create(stage), { status: 429, code: 20429 });
    assert.deepEqual(stage.twin.calls, []);
    await create(stage);
    assert.equal(stage.twin.calls.length, 1);
  });

  it('a reset drops the connection, with or without having placed the call', async (test) => {
    const stage = await openStage(test);
    stage.twin.faults.rest({ do: 'reset', done: false }, { times: 1 });
    await assert.rejects(create(stage), { code: 'ECONNRESET' });
    assert.equal(stage.twin.calls.length, 0);
    stage.twin.faults.rest({ do: 'reset', done: true }, { times: 1 });
    await assert.rejects(create(stage), { code: 'ECONNRESET' });
    assert.equal(stage.twin.calls.length, 1);
  });

  it('a hanging request is never answered, and idle does not wait for it', async (test) => {
    const stage = await openStage(test);
    stage.twin.faults.rest({ do: 'hang', done: true }, { only: 'create' });
    const outcome = create(stage).then(
      () => 'answered',
      () => 'dropped',
    );
    await play(stage.clock, stage.twin, 60_000);
    assert.deepEqual(
      stage.twin.calls.map(({ status }) => status),
      ['completed'],
    );
    await stage.twin.close();
    assert.equal(await outcome, 'dropped');
  });

  it('a slow create answer is overtaken by the webhook of the answered call', async (test) => {
    const stage = await openStage(test);
    stage.plugin.answers = () => twiml('<Pause length="9"/>');
    stage.twin.faults.rest({ do: 'slow', ms: 3000 }, { only: 'create' });
    const order: string[] = [];
    const created = create(stage).then(() => order.push('create answered'));
    await play(stage.clock, stage.twin, () => stage.plugin.questions.length > 0);
    order.push('webhook');
    await play(stage.clock, stage.twin, 3000);
    await created;
    assert.deepEqual(order, ['webhook', 'create answered']);
  });

  it('offline refuses connections, online is the same address again', async (test) => {
    const stage = await openStage(test);
    const address = stage.twin.apiBaseUrl;
    await stage.twin.goOffline();
    await assert.rejects(create(stage), { code: 'ECONNREFUSED' });
    await stage.twin.goOnline();
    assert.equal(stage.twin.apiBaseUrl, address);
    await create(stage);
  });
});
