// Stories of a person at a test phone, on real sockets: with sound and without, calling and being called.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wordSound } from '../../sim/media/word-code.ts';
import { placeRequest } from '../../sim/place-request.ts';
import { TestPhone } from '../../sim/test-phone.ts';
import { phoneStage } from './phone-stage.ts';

const ends = (text: string) => (line: { readonly text: string; readonly isFinal: boolean }) =>
  line.isFinal && line.text.endsWith(text);

describe('a person who calls the agent with a test phone', () => {
  it('speaks, hears the answer, and hangs up', async (t) => {
    const stage = await phoneStage(t);
    const phone = await stage.open();
    assert.equal(phone.ready.sound, true);
    phone.send({ type: 'call' });
    const { callId } = await phone.until('calling');
    assert.equal((await phone.until('connected')).sound, true);
    await phone.until('said', ends('Hello.'));
    await phone.says(wordSound('what time is it'));
    await phone.until('said', ends('You said: what time is it'));
    phone.send({ type: 'hangup' });
    const ended = await phone.until('ended');
    assert.deepEqual([ended.callId, ended.reason], [callId, 'hangup-user']);
    assert.deepEqual(phone.transcript, [
      'bot: Hello.',
      'user: what time is it',
      'bot: You said: what time is it',
    ]);
    assert.deepEqual(phone.heardWords.join(' '), 'Hello. You said: what time is it');
    const { stages } = await phone.until('turn', (turn) => turn.stages?.heardAt !== undefined);
    assert.ok(stages?.speechEndAt && stages.firstFrameAt && stages.speechEndAt < stages.firstFrameAt);
    assert.equal(stage.call(callId).phase, 'ended');
  });
});

describe('a person who interrupts the agent', () => {
  it('by speaking: its voice stops at once, and what was heard of it stays', async (t) => {
    const stage = await phoneStage(t, { answer: ({ turn }) => (turn === 1 ? LONG : 'Of course.') });
    const phone = await stage.open();
    phone.send({ type: 'call' });
    await phone.until('said', ends('Hello.'));
    await phone.says(wordSound('tell me a story'));
    await phone.when(() => phone.heardWords.includes('three'));
    await phone.says(wordSound('please stop now'));
    await phone.until('said', ends('Of course.'));
    const cut = await phone.until('clear');
    assert.equal(cut.type, 'clear');
    const story = phone.transcript.find((line) => line.startsWith('bot: One two'));
    assert.match(story ?? '', /^bot: One two.* \[cut\]$/);
    assert.ok(!phone.heardWords.includes('twenty.'), 'the rest was never heard');
    phone.send({ type: 'hangup' });
    await phone.until('ended');
  });

  it('by typing: the same, and the words are answered', async (t) => {
    const stage = await phoneStage(t, { answer: ({ turn }) => (turn === 1 ? LONG : 'Of course.') });
    const phone = await stage.open();
    phone.send({ type: 'call' });
    await phone.until('said', ends('Hello.'));
    phone.send({ type: 'words', text: 'tell me a story' });
    await phone.when(() => phone.heardWords.includes('three'));
    phone.send({ type: 'words', text: 'please stop now' });
    await phone.until('clear');
    await phone.until('said', ends('Of course.'));
    assert.deepEqual(
      phone.transcript.filter((line) => line.startsWith('user')),
      ['user: tell me a story', 'user: please stop now'],
    );
    const story = phone.transcript.find((line) => line.startsWith('bot: One two'));
    assert.match(story ?? '', /^bot: One two.* \[cut\]$/);
    assert.equal(stage.agent.turns[1]?.words, 'please stop now');
  });
});

describe('a person who is called', () => {
  it('hears it ring, picks up, and is heard', async (t) => {
    const stage = await phoneStage(t);
    const phone = await stage.open();
    const placed = await stage.app.phone.place(placeRequest({ to: phone.ready.number }));
    const ringing = await phone.until('ringing');
    assert.deepEqual([ringing.callId, ringing.from], [placed.id, '+15550000000']);
    phone.send({ type: 'answer' });
    await phone.until('said', ends('Good morning.'));
    await phone.says(wordSound('who is there'));
    await phone.until('said', ends('You said: who is there'));
    await stage.app.phone.end(placed.id, { sessionKey: null });
    const ended = await phone.until('ended');
    assert.equal(ended.reason, 'hangup-bot');
  });

  it('and declines: the line is busy', async (t) => {
    const stage = await phoneStage(t);
    const phone = await stage.open();
    const placed = await stage.app.phone.place(placeRequest({ to: phone.ready.number }));
    await phone.until('ringing');
    phone.send({ type: 'hangup' });
    assert.equal((await phone.until('ended')).reason, 'busy');
    assert.equal(stage.call(placed.id).phase, 'ended');
  });

  it('is not called when no phone is open: the call is refused, nothing rings for ever', async (t) => {
    const stage = await phoneStage(t);
    await assert.rejects(stage.app.phone.place(placeRequest({ to: '+15550008378' })), {
      code: 'VC_DIAL_FAILED',
    });
  });

  it('is called on the phone that was opened last, while the other is on a call', async (t) => {
    const stage = await phoneStage(t, { settings: { maxConcurrentCalls: 2 } });
    const first = await stage.open();
    const second = await stage.open();
    await stage.app.phone.place(placeRequest({ to: first.ready.number }));
    await second.until('ringing');
    await stage.app.phone.place(placeRequest({ to: first.ready.number }));
    await first.until('ringing');
    await assert.rejects(stage.app.phone.place(placeRequest({ to: first.ready.number })), {
      code: 'VC_TOO_MANY_CALLS',
    });
  });
});

