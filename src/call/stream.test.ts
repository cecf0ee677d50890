// Tests of Stream: a call whose words travel over a media stream, from picking up to the line that breaks.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreCall, type Fact } from '../../sim/core-call.ts';
import { SILENCE_MS } from './deadline.ts';
import { instructionToSend, isInterruptible, utterancesToPlay } from './instruction.ts';
import { neverStreams } from './stream.ts';

const opened: Fact = { kind: 'streamOpened', n: 1 };
const said = (text: string): Fact => ({ kind: 'callerSaid', text, turn: null });
const played = (utteranceId: string): Fact => ({ kind: 'utterancePlayed', utteranceId });
const sentence = (text: string, turn = 1): Fact => ({ kind: 'agentSaid', turn, text });
const replied = (text = '', turn = 1): Fact => ({ kind: 'agentReplied', turn, text });
const cut = (utteranceId: string, heard: string): Fact => ({ kind: 'utteranceCut', utteranceId, heard });
const closed = (n: number): Fact => ({ kind: 'streamClosed', n, why: 'the socket broke' });

/** A caller on the line of a carrier that is told, and then of one that asks. */
function onTheLine({ asks = false } = {}): CoreCall {
  const call = new CoreCall({ kind: 'inbound', asks, stream: true, greeting: 'Good morning.' });
  if (asks) call.ask({ kind: 'answered' });
  else call.play({ kind: 'answered' });
  return call;
}
const listening = (asks = false): CoreCall => onTheLine({ asks }).play(opened, played('u1'));
const toPlay = (call: CoreCall): string[] => utterancesToPlay(call.call).map(({ text }) => text);

