// Tests of keys: what a caller presses reaches the agent once, whole, whatever the call is doing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CallOptions, CoreCall, type Fact } from '../../sim/core-call.ts';
import { KEYS_LATE_MS, KEYS_PAUSE_MS, SILENCE_MS } from './deadline.ts';

const PLACED: Fact = { kind: 'placed', carrierCallId: 'CA1', replaces: null };
const ASK: Fact = { kind: 'askRequested', askId: 'a1', text: 'Your number?' };
const played = (): Fact => ({ kind: 'utterancePlayed', utteranceId: null });
const press = (digits: string, turn: number | null = null): Fact => ({
  kind: 'digitsReceived',
  digits,
  turn,
});
const keys = (digits: string): string => `(pressed on the keypad: ${digits})`;

function live(options: CallOptions = {}): CoreCall {
  return new CoreCall(options).play(PLACED, { kind: 'answered' });
}

/** The caller presses these keys, one each half second. */
function presses(line: CoreCall, digits: string): CoreCall {
  for (const digit of digits) line.pass(500).play(press(digit));
  return line;
}

describe('Keys that come one by one', () => {
  it('are one message once the caller pauses, equal ones too', () => {
    const line = presses(live().play(played()), '1155');
    assert.deepEqual(line.asked, []);
    line.pass(KEYS_PAUSE_MS);
    assert.deepEqual(line.asked, [keys('1155')]);
    assert.deepEqual([line.call.keys, line.call.floor.kind], ['', 'thinking']);
  });

  it('answer a prompt that is still being said', () => {
    const line = presses(live(), '42').pass(KEYS_PAUSE_MS);
    assert.deepEqual(line.asked, [keys('42')]);
    assert.equal(line.lines[0], 'agent (heard): Good morning.');
  });

  it('answer whoever asked, and not the agent', () => {
    const line = presses(live().play(played(), ASK), '77').pass(KEYS_PAUSE_MS);
    assert.deepEqual(line.call.answer, { askId: 'a1', text: keys('77') });
    assert.deepEqual(line.asked, []);
  });

  it('answer whoever asked even when their time runs out between two keys', () => {
    const line = live({ transcriptTimeoutMs: 5_000 }).play(played(), ASK).pass(4_000);
    line.play(press('7')).pass(1_000);
    assert.deepEqual(line.call.answer, { askId: 'a1', text: keys('7') });
  });

  it('pressed before a question are told, but are no answer to it', () => {
    const line = live().play(played(), press('9'), ASK).pass(KEYS_PAUSE_MS);
    assert.ok(line.lines.includes(`caller: ${keys('9')}`));
    assert.equal(line.call.answer, null);
  });

  it('while the agent thinks are thought about too, even when they equal the last ones', () => {
    const line = presses(live().play(played()), '1').pass(KEYS_PAUSE_MS);
    presses(line, '1').pass(KEYS_PAUSE_MS);
    assert.deepEqual(line.asked, [keys('1'), `${keys('1')} ${keys('1')}`]);
  });

  it('and words reach the agent in the order they came', () => {
    const line = presses(live().play(played()), '12');
    line.play({ kind: 'callerSaid', text: 'My number.', turn: null });
    assert.equal(line.asked.at(-1), `${keys('12')} My number.`);
    assert.deepEqual(line.lines.slice(1), [`caller: ${keys('12')}`, 'caller: My number.']);
  });

  it('keep the caller from being asked whether they are there', () => {
    const line = live()
      .play(played())
      .pass(SILENCE_MS - 100);
    line.play(press('1')).pass(1_000);
    assert.equal(line.lines.length, 1);
  });

  it('for a turn that is over are dropped, but not between two keys of one number', () => {
    const line = live().play(played(), press('1', 99)).pass(KEYS_PAUSE_MS);
    assert.deepEqual(line.asked, []);
    line.play(press('1', 1), press('2', 99)).pass(KEYS_PAUSE_MS);
    assert.deepEqual(line.asked, [keys('12')]);
  });

  it('are on record when the call ends before anybody is told', () => {
    const left = live().play(played(), press('5'));
    left.play({ kind: 'carrierEnded', reason: 'hangup-user', cause: 'normal' });
    assert.equal(left.lines.at(-1), `caller: ${keys('5')}`);
    const late = live({ maxDurationMs: 30_000 }).play(played()).pass(21_000);
    late.play(press('5')).pass(1_000);
    assert.equal(late.lines.at(-2), `caller: ${keys('5')}`);
  });

  it('mean nothing on a call that only says a message', () => {
    const line = live({ kind: 'notify' }).play(press('1'));
    assert.equal(line.call.keys, '');
  });

  it('are told in pieces when somebody never stops', () => {
    const line = live().play(played());
    for (let n = 0; n < 128; n += 1) line.play(press('1'));
    assert.equal(line.asked.length, 1);
  });
});

