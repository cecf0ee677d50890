// Model reply: how much of what a voice model says was heard, reckoned from what the line tells; and which words.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { began, heardMs, newReply, paused, type Reply, received, resumed } from './model-reply.ts';
import { resembles, wordsOf } from './model-words.ts';

const reply = (): Reply => newReply({ key: '1:r1', id: 'm1', utterance: null, isVital: false });

describe('What was heard of a reply', () => {
  it('is nothing before the line began, and before the carrier can have played any', () => {
    const one = reply();
    received(one, 5_000, 0);
    assert.equal(heardMs(one, 9_000), 0);
    began(one, 10_000);
    assert.equal(heardMs(one, 10_500), 0);
    one.audibleAt = 10_140;
    assert.equal(heardMs(one, 10_600), 500, 'less the 100 ms on the way');
  });

  it('is never more than there was when it came slower than it sounds', () => {
    const one = reply();
    received(one, 1_000, 0);
    began(one, 0);
    one.audibleAt = 40;
    assert.equal(heardMs(one, 3_000), 1_000);
    received(one, 1_000, 3_000);
    assert.equal(heardMs(one, 3_400), 1_400);
  });

  it('is reckoned on although no carrier ever confirms it', () => {
    const one = reply();
    received(one, 5_000, 0);
    began(one, 0);
    assert.equal(heardMs(one, 2_000), 1_700);
  });

  it('stands still with the line', () => {
    const one = reply();
    received(one, 5_000, 0);
    began(one, 0);
    one.audibleAt = 40;
    paused(one, 1_000);
    assert.equal(heardMs(one, 4_000), 1_000);
    resumed(one, 4_000);
    assert.equal(heardMs(one, 4_500), 1_380, 'a little is said again');
  });

  it('never shrinks while it plays, and never exceeds what was sent, however the pieces come', () => {
    const pieces = fc.array(fc.record({ afterMs: fc.nat(2_000), ms: fc.nat(1_000) }), { maxLength: 20 });
    fc.assert(
      fc.property(pieces, fc.nat(500), (all, delayMs) => {
        const one = reply();
        let now = 0;
        let before = 0;
        began(one, now);
        one.audibleAt = 40 + delayMs;
        for (const { afterMs, ms } of all) {
          now += afterMs;
          const heard = heardMs(one, now);
          assert.ok(heard >= before - 1e-6 && heard <= one.receivedMs && heard <= now);
          before = heard;
          received(one, ms, now);
        }
      }),
    );
  });
});

describe('The words of a reply', () => {
  it('are those that were heard, also when some sound was left out', () => {
    const whole = { ...reply(), words: 'one two three four', receivedMs: 2_000 };
    assert.equal(wordsOf(whole, null), 'one two three four');
    assert.match(wordsOf(whole, 1_000), /^one/);
    assert.doesNotMatch(wordsOf(whole, 1_000), /four/);
    assert.doesNotMatch(wordsOf({ ...whole, droppedMs: 2_000 }, null), /four/);
  });

  it('are what was asked for, or something else', () => {
    assert.equal(resembles('Well, your table is ready!', 'Your table is ready.'), true);
    assert.equal(resembles('What a day.', 'Your table is ready.'), false);
    assert.equal(resembles('您的桌子准备好了', '桌子准备好了'), true);
    assert.equal(resembles('anything', '...'), true);
  });
});
