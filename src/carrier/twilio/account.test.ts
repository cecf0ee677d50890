// Tests of account.ts: on a twin over real HTTP, with the official client as the judge of paths and names.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ACCOUNT, OURS, openStage, type Stage, TOKEN } from '../../../sim/twilio/stage.ts';
import { Desk, WEBHOOK, wrong } from '../../../test/wire/account.ts';
import { wrongFields } from '../account.ts';
import { twilioAccount } from './account.ts';

const FIELDS = 'A call comes in (Webhook URL), Call status changes (URL)';

async function open(test: TestContext, token = TOKEN, accountSid = ACCOUNT): Promise<Stage & { desk: Desk }> {
  const stage = await openStage(test);
  const apiBase = stage.twin.apiBaseUrl;
  return { ...stage, desk: new Desk(twilioAccount({ accountSid, authToken: token, apiBase }), apiBase) };
}

describe('Twilio, asked about our account,', () => {
  it('accepts good credentials, and says which are not', async (test) => {
    const { desk } = await open(test);
    assert.equal(((await desk.credentials()) as { kind: string }).kind, 'good');
    for (const [token, sid] of [
      ['another-token', ACCOUNT],
      [TOKEN, `AC${'f'.repeat(32)}`],
    ] as const) {
      const { desk: wrongDesk } = await open(test, token, sid);
      const found = (await wrongDesk.credentials()) as { kind: string; cure: string };
      assert.equal(found.kind, 'bad');
      assert.match(found.cure, /Account Dashboard/);
    }
  });

  it('that is suspended or on trial, is said to be', async () => {
    const account = twilioAccount({ accountSid: ACCOUNT, authToken: TOKEN, apiBase: 'https://x.test' });
    const after = (body: object): unknown => {
      const inquiry = account.credentials();
      inquiry.next();
      return inquiry.next({ kind: 'answered', status: 200, body: JSON.stringify(body), retryAfterMs: null })
        .value;
    };
    assert.match(JSON.stringify(after({ status: 'suspended', type: 'Full' })), /account is suspended/);
    assert.match(JSON.stringify(after({ status: 'active', type: 'Trial' })), /verified numbers only/);
  });

  it('says nothing about it while it is out of order', async (test) => {
    const { desk, twin } = await open(test);
    twin.faults.rest({ do: 'status', status: 503 });
    assert.equal(((await desk.credentials()) as { kind: string }).kind, 'unknown');
    await twin.goOffline();
    assert.equal(((await desk.number(OURS)) as { kind: string }).kind, 'unknown');
  });

  it('tells a number of ours from one of somebody else, also one that only looks alike', async (test) => {
    const { desk, twin } = await open(test);
    twin.numbers.add(`${OURS}9`);
    const found = (await desk.number(OURS)) as { kind: string; why: string };
    assert.equal(found.kind, 'foreign');
    assert.match(found.why, /not a number of this Twilio account/);
    twin.numbers.add(OURS, { capabilities: { voice: false, sms: true } });
    assert.match((await desk.ours(OURS)).mute?.why ?? '', /no voice capability/);
  });

  it('gets the webhook of a new number right, with the request the official client would send', async (test) => {
    const { desk, twin, sdk } = await open(test);
    twin.numbers.add(OURS);
    const fresh = await desk.ours(OURS);
    assert.equal(wrong(fresh), FIELDS);
    assert.equal(wrongFields(fresh, false).length, 0, 'calling out needs none of it');
    assert.equal(fresh.bound, null);
    assert.equal(await desk.repaired(OURS), '');
    const { sid, voice_url, status_callback } = twin.numbers.get(OURS)!;
    assert.deepEqual([voice_url, status_callback], [WEBHOOK, WEBHOOK]);
    const mine = twin.ledger.requests.filter(({ method }) => method === 'POST');
    await sdk.incomingPhoneNumbers(sid).update({
      voiceUrl: WEBHOOK,
      voiceMethod: 'POST',
      statusCallback: WEBHOOK,
      statusCallbackMethod: 'POST',
    });
    const theirs = twin.ledger.requests.filter(({ method }) => method === 'POST').slice(mine.length);
    const shape = ({ method, path, form }: (typeof mine)[number]): object => ({ method, path, form });
    assert.deepEqual(mine.map(shape), theirs.map(shape));
    const listed = await sdk.incomingPhoneNumbers.list({ phoneNumber: OURS });
    assert.equal(listed[0]?.voiceUrl, WEBHOOK);
    assert.deepEqual(twin.problems, []);
  });

  it('says what a number is bound to, and takes it out of that only when it is put right', async (test) => {
    const { desk, twin } = await open(test);
    const trunk = { trunk_sid: 'TK1', voice_url: WEBHOOK, status_callback: WEBHOOK };
    twin.numbers.add(OURS, trunk);
    const found = await desk.ours(OURS);
    assert.match(found.bound ?? '', /SIP trunk TK1/);
    assert.equal(wrong(found), 'Configure with');
    assert.equal(await desk.repaired(OURS), '');
    assert.equal(twin.numbers.get(OURS)?.trunk_sid, '');
    twin.numbers.add(OURS, { voice_url: 'https://webhooks.twilio.com/v1/Accounts/AC/Flows/FW' });
    assert.match((await desk.ours(OURS)).bound ?? '', /Studio Flow/);
    twin.numbers.add(OURS, { voice_application_sid: 'AP1', voice_method: 'GET' });
    const app = await desk.ours(OURS);
    assert.match(app.bound ?? '', /TwiML app AP1/);
    assert.match(wrong(app), /Configure with.*HTTP/);
    assert.deepEqual(twin.problems, []);
  });
});
