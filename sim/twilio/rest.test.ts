// RestApi: asked by the official SDK, and by hand where the SDK is too polite.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import twilio from 'twilio';
import { play } from '../play.ts';
import { Caller } from './caller.ts';
import { ACCOUNT, ALICE, OURS, openStage, sdkFor, TOKEN, twiml } from './stage.ts';

const HELLO = twiml('<Say>Hello</Say>');

function refusedWith(status: number, code: number): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof twilio.RestException, String(error));
    assert.deepEqual([error.status, error.code], [status, code]);
    assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
    return true;
  };
}

describe('creating a call', () => {
  it('answers 201 with a queued call that the SDK understands', async (test) => {
    const { sdk, twin } = await openStage(test);
    const call = await sdk.calls.create({ to: ALICE, from: OURS, twiml: HELLO });
    assert.equal(call.status, 'queued');
    assert.equal(call.direction, 'outbound-api');
    assert.deepEqual([call.to, call.toFormatted, call.from], [ALICE, '(555) 000-1234', OURS]);
    assert.match(call.sid, /^CA[0-9a-f]{32}$/);
    assert.equal(call.dateCreated.toISOString(), '2026-11-21T12:00:00.000Z');
    assert.equal(twin.ledger.requests[0]?.status, 201);
    assert.deepEqual(
      twin.liveCalls().map(({ sid }) => sid),
      [call.sid],
    );
    assert.deepEqual(twin.problems, []);
  });

  const refusals: readonly (readonly [string, Record<string, unknown>, number])[] = [
    ['no To', { to: '' }, 21201],
    ['a malformed To', { to: '12' }, 21211],
    ['no From', { from: '' }, 21213],
    ['a malformed From', { from: 'me' }, 21212],
    ['neither Url nor Twiml', { twiml: '' }, 21205],
    ['a relative Url', { url: '/voice' }, 21205],
    ['a host name with an underscore', { url: 'https://my_host.example.test/voice' }, 21205],
    ['an unknown method', { url: 'https://voice.example.test/', method: 'PATCH' }, 21209],
    ['a timeout above 600 s', { timeout: 601 }, 21208],
    ['odd digits', { sendDigits: '12x' }, 21206],
    ['an unknown status event', { statusCallbackEvent: ['answerd'] }, 21626],
    ['a malformed status callback', { statusCallback: 'voice' }, 21609],
    ['more than 4000 characters of TwiML', { twiml: twiml(`<Say>${'a'.repeat(4000)}</Say>`) }, 32018],
  ];
  for (const [what, change, code] of refusals) {
    it(`refuses ${what} with ${code}`, async (test) => {
      const { sdk, twin } = await openStage(test);
      const request = { to: ALICE, from: OURS, twiml: HELLO, ...change };
      await assert.rejects(sdk.calls.create(request), refusedWith(400, code));
      assert.deepEqual(twin.calls, []);
    });
  }

  it('refuses a number the account does not own with 21210', async (test) => {
    const { sdk } = await openStage(test, { fromNumbers: ['+15550009999'] });
    await assert.rejects(sdk.calls.create({ to: ALICE, from: OURS, twiml: HELLO }), refusedWith(400, 21210));
  });

  it('prefers Url over Twiml, and keeps repeated keys', async (test) => {
    const { sdk, twin, clock, plugin } = await openStage(test);
    plugin.answers = () => twiml('<Say>From the URL</Say>');
    const statusCallbackEvent = ['initiated', 'completed'];
    const common = { to: ALICE, from: OURS, url: `${plugin.origin}/voice`, twiml: HELLO };
    await sdk.calls.create({ ...common, statusCallback: `${plugin.origin}/status`, statusCallbackEvent });
    await play(clock, twin, () => twin.liveCalls().length === 0);
    assert.deepEqual(
      twin.person.heard.map(({ text }) => text),
      ['From the URL'],
    );
    const statuses = twin.calls[0]?.hooks.filter(({ kind }) => kind === 'status');
    assert.equal(statuses?.length, 2);
  });

  it('notes parameters the real API would silently ignore', async (test) => {
    const { twin } = await openStage(test);
    const form = new URLSearchParams({
      To: ALICE,
      From: OURS,
      Twiml: HELLO,
      StatusCallBack: 'https://x.test/',
    });
    assert.equal((await post(twin.apiBaseUrl, form)).status, 201);
    assert.deepEqual(
      twin.problems.map(({ code, text }) => [code, text]),
      [['unknown-parameter', 'StatusCallBack in a call create']],
    );
  });
});

