// Stories of whole calls on the mock carrier: outbound, inbound, driven by hand, silent, failing, restarted.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { placeRequest } from '../../sim/place-request.ts';
import { VoiceCallError } from '../../src/lib/errors.ts';
import { ScriptedAgent, startLine, type TestLine } from './line.ts';

const CALLEE = '+15550001111';

async function line(t: TestContext, ...how: Parameters<typeof startLine>): Promise<TestLine> {
  const started = await startLine(...how);
  t.after(() => started.stop());
  return started;
}

const person = (...says: string[]) =>
  ({ carrier: { name: 'mock', says, answerAfterMs: 900, pace: 1 } }) as const;

const outbound = (message: string | null, mode: 'notify' | 'conversation' = 'conversation') =>
  placeRequest({ to: CALLEE, message, mode });

describe('A conversation we start', () => {
  it('takes three turns with the agent and ends when the person hangs up', async (t) => {
    const phone = await line(t, person('What time is it?', 'And where?', 'Thanks, bye.'));
    const { id } = await phone.app.phone.place(outbound('Good morning.'));
    await phone.clock.advance(60_000);
    assert.deepEqual(phone.said(id), [
      'agent: Good morning.',
      'caller: What time is it?',
      'agent: You said: What time is it?',
      'caller: And where?',
      'agent: You said: And where?',
      'caller: Thanks, bye.',
      'agent: You said: Thanks, bye.',
    ]);
    const call = phone.call(id);
    assert.equal(call.phase, 'ended');
    assert.equal(call.end?.reason, 'hangup-user');
    assert.deepEqual(
      call.transcript.map((entry) => (entry.speaker === 'agent' ? entry.outcome : 'said')),
      ['heard', 'said', 'heard', 'said', 'heard', 'said', 'heard'],
    );
    assert.deepEqual(
      call.turns.map((turn) => turn.turn),
      [1, 2, 3],
    );
    assert.deepEqual(phone.agent.released, [id]);
    assert.equal(phone.clock.pending, 0, 'no timer is left');
  });

  it('keeps the ended call, findable by our id and by the carrier’s', async (t) => {
    const phone = await line(t, person());
    const { id } = await phone.app.phone.place(outbound('Hello.'));
    await phone.clock.advance(60_000);
    const call = phone.call(id);
    assert.equal(call.phase, 'ended');
    assert.equal(phone.app.phone.find(call.carrierCallId ?? '')?.id, id);
  });

  it('says one filler, then progress, and never falls silent while the agent thinks', async (t) => {
    const slow = new ScriptedAgent(() => new Promise(() => undefined));
    const phone = await line(t, { ...person('Please check.'), responseTimeoutMs: 12_000 }, slow);
    const { id } = await phone.app.phone.place(outbound('Hello.'));
    await phone.clock.advance(60_000);
    const texts = phone.said(id).slice(2);
    assert.deepEqual(texts.slice(0, 3), [
      'agent: One moment, please.',
      'agent: I am still working on that.',
      'agent: Sorry, I could not get an answer just now. Could you say that again?',
    ]);
  });

  it('apologises and listens again when the agent fails', async (t) => {
    const broken = new ScriptedAgent((turn) => {
      if (turn.turn === 1) throw new VoiceCallError('VC_INTERNAL', { why: 'no model' });
      return 'Now it works.';
    });
    const phone = await line(t, person('Hello?', 'Again then.'), broken);
    const { id } = await phone.app.phone.place(outbound('Hi.'));
    await phone.clock.advance(60_000);
    assert.deepEqual(phone.said(id), [
      'agent: Hi.',
      'caller: Hello?',
      'agent: Sorry, I could not get an answer just now. Could you say that again?',
      'caller: Again then.',
      'agent: Now it works.',
    ]);
  });

  it('places no second call beyond the limit, and the slot is free again afterwards', async (t) => {
    const phone = await line(t, person());
    await phone.app.phone.place(outbound('Hello.'));
    await assert.rejects(phone.app.phone.place(outbound('Hello again.')), { code: 'VC_TOO_MANY_CALLS' });
    await phone.clock.advance(60_000);
    await phone.app.phone.place(outbound('Third time.'));
  });
});

describe('A notify call', () => {
  it('says its message exactly once, waits until it was heard plus the delay, and hangs up', async (t) => {
    const phone = await line(t, { ...person('ignored'), notifyHangupDelayMs: 3_000 });
    const { id } = await phone.app.phone.place(outbound('Your parcel is here.', 'notify'));
    await phone.clock.advance(60_000);
    const call = phone.call(id);
    assert.deepEqual(phone.said(id), ['agent: Your parcel is here.']);
    assert.equal(call.end?.reason, 'hangup-bot');
    const heardAt = (call.answeredAt ?? 0) + 350 + 'Your parcel is here.'.length * 65;
    assert.equal(call.endedAt, heardAt + 3_000);
  });

  it('is refused words and questions', async (t) => {
    const phone = await line(t, person());
    const { id } = await phone.app.phone.place(outbound('Hello.', 'notify'));
    await phone.clock.advance(1_000);
    await assert.rejects(phone.app.phone.speak(id, 'More'), { code: 'VC_NOTIFY_ONLY' });
    await assert.rejects(phone.app.phone.ask(id, 'More?'), { code: 'VC_NOTIFY_ONLY' });
  });
});

