// Which words a caller had heard of what we said, given how much of its sound was played.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type SpokenPiece, wordsHeard } from './heard.ts';

const piece = (text: string, ms: number | null): SpokenPiece => ({ text, ms });

describe('The words that were heard', () => {
  it('are whole words, rounded down', () => {
    const said = [piece('one two six', 1_100)];
    assert.equal(wordsHeard(said, 0), '');
    assert.equal(wordsHeard(said, 299), '');
    assert.equal(wordsHeard(said, 300), 'one');
    assert.equal(wordsHeard(said, 690), 'one');
    assert.equal(wordsHeard(said, 700), 'one two');
    assert.equal(wordsHeard(said, 1_099), 'one two');
    assert.equal(wordsHeard(said, 1_100), 'one two six');
  });

  it('run through the pieces one after the other', () => {
    const said = [piece('It is noon.', 1_000), piece('Anything else?', 1_000)];
    assert.equal(wordsHeard(said, 1_000), 'It is noon.');
    assert.equal(wordsHeard(said, 1_700), 'It is noon. Anything');
    assert.equal(wordsHeard(said, 9_999), 'It is noon. Anything else?');
  });

  it('are spoken with pauses at marks and with numbers that take their time', () => {
    assert.equal(wordsHeard([piece('Well, then', 1_000)], 500), '');
    assert.equal(wordsHeard([piece('Well, then', 1_000)], 620), 'Well,');
    assert.equal(wordsHeard([piece('42 apples here', 1_000)], 400), '');
  });

  it('of a script without blanks are its signs', () => {
    assert.equal(wordsHeard([piece('今日は晴れです。', 2_800)], 1_000), '今日は');
  });

  it('are guessed from a calm voice when nobody knows how long it sounds', () => {
    assert.equal(wordsHeard([piece('one two six', null)], 7 * 65), 'one two');
  });

  it('are always a beginning of what was said, and never fewer when more was played', () => {
    const pieces = fc.array(
      fc.record({
        text: fc.stringMatching(/^[a-z0-9,. 今日。]{1,30}$/).map((text) => text.trim() || 'x'),
        ms: fc.option(fc.integer({ min: 1, max: 5_000 })),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(pieces, fc.nat({ max: 20_000 }), fc.nat({ max: 5_000 }), (said, ms, more) => {
        const whole = said.map(({ text }) => text).join(' ');
        const heard = wordsHeard(said, ms);
        assert.ok(whole.startsWith(heard));
        assert.ok(wordsHeard(said, ms + more).startsWith(heard));
      }),
    );
  });
});