describe('A call with a media stream', () => {
  it('has the carrier connect it first, and is told nothing else while it is open', () => {
    for (const asks of [false, true]) {
      const call = onTheLine({ asks });
      assert.equal(call.told, 'stream:1');
      call.play(opened, played('u1'), said('Hello?'), sentence('Hi.'), replied());
      assert.deepEqual(
        call.sent.map(({ kind }) => kind),
        ['stream'],
      );
    }
  });

  it('is a matter of conversations: a message and a caller who is turned away need none', () => {
    for (const kind of ['notify', 'turnedAway'] as const) {
      const call = new CoreCall({ kind, stream: true, greeting: 'The meeting is at four.' });
      assert.equal(call.play({ kind: 'answered' }).call.stream, null);
    }
  });

  it('has its greeting ready to play before the stream is there', () => {
    assert.deepEqual(toPlay(onTheLine()), ['Good morning.']);
  });

  it('speaks the agent’s sentences while they are still being written, in order, then listens', () => {
    const call = listening().play(
      said('Tell me a story.'),
      sentence('Once upon a time.'),
      sentence('There was a cat.'),
    );
    assert.deepEqual(toPlay(call), ['Once upon a time.', 'There was a cat.']);
    call.play(replied('The end.'), played('u2'), played('u3'), played('u4'));
    assert.equal(call.call.floor.kind, 'listening');
    assert.deepEqual(call.lines.slice(2), [
      'agent (heard): Once upon a time.',
      'agent (heard): There was a cat.',
      'agent (heard): The end.',
    ]);
  });

  it('says that it is still there when the agent falls silent between two sentences', () => {
    const call = listening().play(said('Look it up.'), sentence('Let me see.'), played('u2')).pass(7_000);
    assert.deepEqual(toPlay(call), ['I am still working on that.']);
  });

  it('drops a sentence of a turn that is over', () => {
    const call = listening().play(said('One.'), sentence('Two.', 7));
    assert.deepEqual(toPlay(call), []);
  });

  it('keeps of an interrupted answer what was heard, forgets the rest, and stops the agent', () => {
    const call = listening().play(
      said('Go on.'),
      sentence('The first thing is tea.'),
      sentence('The second is milk.'),
    );
    call.play(cut('u2', 'The first thing'));
    assert.deepEqual(call.lines.at(-1), 'agent (cut): The first thing');
    assert.deepEqual(toPlay(call), []);
    assert.equal(call.call.floor.kind, 'listening');
    assert.deepEqual(call.effects.at(-1), { kind: 'dropAgent' });
    call.play(sentence('The second is milk.'), replied());
    assert.deepEqual(toPlay(call), [], 'late words of the dropped answer are not said');
    call.play(said('No, coffee.'));
    assert.deepEqual(call.asked, ['Go on.', 'No, coffee.']);
    call.play(sentence('Coffee it is.', 2));
    assert.deepEqual(toPlay(call), ['Coffee it is.']);
  });

  it('takes up what the caller adds before the answer began: the agent hears all of it', () => {
    const call = listening().play(said('Book a table'), sentence('For whom?'), cut('u2', ''));
    assert.deepEqual(toPlay(call), []);
    call.play(said('for four people.'));
    assert.deepEqual(call.asked, ['Book a table', 'Book a table for four people.']);
  });

  it('keeps how much sound there was of a sentence, and how much was heard', () => {
    const call = onTheLine().play(opened);
    call.play({ kind: 'utterancePlayed', utteranceId: 'u1', sound: { sentMs: 900, heardMs: 900 } });
    call.play(said('When?'), sentence('At four in the afternoon.'));
    const sound = { sentMs: 1_800, heardMs: 700 };
    call.play({ kind: 'utteranceCut', utteranceId: 'u2', heard: 'At four', sound });
    const ours = call.call.transcript.flatMap((entry) => (entry.speaker === 'agent' ? [entry] : []));
    assert.deepEqual(
      ours.map(({ outcome, sound: measured }) => [outcome, measured?.sentMs, measured?.heardMs]),
      [
        ['heard', 900, 900],
        ['cut', 1_800, 700],
      ],
    );
  });

  it('asks a caller to say it again whose interruption was no words', () => {
    const call = listening().play(said('Book a table'), sentence('For whom?'), cut('u2', '')).pass(6_500);
    assert.match(toPlay(call).join(), /sorry/i);
  });

  it('lets words over a sentence stop it even if nobody noticed the interruption', () => {
    const call = listening().play(said('Go on.'), sentence('First.'), sentence('Second.'), said('Stop.'));
    assert.deepEqual(toPlay(call), []);
    assert.deepEqual(call.asked.at(-1), 'Go on. Stop.');
  });

  it('tells whoever asked for a sentence that it was not said after an interruption', () => {
    const call = listening().play(said('Hm.'), sentence('An answer.'));
    call.play({ kind: 'speakRequested', requestId: 'r1', text: 'A notice.' }, cut('u2', 'An'));
    assert.ok(call.lines.includes('agent (unheard): A notice.'));
  });

  it('takes an interrupted question as asked', () => {
    const call = listening().play({ kind: 'askRequested', askId: 'a1', text: 'Which colour do you want?' });
    call.play(cut('u2', 'Which colour'), said('Blue.'));
    assert.deepEqual(call.call.answer, { askId: 'a1', text: 'Blue.' });
  });

  it('does not think a caller silent who is speaking', () => {
    const call = listening();
    for (let spoken = 0; spoken < 4; spoken++) call.pass(SILENCE_MS - 1_000).play({ kind: 'callerSpeaks' });
    assert.deepEqual(toPlay(call), []);
    assert.match(toPlay(call.pass(SILENCE_MS + 1)).join(), /still there/);
  });

  it('gathers keys that come one by one also from a carrier that would gather them', () => {
    const call = listening(true);
    for (const digits of ['4', '2']) call.play({ kind: 'digitsReceived', digits, turn: null });
    assert.equal(call.asked.length, 0);
    assert.equal(call.pass(2_000).asked.length, 1);
  });

  it('hangs up only after the goodbye was heard, which nobody can interrupt', () => {
    const call = listening().play(said('Bye.'), {
      kind: 'endRequested',
      end: { reason: 'hangup-bot', cause: 'asked' },
      afterReply: true,
    });
    call.play(sentence('Goodbye!'), replied());
    const [goodbye] = utterancesToPlay(call.call);
    assert.ok(goodbye && !isInterruptible(call.call, goodbye));
    assert.equal(call.call.phase, 'live');
    assert.equal(call.play(played('u2')).call.end?.reason, 'hangup-bot');
  });

  it('notes how long the stages of a turn took, once they are known', () => {
    const call = listening().play(said('Hello?'));
    call.play({ kind: 'turnTimed', turn: 1, stages: { firstTokenAt: 5 } });
    call.play({ kind: 'turnTimed', turn: 1, stages: { heardAt: 9 } });
    assert.deepEqual(call.call.turns[0]?.stages, { firstTokenAt: 5, heardAt: 9 });
  });
});

