// Calls over a simulated Twilio that outlive our process: it leaves, and another one takes them up from the same store.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import {
  ALICE,
  GREETING,
  type LineOptions,
  PUBLIC_URL,
  startTwilioLine,
  type TwilioLine,
} from './twilio-line.ts';

const APOLOGY = 'Sorry, I could not get an answer just now. Could you say that again?';

const startLine = (test: TestContext, { settings, ...options }: LineOptions = {}): Promise<TwilioLine> =>
  startTwilioLine(test, { settings: { publicUrl: PUBLIC_URL, ...settings }, ...options });

describe('After a restart', () => {
  it('while the phone rings, the call is answered and talks; nobody is dialled again', async (test) => {
    const line = await startLine(test);
    line.twin.expect(ALICE, new Caller().answersAfter(8_000).says('One').hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).phase === 'ringing');
    await line.restart();
    await line.toTheEnd();
    assert.deepEqual([line.heard, line.requests('create').length], [[GREETING, 'You said: One'], 1]);
  });

  it('while we speak, the sentence is heard to its end, once, and the call goes on', async (test) => {
    const line = await startLine(test);
    line.twin.expect(ALICE, new Caller().says('One').hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'speaking');
    await line.until(200);
    await line.restart();
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING, 'You said: One']);
    assert.deepEqual([line.call(id).end?.reason, line.requests('update')], ['completed', []]);
  });

  it('while the line listens, the caller is heard and answered', async (test) => {
    const line = await startLine(test);
    line.twin.expect(ALICE, new Caller().says('One', { afterMs: 4_000 }).hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'listening');
    await line.restart();
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING, 'You said: One']);
  });

  it('while the agent thinks, the lost answer is apologised for, and the call goes on', async (test) => {
    const line = await startLine(test, {
      answer: ({ words }) => (words === 'One' ? line.after(9_000, 'lost') : `You said: ${words}`),
    });
    line.twin.expect(ALICE, new Caller().says('One').says('One again').hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'thinking');
    await line.until(500);
    await line.restart();
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING, APOLOGY, 'You said: One again']);
    assert.deepEqual([line.call(id).end?.reason, line.requests('create').length], ['completed', 1]);
  });

  it('that took some seconds while Twilio waited for us, the call is still there', async (test) => {
    const line = await startLine(test, {
      answer: ({ words }) => (words === 'One' ? line.after(9_000, '') : 'Yes.'),
    });
    line.twin.expect(ALICE, new Caller().says('One').says('Two').hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'thinking');
    await line.until(500);
    await line.stop();
    await line.until(3_000);
    await line.start();
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING, APOLOGY, 'Yes.']);
  });

  it('while a message is said, it is not said again, and the call is hung up', async (test) => {
    const line = await startLine(test);
    const { id } = await line.place('notify', 'Your parcel is here. '.repeat(5).trim());
    await line.until(() => line.call(id).floor.kind === 'speaking');
    await line.until(500);
    await line.restart();
    await line.toTheEnd();
    assert.equal(line.theirs.heard.length, 1);
    assert.equal((line.theirs.end?.at ?? 0) - (line.theirs.heard[0]?.to ?? 0), 3_000);
    assert.equal(line.call(id).end?.reason, 'hangup-bot');
  });

  it('while a message has been heard and waits to be hung up, the line is not left open', async (test) => {
    const line = await startLine(test);
    const { id } = await line.place('notify', 'Your parcel is here.');
    await line.until(() => line.call(id).floor.kind === 'idle' && line.call(id).phase === 'live');
    await line.until(500);
    await line.restart();
    await line.toTheEnd();
    assert.equal(line.theirs.heard.length, 1);
    assert.equal(line.theirs.end?.by, 'plugin');
    assert.ok((line.theirs.end?.at ?? 0) - (line.theirs.heard[0]?.to ?? 0) < 8_000);
  });

  it('while we dialled without an answer, the call is not dialled again and hung up where it rings', async (test) => {
    const line = await startLine(test, { twin: { dialDelayMs: 3_000 } });
    line.twin.faults.rest({ do: 'hang', done: true }, { only: 'create' });
    const placing = assert.rejects(line.place('conversation'));
    await line.until(1_000);
    await line.restart();
    await line.toTheEnd();
    await placing;
    assert.deepEqual([line.requests('create').length, line.theirs.status, line.heard], [1, 'canceled', []]);
    const [call] = line.phone.list(9);
    assert.deepEqual(call?.end, { reason: 'error', cause: 'we were restarted while dialling' });
  });

  it('while we hang up, the line is hung up', async (test) => {
    const line = await startLine(test);
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'listening');
    await line.until(1_000);
    const off = line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'update' });
    const ended = assert.rejects(line.phone.end(id, { sessionKey: null }));
    await line.until(500);
    off();
    await line.restart();
    await line.toTheEnd();
    await ended;
    assert.deepEqual([line.theirs.end?.by, line.call(id).end?.reason], ['plugin', 'hangup-bot']);
  });

  it('that came when the call was long over, it is over', async (test) => {
    const line = await startLine(test);
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'listening');
    await line.stop();
    await line.until(60_000);
    await line.start();
    await line.until(90_000);
    assert.equal(line.call(id).phase, 'ended');
    line.nothingIsLeft();
  });
});
