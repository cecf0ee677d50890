// Stories of the pure core: what a call does, step by step, with an idealised carrier and a clock moved by hand.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CallOptions, CoreCall, type Fact } from '../../sim/core-call.ts';
import { pendingAsk } from './ask.ts';
import type { End } from './call.ts';
import { HANGUP_CONFIRM_MS, SILENCE_MS, speechMs } from './deadline.ts';
import { toldByReply } from './instruction.ts';
import { newRefusedCall } from './new-call.ts';
import { openingInstruction, transition } from './transition.ts';

const PLACED: Fact = { kind: 'placed', carrierCallId: 'CA1', replaces: null };
const ANSWERED: Fact = { kind: 'answered' };
const OWNER_ENDS: End = { reason: 'hangup-bot', cause: 'asked to hang up' };
const END: Fact = { kind: 'endRequested', end: OWNER_ENDS, afterReply: false };
const END_AFTER_REPLY: Fact = { kind: 'endRequested', end: OWNER_ENDS, afterReply: true };
const LEFT: Fact = { kind: 'carrierEnded', reason: 'hangup-user', cause: 'CallStatus=completed' };
const said = (text: string, turn: number | null = null): Fact => ({ kind: 'callerSaid', text, turn });
const played = (utteranceId: string | null = null): Fact => ({ kind: 'utterancePlayed', utteranceId });
const replied = (turn: number, text: string): Fact => ({ kind: 'agentReplied', turn, text });
const speak = (text: string, requestId = 'r1'): Fact => ({ kind: 'speakRequested', text, requestId });
const ask = (text: string, askId = 'a1'): Fact => ({ kind: 'askRequested', text, askId });

function live(options: ConstructorParameters<typeof CoreCall>[0] = {}): CoreCall {
  return new CoreCall(options).play(PLACED, ANSWERED);
}

/** A conversation in which the greeting was heard and we listen for turn 1. */
function listening(options: CallOptions = {}): CoreCall {
  return live(options).play(played());
}

/** A conversation in which the caller said something and the agent thinks about turn 1. */
function thinking(options: CallOptions = {}): CoreCall {
  return listening(options).play(said('What time is it?'));
}

