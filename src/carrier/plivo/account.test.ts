// Tests of account.ts: on a twin over real HTTP, with the official client as the judge of paths and names.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ACCOUNT, OURS, openStage, type Stage, TOKEN } from '../../../sim/plivo/stage.ts';
import { Desk, WEBHOOK, wrong } from '../../../test/wire/account.ts';
import { plivoAccount } from './account.ts';

type Found = { readonly kind: string; readonly why: string };

async function open(test: TestContext, authToken = TOKEN): Promise<Stage & { desk: Desk }> {
  const stage = await openStage(test);
  const apiBase = stage.twin.apiBaseUrl;
  return { ...stage, desk: new Desk(plivoAccount({ authId: ACCOUNT, authToken, apiBase }), apiBase) };
}

describe('Plivo, asked about our account,', () => {
  it('accepts good credentials, and says which are not', async (test) => {
    const { desk } = await open(test);
    assert.equal(((await desk.credentials()) as Found).kind, 'good');
    const { desk: other } = await open(test, 'another-token');
    const found = (await other.credentials()) as Found;
    assert.match(`${found.kind} ${found.why}`, /bad .*plivo\.authId/);
  });

  it('says nothing about it while it is out of order', async (test) => {
    const { desk, twin } = await open(test);
    await twin.goOffline();
    assert.equal(((await desk.credentials()) as Found).kind, 'unknown');
    assert.equal(((await desk.number(OURS)) as Found).kind, 'unknown');
  });

  it('tells a number of ours from one of somebody else, and one that has no voice', async (test) => {
    const { desk, twin } = await open(test);
    assert.equal(((await desk.number(OURS)) as Found).kind, 'foreign');
    twin.numbers.add(OURS, null, false);
    assert.match((await desk.ours(OURS)).mute?.why ?? '', /no voice capability/);
  });

  it('gets the application of a number right, with the request the official client would send', async (test) => {
    const { desk, twin, sdk } = await open(test);
    const id = twin.numbers.addApplication();
    twin.numbers.add(OURS, id);
    const fresh = await desk.ours(OURS);
    assert.equal(wrong(fresh).split(', ').length, 3);
    assert.equal(fresh.bound, null);
    assert.equal(await desk.repaired(OURS), '');
    assert.equal(twin.numbers.applicationOf(OURS)?.hangup_url, WEBHOOK);
    const mine = twin.ledger.requests.filter(({ method }) => method === 'POST');
    const urls = { answerUrl: WEBHOOK, answerMethod: 'POST', hangupUrl: WEBHOOK, hangupMethod: 'POST' };
    await sdk.applications.update(id, urls);
    const theirs = twin.ledger.requests.filter(({ method }) => method === 'POST').slice(mine.length);
    assert.deepEqual(
      mine.map(({ path, body }) => ({ path, body })),
      theirs.map(({ path, body }) => {
        const { is_voice_request: _ofTheLibrary, ...said } = body;
        return { path, body: said };
      }),
    );
  });

  it('gives a number of its own application when it has none, or shares one', async (test) => {
    const { desk, twin } = await open(test);
    twin.numbers.add(OURS);
    assert.equal(await desk.repaired(OURS), '');
    const { desk: second, twin: busy } = await open(test);
    const shared = busy.numbers.addApplication({ app_name: 'front desk' });
    busy.numbers.add(OURS, shared);
    // On the third page of the list.
    for (let n = 0; n < 45; n++) busy.numbers.add(`+1555100${1000 + n}`, n === 44 ? shared : null);
    const found = await second.ours(OURS);
    assert.match(found.bound ?? '', /front desk also answers another number/);
    assert.equal(await second.repaired(OURS), '');
    assert.match(busy.numbers.applicationOf(OURS)?.app_name ?? '', /^openclaw-voice-call-1/);
    assert.notEqual(busy.numbers.applicationOf('+15551001044')?.answer_url, WEBHOOK);
  });
});
