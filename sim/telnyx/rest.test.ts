// RestApi: asked by the official SDK, and by hand where the SDK is too polite.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import Telnyx from 'telnyx';
import { play } from '../play.ts';
import { Person } from './person.ts';
import { ALICE, OURS, openStage, type Stage, sdkFor } from './stage.ts';

const dialling = { connection_id: '7267000000000000001', to: ALICE, from: OURS };
const speech = { payload: 'Hello', voice: 'AWS.Polly.Joanna' };

function refusedWith(status: number, code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Telnyx.APIError, String(error));
    const { errors } = error.error as { errors: { code: unknown; title: string; detail: string }[] };
    assert.deepEqual([error.status, errors[0]?.code], [status, code]);
    assert.ok(errors[0]?.title && errors[0].detail);
    return true;
  };
}

/** A call that was placed and is `until`. */
async function placed(test: TestContext, until: 'queued' | 'answered' | 'ended', person = new Person()) {
  const stage = await openStage(test);
  stage.twin.expect(ALICE, person);
  const { data } = await stage.sdk.calls.dial(dialling);
  const id = data?.call_control_id ?? '';
  const call = stage.twin.call(id);
  assert.ok(call);
  const step = (what: number | (() => boolean)): Promise<number> => play(stage.clock, stage.twin, what);
  if (until !== 'queued') await step(() => call.isAnswered);
  if (until === 'ended') await stage.sdk.calls.actions.hangup(id, {});
  return { ...stage, id, call, step, actions: stage.sdk.calls.actions };
}

function post({ twin }: Pick<Stage, 'twin'>, path: string, body: string | undefined, method = 'POST') {
  const headers = { authorization: `Bearer ${twin.settings.apiKey}`, 'content-type': 'application/json' };
  return fetch(
    `${twin.apiBaseUrl}${path}`,
    body === undefined ? { method, headers } : { method, headers, body },
  );
}

