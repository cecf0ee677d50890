// When something is owed: from the answer to the greeting, from their words to the end of our answer, and never else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answersOf, silencesOf, unexcusedMs } from './owed.ts';
import { ANSWER, isEnd, settles, soundOf } from './speech.ts';
import type { Story } from './story.ts';

function story(changes: Partial<Story>): Story {
  const nobody = { id: 'CA1', person: '+15551000001', isInbound: true, why: '', endAskedAt: null } as const;
  const call = {
    carrier: 'plivo',
    mode: 'speech',
    answeredAt: 0,
    endedAt: 20_000,
    endedBy: 'person',
  } as const;
  return { ...nobody, ...call, sounds: [], words: [], ...changes };
}

const spans = (changes: Partial<Story>): readonly string[] =>
  silencesOf(story(changes)).map(({ from, to }) => `${from}-${to}`);

describe('What is owed', () => {
  it('begins with the answer and ends with the end of the greeting', () => {
    assert.deepEqual(spans({ sounds: [{ from: 400, to: 2_000, isLast: true }] }), ['0-400']);
    assert.deepEqual(spans({}), ['0-20000']);
    assert.deepEqual(spans({ answeredAt: null }), []);
  });

  it('is not paid by a filler, which breaks the silence all the same', () => {
    const sounds = [
      { from: 0, to: 1_000, isLast: true },
      { from: 4_000, to: 5_000, isLast: false },
      { from: 8_000, to: 9_000, isLast: true },
    ];
    const words = [{ from: 1_500, to: 2_500, isInterruption: false }];
    assert.deepEqual(spans({ sounds, words }), ['2500-4000', '5000-8000']);
    assert.deepEqual(answersOf(story({ sounds, words })), [1_500]);
  });

  it('is void when they break in, and owed again when they have spoken', () => {
    const sounds = [
      { from: 0, to: 3_300, isLast: false },
      { from: 5_000, to: 6_000, isLast: true },
    ];
    assert.deepEqual(spans({ sounds, words: [{ from: 3_000, to: 4_000, isInterruption: true }] }), [
      '4000-5000',
    ]);
  });

  it('is nothing any more once we were asked to hang up', () => {
    assert.deepEqual(spans({ endAskedAt: 1_000 }), ['0-1000']);
  });

  it('is excused only for as long as a fault lasts', () => {
    const silence = { from: 1_000, to: 9_000, after: 'our voice' } as const;
    assert.equal(unexcusedMs(silence, []), 8_000);
    assert.equal(unexcusedMs(silence, [{ from: 0, to: 20_000 }]), 0);
    assert.equal(unexcusedMs(silence, [{ from: 3_000, to: 6_000 }]), 3_000);
    assert.equal(
      unexcusedMs(silence, [
        { from: 5_000, to: 7_000 },
        { from: 1_000, to: 6_000 },
      ]),
      2_000,
    );
  });

  it('can be heard in the sound: only the end of what settles it sounds like the end', () => {
    const framesOf = (text: string): readonly boolean[] => {
      const sound = soundOf(text);
      return Array.from({ length: sound.length / 160 }, (_, at) =>
        isEnd(sound.subarray(at * 160, at * 160 + 160)),
      );
    };
    assert.equal(framesOf('Is there anything else?').at(-1), true);
    assert.equal(framesOf('Is there anything else?')[0], false);
    assert.equal(framesOf('One moment, please.').includes(true), false);
    assert.equal(settles(ANSWER), true);
    assert.equal(settles('Yes, I can do that for you right away.'), false);
  });
});