describe('A conversation', () => {
  it('greets and listens in one breath, thinks, answers, and listens for the next turn', () => {
    const line = live();
    assert.deepEqual(line.sent.at(-1), {
      kind: 'say',
      utterance: { id: 'u1', text: 'Good morning.', digits: null, requestId: null },
      turn: 1,
    });
    line.play(played('u1'));
    assert.deepEqual(
      [line.call.floor.kind, line.told],
      ['listening', 'say:u1'],
      'the line is not told twice',
    );
    line.play(said('What time is it?', 1));
    assert.deepEqual(line.effects, [{ kind: 'askAgent', turn: 1, words: 'What time is it?' }]);
    assert.equal(line.call.floor.kind, 'thinking');
    line.play(replied(1, 'It is noon.'));
    assert.deepEqual([line.told, line.call.turn], ['say:u2', 2]);
    line.play(played('u2'), LEFT);
    assert.deepEqual(line.lines, [
      'agent (heard): Good morning.',
      'caller: What time is it?',
      'agent (heard): It is noon.',
    ]);
    assert.deepEqual(line.call.end, { reason: 'hangup-user', cause: 'CallStatus=completed' });
  });

  it('without a greeting listens at once', () => {
    assert.equal(live({ greeting: null }).told, 'listen:1');
    assert.equal(live({ greeting: '  ' }).told, 'listen:1');
  });

  it('hears a caller who answers before the greeting is over', () => {
    const line = live().play(said('Hello?', 1));
    assert.deepEqual(line.asked, ['Hello?']);
    assert.deepEqual(line.lines[0], 'agent (heard): Good morning.');
  });

  it('says a filler while the agent thinks, then progress, then the answer after what is being said', () => {
    const line = thinking().pass(1_800);
    assert.equal(line.lines.at(-1), 'agent (playing): One moment, please.');
    line.play(played()).pass(6_000);
    assert.equal(line.lines.at(-1), 'agent (playing): I am still working on that.');
    line.play(replied(1, 'It is noon.'));
    assert.equal(line.lines.length, 4, 'the answer waits until the filler was heard');
    line.play(played());
    assert.equal(line.lines.at(-1), 'agent (playing): It is noon.');
    line.play(played());
    assert.deepEqual([line.call.floor.kind, line.call.turn], ['listening', 2]);
  });

  it('takes an answer once, even when it comes twice during a filler', () => {
    const line = thinking().pass(1_800).play(replied(1, 'Noon.'), replied(1, 'Noon.'));
    assert.equal(line.call.queue.length, 1);
  });

  it('listens after a filler when the agent has nothing to say, and tells the line so', () => {
    const line = thinking().pass(1_800).play(replied(1, ''), played());
    assert.deepEqual([line.call.floor.kind, line.told], ['listening', 'listen:2']);
  });

  it('apologises and listens when the agent fails or takes too long', () => {
    const failed = thinking().play({ kind: 'agentFailed', turn: 1, why: 'no model' });
    assert.match(failed.lines.at(-1) ?? '', /Sorry/);
    const slow = thinking({ responseTimeoutMs: 1_000 }).pass(1_000);
    assert.match(slow.lines.at(-1) ?? '', /Sorry/);
    assert.deepEqual(slow.effects.at(-1), { kind: 'dropAgent' });
  });

  it('drops a late answer to an older turn, and late words for one', () => {
    const line = thinking().play(replied(1, 'Noon.'), played());
    const before = line.call;
    line.play(replied(1, 'Noon again.'), said('Hello?', 1), { kind: 'callerSilent', turn: 1 });
    assert.equal(line.call, before);
  });

  it('asks the agent again with everything the caller said when they go on speaking', () => {
    const line = thinking().play(said('In Tokyo, please.'));
    assert.deepEqual(line.asked, ['What time is it?', 'What time is it? In Tokyo, please.']);
    assert.equal(line.effects.at(-2)?.kind, 'dropAgent');
    line.play(said('In Tokyo, please.'));
    assert.equal(line.asked.length, 2, 'the same words again are a repeated report');
  });

  it('hears words that fall between a filler and the answer that waits behind it', () => {
    const line = thinking().pass(1_800).play(replied(1, 'Noon.'), said('And the date?'));
    assert.deepEqual(line.asked, ['What time is it?', 'And the date?']);
    assert.deepEqual(line.lines.slice(-3), [
      'agent (cut): One moment, please.',
      'caller: And the date?',
      'agent (playing): Noon.',
    ]);
    line.play(played(), replied(3, 'Saturday.'));
    assert.equal(line.lines.at(-1), 'agent (playing): Saturday.');
  });

  it('says its thanks and hangs up after the maximum duration, cutting what is being said', () => {
    const line = live({ maxDurationMs: 60_000, greeting: 'word '.repeat(400) }).pass(52_000);
    assert.deepEqual(line.lines.slice(1), ['agent (playing): I am sorry, our time is up. Goodbye.']);
    assert.match(line.lines[0] ?? '', /cut/);
    line.play(played());
    assert.deepEqual([line.call.phase, line.call.end?.reason], ['ended', 'timeout']);
  });

  it('ends within the maximum duration even when the goodbye is never confirmed', () => {
    const line = live({ maxDurationMs: 60_000 }).pass(60_000);
    assert.equal(line.call.phase, 'ended');
  });

  it('of less than half a minute ends without a goodbye', () => {
    const line = live({ maxDurationMs: 10_000 }).pass(10_000);
    assert.deepEqual([line.call.phase, line.call.transcript.length], ['ended', 1]);
  });
});

