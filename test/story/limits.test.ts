// Stories of the owner's limits: whom we never call, and what is left of a day, across restarts and races.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { placeRequest } from '../../sim/place-request.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { voiceService } from '../../sim/voice-service.ts';
import type { OutboundLimits } from '../../src/call/governor.ts';
import type { Settings } from '../../src/config/settings.ts';
import { Health } from '../../src/lib/health.ts';
import type { VoiceService } from '../../src/operation/verb.ts';
import { openJournal } from '../../src/record/journal.ts';
import { rpcMethods } from '../../src/surface/rpc.ts';
import { voiceCallTool } from '../../src/surface/tool.ts';
import { plainSettings, startLine, type TestLine } from './line.ts';
import { ALICE, startTwilioLine } from './twilio-line.ts';

const HOUR = 60 * 60_000;
const limited = (outbound: Partial<OutboundLimits>): Partial<Settings> => ({
  outbound: { ...plainSettings.outbound, ...outbound },
  maxConcurrentCalls: 9,
});

async function line(t: TestContext, settings: Partial<Settings>): Promise<TestLine> {
  const started = await startLine(settings);
  t.after(() => started.stop());
  return started;
}

const order = (to = '+15550001111') => placeRequest({ to, message: 'Hello.', mode: 'notify' });

function serviceOf({ app, clock, log }: TestLine): VoiceService {
  return { ...voiceService(app.phone, clock), health: new Health(clock, log) };
}

describe('An emergency number', () => {
  it('is called by nobody: not by the agent, not by an operator, not by another plugin', async (t) => {
    const phone = await line(t, {});
    const service = serviceOf(phone);
    const tool = voiceCallTool(() => service, { sessionKey: null, agentId: null });
    for (const to of ['911', '+1911', '+112', '+44999', '+49110', '+49112']) {
      const answer = await tool.execute('1', { action: 'initiate_call', to, message: 'Help!' });
      assert.match(JSON.stringify(answer.details), /is an emergency number/, to);
      for (const method of rpcMethods(() => service)) {
        if (method.name !== 'voicecall.start' && method.name !== 'voicecall.initiate') continue;
        const told = await method.handle({ to, message: 'Help!' }, { isTrusted: true });
        assert.ok(!told.ok && told.error.code === 'INVALID_REQUEST', to);
        assert.equal(told.error.details.code, 'VC_EMERGENCY_NUMBER');
      }
      await assert.rejects(phone.app.phone.place(order(to)), { code: 'VC_EMERGENCY_NUMBER' });
    }
    assert.deepEqual(phone.app.phone.list(9), []);
  });

  it('is called when the owner allows it, also without a country', async (t) => {
    const phone = await line(t, limited({ allowEmergencyNumbers: true }));
    const tool = voiceCallTool(() => serviceOf(phone), { sessionKey: null, agentId: null });
    await tool.execute('1', { action: 'initiate_call', to: '933', message: 'A test.' });
    assert.deepEqual(
      phone.app.phone.list(9).map(({ to }) => to),
      ['933'],
    );
  });

  it('a premium number is refused alike', async (t) => {
    const phone = await line(t, {});
    await assert.rejects(phone.app.phone.place(order('+19005550000')), { code: 'VC_PREMIUM_NUMBER' });
  });
});