describe('a test phone without sound', () => {
  for (const hasVoices of [true, false])
    it(`reads and types${hasVoices ? '' : ', where nothing can speak'}`, async (t) => {
      const stage = await phoneStage(t, { hasVoices });
      const phone = await stage.open({ sound: !hasVoices });
      assert.equal(phone.ready.sound, false);
      phone.send({ type: 'call' });
      assert.equal((await phone.until('connected')).sound, false);
      await phone.until('said', ends('Hello.'));
      phone.send({ type: 'words', text: 'what time is it' });
      await phone.until('said', ends('You said: what time is it'));
      phone.send({ type: 'key', key: '5' });
      phone.send({ type: 'key', key: '#' });
      await phone.when(() => stage.agent.turns.length === 2);
      assert.match(stage.agent.turns[1]?.words ?? '', /5/);
      phone.send({ type: 'hangup' });
      await phone.until('ended');
      assert.equal(phone.heard.length, 0);
    });
});

describe('a test phone', () => {
  it('presses keys on the line', async (t) => {
    const stage = await phoneStage(t);
    const phone = await stage.open();
    phone.send({ type: 'call' });
    await phone.until('said', ends('Hello.'));
    for (const key of ['4', '2', '#']) phone.send({ type: 'key', key });
    await phone.when(() => stage.agent.turns.length === 1);
    assert.match(stage.agent.turns[0]?.words ?? '', /42/);
  });

  it('that is closed hangs up', async (t) => {
    const stage = await phoneStage(t);
    const phone = await stage.open();
    phone.send({ type: 'call' });
    const { callId } = await phone.until('connected');
    phone.hangUp();
    const watcher = await stage.open();
    await watcher.when(() => {
      watcher.send({ type: 'answer' });
      return stage.call(callId).phase === 'ended';
    });
    assert.equal(stage.call(callId).end?.cause, 'the test phone was closed');
  });

  it('is told what it cannot do, and why a message means nothing', async (t) => {
    const stage = await phoneStage(t);
    const phone = await stage.open();
    phone.send({ type: 'words', text: 'hello?' });
    assert.equal((await phone.until('error')).code, 'VC_PHONE_IDLE');
    phone.send({ type: 'call' });
    await phone.until('connected');
    phone.send({ type: 'call' });
    await phone.until('error', ({ code }) => code === 'VC_PHONE_BUSY');
    phone.send({ type: 'key', key: 'x' });
    await phone.until('error', ({ message }) => message.includes('a key is one of'));
    phone.send({ type: 'words', text: ' ' });
    await phone.until('error', ({ message }) => message.includes('words are'));
  });

  it('that talks nonsense is closed', async (t) => {
    const stage = await phoneStage(t);
    const phone = await stage.open();
    for (let count = 0; count < 25; count++) phone.send({ type: 'played', mark: '' });
    await phone.when(() => phone.isClosed);
  });

  it('is let in where inbound calls are disabled, and nobody else is', async (t) => {
    const stage = await phoneStage(t, { settings: { inboundPolicy: 'disabled' } });
    const phone = await stage.open();
    phone.send({ type: 'call' });
    await phone.until('connected');
    const stranger = await stage.app.phone.ring('+15550009999', ['hello']);
    await phone.when(() => stage.app.phone.find(stranger.id)?.answeredAt === null);
    assert.match(stage.call(stranger.id).end?.cause ?? '', /refused/);
  });
});

describe('a ticket', () => {
  const refused = { code: 'VC_PHONE_REFUSED' };

  it('opens one socket, once', async (t) => {
    const stage = await phoneStage(t);
    const { url } = stage.phones.open({ sound: true });
    const phone = await TestPhone.open(`${stage.origin}${url}`);
    t.after(() => phone.hangUp());
    await assert.rejects(TestPhone.open(`${stage.origin}${url}`), refused);
  });

  it('that nobody gave opens none', async (t) => {
    const stage = await phoneStage(t);
    const { url } = stage.phones.open({ sound: true });
    for (const forged of [url.slice(0, -1), `${url}x`, '/voice-call-phone', '/voice-call-phone?ticket='])
      await assert.rejects(TestPhone.open(`${stage.origin}${forged}`), refused, forged);
    const log = JSON.stringify(stage.log.lines);
    assert.ok(!log.includes(url.split('=')[1] ?? url), 'and none is in the log');
  });

  it('is given to so many phones only', async (t) => {
    const stage = await phoneStage(t);
    for (let count = 0; count < 16; count++) stage.phones.open({ sound: true });
    assert.throws(() => stage.phones.open({ sound: true }), { code: 'VC_PHONES_FULL' });
  });
});

/** Twenty words: some ten seconds. */
const LONG =
  'One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty.';