describe('who may ask, and how', () => {
  it('a wrong token is answered 401 with 20003', async (test) => {
    const { twin } = await openStage(test);
    const call = sdkFor(twin, 'wrong').calls.create({ to: ALICE, from: OURS, twiml: HELLO });
    await assert.rejects(call, refusedWith(401, 20003));
    assert.deepEqual(twin.calls, []);
  });

  it('no credentials at all are answered 401', async (test) => {
    const { twin } = await openStage(test);
    assert.equal((await fetch(`${twin.apiBaseUrl}/2010-04-01/Accounts/${ACCOUNT}.json`)).status, 401);
  });

  it('an API key works where it is known', async (test) => {
    const key = `SK${'0'.repeat(32)}`;
    const { twin } = await openStage(test, { apiKeys: { [key]: 'key secret' } });
    const path = `/2010-04-01/Accounts/${ACCOUNT}.json`;
    const ask = (secret: string): Promise<Response> =>
      fetch(twin.apiBaseUrl + path, { headers: { authorization: `Basic ${btoa(`${key}:${secret}`)}` } });
    assert.equal((await ask('key secret')).status, 200);
    assert.equal((await ask('')).status, 401);
  });

  it('a JSON body is refused with 415', async (test) => {
    const { twin } = await openStage(test);
    const body = JSON.stringify({ To: ALICE, From: OURS, Twiml: HELLO });
    assert.equal((await post(twin.apiBaseUrl, body, 'application/json')).status, 415);
    assert.equal(twin.problems.length, 1);
  });

  it('the account can be read, and an unknown path is 404', async (test) => {
    const { sdk, twin } = await openStage(test);
    assert.equal((await sdk.api.v2010.accounts(ACCOUNT).fetch()).status, 'active');
    const headers = { authorization: `Basic ${btoa(`${ACCOUNT}:${TOKEN}`)}` };
    assert.equal((await fetch(`${twin.apiBaseUrl}/2010-04-01/Nothing.json`, { headers })).status, 404);
  });
});