describe('A media stream that fails', () => {
  it('is connected again, and what was being said stays to be said', () => {
    const call = listening().play(said('Hello?'), sentence('A long answer.'), closed(1));
    assert.deepEqual([call.told, call.call.stream?.n], ['stream:2', 2]);
    call.play({ kind: 'streamOpened', n: 2 });
    assert.deepEqual(toPlay(call), ['A long answer.']);
  });

  it('that the carrier ended is most likely over with the call: nothing is told until we know', () => {
    const call = listening().play({
      kind: 'streamClosed',
      n: 1,
      why: 'the carrier stopped it',
      isOver: true,
    });
    assert.equal(call.sent.at(-1)?.kind, 'stream');
    assert.equal(call.sent.length, 1);
    call.play({ kind: 'carrierEnded', reason: 'hangup-user', cause: 'they hung up' });
    assert.equal(call.call.end?.reason, 'hangup-user');
  });

  it('that the carrier ended, and the call not, leaves the word to the carrier', () => {
    const call = listening().play({
      kind: 'streamClosed',
      n: 1,
      why: 'the carrier stopped it',
      isOver: true,
    });
    assert.equal(call.pass(2_000).told, 'listen:1');
  });

  it('is left to a carrier that asks: it comes by itself when the stream is over', () => {
    const call = listening(true).play(closed(1));
    assert.equal(call.sent.length, 1, 'it is not told anything meanwhile');
    assert.deepEqual(call.ask(closed(1)), { kind: 'stream', n: 2, expiresAt: call.call.stream?.expiresAt });
  });

  it('that does not come back in two seconds leaves the word to the carrier', () => {
    for (const asks of [false, true]) {
      const call = listening(asks).play(said('Hello?'), sentence('An answer.'), closed(1)).pass(2_000);
      assert.equal(call.call.stream, null);
      assert.deepEqual(call.sent.at(-1)?.kind, 'say');
    }
  });

  it('that never connects leaves the greeting to the carrier', () => {
    const call = onTheLine().pass(5_000);
    assert.equal(call.told, 'say:u1');
    call.play(opened);
    assert.equal(call.call.stream, null, 'too late');
  });

  it('that breaks again and again is given up', () => {
    const call = listening();
    for (let n = 1; n <= 5; n++) call.play({ kind: 'streamOpened', n }, closed(n));
    assert.equal(call.call.stream, null);
    assert.equal(call.told, 'listen:1');
  });

  it('that the carrier refuses is not tried again', () => {
    const call = new CoreCall({ kind: 'inbound', stream: true, greeting: 'Hi.', answers: 'silent' });
    call.play({ kind: 'answered' }).play({
      kind: 'tellFailed',
      key: 'stream:1',
      failure: { kind: 'refused', why: 'no streams on this account' },
    });
    assert.equal(call.told, 'say:u1');
  });

  it('gives the word to the carrier at once when we have no voice', () => {
    const call = listening().play(said('Hello?'), sentence('An answer.'));
    call.play({ kind: 'speechFailed', why: 'no provider' });
    assert.equal(call.told, 'say:u2');
  });

  it('is connected anew after a restart, and what was being said is said', () => {
    const call = listening().play(said('Hello?'), sentence('An answer.'), replied(), { kind: 'restored' });
    assert.equal(call.told, 'stream:2');
    assert.deepEqual(toPlay(call), ['An answer.']);
  });

  it('of a process that has none any more is forgotten: the carrier says what is to be said', () => {
    const call = listening().play(said('Hello?'), sentence('An answer.'));
    const stored = neverStreams(call.call);
    assert.deepEqual([stored.stream, stored.settings.stream, stored.line.told], [null, false, null]);
    assert.equal(stored.deadlines.stream, undefined);
    assert.equal(instructionToSend(stored)?.kind, 'say');
  });
});

