// The carrier's API is away for a while: what we have open is not forgotten, and the next call needs no restart.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Person } from '../../sim/telnyx/person.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { ALICE } from './app-line.ts';
import { startTelnyxLine } from './telnyx-line.ts';
import { PUBLIC_URL, startTwilioLine } from './twilio-line.ts';

const settings = { publicUrl: PUBLIC_URL };

describe('While the carrier cannot be reached', () => {
  it('health says so with a cure, a call fails at once, and the next one works when it is back', async (test) => {
    const line = await startTwilioLine(test, { settings });
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 2_000 }));
    await line.twin.goOffline();
    await assert.rejects(line.place('conversation'), { code: 'VC_DIAL_FAILED' });
    const [trouble, ...others] = line.app.health.troubles();
    assert.deepEqual([trouble?.subject, trouble?.code, others], ['carrier', 'VC_CARRIER_UNREACHABLE', []]);
    assert.match(trouble?.cure ?? '', /Nothing needs to be restarted/);
    await line.twin.goOnline();
    await line.place('conversation');
    assert.deepEqual(line.app.health.troubles(), []);
    await line.toTheEnd();
    assert.equal(line.theirs.end?.by, 'person');
  });

  it('it is our trouble only as long as it is our carrier: health outlives this telephone', async (test) => {
    const line = await startTwilioLine(test, { settings });
    await line.twin.goOffline();
    await assert.rejects(line.place('conversation'), { code: 'VC_DIAL_FAILED' });
    const { health } = line.app;
    await line.stop();
    assert.deepEqual(health.troubles(), []);
  });

  it('a call that should be hung up is told until the carrier agrees, long after we closed it', async (test) => {
    const line = await startTelnyxLine(test);
    line.dialIn(new Person());
    await line.until(() => line.twin.calls[0]?.isAnswered === true);
    await line.until(5_000);
    const [call] = line.phone.list(1);
    await line.twin.goOffline();
    const failed = { code: 'VC_HANGUP_FAILED' };
    const ending = assert.rejects(line.phone.end(call?.id ?? '', { sessionKey: null }), failed);
    await line.until(100_000);
    await ending;
    assert.deepEqual([line.app.openCalls(), line.twin.liveCalls().length], [0, 1]);
    await line.twin.goOnline();
    await line.until(25_000);
    assert.deepEqual([line.twin.liveCalls().length, line.twin.calls[0]?.end?.by], [0, 'plugin']);
    await line.until(60_000);
    assert.equal(line.clock.pending, 0);
  });

  it('a restart does not forget such a call', async (test) => {
    const line = await startTelnyxLine(test);
    line.dialIn(new Person());
    await line.until(() => line.twin.calls[0]?.isAnswered === true);
    await line.until(5_000);
    const [call] = line.phone.list(1);
    await line.twin.goOffline();
    const failed = { code: 'VC_HANGUP_FAILED' };
    const ending = assert.rejects(line.phone.end(call?.id ?? '', { sessionKey: null }), failed);
    await line.until(60_000);
    await ending;
    await line.restart();
    await line.until(30_000);
    await line.twin.goOnline();
    await line.until(25_000);
    assert.equal(line.twin.calls[0]?.end?.by, 'plugin');
    await line.restart();
    const before = line.twin.ledger.requests.length;
    await line.until(60_000);
    assert.equal(line.twin.ledger.requests.length, before, 'what is done is done');
  });
});

describe('After a restart while the carrier cannot be reached', () => {
  it('a call is asked about until the carrier answers, and taken up then', async (test) => {
    const line = await startTelnyxLine(test);
    line.dialIn(new Person().says('One', { afterMs: 9_000 }).hangsUp({ afterMs: 5_000 }));
    await line.until(() => line.twin.calls[0]?.isAnswered === true);
    await line.until(2_000);
    await line.stop();
    await line.twin.goOffline();
    await line.start();
    await line.until(4_000);
    const asked = line.twin.ledger.requests.length;
    assert.equal(line.app.openCalls(), 1);
    await line.twin.goOnline();
    await line.until(() => line.twin.liveCalls().length === 0);
    assert.equal(line.twin.ledger.requests[asked]?.action, 'status', 'the first thing it hears from us');
    assert.ok(line.twin.calls[0]?.heard.some(({ text }) => text === 'You said: One'));
    assert.equal(line.twin.calls[0]?.end?.by, 'person');
  });

  it('that lasts, a call is owned all the while and hung up at last', async (test) => {
    const line = await startTelnyxLine(test, { settings: { maxDurationMs: 60_000 } });
    line.dialIn(new Person());
    await line.until(() => line.twin.calls[0]?.isAnswered === true);
    await line.until(6_000);
    await line.stop();
    await line.twin.goOffline();
    await line.start();
    await line.until(300_000);
    assert.equal(line.app.openCalls(), 0, 'it is closed here');
    assert.equal(line.twin.liveCalls().length, 1, 'and nobody could tell the carrier');
    await line.twin.goOnline();
    await line.until(25_000);
    assert.equal(line.twin.calls[0]?.end?.by, 'plugin');
  });
});