describe('A silent caller', () => {
  it('is asked twice, then told goodbye, and only then we hang up', () => {
    const line = listening();
    for (const expected of [/still there/, /still there/, /Goodbye/]) {
      line.pass(SILENCE_MS);
      assert.match(line.lines.at(-1) ?? '', expected);
      assert.equal(line.call.phase, 'live');
      line.play(played());
    }
    assert.deepEqual(line.call.end, { reason: 'completed', cause: 'the caller was silent' });
    assert.equal(line.call.phase, 'ended');
  });

  it('is asked by the report of a carrier that listens by itself, and the same report again does nothing', () => {
    const line = live({ asks: true });
    const silent: Fact = { kind: 'callerSilent', turn: 1 };
    assert.equal(line.ask(silent).kind, 'say');
    const { call } = line;
    line.play(silent);
    assert.equal(line.call, call);
  });

  it('of a carrier that comes back without words counts as silent', () => {
    const line = live({ asks: true });
    line.ask(said('  ', 1));
    assert.match(line.lines.at(-1) ?? '', /still there/);
  });
});

describe('A notify call', () => {
  it('says its message once, waits the delay after it was heard, and hangs up', () => {
    const line = live({ kind: 'notify', greeting: 'Your parcel is here.' });
    line.play(said('Hello?'), played(), played());
    line.pass(2_999);
    assert.equal(line.call.phase, 'live');
    line.pass(1);
    assert.deepEqual(line.lines, ['agent (heard): Your parcel is here.']);
    assert.deepEqual(
      line.sent.map((instruction) => instruction.kind),
      ['say', 'hangup'],
    );
    assert.equal(line.call.end?.reason, 'hangup-bot');
  });

  it('hangs up too when the carrier never reports that the message was heard', () => {
    const text = 'Your parcel is here.';
    const line = live({ kind: 'notify', greeting: text }).pass(2 * speechMs(text) + 10_000 + 3_000);
    assert.equal(line.call.phase, 'ended');
  });

  it('never listens: words to say are said, a question is answered with nothing', () => {
    const line = live({ kind: 'notify' }).play(speak('One more thing.'), ask('Are you there?'), played());
    assert.deepEqual(line.call.answer, { askId: 'a1', text: null });
    assert.equal(line.sent.at(-1)?.kind === 'say' && line.sent.at(-1)?.kind, 'say');
    line.play(played());
    assert.equal(line.call.floor.kind, 'idle');
    line.pass(3_000);
    assert.equal(line.call.phase, 'ended');
  });
});

