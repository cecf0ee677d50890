// RestApi: what the official client gets from the twin, and what stands on its wire.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { play } from '../play.ts';
import type { PlivoCall } from './call.ts';
import { Person } from './person.ts';
import { ACCOUNT, ALICE, OURS, openStage, plivoXml, type Stage, TOKEN } from './stage.ts';

interface Dialled extends Stage {
  readonly call: PlivoCall;
  readonly requestUuid: string;
}

/** Places a call to Alice through the official client. */
async function dial(test: TestContext, person: Person, more: object = {}, elements = ''): Promise<Dialled> {
  const stage = await openStage(test);
  stage.twin.expect(ALICE, person);
  stage.plugin.answers = () => plivoXml(elements);
  const { origin } = stage.plugin;
  const urls = { ringUrl: `${origin}/ring`, hangupUrl: `${origin}/hangup`, answerMethod: 'POST' };
  const answer = await stage.sdk.calls.create('15550005678', '15550001234', `${origin}/answer`, {
    ...urls,
    ...more,
  });
  const [call] = stage.twin.calls;
  assert.ok(call);
  return { ...stage, call, requestUuid: uuidIn(answer) };
}

function uuidIn(answer: unknown): string {
  return (answer as { requestUuid: string }).requestUuid;
}

async function finished(scene: Dialled): Promise<void> {
  await play(scene.clock, scene.twin, () => !scene.call.isAlive);
  await scene.twin.idle();
}

function post(scene: Stage, path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${scene.twin.apiBaseUrl}/v1/Account/${ACCOUNT}/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
}

describe('placing a call', () => {
  it('names the request, rings, asks for the document and tells the end', async (test) => {
    const scene = await dial(test, new Person(), {}, '<Speak>Hello</Speak>');
    await finished(scene);
    assert.notEqual(scene.requestUuid, scene.call.uuid);
    assert.deepEqual(
      scene.plugin.questions.map(({ path, params }) => [path, params['Event'], params['CallStatus']]),
      [
        ['/ring', 'Ring', 'ringing'],
        ['/answer', 'StartApp', 'in-progress'],
        ['/hangup', 'Hangup', 'completed'],
      ],
    );
    for (const { params } of scene.plugin.questions) {
      assert.deepEqual(
        ['CallUUID', 'RequestUUID', 'ALegRequestUUID', 'Direction'].map((name) => params[name]),
        [scene.call.uuid, scene.requestUuid, scene.requestUuid, 'outbound'],
      );
    }
    assert.deepEqual(scene.twin.problems, []);
  });

  it('ends as the person and the time limits have it', async (test) => {
    const ends: (readonly unknown[])[] = [];
    for (const [person, more] of [
      [new Person().busy(), {}],
      [new Person().noAnswer(), { ringTimeout: 20 }],
      [new Person().declines(), {}],
      [new Person().fails(), {}],
      [new Person(), { timeLimit: 30 }],
    ] as const) {
      const scene = await dial(test, person, more, '<Wait length="99"/>');
      await finished(scene);
      const { params } = scene.plugin.questions.at(-1) ?? assert.fail('there was no notification');
      ends.push([params['CallStatus'], params['HangupCauseCode'], params['Duration']]);
    }
    assert.deepEqual(ends, [
      ['busy', '3010', '0'],
      ['timeout', '6010', '0'],
      ['failed', '3020', '0'],
      ['failed', '3050', '0'],
      ['completed', '6000', '30'],
    ]);
  });

  it('is refused with a sentence when something is wrong', async (test) => {
    const scene = await openStage(test, { fromNumbers: [OURS] });
    const good = { from: '15550005678', to: '15550001234', answer_url: 'https://voice.example.test/a' };
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ from: undefined }, /from parameter not present/],
      [{ from: '15550009999' }, /not a number rented/],
      [{ to: 'x' }, /to parameter: x is not a valid number/],
      [{ answer_url: undefined }, /answer_url parameter not present/],
      [{ answer_url: '/relative' }, /answer_url parameter is not a valid URL/],
      [{ answer_method: 'PUT' }, /must be GET or POST/],
      [{ ring_timeout: 0 }, /ring_timeout parameter/],
      [{ time_limit: 86_401 }, /time_limit parameter/],
    ];
    for (const [change, sentence] of wrong) {
      const response = await post(scene, 'Call/', { ...good, ...change });
      assert.equal(response.status, 400);
      assert.match(((await response.json()) as { error: string }).error, sentence);
    }
    assert.deepEqual(scene.twin.calls, []);
    assert.equal((await post(scene, 'Call/', good)).status, 201);
  });

  it('several numbers are several requests, and strange fields are told', async (test) => {
    const scene = await openStage(test);
    const order = { from: OURS, to: `${ALICE}<15550001235`, answer_url: 'https://voice.example.test/a' };
    const response = await post(scene, 'Call/', { ...order, ringTimeout: 3, send_digits: '1' });
    const { request_uuid } = (await response.json()) as { request_uuid: unknown };
    assert.ok(Array.isArray(request_uuid) && request_uuid.length === 2);
    assert.deepEqual(
      scene.twin.problems.map(({ code, text }) => [code, text]),
      [
        ['request', 'ringTimeout in a call create'],
        ['not-simulated', 'send_digits in a call create'],
      ],
    );
  });

  it('needs the credentials, JSON and the slash', async (test) => {
    const scene = await openStage(test);
    const unknown = await post(scene, 'Call/', {}, { headers: { 'content-type': 'application/json' } });
    assert.deepEqual([unknown.status, unknown.headers.get('content-type')], [401, 'text/plain']);
    assert.equal((await post(scene, 'Call/', 'from=1')).status, 400);
    assert.equal((await post(scene, 'Call', {})).status, 404);
    assert.equal(scene.twin.problems.length, 2);
  });
});