describe('an existing call', () => {
  async function inCall(test: TestContext, verbs: string, person = new Caller()) {
    const stage = await openStage(test);
    stage.twin.expect(ALICE, person);
    const { sid } = await stage.sdk.calls.create({ to: ALICE, from: OURS, twiml: twiml(verbs) });
    const call = stage.twin.call(sid);
    assert.ok(call);
    const { clock, twin } = stage;
    return { ...stage, call, sid, step: (until: number | (() => boolean)) => play(clock, twin, until) };
  }

  it('can be fetched in every state, with start, end and duration', async (test) => {
    const { sdk, sid, step, call } = await inCall(test, '<Pause length="37"/>');
    await step(1000);
    assert.equal((await sdk.calls(sid).fetch()).status, 'ringing');
    await step(() => call.status === 'in-progress');
    assert.equal((await sdk.calls(sid).fetch()).status, 'in-progress');
    await step(() => !call.isAlive);
    const fetched = await sdk.calls(sid).fetch();
    assert.deepEqual([fetched.status, fetched.duration], ['completed', '37']);
    assert.equal(fetched.endTime.getTime() - fetched.startTime.getTime(), 37_000);
  });

  it('new TwiML interrupts what is being said, and the person hears where', async (test) => {
    const { sdk, sid, step, call } = await inCall(test, `<Say>${'0123456789'.repeat(10)}</Say>`);
    await step(() => call.status === 'in-progress');
    await step(1300);
    assert.equal((await sdk.calls(sid).update({ twiml: HELLO })).status, 'in-progress');
    await step(() => !call.isAlive);
    assert.deepEqual(
      call.heard.map(({ text, cut, to, from }) => [text, cut, to - from]),
      [
        ['01234567890123456789', true, 1300],
        ['Hello', false, 325],
      ],
    );
  });

  it('who was about to speak when the line stopped listening waits until it listens again', async (test) => {
    const person = new Caller().says('Hello?', { afterMs: 2000 });
    const { sdk, sid, step, call, plugin } = await inCall(
      test,
      '<Gather input="speech" timeout="60"/>',
      person,
    );
    await step(() => call.status === 'in-progress');
    await step(1000);
    const listen = `<Gather input="speech" speechTimeout="1" action="${plugin.origin}/a"/>`;
    await sdk.calls(sid).update({ twiml: twiml(`<Say>${'0123456789'.repeat(5)}</Say>${listen}`) });
    await step(() => !call.isAlive);
    const [spoken] = call.said;
    assert.equal((spoken?.from ?? 0) - (call.answeredAt ?? 0), 1000 + 3250 + 2000);
    assert.equal(spoken?.caught, true);
  });

  it('a new Url is fetched with the parameters of the call', async (test) => {
    const { sdk, sid, step, call, plugin } = await inCall(test, '<Pause length="60"/>');
    await step(() => call.status === 'in-progress');
    await sdk.calls(sid).update({ url: `${plugin.origin}/next`, method: 'GET' });
    await step(() => !call.isAlive);
    const [question] = plugin.questions;
    assert.deepEqual([question?.path, question?.method], ['/next', 'GET']);
    assert.equal(question?.params['CallStatus'], 'in-progress');
  });

  it('Status=completed ends it, and ends ringing as canceled', async (test) => {
    const talking = await inCall(test, '<Pause length="60"/>');
    await talking.step(() => talking.call.status === 'in-progress');
    assert.equal((await talking.sdk.calls(talking.sid).update({ status: 'completed' })).status, 'completed');
    assert.equal(talking.call.end?.by, 'plugin');
    const ringing = await inCall(test, '<Pause length="60"/>');
    await ringing.step(600);
    assert.equal((await ringing.sdk.calls(ringing.sid).update({ status: 'completed' })).status, 'canceled');
    await ringing.step(5000);
    assert.equal(ringing.call.status, 'canceled');
    assert.equal(ringing.clock.pending, 0);
  });

  it('Status=canceled is for calls nobody answered yet', async (test) => {
    const { sdk, sid, step, call } = await inCall(test, '<Pause length="60"/>');
    await step(() => call.status === 'in-progress');
    await assert.rejects(sdk.calls(sid).update({ status: 'canceled' }), refusedWith(400, 21220));
  });

  it('an ended or a ringing call cannot be redirected: 21220', async (test) => {
    const { sdk, sid, step, call } = await inCall(test, '<Hangup/>');
    await assert.rejects(sdk.calls(sid).update({ twiml: HELLO }), refusedWith(400, 21220));
    await step(() => !call.isAlive);
    await assert.rejects(sdk.calls(sid).update({ twiml: HELLO }), refusedWith(400, 21220));
  });

  it('hanging up an ended call is 404, or 21220 where the account answers so', async (test) => {
    const { sdk, sid, step, call } = await inCall(test, '<Hangup/>');
    await step(() => !call.isAlive);
    await assert.rejects(sdk.calls(sid).update({ status: 'completed' }), refusedWith(404, 20404));
    const other = await openStage(test, { endedHangUp: '21220' });
    const made = await other.sdk.calls.create({ to: ALICE, from: OURS, twiml: HELLO });
    await play(other.clock, other.twin, () => other.twin.liveCalls().length === 0);
    await assert.rejects(other.sdk.calls(made.sid).update({ status: 'completed' }), refusedWith(400, 21220));
  });

  it('an unknown call is 404, a deleted one too', async (test) => {
    const { sdk, sid } = await inCall(test, '');
    await assert.rejects(sdk.calls(`CA${'0'.repeat(32)}`).fetch(), refusedWith(404, 20404));
    assert.equal(await sdk.calls(sid).remove(), true);
    await assert.rejects(sdk.calls(sid).fetch(), refusedWith(404, 20404));
  });

  it('the time limit, its own or the account’s, ends it as completed', async (test) => {
    const { sdk, sid, step, call } = await inCall(test, '<Pause length="9999"/>');
    await step(() => call.status === 'in-progress');
    await sdk.calls(sid).update({ timeLimit: 30 });
    await step(() => !call.isAlive);
    assert.deepEqual([call.end?.by, call.status, call.durationS], ['carrier', 'completed', 30]);
    const long = await inCall(test, '<Pause length="99999"/>');
    await long.step(14_399_000 + 1500);
    assert.equal(long.call.isAlive, true);
    await long.step(1000);
    assert.deepEqual([long.call.status, long.call.durationS], ['completed', 14_400]);
  });
});

function post(origin: string, body: URLSearchParams | string, type?: string): Promise<Response> {
  const authorization = `Basic ${btoa(`${ACCOUNT}:${TOKEN}`)}`;
  const headers = type === undefined ? { authorization } : { authorization, 'content-type': type };
  return fetch(`${origin}/2010-04-01/Accounts/${ACCOUNT}/Calls.json`, { method: 'POST', body, headers });
}