describe('Somebody who drives the call', () => {
  it('asks, gets the caller’s words, and the agent stays out of it', () => {
    const line = listening().play(ask('Which colour?'), played(), said('Blue.'));
    assert.deepEqual(line.call.answer, { askId: 'a1', text: 'Blue.' });
    assert.deepEqual(line.asked, []);
    assert.equal(pendingAsk(line.call), null);
    line.pass(8_000);
    assert.equal(
      line.lines.at(-1),
      'agent (playing): One moment, please.',
      'the caller is not left in silence',
    );
  });

  it('asks while something is being said: it waits its turn and nothing is cut', () => {
    const line = live().play(ask('Which colour?'));
    assert.equal(line.told, 'say:u1');
    line.pass(speechMs('Good morning.'));
    assert.deepEqual(line.lines, ['agent (heard): Good morning.', 'agent (playing): Which colour?']);
    assert.equal(pendingAsk(line.call), 'a1');
  });

  it('asks while the agent thinks: the agent is dropped and the caller answers the question', () => {
    const line = thinking().pass(1_800).play(ask('Which colour?'));
    assert.ok(line.effects.some((effect) => effect.kind === 'dropAgent'));
    line.play(replied(1, 'Noon.'), { kind: 'agentFailed', turn: 1, why: 'aborted' });
    assert.equal(line.call.queue.length, 1, 'what the dropped agent still says is not said');
    line.play(played(), played(), said('Blue.'));
    assert.deepEqual(line.call.answer, { askId: 'a1', text: 'Blue.' });
  });

  it('learns in time that nobody answered, also when the question was never reached', () => {
    const line = listening({ transcriptTimeoutMs: 5_000 }).play(ask('Which colour?')).pass(5_000);
    assert.deepEqual(line.call.answer, { askId: 'a1', text: null });
    const waiting = live({ transcriptTimeoutMs: 1_000, greeting: 'word '.repeat(50) }).play(ask('Which?'));
    waiting.pass(1_000);
    assert.deepEqual(waiting.call.answer, { askId: 'a1', text: null });
    assert.equal(waiting.call.queue.length, 1, 'it is still asked, for the agent to hear the answer');
  });

  it('is not overheard by a silent caller: no goodbye while somebody waits for words', () => {
    const line = listening().play(ask('Which colour?'), played());
    for (let round = 0; round < 8; round++) line.pass(SILENCE_MS).play(played());
    assert.equal(line.call.phase, 'live');
    assert.equal(line.lines.filter((text) => text.includes('still there')).length, 2);
  });

  it('who asks again before the answer came is answered only the second time', () => {
    const line = listening().play(ask('Which colour?', 'a1'), ask('How many?', 'a2'));
    assert.deepEqual(line.call.answer, { askId: 'a1', text: null });
    line.play(played(), played(), said('Two.'));
    assert.deepEqual(line.call.answer, { askId: 'a2', text: 'Two.' });
  });

  it('asks and speaks on: one answer settles the question wherever it is heard', () => {
    const line = listening().play(ask('Which colour?'), speak('Take your time.'), said('Blue.'));
    assert.deepEqual([pendingAsk(line.call), line.call.answer?.text], [null, 'Blue.']);
  });

  it('speaks while the agent thinks: the answer still comes', () => {
    const line = thinking().play(speak('Hold on.'), played());
    assert.deepEqual(
      [line.call.floor.kind, line.call.floor.kind === 'thinking' && line.call.floor.turn],
      ['thinking', 1],
    );
    line.play(replied(1, 'Noon.'));
    assert.equal(line.lines.at(-1), 'agent (playing): Noon.');
  });

  it('speaks after an answer: that was theirs, so the caller has the floor', () => {
    const line = listening().play(ask('Which colour?'), played(), said('Blue.'), speak('Noted.'), played());
    assert.equal(line.call.floor.kind, 'listening');
    assert.notEqual(line.call.turns.at(-1)?.repliedAt, null);
  });

  it('speaks during the greeting: both are heard, in order', () => {
    const line = live().play(speak('A notice.')).pass(speechMs('Good morning.'));
    assert.deepEqual(line.lines, ['agent (heard): Good morning.', 'agent (playing): A notice.']);
    assert.equal(line.call.turn, 2);
  });

  it('cannot pile up more than anybody would listen to', () => {
    const line = live();
    for (let round = 0; round < 15; round++) line.play(speak('Again.', `r${round}`));
    assert.equal(line.call.queue.length, 10);
    assert.equal(line.lines.filter((text) => text === 'agent (unheard): Again.').length, 5);
  });

  it('presses keys before anything else when the call was placed with some', () => {
    const line = live({ dtmfSequence: '1ww2#' });
    assert.equal(line.told, 'say:u1');
    line.play(played());
    assert.deepEqual(line.lines, ['agent (heard): (keys: 1ww2#)', 'agent (playing): Good morning.']);
  });
});

