// PlivoTwin: signatures on the wire, faults, and the ways tests wait for it.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { validateV3Signature } from 'plivo/dist/utils/v3Security.js';
import { play } from '../play.ts';
import type { HookFault, RestFault } from './faults.ts';
import { Person } from './person.ts';
import { ALICE, OURS, openStage, plivoXml, type Question, type Stage, TOKEN } from './stage.ts';

async function called(test: TestContext, prepare: (stage: Stage) => void = () => undefined): Promise<Stage> {
  const stage = await openStage(test, { mainAuthToken: 'main-token' });
  stage.plugin.answers = () => plivoXml('<Speak>Hello</Speak>');
  prepare(stage);
  const { origin } = stage.plugin;
  const urls = { answerUrl: `${origin}/answer?x=1`, hangupUrl: `${origin}/hangup` };
  const call = stage.twin.dialIn({ from: ALICE, to: OURS, ...urls, person: new Person() });
  await play(stage.clock, stage.twin, () => !call.isAlive);
  await stage.twin.idle();
  return stage;
}

function isGenuine(
  { plugin }: Stage,
  question: Question | undefined,
  token = TOKEN,
  header = 'x-plivo-signature-v3',
): boolean {
  if (!question) return false;
  const signature = String(question.headers[header] ?? '');
  const nonce = String(question.headers['x-plivo-signature-v3-nonce'] ?? '');
  const url = `${plugin.origin}${question.url}`;
  return (
    signature !== '' && validateV3Signature('POST', url, nonce, token, signature, { ...question.params })
  );
}

it('every webhook is signed for the account and for its main account', async (test) => {
  const stage = await called(test);
  assert.equal(stage.plugin.questions.length, 2);
  for (const question of stage.plugin.questions) {
    assert.ok(isGenuine(stage, question), question.path);
    assert.ok(isGenuine(stage, question, 'main-token', 'x-plivo-signature-ma-v3'), question.path);
    assert.equal(isGenuine(stage, question, 'main-token'), false);
  }
});

it('a webhook through a tunnel is signed for the public address, and knows it', async (test) => {
  const stage = await openStage(test);
  stage.twin.tunnel('https://voice.example.test', stage.plugin.origin);
  const answerUrl = 'https://voice.example.test/answer';
  const call = stage.twin.dialIn({ from: ALICE, to: OURS, answerUrl, person: new Person() });
  await play(stage.clock, stage.twin, () => !call.isAlive);
  const [question] = stage.plugin.questions;
  assert.deepEqual(
    [question?.headers.host, question?.headers['x-forwarded-proto']],
    ['voice.example.test', 'https'],
  );
  const signature = String(question?.headers['x-plivo-signature-v3']);
  const nonce = String(question?.headers['x-plivo-signature-v3-nonce']);
  assert.ok(validateV3Signature('POST', answerUrl, nonce, TOKEN, signature, { ...question?.params }));
});