describe('dialling', () => {
  it('answers 200 with the ids of a call that is not alive yet', async (test) => {
    const { sdk, twin } = await openStage(test);
    const { data } = await sdk.calls.dial(dialling);
    assert.match(data?.call_control_id ?? '', /^v3:[\w-]{40}$/);
    assert.match(data?.call_leg_id ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual([data?.is_alive, data?.record_type], [false, 'call']);
    assert.deepEqual(
      twin.liveCalls().map(({ id }) => id),
      [data?.call_control_id],
    );
    assert.deepEqual(twin.problems, []);
  });

  const refusals: readonly (readonly [string, object, number, string])[] = [
    ['no to', { to: undefined }, 422, '10004'],
    ['a number that is none', { to: '12' }, 422, '10016'],
    ['a number without plus', { from: '15550001234' }, 422, '10016'],
    ['no connection', { connection_id: '' }, 422, '10004'],
    ['the connection of somebody else', { connection_id: '1' }, 422, '10015'],
    ['to ring for four seconds', { timeout_secs: 4 }, 422, '10033'],
    ['to ring for half a second more', { timeout_secs: 30.5 }, 422, '10015'],
    ['to last longer than four hours', { time_limit_secs: 14_401 }, 422, '10033'],
    ['a state that is no base64', { client_state: 'call-1' }, 422, '90017'],
    ['a webhook by PATCH', { webhook_url_method: 'PATCH' }, 422, '10032'],
    ['a webhook address that is none', { webhook_url: 'voice' }, 422, '10015'],
  ];
  for (const [what, change, status, code] of refusals) {
    it(`refuses ${what} with ${code}`, async (test) => {
      const { sdk, twin } = await openStage(test);
      await assert.rejects(sdk.calls.dial({ ...dialling, ...change }), refusedWith(status, code));
      assert.deepEqual(twin.calls, []);
    });
  }

  it('refuses a number the account does not own, and more calls than it may have', async (test) => {
    const { sdk } = await openStage(test, { fromNumbers: ['+15550009999'] });
    await assert.rejects(sdk.calls.dial(dialling), refusedWith(422, '10015'));
    const small = await openStage(test, { channels: 1 });
    await small.sdk.calls.dial(dialling);
    await assert.rejects(small.sdk.calls.dial(dialling), refusedWith(403, '90041'));
  });

  it('with the same command id is one call for a minute, and another after it', async (test) => {
    const { sdk, twin, clock } = await openStage(test);
    twin.person.noAnswer();
    const dial = async (): Promise<string | undefined> =>
      (await sdk.calls.dial({ ...dialling, command_id: 'dial-1' })).data?.call_control_id;
    const first = await dial();
    await play(clock, twin, 59_000);
    assert.equal(await dial(), first);
    assert.deepEqual([twin.calls.length, twin.ledger.requests[1]?.isRepeated], [1, true]);
    await play(clock, twin, 1_000);
    assert.notEqual(await dial(), first);
  });

  it('notes fields the real API would silently ignore', async (test) => {
    const { sdk, twin } = await openStage(test);
    await sdk.calls.dial({ ...dialling, ...{ webhookUrl: 'https://x.test/' }, record: 'record-from-answer' });
    assert.deepEqual(
      twin.problems.map(({ code, text }) => [code, text]),
      [
        ['unknown-parameter', 'webhookUrl in dial'],
        ['not-simulated', 'record in dial'],
      ],
    );
  });
});

describe('who may ask, and how', () => {
  it('a wrong key is answered 401 with 10009, and so is none', async (test) => {
    const stage = await openStage(test);
    await assert.rejects(sdkFor(stage.twin, 'wrong').calls.dial(dialling), refusedWith(401, '10009'));
    assert.equal((await fetch(`${stage.twin.apiBaseUrl}/v2/calls`, { method: 'POST' })).status, 401);
    assert.deepEqual(stage.twin.calls, []);
  });

  it('a body must be a JSON object, even an empty one', async (test) => {
    const stage = await placed(test, 'answered');
    const path = `/v2/calls/${stage.id}/actions/hangup`;
    for (const body of [undefined, '', 'null', '[]', '{'])
      assert.equal((await post(stage, path, body)).status, 400);
    assert.equal((await post(stage, path, '{}')).status, 200);
  });

  it('an address that is none is 404', async (test) => {
    const stage = await placed(test, 'answered');
    const { id } = stage;
    const wrong = [
      '/v2/',
      '/v1/calls',
      `/v2/calls/${id}/hangup`,
      `/v2/calls/${id}/actions/dial`,
      `/v2/calls/%/x`,
    ];
    for (const path of wrong) assert.equal((await post(stage, path, '{}')).status, 404, path);
    assert.equal((await post(stage, `/v2/calls/${id}/actions/client_state_update`, '{}')).status, 404);
    assert.equal((await post(stage, '/v2/calls', undefined, 'GET')).status, 404);
  });

  it('a command this twin does not play is a problem, and not carried out', async (test) => {
    const stage = await placed(test, 'answered');
    assert.equal((await post(stage, `/v2/calls/${stage.id}/actions/bridge`, '{}')).status, 404);
    assert.equal((await post(stage, `/v2/calls/${stage.id}/actions/answr`, '{}')).status, 404);
    assert.deepEqual(
      stage.twin.problems.map(({ code }) => code),
      ['not-simulated', 'unknown-command'],
    );
  });

  it('a call may be named with its id percent-encoded or not', async (test) => {
    const stage = await placed(test, 'answered');
    for (const id of [stage.id, encodeURIComponent(stage.id)]) {
      assert.equal((await post(stage, `/v2/calls/${id}`, undefined, 'GET')).status, 200);
    }
  });
});

describe('a command', () => {
  it('is refused with 90034 before the answer', async (test) => {
    const { actions, id } = await placed(test, 'queued');
    await assert.rejects(actions.speak(id, speech), refusedWith(422, '90034'));
    await assert.rejects(actions.startTranscription(id, {}), refusedWith(422, '90034'));
    await assert.rejects(actions.sendDtmf(id, { digits: '1' }), refusedWith(422, '90034'));
  });

  it('is refused with 90018 after the end, however the call ended', async (test) => {
    const { actions, id } = await placed(test, 'ended');
    await assert.rejects(actions.hangup(id, {}), refusedWith(422, '90018'));
    await assert.rejects(actions.speak(id, speech), refusedWith(422, '90018'));
  });

  it('for a call nobody knows is refused with 90015', async (test) => {
    const { sdk } = await openStage(test);
    await assert.rejects(sdk.calls.actions.hangup('v3:unknown', {}), refusedWith(422, '90015'));
  });

  it('to answer a call we placed is refused with 90102', async (test) => {
    const { actions, id } = await placed(test, 'answered');
    await assert.rejects(actions.answer(id, {}), refusedWith(422, '90102'));
    await assert.rejects(actions.reject(id, { cause: 'USER_BUSY' }), refusedWith(422, '10015'));
  });

  it('with wrong fields is refused, and changes nothing', async (test) => {
    const { actions, id, twin } = await placed(test, 'answered');
    const language = 'xx-XX' as 'en-US';
    const wrong: readonly (readonly [Promise<unknown>, string])[] = [
      [actions.speak(id, { ...speech, payload: 'x'.repeat(3001) }), '10033'],
      [actions.speak(id, { ...speech, voice: '' }), '10004'],
      [actions.speak(id, { ...speech, language }), '10032'],
      [actions.speak(id, { ...speech, voice: 'female' }), '10015'],
      [actions.speak(id, { ...speech, service_level: 'basic', language: 'de-DE' }), '10015'],
      [actions.speak(id, { ...speech, stop: 'everything' }), '10032'],
      [actions.sendDtmf(id, { digits: '1,2' }), '10015'],
      [actions.startTranscription(id, { transcription_engine: 'Whisper' as 'Google' }), '10032'],
      [
        actions.startTranscription(id, { transcription_engine_config: { language: 'en-US' as 'en' } }),
        '10032',
      ],
      [actions.updateClientState(id, { client_state: '{}' }), '90017'],
    ];
    for (const [command, code] of wrong) await assert.rejects(command, refusedWith(422, code));
    assert.deepEqual(twin.call(id)?.heard, []);
    assert.equal(twin.call(id)?.clientState, undefined);
  });

  it('a language beside the engine is a field nobody reads', async (test) => {
    const stage = await placed(test, 'answered');
    await post(stage, `/v2/calls/${stage.id}/actions/transcription_start`, '{"language":"en"}');
    assert.deepEqual(
      stage.twin.problems.map(({ text }) => text),
      ['language in transcription_start'],
    );
  });

  it('with the id of an earlier one is ignored for a minute', async (test) => {
    const { actions, id, step, call } = await placed(test, 'answered');
    const say = (): Promise<unknown> => actions.speak(id, { ...speech, command_id: 'say-1' });
    await say();
    await say();
    await step(59_000);
    await say();
    assert.deepEqual(
      call.heard.map(({ text }) => text),
      ['Hello'],
    );
    await step(2_000);
    await say();
    await step(1_000);
    assert.equal(call.heard.length, 2);
  });

  it('that was refused may be repeated under the same id', async (test) => {
    const { actions, id, call, step } = await placed(test, 'queued');
    const say = (): Promise<unknown> => actions.speak(id, { ...speech, command_id: 'say-1' });
    await assert.rejects(say(), refusedWith(422, '90034'));
    await step(() => call.isAnswered);
    await say();
    await step(1_000);
    assert.equal(call.heard.length, 1);
  });
});

describe('the state of a call', () => {
  it('is told from its beginning until ten minutes after its end', async (test) => {
    const { sdk, id, step, actions } = await placed(test, 'queued');
    const stands = async () => (await sdk.calls.retrieveStatus(id)).data;
    assert.equal((await stands())?.is_alive, true);
    await step(11_500);
    await actions.hangup(id, {});
    const ended = await stands();
    assert.deepEqual([ended?.is_alive, ended?.call_duration], [false, 10]);
    await step(600_000);
    assert.equal((await stands())?.is_alive, false);
    await step(1);
    await assert.rejects(stands(), refusedWith(404, '10005'));
  });
});

describe('a fault', () => {
  it('answers with a status and does nothing', async (test) => {
    const { sdk, twin } = await openStage(test);
    twin.faults.rest({ do: 'status', status: 429 }, { only: 'dial', times: 1 });
    const off = twin.faults.rest({ do: 'status', status: 503 });
    await assert.rejects(sdk.calls.dial(dialling), refusedWith(429, '10011'));
    await assert.rejects(sdk.calls.dial(dialling), refusedWith(503, '10007'));
    off();
    await sdk.calls.dial(dialling);
    assert.equal(twin.calls.length, 1);
  });

  it('breaks the connection, having done it or not', async (test) => {
    const { sdk, twin } = await openStage(test);
    twin.faults.rest({ do: 'reset', done: false }, { times: 1 });
    await assert.rejects(sdk.calls.dial(dialling), Telnyx.APIConnectionError);
    assert.equal(twin.calls.length, 0);
    twin.faults.rest({ do: 'reset', done: true }, { times: 1 });
    await assert.rejects(sdk.calls.dial(dialling), Telnyx.APIConnectionError);
    assert.equal(twin.calls.length, 1);
  });

  it('lets webhooks overtake the answer to the dialling', async (test) => {
    const { sdk, twin, clock, plugin } = await openStage(test);
    twin.faults.rest({ do: 'slow', ms: 5_000 }, { only: 'dial' });
    const dialled = sdk.calls.dial(dialling);
    await play(clock, twin, () => plugin.told.length > 0);
    assert.deepEqual([plugin.told[0]?.type, twin.ledger.requests[0]?.status], ['call.initiated', undefined]);
    await play(clock, twin, 5_000);
    assert.equal((await dialled).data?.call_control_id, plugin.told[0]?.payload['call_control_id']);
  });

  it('is no one there at all', async (test) => {
    const { sdk, twin } = await openStage(test);
    await twin.goOffline();
    await assert.rejects(sdk.calls.dial(dialling), Telnyx.APIConnectionError);
    await twin.goOnline();
    await sdk.calls.dial(dialling);
  });
});