describe('A day of calls', () => {
  it('has so many and no more, also across a restart, and says when there is room again', async (t) => {
    let phone = await startLine(limited({ maxCallsPerDay: 2 }));
    t.after(() => phone.stop());
    const at = phone.clock.now();
    await phone.app.phone.place(order());
    await phone.clock.advance(HOUR);
    await phone.app.phone.place(order());
    await phone.clock.advance(HOUR);
    phone = await phone.restart();
    await assert.rejects(phone.app.phone.place(order()), (error: Error) => {
      const room = /there is room again at (\S+Z)$/.exec(error.message)?.[1] ?? '';
      const inHours = (Date.parse(room) - at) / HOUR;
      assert.ok(inHours > 24 && inHours < 24.1, error.message);
      return true;
    });
    await phone.clock.advance(23 * HOUR);
    await phone.app.phone.place(order());
    await assert.rejects(phone.app.phone.place(order()), { code: 'VC_CALLS_USED_UP' });
  });

  it('gives its last place to one of two who ask at the same moment', async (t) => {
    const phone = await line(t, limited({ maxCallsPerDay: 1 }));
    const [one, other] = await Promise.allSettled([1, 2].map(() => phone.app.phone.place(order())));
    assert.deepEqual([one?.status, other?.status], ['fulfilled', 'rejected']);
    assert.equal(phone.app.phone.list(9).length, 1);
  });

  it('is the same for everybody who opens the store', async (t) => {
    const phone = await line(t, {});
    const other = openJournal(phone.storeDir);
    t.after(() => other.close());
    const { id } = await phone.app.phone.place(order());
    assert.deepEqual(
      other.outlays(0).map(({ callId }) => callId),
      [id],
    );
    // Nobody can come between looking and taking the place.
    other.atOnce(() => assert.throws(() => phone.app.phone.approve('000000'), { code: 'VC_STORE_FAILED' }));
  });

  it('is told by the status', async (t) => {
    const phone = await line(t, limited({ maxCallsPerDay: 2 }));
    assert.deepEqual(phone.app.phone.spending(), { calls: 0, maxCalls: 2, minutes: 0 });
    await phone.app.phone.place(order());
    assert.deepEqual(
      phone.app.phone.spending(),
      { calls: 1, maxCalls: 2, minutes: 5 },
      'the longest it may last',
    );
    await phone.clock.advance(HOUR);
    const { minutes } = phone.app.phone.spending() ?? { minutes: 9 };
    assert.ok(minutes > 0 && minutes < 1, `${minutes}`);
    await phone.clock.advance(24 * HOUR);
    assert.deepEqual(phone.app.phone.spending(), { calls: 0, maxCalls: 2, minutes: 0 });
  });

  it('places no call when it cannot be known what is used', async (t) => {
    const phone = await line(t, {});
    const db = new DatabaseSync(join(phone.storeDir, 'calls.sqlite'));
    db.exec('DROP TABLE outlays');
    db.close();
    await assert.rejects(phone.app.phone.place(order()), { code: 'VC_STORE_FAILED' });
    assert.deepEqual(phone.app.phone.list(9), []);
  });
});

describe('Old calls', () => {
  it('are forgotten when their time is over, at the start and after a call', async (t) => {
    let phone = await startLine({ retentionMs: 48 * HOUR });
    t.after(() => phone.stop());
    const placed: string[] = [];
    for (let day = 0; day < 4; day += 1) {
      placed.push((await phone.app.phone.place(order())).id);
      await phone.clock.advance(24 * HOUR);
    }
    const known = (): boolean[] => placed.map((id) => phone.app.phone.find(id) !== null);
    assert.deepEqual(known(), [false, false, true, true]);
    await phone.clock.advance(HOUR);
    phone = await phone.restart();
    assert.deepEqual(known(), [false, false, false, true]);
  });
});

describe('The minutes of a day', () => {
  it('are the longest the carrier lets a call last', async (t) => {
    const phone = await startTwilioLine(t, { settings: limited({ maxMinutesPerDay: 2 }) });
    phone.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 20_000 }));
    const limit = (at: number): string | undefined => phone.requests('create')[at]?.['TimeLimit']?.[0];
    const { id } = await phone.place('conversation');
    assert.equal(limit(0), '120');
    await assert.rejects(phone.place('conversation'), {
      code: 'VC_MINUTES_USED_UP',
      message: /there is room again when a call that is open now has ended$/,
    });
    await phone.over();
    const { answeredAt, endedAt } = phone.call(id);
    const usedS = ((endedAt ?? 0) - (answeredAt ?? 0)) / 1_000;
    assert.ok(usedS > 5 && usedS < 60, `${usedS}`);
    await phone.place('conversation');
    assert.equal(limit(1), String(Math.floor(120 - usedS)));
    await phone.over();
  });
});
