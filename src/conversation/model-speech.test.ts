// Model speech: a call whose conversation a voice model holds. The call is the real core with its deadlines; the line
// plays what it is given on the hand clock; only the provider and the agent are played by the test.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ModelStage } from '../../sim/model-stage.ts';

describe('A call that rings for a voice model', () => {
  it('has its session opened, and closed when nobody answers', async () => {
    const stage = await new ModelStage({ kind: 'outbound' }).ringing();
    assert.equal(stage.model.sessions.length, 1);
    const { call } = stage.model.latest;
    assert.deepEqual(
      call.tools.map(({ name }) => name),
      ['openclaw_agent_consult', 'openclaw_end_call'],
    );
    assert.match(call.instructions, /Be the voice of the house/);
    assert.match(call.instructions, /What we called them to say: "Good morning\."/);
    stage.now({ kind: 'carrierEnded', reason: 'no-answer', cause: 'nobody' });
    assert.equal(stage.model.latest.isClosed, true);
    assert.deepEqual(stage.lines.waiting, []);
    await stage.clock.advance(60_000);
    assert.equal(stage.model.sessions.length, 1);
    assert.equal(stage.clock.pending, 0, 'no timer is left');
  });

  it('is left alone when no voice model is to hold it', async () => {
    for (const options of [{ voiceModel: false }, { stream: false }, { kind: 'notify' }] as const) {
      const stage = await new ModelStage(options).ringing();
      stage.now({ kind: 'answered' });
      assert.equal(stage.model.sessions.length, 0);
    }
  });

  it('tries again when the session cannot connect, and lets the carrier speak when it is picked up in vain', async () => {
    const stage = new ModelStage();
    stage.model.refuses = 'no such model';
    await stage.ringing();
    await stage.clock.advance(2_000);
    assert.equal(stage.call.phase, 'ringing');
    stage.now({ kind: 'answered' });
    assert.equal(stage.call.stream, null, 'the carrier speaks');
    assert.deepEqual(stage.lines.take().slice(-1), ['close']);
  });

  it('tells the model who the agent is, unless that takes too long', async () => {
    const stage = new ModelStage();
    stage.consultant.about = 'Name: Ada';
    await stage.ringing();
    assert.match(stage.model.latest.call.instructions, /Name: Ada/);
    const slow = new ModelStage();
    slow.consultant.capsule = () => new Promise(() => undefined);
    await slow.ringing();
    assert.equal(slow.model.sessions.length, 0);
    await slow.clock.advance(1_000);
    assert.equal(slow.model.sessions.length, 1);
  });
});

describe('The greeting', () => {
  it('is spoken by the model in its own way, and is on record once', async () => {
    const stage = await new ModelStage().picked();
    assert.deepEqual(stage.session.take(), [
      'instruct The call begins now. Greet the person naturally; your first words must contain exactly this greeting: "Good morning."',
    ]);
    stage.session.says('Hi, good morning. I am Ada.', 2_000);
    await stage.clock.advance(1_000);
    assert.deepEqual(stage.said, ['agent (playing): Good morning.']);
    await stage.clock.advance(1_100);
    assert.deepEqual(stage.lines.heard, ['m1 2000']);
    assert.deepEqual(stage.said, ['agent (heard): Good morning.']);
    assert.equal(stage.call.floor.kind, 'listening');
  });

  it('comes after the keys that were to be pressed first, and the machine that asks for them is not answered', async () => {
    const stage = new ModelStage({ kind: 'outbound', dtmfSequence: '12#' });
    await stage.picked();
    stage.frame(1);
    assert.deepEqual(stage.session.take(), []);
    assert.ok(stage.lines.take().includes('keys u1 12#'));
    await stage.clock.advance(1_000);
    stage.frame(2);
    assert.match(stage.session.take().join(), /greeting: "Good morning\."/);
    assert.deepEqual(
      stage.session.heard.map(({ byte }) => byte),
      [2],
    );
    assert.deepEqual(stage.said.slice(0, 1), ['agent (heard): (keys: 12#)']);
  });

  it('is not spoken again by a new session, or on a new stream', async () => {
    const stage = await new ModelStage().greeted();
    stage.lines.disconnect(1);
    stage.lines.connect(2);
    await stage.clock.advance(100);
    stage.session.provider.onGone('socket closed', false);
    await stage.clock.advance(100);
    assert.equal(stage.model.sessions.length, 2);
    assert.deepEqual(stage.session.take(), []);
    assert.match(stage.session.call.instructions, /Do not greet them again[\s\S]*agent: "Good morning\."/);
  });

  it('is asked of the next session when the first broke before it said a word', async () => {
    const stage = await new ModelStage().picked();
    stage.session.provider.onGone('socket closed', false);
    await stage.clock.advance(100);
    assert.match(stage.session.take().join(), /greeting: "Good morning\."/);
  });

  it('is spoken by the carrier when no session speaks', async () => {
    const stage = await new ModelStage().picked();
    await stage.clock.advance(9_000);
    assert.equal(stage.call.stream, null);
    assert.deepEqual(
      stage.call.floor.kind === 'speaking' && stage.call.floor.utterance.text,
      'Good morning.',
    );
    assert.ok(stage.model.sessions.every(({ isClosed }) => isClosed));
  });
});

