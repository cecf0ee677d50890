// Tests of account.ts: on a twin over real HTTP, with the official client as the judge of paths and names.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { OURS, openStage, type Stage } from '../../../sim/telnyx/stage.ts';
import { Desk, WEBHOOK, wrong } from '../../../test/wire/account.ts';
import { wrongFields } from '../account.ts';
import { telnyxAccount } from './account.ts';

type Found = { readonly kind: string; readonly why: string; readonly cure: string };

async function open(
  test: TestContext,
  login: { readonly apiKey?: string; readonly connectionId?: string } = {},
): Promise<Stage & { desk: Desk; connectionId: string }> {
  const stage = await openStage(test);
  const { apiKey, connectionId } = stage.twin.settings;
  const apiBase = stage.twin.apiBaseUrl;
  const account = telnyxAccount({ apiKey, connectionId, apiBase, ...login });
  return { ...stage, connectionId, desk: new Desk(account, apiBase) };
}

describe('Telnyx, asked about our account,', () => {
  it('accepts a good key, and says whether the key or the application is wrong', async (test) => {
    const { desk } = await open(test);
    assert.equal(((await desk.credentials()) as Found).kind, 'good');
    const key = (await (await open(test, { apiKey: 'KEY-other' })).desk.credentials()) as Found;
    assert.match(`${key.kind} ${key.why}`, /bad .*telnyx\.apiKey/);
    const app = (await (await open(test, { connectionId: '1' })).desk.credentials()) as Found;
    assert.match(`${app.kind} ${app.why}`, /bad .*telnyx\.connectionId/);
  });

  it('says nothing about it while it is out of order', async (test) => {
    const { desk, twin } = await open(test);
    await twin.goOffline();
    assert.equal(((await desk.credentials()) as Found).kind, 'unknown');
    assert.equal(((await desk.number(OURS)) as Found).kind, 'unknown');
  });

  it('tells a number of ours from one of somebody else, and one that carries no calls', async (test) => {
    const { desk, twin } = await open(test);
    assert.equal(((await desk.number(OURS)) as Found).kind, 'foreign');
    twin.numbers.add(OURS, { status: 'port-pending' });
    assert.match((await desk.ours(OURS)).mute?.why ?? '', /port-pending/);
  });

  it('gets application and number right, with the requests the official client would send', async (test) => {
    const { desk, twin, sdk, connectionId } = await open(test);
    twin.numbers.add(OURS);
    twin.numbers.application = { ...twin.numbers.application, webhook_api_version: '1', active: false };
    const fresh = await desk.ours(OURS);
    assert.equal(wrong(fresh).split(', ').length, 4);
    assert.equal(wrongFields(fresh, false).length, 2, 'calling out needs version and activity');
    assert.equal(await desk.repaired(OURS), '');
    assert.equal(twin.numbers.application.webhook_event_url, WEBHOOK);
    const mine = twin.ledger.requests.filter(({ method }) => method === 'PATCH');
    await sdk.callControlApplications.update(connectionId, {
      application_name: 'my application',
      webhook_event_url: WEBHOOK,
      webhook_api_version: '2',
      active: true,
    });
    await sdk.phoneNumbers.update(twin.numbers.get(OURS)!.id, { connection_id: connectionId });
    const theirs = twin.ledger.requests.filter(({ method }) => method === 'PATCH').slice(mine.length);
    const shape = ({ method, path, body }: (typeof mine)[number]): object => ({ method, path, body });
    assert.deepEqual(mine.map(shape), theirs.map(shape));
    const page = await sdk.phoneNumbers.list({ filter: { phone_number: OURS.slice(1) } });
    assert.equal(page.data[0]?.connection_id, connectionId);
  });

  it('says what the number is bound to, and whom a change of the application would reach', async (test) => {
    const { desk, twin, connectionId } = await open(test);
    twin.numbers.add(OURS, { connection_id: '99', connection_name: 'office trunk' });
    assert.match((await desk.ours(OURS)).bound ?? '', /office trunk/);
    twin.numbers.add(OURS, { connection_id: connectionId });
    twin.numbers.add('+15550007777', { connection_id: connectionId });
    assert.match((await desk.ours(OURS)).bound ?? '', /also serves another number/);
  });

  it('says that an application without an outbound voice profile places no calls', async (test) => {
    const { desk, twin } = await open(test);
    twin.numbers.add(OURS);
    twin.numbers.application = { ...twin.numbers.application, outbound: {} };
    assert.match((await desk.ours(OURS)).beyondUs?.cure ?? '', /Outbound voice profile/);
  });
});