describe('A call driven by hand', () => {
  it('continue says the words and brings back the answer, without the agent', async (t) => {
    const phone = await line(t, person('Blue.', 'Two.'));
    const { id } = await phone.app.phone.place(outbound(null));
    await phone.clock.advance(950);
    const colour = phone.app.phone.ask(id, 'Which colour?');
    await phone.clock.advance(10_000);
    assert.deepEqual(await colour, { transcript: 'Blue.' });
    const count = phone.app.phone.ask(id, 'How many?');
    await phone.clock.advance(10_000);
    assert.deepEqual(await count, { transcript: 'Two.' });
    assert.equal(phone.agent.turns.length, 0);
  });

  it('a second continue at the same time is refused, and a caller who leaves ends the wait', async (t) => {
    const phone = await line(t, person());
    const { id } = await phone.app.phone.place(outbound(null));
    await phone.clock.advance(910);
    const asked = phone.app.phone.ask(id, 'Anybody?');
    await assert.rejects(phone.app.phone.ask(id, 'Hello?'), { code: 'VC_ALREADY_WAITING' });
    const ended = assert.rejects(asked, { code: 'VC_CALL_ENDED', message: 'Call ended: hangup-user' });
    await phone.clock.advance(10_000);
    await ended;
  });

  it('end waits until what is being said was heard', async (t) => {
    const phone = await line(t, person());
    const { id } = await phone.app.phone.place(outbound('This is a rather long sentence to listen to.'));
    await phone.clock.advance(1_500);
    const ended = phone.app.phone.end(id, { sessionKey: null });
    assert.equal(phone.call(id).phase, 'live');
    await phone.clock.advance(20_000);
    await ended;
    const [entry] = phone.call(id).transcript;
    assert.equal(entry?.speaker === 'agent' && entry.outcome, 'heard');
    assert.equal(phone.call(id).end?.reason, 'hangup-bot');
  });

  it('ending twice, or an ended call, is no error; an unknown call is', async (t) => {
    const phone = await line(t, person());
    const { id } = await phone.app.phone.place(outbound('Hello.'));
    await Promise.all([
      phone.app.phone.end(id, { sessionKey: null }),
      phone.app.phone.end(id, { sessionKey: null }),
      phone.clock.advance(5_000),
    ]);
    await phone.app.phone.end(id, { sessionKey: null });
    await assert.rejects(phone.app.phone.end('nobody', { sessionKey: null }), { code: 'VC_CALL_NOT_FOUND' });
    await assert.rejects(phone.app.phone.speak(id, 'Hello?'), { code: 'VC_CALL_NOT_ACTIVE' });
  });

  it('the agent of the call may end it from inside its own turn: its goodbye is still heard', async (t) => {
    const agent = new ScriptedAgent(async (turn) => {
      await phone.app.phone.end(turn.callId, { sessionKey: turn.sessionKey });
      return 'Goodbye then.';
    });
    const phone = await line(t, person('Please hang up.', 'never said'), agent);
    const { id } = await phone.app.phone.place(outbound('Hello.'));
    await phone.clock.advance(60_000);
    assert.deepEqual(phone.said(id), ['agent: Hello.', 'caller: Please hang up.', 'agent: Goodbye then.']);
    assert.equal(phone.call(id).end?.reason, 'hangup-bot');
  });
});

describe('A call that comes in', () => {
  it('is refused while inbound calls are disabled, and is on record', async (t) => {
    const phone = await line(t);
    const { id } = await phone.app.phone.ring('+15550002222', ['Hello?']);
    await phone.clock.advance(5_000);
    const call = phone.call(id);
    assert.equal(call.end?.cause, 'refused: inbound calls are disabled');
    assert.equal(call.answeredAt, null);
    assert.deepEqual(call.transcript, []);
  });

  it('is greeted and answered when the caller is on the allowlist', async (t) => {
    const phone = await line(t, { inboundPolicy: 'allowlist', allowFrom: ['+15550002222'] });
    const { id } = await phone.app.phone.ring('+15550002222', ['Is the shop open?']);
    await phone.clock.advance(60_000);
    assert.deepEqual(phone.said(id), [
      'agent: Hello! How can I help you today?',
      'caller: Is the shop open?',
      'agent: You said: Is the shop open?',
    ]);
    assert.equal(phone.agent.turns[0]?.sessionKey, 'agent:main:voice:15550002222');
    assert.equal(phone.agent.turns[0]?.callerIsOwner, false);
  });

  it('is turned away when the number only ends like an allowed one', async (t) => {
    const phone = await line(t, { inboundPolicy: 'allowlist', allowFrom: ['+15550002222'] });
    const { id } = await phone.app.phone.ring('+4415550002222', []);
    await phone.clock.advance(1_000);
    assert.equal(phone.call(id).end?.cause, 'refused: not on the allowlist');
  });
});

describe('Trouble', () => {
  it('after a restart a call the carrier no longer knows is over, and is not dialled again', async (t) => {
    const agent = new ScriptedAgent(() => new Promise(() => undefined));
    const first = await startLine(person('Look it up.'), agent);
    const { id } = await first.app.phone.place(outbound('Hello.'));
    await first.clock.advance(4_000);
    assert.equal(first.call(id).floor.kind, 'thinking');
    const said = first.call(id).transcript.length;
    const second = await first.restart();
    t.after(() => second.stop());
    await second.clock.advance(0);
    const call = second.call(id);
    assert.deepEqual(call.end, { reason: 'completed', cause: 'it ended while we were restarted' });
    assert.equal(call.transcript.length, said, 'nothing is said to nobody');
  });

  it('logs neither what was said nor whole numbers', async (t) => {
    const phone = await line(t, person('My secret is 4711.'));
    await phone.app.phone.place(outbound('Good morning.'));
    await phone.clock.advance(60_000);
    const text = JSON.stringify(phone.log.lines);
    assert.ok(phone.log.lines.length > 2);
    for (const secret of ['4711', 'Good morning', CALLEE]) assert.ok(!text.includes(secret), secret);
  });
});