describe('A session that does not connect', () => {
  it('is not waited for longer than a caller waits', async () => {
    const stage = new ModelStage();
    stage.model.connectsAtOnce = false;
    await stage.picked();
    await stage.clock.advance(5_900);
    assert.equal(stage.call.stream?.state, 'open');
    await stage.clock.advance(200);
    assert.equal(stage.call.stream, null, 'the carrier greets');
    assert.equal(stage.call.floor.kind, 'speaking');
    assert.equal(stage.session.isClosed, true);
  });
});

describe('A conversation with a voice model', () => {
  it('hears the caller, also what they said before it was ready', async () => {
    const stage = new ModelStage();
    stage.model.connectsAtOnce = false;
    await stage.picked();
    stage.frame(1);
    stage.frame(2);
    stage.session.connect();
    await stage.clock.advance(10);
    stage.frame(3);
    assert.deepEqual(stage.session.heard, [
      { byte: 1, streamMs: 0 },
      { byte: 2, streamMs: 20 },
      { byte: 3, streamMs: 40 },
    ]);
  });

  it('is on record on both sides, in the order in which it was heard', async () => {
    const stage = await new ModelStage().greeted();
    stage.session.provider.onHeard('When do', false);
    stage.session.provider.onHeard('When do you open?', true);
    stage.session.says('We open at nine.', 1_000);
    await stage.clock.advance(1_100);
    assert.deepEqual(stage.said.slice(1), ['caller: When do you open?', 'agent (heard): We open at nine.']);
    assert.deepEqual(stage.effects, [], 'no agent is asked');
  });

  it('is no silence while one of them speaks', async () => {
    const stage = await new ModelStage().greeted();
    stage.session.says('A very long story.', 25_000);
    await stage.clock.advance(26_000);
    assert.deepEqual(stage.session.take(), [], 'nobody was asked whether they are still there');
    stage.lines.tell({ kind: 'voice', isSpeaking: true });
    stage.session.provider.onHeard('another', false);
    await stage.clock.advance(14_000);
    assert.deepEqual(stage.session.take(), []);
    stage.lines.tell({ kind: 'voice', isSpeaking: false });
    await stage.clock.advance(11_000);
    assert.match(
      stage.session.take().join(),
      /Say exactly these words now, and nothing else: "Are you still there\?"/,
    );
  });

  it('keeps of an interrupted reply what was heard, when the provider notices', async () => {
    const stage = await new ModelStage().greeted();
    const text = 'The library opens at nine on weekdays and at ten on Saturdays.';
    stage.session.says(text, 4_000);
    await stage.clock.advance(60 + 2_000);
    assert.equal(Math.round(stage.session.call.heardMs()), 2_000);
    stage.session.provider.onInterrupted();
    assert.deepEqual(stage.lines.take().slice(-1), ['drop m2']);
    assert.equal(Math.round(stage.session.call.heardMs()), 2_000, 'the place stays known');
    stage.session.provider.onHeard('Wait.', true);
    const [, reply, caller] = stage.said;
    assert.match(reply ?? '', /^agent \(cut\): The library opens at nine/);
    assert.doesNotMatch(reply ?? '', /Saturdays/);
    assert.equal(caller, 'caller: Wait.');
    stage.session.says('Yes?', 400);
    await stage.clock.advance(500);
    assert.deepEqual(stage.lines.heard.slice(-2), ['m2 2000 cut', 'm3 400']);
  });

  it('keeps the order although the words of the interrupted reply never become final', async () => {
    const stage = await new ModelStage().greeted();
    stage.session.begins('The library opens at nine', 3_000);
    await stage.clock.advance(2_500);
    stage.session.provider.onInterrupted();
    stage.session.provider.onHeard('Wait.', true);
    assert.match(stage.said[1] ?? '', /^agent \(cut\): The library/);
    assert.equal(stage.said[2], 'caller: Wait.');
  });

  it('tells a provider that notices nothing when our own detector hears an interruption', async () => {
    const stage = new ModelStage();
    stage.model.interruptsItself = false;
    await stage.greeted();
    stage.session.says('The library opens at nine on weekdays.', 4_000);
    assert.ok(stage.lines.take().includes('say m2'), 'it may be interrupted');
    await stage.clock.advance(60 + 1_000);
    stage.session.provider.onHeard('wait', false);
    assert.ok(stage.lines.take().includes('understood wait'));
    stage.lines.cut();
    assert.deepEqual(stage.session.take(), ['interrupted 1000']);
    assert.match(stage.said[1] ?? '', /^agent \(cut\): The library/);
  });

  it('has on record what was heard until the carrier ended the stream', async () => {
    const stage = await new ModelStage().greeted();
    stage.session.says('The library opens at nine on weekdays and at ten on Saturdays.', 4_000);
    await stage.clock.advance(60 + 2_000);
    stage.lines.disconnect(1, true);
    assert.match(stage.said[1] ?? '', /^agent \(cut\): The library opens at nine/);
    assert.deepEqual(stage.session.take(), ['interrupted 2000']);
    stage.now({ kind: 'carrierEnded', reason: 'hangup-user', cause: 'they left' });
    assert.equal(stage.clock.pending, 0);
  });

  it('never hears what comes late of an interrupted reply', async () => {
    const stage = await new ModelStage().greeted();
    const id = stage.session.begins('And then', 500);
    await stage.clock.advance(200);
    stage.session.provider.onInterrupted();
    stage.session.provider.onSound(id, new Uint8Array(800));
    await stage.clock.advance(2_000);
    assert.deepEqual(stage.lines.waiting, []);
  });

  it('comes to the end of a reply whose end nobody tells, and takes what follows under its name for another', async () => {
    const stage = await new ModelStage().greeted();
    const id = stage.session.begins('Let me look.', 600);
    stage.session.provider.onSaid('Let me look.', true);
    await stage.clock.advance(1_500);
    assert.deepEqual(stage.lines.heard.slice(-1), ['m2 600']);
    stage.session.provider.onSound(id, new Uint8Array(4_000));
    stage.session.provider.onSaid('On Friday.', true);
    await stage.clock.advance(1_500);
    assert.deepEqual(stage.said.slice(1), ['agent (heard): Let me look.', 'agent (heard): On Friday.']);
    stage.session.begins('And without any words', 500);
    await stage.clock.advance(9_000);
    assert.deepEqual(stage.lines.waiting, []);
  });

  it('is never more than two minutes ahead of what is heard', async () => {
    const stage = await new ModelStage().greeted();
    for (let second = 0; second < 400; second++)
      stage.session.provider.onSound('long', new Uint8Array(8_000));
    stage.session.provider.onReplyOver('long');
    assert.deepEqual(stage.lines.waiting, ['m2 120000']);
    assert.equal(stage.warnings.filter((text) => text.includes('too far ahead')).length, 1);
  });

  it('lets the model answer keys the caller pressed', async () => {
    const stage = await new ModelStage().greeted();
    for (const digit of '42#') stage.lines.tell({ kind: 'digit', digit });
    await stage.clock.advance(2_000);
    assert.match(stage.session.take().join(), /^tell .*42/);
  });
});