describe('A call that a voice model holds', () => {
  const held = (): CoreCall =>
    new CoreCall({ kind: 'inbound', stream: true, voiceModel: true, greeting: 'Good morning.' }).play(
      { kind: 'answered' },
      opened,
      played('u1'),
    );

  it('has on record what was said, and asks no agent', () => {
    const call = held().play(
      { kind: 'callerHeard', text: 'Is it raining?' },
      { kind: 'modelSaid', text: 'It is not.', isCut: false },
      { kind: 'modelSaid', text: 'Tomorrow it', isCut: true },
    );
    assert.deepEqual(call.lines.slice(1), [
      'caller: Is it raining?',
      'agent (heard): It is not.',
      'agent (cut): Tomorrow it',
    ]);
    assert.deepEqual([call.asked, call.call.floor.kind], [[], 'listening']);
  });

  it('tells the model of keys, which it cannot hear', () => {
    const call = held().play({ kind: 'digitsReceived', digits: '7', turn: null }).pass(2_000);
    assert.deepEqual(call.effects.at(-1), { kind: 'tellModel', words: '(pressed on the keypad: 7)' });
    assert.deepEqual(call.asked, []);
  });

  it('gives whoever asked a question its answer, and goes on listening', () => {
    const call = held().play({ kind: 'askRequested', askId: 'a1', text: 'Which colour?' }, played('u2'));
    call.play({ kind: 'callerHeard', text: 'Blue.' });
    assert.deepEqual(call.call.answer, { askId: 'a1', text: 'Blue.' });
    assert.equal(call.call.floor.kind, 'listening');
    assert.equal(call.pass(9_000).call.floor.kind, 'listening', 'nobody is told to wait a moment');
  });

  it('goes back to the agent when the model is gone', () => {
    const call = held().play(
      { kind: 'speechFailed', why: 'no model' },
      { kind: 'callerSaid', text: 'Hello?', turn: null },
    );
    assert.deepEqual(call.asked, ['Hello?']);
  });
});

describe('A call whose carrier finds us elsewhere from now on', () => {
  const moved: Fact = { kind: 'addressChanged' };

  it('is told once more what it should be doing, when it would come back to the old address', () => {
    const call = new CoreCall({ kind: 'inbound', asks: true, greeting: 'Good morning.' });
    call.ask({ kind: 'answered' });
    assert.equal(call.told, 'say:u1');
    const before = call.sent.length;
    call.play(moved);
    assert.deepEqual(
      call.sent.slice(before).map(({ kind }) => kind),
      ['say'],
    );
  });

  it('that is only told, not asking, needs nothing', () => {
    const call = new CoreCall({ kind: 'inbound', asks: false, greeting: 'Good morning.' });
    call.play({ kind: 'answered' });
    const before = call.sent.length;
    assert.equal(call.play(moved).sent.length, before);
  });

  it('keeps a stream that is open, and connects one that is not by the new address', () => {
    for (const asks of [false, true]) {
      const call = onTheLine({ asks }).play(opened);
      const before = call.sent.length;
      assert.equal(call.play(moved).sent.length, before, 'its sound flows');
      call.play(closed(1));
      call.play(moved);
      assert.equal(call.sent.at(-1)?.kind, 'stream');
      assert.equal(call.told, 'stream:2');
    }
  });
});