describe('Hanging up', () => {
  it('waits until what is being said was heard', () => {
    const line = live().play(END);
    assert.equal(line.call.phase, 'live');
    line.play(said('Wait!'));
    assert.deepEqual(line.lines, ['agent (playing): Good morning.', 'caller: Wait!'], 'words do not cut it');
    line.play(played());
    assert.deepEqual([line.call.phase, line.call.end], ['ended', OWNER_ENDS]);
  });

  it('happens at once when nothing is being said', () => {
    assert.equal(listening().play(END).call.phase, 'ended');
    assert.equal(thinking().play(END).call.phase, 'ended');
  });

  it('during a filler waits for the filler, not for the answer', () => {
    const line = thinking().pass(1_800).play(END, replied(1, 'Noon.'), played());
    assert.equal(line.call.phase, 'ended');
    assert.ok(!line.lines.some((text) => text.includes('Noon')));
  });

  it('after the reply lets the agent say its goodbye', () => {
    const line = thinking().play(END_AFTER_REPLY);
    assert.equal(line.call.phase, 'live');
    line.play(said('One more thing'), replied(1, 'Goodbye then.'));
    assert.deepEqual(line.asked, ['What time is it?'], 'no new turn begins');
    line.play(played());
    assert.deepEqual(line.lines.slice(-2), ['caller: One more thing', 'agent (heard): Goodbye then.']);
    assert.equal(line.call.phase, 'ended');
  });

  it('after the reply happens at once when nobody is thinking of one', () => {
    assert.equal(listening().play(END_AFTER_REPLY).call.phase, 'ended');
    const driven = listening().play(ask('Which?'), played(), said('Blue.'), END_AFTER_REPLY);
    assert.equal(driven.call.phase, 'ended');
  });

  it('asks a leaving caller nothing more, however their turn ends', () => {
    for (const fact of [{ kind: 'callerSilent', turn: 1 } as const, said('Bye.', 1)]) {
      const line = new CoreCall({ asks: true }).play(PLACED);
      line.ask(ANSWERED);
      line.play(END);
      assert.equal(line.ask(fact).kind, 'hangup');
    }
  });

  it('before anybody answers ends the call; a late answer changes nothing', () => {
    const line = new CoreCall({ answers: 'silent' }).play(PLACED, END);
    assert.deepEqual([line.call.phase, line.told], ['ending', 'hangup']);
    const before = line.call;
    line.play(ANSWERED);
    assert.equal(line.call, before);
    line.play(LEFT, ANSWERED);
    assert.deepEqual([line.call.phase, line.call.end], ['ended', OWNER_ENDS]);
  });

  it('is repeated, ever more patiently, then the call is closed: never a zombie', () => {
    const line = live({ answers: 'silent' }).pass(speechMs('Good morning.')).play(END);
    const from = line.now;
    while (line.passOne());
    assert.equal(line.sent.filter((instruction) => instruction.kind === 'hangup').length, 4);
    assert.equal(line.now - from, HANGUP_CONFIRM_MS * (1 + 2 + 4 + 8));
    assert.deepEqual([line.call.phase, line.call.end], ['ended', OWNER_ENDS]);
  });

  it('is done when the carrier says that the call is gone', () => {
    const line = live({ answers: 'silent' }).pass(speechMs('Good morning.')).play(END);
    line.play({ kind: 'tellFailed', key: 'hangup', failure: { kind: 'retry', why: 'busy' } });
    assert.equal(line.call.phase, 'ending');
    line.play({ kind: 'tellFailed', key: 'hangup', failure: { kind: 'gone', why: '404' } });
    assert.equal(line.call.phase, 'ended');
  });

  it('sends an ended call nothing any more', () => {
    const line = listening().play(LEFT);
    const sent = line.sent.length;
    line.play(END, said('Hello?'), speak('Hello?'), { kind: 'restored' });
    assert.equal(line.sent.length, sent);
  });
});