describe('What others want said on the call', () => {
  it('is said word for word when the model has finished, and its outcome is known', async () => {
    const stage = await new ModelStage().greeted();
    stage.session.says('Something of my own.', 2_000);
    await stage.clock.advance(500);
    stage.now({ kind: 'speakRequested', requestId: 'r1', text: 'Your table is ready.' });
    assert.deepEqual(stage.session.take(), [], 'the model finishes first');
    await stage.clock.advance(1_700);
    assert.deepEqual(stage.session.take(), [
      'instruct Say exactly these words now, and nothing else: "Your table is ready."',
    ]);
    stage.session.says('Your table is ready.', 1_000);
    await stage.clock.advance(1_100);
    assert.deepEqual(stage.said.slice(1).toSorted(), [
      'agent (heard): Something of my own.',
      'agent (heard): Your table is ready.',
    ]);
  });

  it('does not wait for a model that never comes to an end', async () => {
    const stage = await new ModelStage().greeted();
    stage.session.says('A very long story.', 60_000);
    stage.now({ kind: 'speakRequested', requestId: 'r1', text: 'Your table is ready.' });
    await stage.clock.advance(8_000);
    assert.deepEqual(stage.session.take(), [
      'interrupted 7940',
      'instruct Say exactly these words now, and nothing else: "Your table is ready."',
    ]);
  });

  it('is asked for again when the model said something else instead', async () => {
    const stage = await new ModelStage().greeted();
    stage.now({ kind: 'speakRequested', requestId: 'r1', text: 'Your table is ready.' });
    stage.session.says('What a lovely day!', 1_000);
    await stage.clock.advance(1_100);
    assert.equal(stage.session.take().length, 2);
    assert.ok(stage.said.includes('agent (heard): What a lovely day!'));
    stage.session.says('Your table is ready.', 1_000);
    await stage.clock.advance(1_100);
    assert.deepEqual(stage.session.take(), []);
    assert.ok(stage.said.includes('agent (heard): Your table is ready.'));
  });

  it('is cut where the caller interrupted it', async () => {
    const stage = await new ModelStage().greeted();
    stage.now({ kind: 'speakRequested', requestId: 'r1', text: 'Your table is ready and waiting for you.' });
    stage.session.says('Your table is ready and waiting for you.', 4_000);
    await stage.clock.advance(60 + 2_000);
    stage.session.provider.onInterrupted();
    assert.match(stage.said[1] ?? '', /^agent \(cut\): Your table is/);
    assert.equal(stage.call.floor.kind, 'listening');
  });

  it('is pressed as keys while the session stays', async () => {
    const stage = await new ModelStage().greeted();
    stage.now({ kind: 'digitsRequested', requestId: 'r1', digits: '7#' });
    assert.ok(stage.lines.take().includes('keys u2 7#'));
    await stage.clock.advance(1_000);
    assert.deepEqual(stage.said.slice(1), ['agent (heard): (keys: 7#)']);
    assert.equal(stage.model.sessions.length, 1);
  });

  it('is said at once when our time is up', async () => {
    const stage = await new ModelStage({ maxDurationMs: 60_000 }).greeted();
    stage.session.says('A very long story.', 100_000);
    await stage.clock.advance(52_000);
    assert.match(
      stage.session.take().join('|'),
      /^interrupted \d+\|instruct Say exactly these words.*time is up/,
    );
    stage.session.says('I am sorry, our time is up. Goodbye.', 2_000);
    await stage.clock.advance(2_100);
    assert.equal(stage.call.phase, 'ending');
  });
});