describe('faults of webhooks', () => {
  const withFault = (test: TestContext, fault: HookFault, kind = 'hangup'): Promise<Stage> =>
    called(test, ({ twin }) => void twin.faults.hook(fault, { only: (hook) => hook.kind === kind }));
  const paths = ({ plugin }: Stage): readonly string[] => plugin.questions.map(({ path }) => path);

  it('drop loses a notification', async (test) => {
    const stage = await withFault(test, { do: 'drop' });
    assert.deepEqual(paths(stage), ['/answer']);
    assert.deepEqual(stage.twin.problems, []);
  });

  it('a dropped question ends the call when its time is over', async (test) => {
    const stage = await withFault(test, { do: 'drop' }, 'answer');
    const [call] = stage.twin.calls;
    assert.deepEqual([call?.end?.cause.code, (call?.end?.at ?? 0) - (call?.createdAt ?? 0)], [7011, 55_000]);
  });

  it('a duplicate says the same under another nonce', async (test) => {
    const stage = await withFault(test, { do: 'duplicate' });
    const [, first, second] = stage.plugin.questions;
    assert.deepEqual(first?.params, second?.params);
    assert.notEqual(
      first?.headers['x-plivo-signature-v3-nonce'],
      second?.headers['x-plivo-signature-v3-nonce'],
    );
    assert.ok(isGenuine(stage, second));
  });

  it('forged and half-signed ones are not genuine', async (test) => {
    for (const fault of ['wrongToken', 'unsigned', 'onlyV2', 'tamper'] as const) {
      const stage = await withFault(test, { do: fault });
      assert.equal(isGenuine(stage, stage.plugin.questions[1]), false, fault);
      assert.equal(
        'x-plivo-signature-v2' in (stage.plugin.questions[1]?.headers ?? {}),
        fault !== 'unsigned',
      );
    }
  });

  it('delay and holdUntilEnd come late', async (test) => {
    const late = await openStage(test);
    late.plugin.answers = () => plivoXml('');
    late.twin.faults.hook({ do: 'holdUntilEnd' }, { only: ({ kind }) => kind === 'ring' });
    late.twin.faults.hook({ do: 'delay', ms: 700 }, { only: ({ kind }) => kind === 'hangup' });
    const { origin } = late.plugin;
    const urls = { ringUrl: `${origin}/ring`, hangupUrl: `${origin}/hangup` };
    await late.sdk.calls.create(OURS, ALICE, `${origin}/answer`, urls);
    await play(late.clock, late.twin, () => paths(late).includes('/ring'));
    assert.deepEqual(paths(late), ['/answer', '/hangup', '/ring']);
    assert.equal(late.clock.now() - (late.twin.calls[0]?.end?.at ?? 0), 700);
  });

  it('a recorded webhook can be sent again, byte for byte', async (test) => {
    const stage = await called(test);
    const [hook] = stage.twin.ledger.hooks;
    assert.ok(hook);
    const again = await stage.twin.replay(hook);
    assert.equal(again.answer?.status, 200);
    const [first, , last] = stage.plugin.questions;
    assert.deepEqual(
      [last?.headers['x-plivo-signature-v3'], last?.params],
      [first?.headers['x-plivo-signature-v3'], first?.params],
    );
  });
});

describe('faults of the API', () => {
  const order = { from: OURS, to: ALICE, answer_url: 'https://voice.example.test/a' };
  const create = async (stage: Stage): Promise<number | string> => {
    const { authId } = stage.twin.settings;
    try {
      const response = await fetch(`${stage.twin.apiBaseUrl}/v1/Account/${authId}/Call/`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${authId}:${TOKEN}`).toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(order),
      });
      return response.status;
    } catch {
      return 'broken';
    }
  };
  const cases: readonly (readonly [RestFault, number | string, number])[] = [
    [{ do: 'status', status: 503 }, 503, 0],
    [{ do: 'status', status: 429 }, 429, 0],
    [{ do: 'reset', done: false }, 'broken', 0],
    [{ do: 'reset', done: true }, 'broken', 1],
    [{ do: 'slow', ms: 0 }, 201, 1],
  ];
  for (const [fault, answer, calls] of cases) {
    it(`${JSON.stringify(fault)} is answered ${answer} with ${calls} calls placed`, async (test) => {
      const stage = await openStage(test);
      stage.twin.faults.rest(fault, { only: 'create', times: 1 });
      assert.equal(await create(stage), answer);
      assert.equal(stage.twin.calls.length, calls);
      assert.equal(await create(stage), 201);
    });
  }

  it('an API that is offline refuses connections until it is back', async (test) => {
    const stage = await openStage(test);
    await stage.twin.goOffline();
    assert.equal(await create(stage), 'broken');
    await stage.twin.goOnline();
    assert.equal(await create(stage), 201);
  });
});

it('people answer in the order they were expected, and closing leaves nothing behind', async (test) => {
  const stage = await openStage(test);
  const [first, second] = [new Person(), new Person()];
  stage.twin.expect(ALICE, first);
  stage.twin.expect(ALICE, second);
  for (let count = 0; count < 3; count++) {
    await stage.sdk.calls.create(OURS, ALICE, `${stage.plugin.origin}/a`, {});
  }
  assert.deepEqual([first.lines.length, second.lines.length], [1, 2]);
  assert.equal(stage.twin.liveCalls().length, 3);
  await stage.twin.close();
  assert.equal(stage.twin.liveCalls().length, 0);
  await stage.twin.idle();
  assert.equal(stage.clock.pending, 0);
});