describe('A call that comes in', () => {
  it('is picked up by a carrier that must be told, and greets when it is answered', () => {
    const line = new CoreCall({ kind: 'inbound', answers: 'silent' });
    line.play(
      { kind: 'placed', carrierCallId: 'CA1', replaces: null },
      { kind: 'tellAccepted', key: 'answer' },
    );
    assert.equal(line.call.phase, 'ringing');
    line.play(ANSWERED);
    assert.equal(line.lines[0], 'agent (playing): Good morning.');
  });

  it('that was refused is turned away, then hung up, and is over when the carrier confirms', () => {
    const line = new CoreCall({ kind: 'inbound', answers: 'silent' });
    line.call = newRefusedCall({
      ...line.call,
      carrierCallId: 'CA1',
      at: line.now,
      cause: 'refused: not on the allowlist',
      confirmByMs: HANGUP_CONFIRM_MS,
    });
    line.play(PLACED).ask();
    assert.equal(line.sent.at(-1)?.kind, 'reject');
    line.pass(HANGUP_CONFIRM_MS);
    assert.equal(line.sent.at(-1)?.kind, 'hangup');
    line.play({ kind: 'tellAccepted', key: 'hangup' });
    assert.deepEqual(line.call.end, { reason: 'hangup-bot', cause: 'refused: not on the allowlist' });
    assert.deepEqual([line.call.phase, line.call.answeredAt], ['ended', null]);
  });

  it('and that the caller gives up before we answer was hung up by them, whatever the carrier calls it', () => {
    for (const reason of ['completed', 'no-answer', 'busy', 'hangup-bot'] as const) {
      const line = new CoreCall({ kind: 'inbound' });
      line.play({ kind: 'carrierEnded', reason, cause: 'cancelled' });
      assert.deepEqual(line.call.end, { reason: 'hangup-user', cause: 'cancelled' });
    }
    const broken = new CoreCall({ kind: 'inbound' });
    broken.play({ kind: 'carrierEnded', reason: 'failed', cause: 'network' });
    assert.equal(broken.call.end?.reason, 'failed');
    const ours = new CoreCall().play(PLACED, { kind: 'carrierEnded', reason: 'busy', cause: '17' });
    assert.equal(ours.call.end?.reason, 'busy');
  });

  it('that cannot be picked up is turned away at last', () => {
    const line = new CoreCall({ kind: 'inbound', answers: 'silent' });
    line.call = { ...line.call, line: { ...line.call.line, told: 'answer' } };
    line.play({ kind: 'tellFailed', key: 'answer', failure: { kind: 'refused', why: '422' } });
    assert.deepEqual([line.call.phase, line.told, line.call.end?.reason], ['ending', 'reject', 'error']);
  });
});

