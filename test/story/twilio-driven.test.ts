// Calls over a simulated Twilio that somebody drives by hand: continue, speak and end, from outside the conversation.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import { ALICE, GREETING, startTwilioLine, type TwilioLine } from './twilio-line.ts';

const LONG = 'This is a rather long sentence to listen to until its very end.';

/** Until the greeting is over and the line listens. */
const listening = (line: TwilioLine, id: string): Promise<number> =>
  line.until(() => line.call(id).floor.kind === 'listening' && line.theirs.heard.length > 0);

/** Until the greeting has begun to be said. */
const answered = (line: TwilioLine): Promise<number> =>
  line.until(() => line.theirs.answeredAt !== undefined).then(() => line.until(300));

describe('Continue', () => {
  it('says the words and brings back the answer, and the agent stays out of it', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(
      ALICE,
      new Caller().staysSilent().says('Blue.').says('Two.').hangsUp({ afterMs: 5_000 }),
    );
    const { id } = await line.place('conversation');
    await listening(line, id);
    const colour = line.phone.ask(id, 'Which colour?');
    await line.until(() => line.theirs.said.length === 1 && line.call(id).answer !== null);
    assert.deepEqual(await colour, { transcript: 'Blue.' });
    const count = line.phone.ask(id, 'How many?');
    await line.toTheEnd();
    assert.deepEqual(await count, { transcript: 'Two.' });
    assert.deepEqual(line.heard, [GREETING, 'Which colour?', 'How many?']);
    assert.equal(line.agent.turns.length, 0);
  });

  it('a second one at the same time is refused; a person who leaves ends the wait', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 6_000 }));
    const { id } = await line.place('conversation');
    await listening(line, id);
    const ended = assert.rejects(line.phone.ask(id, 'Anybody?'), {
      code: 'VC_CALL_ENDED',
      message: 'Call ended: completed',
    });
    await assert.rejects(line.phone.ask(id, 'Hello?'), { code: 'VC_ALREADY_WAITING' });
    await line.toTheEnd();
    await ended;
  });

  it('gives up after transcriptTimeoutMs, and the call goes on', async (test) => {
    const line = await startTwilioLine(test, { settings: { transcriptTimeoutMs: 8_000 } });
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 20_000 }));
    const { id } = await line.place('conversation');
    await listening(line, id);
    const late = assert.rejects(line.phone.ask(id, 'Anybody?'), { code: 'VC_TRANSCRIPT_TIMEOUT' });
    await line.until(9_000);
    await late;
    assert.equal(line.call(id).phase, 'live');
    await line.toTheEnd();
  });
});

describe('Speak', () => {
  it('while the line listens is heard at once, and the line listens again', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().staysSilent().says('Fine').hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await listening(line, id);
    await line.until(2_000);
    const at = line.clock.now();
    await line.phone.speak(id, 'One more thing.');
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING, 'One more thing.', 'You said: Fine']);
    assert.equal(line.theirs.heard[1]?.from, at);
  });

  it('does not cut what is being said', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 15_000 }));
    const { id } = await line.place('conversation', LONG);
    await answered(line);
    const spoken = line.phone.speak(id, 'One more thing.');
    await line.toTheEnd();
    await spoken;
    assert.deepEqual(line.heard, [LONG, 'One more thing.']);
  });

  it('is not for a message, nor for a call that is over or not yet answered', async (test) => {
    const line = await startTwilioLine(test, { settings: { maxConcurrentCalls: 2 } });
    const notify = await line.place('notify');
    const other = await line.place('conversation');
    await assert.rejects(line.phone.speak(other.id, 'Hello?'), { code: 'VC_CALL_NOT_CONNECTED' });
    await line.until(() => line.call(notify.id).phase === 'live');
    await assert.rejects(line.phone.speak(notify.id, 'More'), { code: 'VC_NOTIFY_ONLY' });
    await line.toTheEnd();
    await assert.rejects(line.phone.speak(other.id, 'Hello?'), { code: 'VC_CALL_NOT_ACTIVE' });
  });

  it('to a line that is gone without our knowledge fails, and the call is over', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.faults.hook({ do: 'drop' }, { only: ({ status }) => status === 'completed' });
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.theirs.status === 'completed');
    assert.equal(line.call(id).phase, 'live', 'nobody has told us');
    const failed = assert.rejects(line.phone.speak(id, 'Hello?'), { code: 'VC_SPEAK_FAILED' });
    await line.toTheEnd();
    await failed;
    assert.match(line.call(id).end?.cause ?? '', /21220|20404/);
    assert.deepEqual(line.heard, [GREETING]);
  });
});