describe('a call in progress', () => {
  const talking = async (test: TestContext): Promise<Dialled> => {
    const scene = await dial(test, new Person(), {}, `<Speak>${'0123456789'.repeat(10)}</Speak>`);
    await play(scene.clock, scene.twin, () => scene.call.status === 'in-progress');
    await play(scene.clock, scene.twin, 650);
    return scene;
  };

  it('is transferred: what it did is cut short, and it runs the new document', async (test) => {
    const scene = await talking(test);
    scene.plugin.answers = () => plivoXml('<Speak>Other</Speak>');
    await scene.sdk.calls.transfer(scene.call.uuid, { legs: 'aleg', alegUrl: `${scene.plugin.origin}/next` });
    await finished(scene);
    assert.deepEqual(
      scene.call.heard.map(({ text, cut }) => [text, cut]),
      [
        ['0123456789', true],
        ['Other', false],
      ],
    );
    const next = scene.plugin.questions.find(({ path }) => path === '/next');
    assert.equal(next?.params['CallStatus'], 'in-progress');
  });

  it('a transfer to something that is no document ends it with 8013 or 7013', async (test) => {
    for (const [answer, code] of [
      ['nothing', 8013],
      [{ status: 500 }, 7013],
    ] as const) {
      const scene = await talking(test);
      scene.plugin.answers = () => answer;
      await scene.sdk.calls.transfer(scene.call.uuid, { alegUrl: `${scene.plugin.origin}/next` });
      await finished(scene);
      assert.deepEqual([scene.call.status, scene.call.end?.cause.code], ['completed', code]);
    }
  });

  it('is ended as a loop by its seventy-first transfer', async (test) => {
    const scene = await talking(test);
    scene.plugin.answers = () => plivoXml('<Wait length="9"/>');
    for (let count = 1; count <= 71; count++) {
      assert.equal(scene.call.isAlive, true, `${count}`);
      await scene.sdk.calls.transfer(scene.call.uuid, { alegUrl: `${scene.plugin.origin}/next` });
      await play(scene.clock, scene.twin, 20);
    }
    assert.equal(scene.call.end?.cause.code, 2060);
  });

  it('is hung up, and is gone then', async (test) => {
    const scene = await talking(test);
    await scene.sdk.calls.hangup(scene.call.uuid);
    assert.deepEqual([scene.call.end?.by, scene.call.end?.cause.source], ['plugin', 'API Request']);
    await assert.rejects(scene.sdk.calls.hangup(scene.call.uuid));
    assert.equal(scene.call.requests.at(-1)?.status, 404);
  });

  it('takes keys and words beside its document', async (test) => {
    const scene = await talking(test);
    const digits = await post(scene, `Call/${scene.call.uuid}/DTMF/`, { digits: '12', leg: 'aleg' });
    assert.deepEqual(
      [digits.status, ((await digits.json()) as { message: string }).message],
      [202, 'digits sent'],
    );
    await post(scene, `Call/${scene.call.uuid}/Speak/`, { text: 'Psst' });
    assert.equal((await post(scene, `Call/${scene.call.uuid}/DTMF/`, { digits: 'A' })).status, 400);
    await finished(scene);
    assert.deepEqual(
      scene.call.heard.map(({ text, cut }) => [text, cut]),
      [
        ['Psst', false],
        ['12', false],
        ['0123456789'.repeat(10), false],
      ],
    );
  });

  it('can be asked about while it is live, and by its record when it is over', async (test) => {
    const scene = await talking(test);
    const live = (await scene.sdk.calls.getLiveCall(scene.call.uuid)) as { callStatus: string };
    assert.equal(live.callStatus, 'in-progress');
    const get = { method: 'GET', body: null };
    const list = (await (await post(scene, 'Call/?status=live', '', get)).json()) as { calls: unknown };
    assert.deepEqual(list.calls, [scene.call.uuid]);
    await finished(scene);
    assert.equal((await post(scene, `Call/${scene.call.uuid}/?status=live`, '', get)).status, 404);
    const record = (await (await post(scene, `Call/${scene.call.uuid}/`, '', get)).json()) as object;
    assert.equal('hangup_cause_code' in record && record.hangup_cause_code, 4010);
  });
});

describe('a call nobody has answered yet', () => {
  it('is taken back by the id of its request, and not once it was answered', async (test) => {
    const scene = await dial(test, new Person().answersAfter(9_000));
    await play(scene.clock, scene.twin, 1_000);
    await scene.sdk.calls.cancel(scene.requestUuid);
    await scene.twin.idle();
    assert.deepEqual([scene.call.status, scene.call.end?.cause.code], ['failed', 1000]);
    const answered = await dial(test, new Person(), {}, '<Wait length="9"/>');
    await play(answered.clock, answered.twin, () => answered.call.status === 'in-progress');
    await assert.rejects(answered.sdk.calls.cancel(answered.requestUuid));
  });

  it('cannot be transferred', async (test) => {
    const scene = await dial(test, new Person().answersAfter(9_000));
    await assert.rejects(
      scene.sdk.calls.transfer(scene.call.uuid, { alegUrl: 'https://voice.example.test/' }),
    );
    assert.equal(scene.call.requests.at(-1)?.status, 400);
  });
});