describe('A carrier that does not take an instruction', () => {
  const retry: Fact = { kind: 'tellFailed', key: 'say:u1', failure: { kind: 'retry', why: '21220' } };

  it('is told again after a pause, and the call goes on as if nothing had been', () => {
    const line = live({ answers: 'silent' }).play(retry).pass(250);
    assert.equal(line.sent.filter((instruction) => instruction.kind === 'say').length, 2);
    line.play({ kind: 'tellAccepted', key: 'say:u1' }, played('u1'));
    assert.deepEqual(line.lines, ['agent (heard): Good morning.']);
    assert.equal(line.call.line.attempts, 0);
  });

  it('is told the same sentence once only when something newer is told meanwhile', () => {
    const line = live({ answers: 'silent' }).play(retry, said('Hello?', 1), replied(1, 'Hi.'));
    const sent = line.sent.length;
    assert.equal(line.told, 'say:u2');
    line.pass(250);
    assert.equal(line.sent.length, sent);
  });

  it('by request but fetches it meanwhile is not told again; that the call is gone is believed all the same', () => {
    const line = live({ answers: 'silent' });
    line.call = toldByReply(line.call, 'say:u1');
    const sent = line.sent.length;
    line.play(retry).pass(5_000);
    assert.deepEqual([line.sent.length, line.call.phase], [sent, 'live']);
    line.play({ ...retry, failure: { kind: 'gone', why: '404' } } as Fact);
    assert.equal(line.call.phase, 'ended');
  });

  it('five times over ends the call, and what it never said was not heard', () => {
    const line = live({ answers: 'silent' });
    for (const pause of [250, 750, 2_000, 4_000]) line.play(retry).pass(pause);
    line.play(retry);
    assert.deepEqual(line.lines, ['agent (unheard): Good morning.']);
    assert.deepEqual([line.call.phase, line.call.end?.reason], ['ending', 'error']);
    assert.equal(line.told, 'hangup');
  });

  it('and then does has its failures forgotten, also when something newer was to be told by then', () => {
    const line = live({ answers: 'silent' }).play(retry).pass(250).play(retry);
    assert.equal(line.call.line.attempts, 2);
    line.play({ kind: 'tellAccepted', key: 'say:u0' });
    assert.deepEqual([line.call.line.attempts, line.call.line.accepted], [0, false]);
    line.play(retry, { kind: 'tellAccepted', key: 'say:u1' });
    assert.deepEqual([line.call.line.attempts, line.call.line.accepted], [0, true]);
  });

  it('for good ends the call; one that knows no such call ends it at once', () => {
    const refused = live({ answers: 'silent' }).play({
      ...retry,
      failure: { kind: 'refused', why: 'no' },
    } as Fact);
    assert.equal(refused.call.end?.cause, 'the carrier refused: no');
    const gone = live({ answers: 'silent' }).play({
      ...retry,
      failure: { kind: 'gone', why: '404' },
    } as Fact);
    assert.deepEqual([gone.call.phase, gone.call.end?.reason], ['ended', 'completed']);
    assert.deepEqual(gone.lines, ['agent (unheard): Good morning.']);
  });

  it('and then loses the call never said what it was to be told again', () => {
    assert.deepEqual(live({ answers: 'silent' }).play(retry, LEFT).lines, ['agent (unheard): Good morning.']);
    assert.deepEqual(live().play(LEFT).lines, ['agent (cut): Good morning.']);
  });

  it('and failed at something older changes nothing', () => {
    const line = listening();
    const before = line.call;
    line.play({ ...retry, key: 'say:u9' } as Fact);
    assert.equal(line.call, before);
  });
});

describe('A carrier that asks', () => {
  it('and was told to wait is not told by request: it comes back by itself', () => {
    const line = live({ asks: true, greeting: null });
    line.ask();
    line.ask(said('What time is it?', 1));
    assert.equal(line.told, 'wait');
    const sent = line.sent.length;
    line.play(replied(1, 'Noon.'));
    assert.equal(line.sent.length, sent);
    assert.equal(line.ask().kind, 'say');
  });

  it('reports an end of speech that cannot be about what it has not fetched yet', () => {
    const line = live({ asks: true, greeting: null });
    line.ask();
    line.ask(said('What time is it?', 1));
    line.play(replied(1, 'Noon.'), played());
    assert.equal(line.lines.at(-1), 'agent (playing): Noon.');
    line.play(LEFT);
    assert.equal(line.lines.at(-1), 'agent (unheard): Noon.');
  });

  it('but forgot to come back is told by request, and nothing is counted as heard meanwhile', () => {
    const line = live({ asks: true, greeting: null });
    line.ask();
    line.ask(said('What time is it?', 1));
    line.play(replied(1, 'Noon.')).pass(speechMs('Noon.'));
    assert.equal(line.told, 'say:u1');
    assert.equal(line.lines.at(-1), 'agent (playing): Noon.');
  });
});