describe('Keys a carrier has gathered itself', () => {
  it('are words at once', () => {
    const line = live({ asks: true }).play(played(), press('42', 1));
    assert.deepEqual(line.asked, [keys('42')]);
  });
});

describe('The # key', () => {
  const agentSays = (line: CoreCall): (string | undefined)[] => [line.asked[0], line.lines.at(-1)];

  it('ends the keys at once and is not told', () => {
    const line = presses(live().play(played()), '42#');
    assert.deepEqual([line.asked, line.call.keys], [[keys('42')], '']);
    assert.equal(line.call.deadlines.keys, undefined);
    line.pass(KEYS_PAUSE_MS);
    assert.deepEqual(line.asked, [keys('42')]);
  });

  it('ends them even when it is reported for a turn that is over', () => {
    const line = presses(live().play(played()), '42').play(press('#', 99));
    assert.deepEqual(line.asked, [keys('42')]);
  });

  it('alone is no answer: whoever presses it is asked whether they are there', () => {
    const told = live().play(played(), press('#'));
    const asking = live({ asks: true }).play(played(), { kind: 'callerSilent', turn: 1 });
    assert.deepEqual(agentSays(told), [undefined, 'agent (playing): Are you still there?']);
    assert.deepEqual(agentSays(told), agentSays(asking));
  });

  it('alone does nothing for a turn that is over, or while the agent thinks', () => {
    const late = live().play(played(), press('#', 99));
    assert.equal(late.lines.length, 1);
    const thinking = presses(live().play(played()), '1#').play(press('#'));
    assert.deepEqual([thinking.asked, thinking.lines.length], [[keys('1')], 2]);
  });

  it('leaves the same call behind on every carrier, whatever was pressed before it', () => {
    const key = fc.constantFrom(...'0123456789*ABCD');
    fc.assert(
      fc.property(fc.string({ unit: key, maxLength: 30 }), (digits) => {
        const told = live().play(played());
        for (const digit of `${digits}#`) told.play(press(digit));
        const asking = live({ asks: true }).play(played());
        const { turn } = asking.call;
        asking.play(digits === '' ? { kind: 'callerSilent', turn } : press(digits, turn));
        assert.deepEqual(told.lines, asking.lines);
        assert.deepEqual(told.asked, asking.asked);
        assert.deepEqual([told.call.floor, told.call.turn], [asking.call.floor, asking.call.turn]);
      }),
    );
  });

  it('parts what is pressed into messages: none is lost, none is told twice, and no # is in them', () => {
    const key = fc.constantFrom(...'01*#');
    fc.assert(
      fc.property(fc.string({ unit: key, maxLength: 20 }), (digits) => {
        const line = live().play(played());
        for (const digit of digits) line.pass(100).play(press(digit));
        line.pass(KEYS_PAUSE_MS);
        const heard = line.lines.filter((entry) => entry.startsWith('caller: '));
        const messages = digits.split('#').filter((part) => part !== '');
        assert.deepEqual(
          heard,
          messages.map((part) => `caller: ${keys(part)}`),
        );
      }),
    );
  });
});

describe('Keys we press', () => {
  it('on a carrier that is told are over when their tones are', () => {
    const line = live({ dtmfSequence: '12', greeting: 'Hello.' });
    assert.deepEqual(line.lines, ['agent (playing): (keys: 12)']);
    line.pass(2_000);
    assert.deepEqual(line.lines, ['agent (heard): (keys: 12)', 'agent (playing): Hello.']);
  });
});

describe('Keys that may overtake each other', () => {
  const press = (digits: string, pressedAt: number): Fact => ({
    kind: 'digitsReceived',
    digits,
    turn: null,
    pressedAt,
  });
  const inSomeOrder = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });

  it('are told in the order they were pressed, whichever came first, also when the last was #', () => {
    fc.assert(
      fc.property(inSomeOrder, fc.constantFrom('4215', '421#'), (order, pressed) => {
        const line = live().play(played());
        for (const place of order) line.pass(100).play(press(pressed.charAt(place), 1_000 + place));
        line.pass(KEYS_PAUSE_MS);
        assert.deepEqual(line.asked, [keys(pressed.replace('#', ''))]);
        assert.deepEqual([line.call.keys, line.call.keysAt], ['', []]);
      }),
    );
  });

  it('after # are a message of their own', () => {
    const line = live().play(played(), press('#', 2_000), press('7', 3_000), press('4', 1_000));
    line.pass(KEYS_LATE_MS);
    assert.deepEqual(line.asked, [keys('4')]);
    line.pass(KEYS_PAUSE_MS);
    assert.deepEqual(line.asked.at(-1), `${keys('4')} ${keys('7')}`);
  });

  it('and # alone are as if nothing was pressed', () => {
    const line = live().play(played(), press('#', 1_000)).pass(KEYS_LATE_MS);
    assert.deepEqual(line.asked, []);
    assert.match(line.lines.at(-1) ?? '', /still there/);
  });
});