describe('End', () => {
  it('waits until what is being said was heard', async (test) => {
    const line = await startTwilioLine(test);
    const { id } = await line.place('conversation', LONG);
    await answered(line);
    const ended = line.phone.end(id, { sessionKey: null });
    await line.toTheEnd();
    await ended;
    assert.deepEqual(line.heard, [LONG]);
    const [entry] = line.call(id).transcript;
    assert.equal(entry?.speaker === 'agent' && entry.outcome, 'heard');
    assert.deepEqual([line.call(id).end?.reason, line.theirs.end?.by], ['hangup-bot', 'plugin']);
  });

  it('hangs up at once when nothing is being said, and is no error the second time', async (test) => {
    const line = await startTwilioLine(test);
    const { id } = await line.place('conversation');
    await listening(line, id);
    await line.until(2_000);
    const at = line.clock.now();
    await Promise.all([line.phone.end(id, { sessionKey: null }), line.phone.end(id, { sessionKey: null })]);
    assert.equal(line.theirs.end?.at, at);
    await line.phone.end(id, { sessionKey: null });
    await assert.rejects(line.phone.end('nobody', { sessionKey: null }), { code: 'VC_CALL_NOT_FOUND' });
    await line.toTheEnd();
  });

  for (const endedHangUp of ['20404', '21220'] as const) {
    it(`of a line that is gone is an end, however Twilio says so (${endedHangUp})`, async (test) => {
      const line = await startTwilioLine(test, { twin: { endedHangUp } });
      line.twin.faults.hook({ do: 'drop' }, { only: ({ status }) => status === 'completed' });
      line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 4_000 }));
      const { id } = await line.place('conversation');
      await line.until(() => line.theirs.status === 'completed');
      await line.phone.end(id, { sessionKey: null });
      assert.equal(line.call(id).end?.reason, 'hangup-bot');
      await line.toTheEnd();
      assert.equal(line.requests('update').length, 1);
    });
  }

  it('is repeated until the carrier has agreed', async (test) => {
    const line = await startTwilioLine(test);
    const { id } = await line.place('conversation');
    await listening(line, id);
    await line.until(2_000);
    line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'update', times: 1 });
    const ended = line.phone.end(id, { sessionKey: null });
    await line.toTheEnd();
    await ended;
    assert.equal(line.requests('update').length, 2);
    assert.equal(line.theirs.end?.by, 'plugin');
  });

  it('by the agent from inside its own turn lets its goodbye be heard', async (test) => {
    const line = await startTwilioLine(test, {
      answer: async ({ callId, sessionKey }) => {
        await line.phone.end(callId, { sessionKey });
        return 'Goodbye then.';
      },
    });
    line.twin.expect(ALICE, new Caller().says('Please hang up.').says('never said'));
    const { id } = await line.place('conversation');
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING, 'Goodbye then.']);
    assert.deepEqual([line.call(id).end?.reason, line.theirs.end?.by], ['hangup-bot', 'plugin']);
  });
});

describe('Keys', () => {
  it('of dtmfSequence are pressed when somebody answers, before anything is said', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().says('One').hangsUp({ afterMs: 4_000 }));
    await line.place('conversation', GREETING, { dtmfSequence: '1ww2#' });
    await line.toTheEnd();
    assert.deepEqual(line.heard, ['1ww2#', GREETING, 'You said: One']);
    assert.equal(line.theirs.heard[0]?.kind, 'digits');
  });

  it('are pressed while the line listens, which then listens again', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().staysSilent().says('One').hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await listening(line, id);
    await line.until(2_000);
    await line.phone.sendDigits(id, '42#');
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING, '42#', 'You said: One']);
  });

  it('do not cut what is being said', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 16_000 }));
    const { id } = await line.place('conversation', LONG);
    await answered(line);
    const pressed = line.phone.sendDigits(id, '42#');
    await line.toTheEnd();
    await pressed;
    assert.deepEqual(line.heard, [LONG, '42#']);
  });
});