describe('After a restart', () => {
  const restored: Fact = { kind: 'restored' };

  it('what the carrier had agreed to is not said twice', () => {
    const line = live();
    const sent = line.sent.length;
    line.play(restored);
    assert.equal(line.sent.length, sent);
    line.play(played('u1'), said('Hello?', 1));
    assert.deepEqual(line.asked, ['Hello?']);
  });

  it('what it had not agreed to is told again', () => {
    const line = live({ answers: 'silent' }).play(restored);
    assert.deepEqual(
      line.sent.map((instruction) => instruction.kind),
      ['say', 'say'],
    );
  });

  it('an answer that was being thought about is lost and apologised for, once', () => {
    const line = thinking().play(restored);
    assert.match(line.lines.at(-1) ?? '', /Sorry/);
    line.play(played());
    assert.equal(line.call.floor.kind, 'listening');
    const filling = thinking().pass(1_800).play(restored, played());
    assert.deepEqual(filling.lines.slice(-2), [
      'agent (heard): One moment, please.',
      'agent (playing): Sorry, I could not get an answer just now. Could you say that again?',
    ]);
  });

  it('nobody waits for a question any more: the agent hears the answer', () => {
    const line = listening().play(ask('Which colour?'), played(), restored, said('Blue.'));
    assert.deepEqual(line.asked, ['Blue.']);
  });

  it('a call that was leaving leaves', () => {
    assert.equal(thinking().play(END_AFTER_REPLY, restored).call.phase, 'ended');
    const line = live().play(END, restored, played());
    assert.equal(line.call.phase, 'ended');
  });

  it('a ringing call rings on; one that may never have been dialled is closed, not dialled again', () => {
    const ringing = new CoreCall().play(PLACED, { kind: 'rang' }, restored);
    assert.deepEqual([ringing.call.phase, ringing.sent.length], ['ringing', 0]);
    const unsure = new CoreCall().play(restored);
    assert.deepEqual([unsure.call.phase, unsure.call.end?.reason], ['ended', 'error']);
  });

  it('a hang-up is said again', () => {
    const line = live({ answers: 'silent' }).pass(speechMs('Good morning.')).play(END, restored);
    assert.equal(line.sent.filter((instruction) => instruction.kind === 'hangup').length, 2);
  });
});

describe('Before the call', () => {
  it('nobody answers in time: no-answer; the carrier refuses to dial: failed', () => {
    assert.equal(new CoreCall().play(PLACED).pass(45_000).call.end?.reason, 'no-answer');
    const refused = new CoreCall().play({ kind: 'dialFailed', cause: '21211' });
    assert.deepEqual(refused.call.end, { reason: 'failed', cause: '21211' });
  });

  it('a dialling without an answer is no failure once the carrier has told us of the call by itself', () => {
    const line = new CoreCall({ answers: 'silent' }).play(PLACED, { kind: 'dialFailed', cause: 'no answer' });
    assert.equal(line.call.phase, 'dialing');
    line.play(END, { kind: 'dialFailed', cause: 'no answer' });
    assert.equal(line.call.phase, 'ending', 'it is there, and must be hung up');
  });

  it('a provisional carrier id is replaced once, a foreign one never', () => {
    const line = new CoreCall().play(PLACED, { kind: 'placed', carrierCallId: 'CA2', replaces: null });
    assert.equal(line.call.carrierCallId, 'CA1');
    line.play({ kind: 'placed', carrierCallId: 'CA2', replaces: 'CA1' });
    assert.equal(line.call.carrierCallId, 'CA2');
  });

  it('the opening can travel with the dialling, and is then not told again', () => {
    const line = new CoreCall({ kind: 'notify' });
    const { key } = openingInstruction(line.call, line.now);
    assert.equal(key, 'say:u1');
    line.call = { ...line.call, line: { ...line.call.line, told: key } };
    line.play(PLACED, ANSWERED);
    assert.deepEqual(line.sent, []);
  });

  it('an event its phase does not name gives back the very same call', () => {
    const { call } = new CoreCall();
    const step = transition(call, { kind: 'callerSaid', at: 1, text: 'Hello?', turn: null });
    assert.deepEqual([step.call === call, step.effects], [true, []]);
  });
});
