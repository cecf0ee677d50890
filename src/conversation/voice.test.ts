// Our voice on one call: in order, a little ahead, and never silent because a synthesizer is.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCall } from '../../sim/core-call.ts';
import { FakeLines, FakeSynthesizer, mulawOf, type Speech } from '../../sim/fake-voices.ts';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { Utterance } from '../call/call.ts';
import type { Log } from '../lib/log.ts';
import type { Sound } from '../media/lines.ts';
import { SoundCache } from './sound-cache.ts';
import { Voice } from './voice.ts';

const quiet = (): void => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

interface Given {
  readonly clock: HandClock;
  readonly lines: FakeLines;
  readonly synthesizer: FakeSynthesizer;
  readonly voice: Voice;
  readonly told: string[];
  readonly cache: SoundCache;
}

function speak(
  plan: (text: string, nth: number) => Speech = () => ({}),
  clip: Sound | null = null,
  cache = new SoundCache(),
): Given {
  const clock = new HandClock();
  const lines = new FakeLines();
  const synthesizer = new FakeSynthesizer(clock, plan);
  const told: string[] = [];
  const voice = new Voice(
    { clock, log, synthesizer, lines, cache, clip: () => clip },
    newCall({ tts: { provider: 'x' } }),
    { onSound: (id) => told.push(`sound ${id}`), onFailed: (why) => told.push(`failed ${why}`) },
  );
  return { clock, lines, synthesizer, voice, told, cache };
}

const words = (id: string, text: string): Utterance => ({ id, text, digits: null, requestId: null });
const keys = (id: string, digits: string): Utterance => ({ id, text: '(keys)', digits, requestId: null });
const LONG = 'This sentence has forty letters and no less.';

describe('Our voice', () => {
  it('says utterances in order, and keys as keys', async () => {
    const { lines, voice, told } = speak();
    voice.say(words('u1', 'Hi there.'), true);
    voice.say(keys('u2', '1w2'), false);
    voice.say(words('u3', ' '), true);
    await settle();
    assert.deepEqual(lines.take(), [
      ...['say u1', 'say u2 to its end', 'keys u2 1w2', 'finish u2', 'say u3', 'finish u3'],
      ...['sound u1 9', 'finish u1'],
    ]);
    assert.deepEqual(told, ['sound u1']);
    voice.say(words('u1', 'Hi there.'), true);
    assert.deepEqual(lines.take(), [], 'once is enough');
  });

  it('cuts only what nobody waits for behind something else into whole sentences', async () => {
    const { synthesizer, voice } = speak();
    voice.say(words('u1', 'I looked it up for you, and it is noon.'), true);
    voice.say(words('u2', 'I looked it up for you, and it is noon.'), true);
    await settle();
    assert.deepEqual(synthesizer.asked, [
      ...['I looked it up for you,', 'and it is noon.'],
      'I looked it up for you, and it is noon.',
    ]);
  });

  it('makes the next piece while the one before still comes, and hands them over in order', async () => {
    const { clock, lines, synthesizer, voice } = speak((text) => ({
      afterMs: text.startsWith('One') ? 500 : 100,
    }));
    voice.say(words('u1', 'One is a number. Two is a number as well.'), true);
    await clock.advance(100);
    assert.deepEqual(synthesizer.asked, ['One is a number.', 'Two is a number as well.']);
    assert.deepEqual(lines.take(), ['say u1']);
    await clock.advance(400);
    assert.deepEqual(lines.take(), ['sound u1 16', 'sound u1 24', 'finish u1']);
  });

  it('makes at most ten seconds ahead of what is heard', async () => {
    const { clock, synthesizer, voice } = speak((text) => ({ pieces: [mulawOf(4_000, text.length)] }));
    for (let n = 1; n <= 6; n++) voice.say(words(`u${n}`, LONG), true);
    await clock.advance(60_000);
    assert.equal(synthesizer.asked.length, 3);
    voice.began('u1');
    await clock.advance(1_900);
    assert.equal(synthesizer.asked.length, 3);
    await clock.advance(200);
    assert.equal(synthesizer.asked.length, 4);
    await clock.advance(1_900);
    voice.played('u1');
    voice.began('u2');
    await clock.advance(2_100);
    assert.equal(synthesizer.asked.length, 5);
  });

  it('reckons with how long it really sounds', async () => {
    const { clock, synthesizer, voice } = speak(() => ({ pieces: [mulawOf(1_000)] }));
    for (let n = 1; n <= 12; n++) voice.say(words(`u${n}`, LONG), true);
    await clock.advance(60_000);
    assert.equal(synthesizer.asked.length, 10);
  });

  it('stops the work on what is dropped', async () => {
    const { clock, lines, synthesizer, voice } = speak((text) => ({
      afterMs: text.includes('Two') ? 500 : 0,
    }));
    voice.say(words('u1', 'One is a number.'), true);
    voice.say(words('u2', 'Two is a number.'), true);
    voice.say(words('u3', 'Three is a number.'), true);
    await settle();
    assert.deepEqual(lines.take().slice(3), ['sound u1 16', 'finish u1', 'sound u3 18', 'finish u3']);
    voice.drop(['u2', 'u9']);
    await clock.advance(1_000);
    assert.deepEqual(lines.take(), ['drop u2']);
    assert.ok(synthesizer.aborted.includes('Two is a number.'));
    assert.deepEqual(voice.sayings, ['u1', 'u3']);
    assert.equal(clock.pending, 0);
  });

  it('knows which words were heard when it is cut', async () => {
    const { voice } = speak((text) => ({ pieces: [mulawOf(text.length * 100)] }));
    voice.say(words('u1', 'One is a number. Two is a number as well.'), true);
    voice.say(words('u2', 'Never heard.'), true);
    await settle();
    voice.began('u1');
    assert.equal(voice.cut('u1', 2_200), 'One is a number. Two is');
    assert.deepEqual(voice.sayings, []);
    assert.equal(voice.cut('u7', 100), '');
  });
});

describe('A synthesizer that fails', () => {
  it('is asked once more', async () => {
    const { lines, voice, told } = speak((_text, nth) => (nth === 0 ? { pieces: [], fails: '500' } : {}));
    voice.say(words('u1', 'Hi there.'), true);
    await settle();
    assert.deepEqual(lines.take(), ['say u1', 'sound u1 9', 'finish u1']);
    assert.deepEqual(told, ['sound u1']);
  });

  it('in the middle of a sentence is asked for the rest of it', async () => {
    const { lines, synthesizer, voice } = speak((text) =>
      text.startsWith('one') ? { pieces: [mulawOf(700, 1)], fails: 'reset' } : {},
    );
    voice.say(words('u1', 'one two six ten'), true);
    await settle();
    assert.deepEqual(synthesizer.asked, ['one two six ten', 'six ten']);
    assert.deepEqual(lines.take(), ['say u1', 'sound u1 1', 'sound u1 7', 'finish u1']);
  });

  it('by being slow, or by stopping, has failed too', async () => {
    const first = speak((_text, nth) => (nth === 0 ? { pieces: [], hangs: true } : {}));
    first.voice.say(words('u1', 'Hi there.'), true);
    await first.clock.advance(7_999);
    assert.equal(first.synthesizer.asked.length, 1);
    await first.clock.advance(1);
    assert.equal(first.synthesizer.asked.length, 1, 'nobody is made to wait as long again');
    assert.match(first.told.at(-1) ?? '', /no sound for 8000 ms/);

    const stalled = speak((_text, nth) => (nth === 0 ? { pieces: [mulawOf(60)], hangs: true } : {}));
    stalled.voice.say(words('u1', 'Hi there.'), true);
    await stalled.clock.advance(3_999);
    assert.equal(stalled.synthesizer.asked.length, 1);
    await stalled.clock.advance(1);
    assert.equal(stalled.synthesizer.asked.length, 2);
    assert.equal(stalled.clock.pending, 0);
  });

  it('is never a reason to end speech that goes on', async () => {
    const pieces = Array.from({ length: 20 }, () => mulawOf(100));
    const { clock, lines, told, voice } = speak(() => ({ pieces, gapMs: 3_900 }));
    voice.say(words('u1', 'Hi there.'), true);
    await clock.advance(90_000);
    assert.equal(lines.take().at(-1), 'finish u1');
    assert.deepEqual(told, ['sound u1']);
  });

  it('twice leaves the rest to the carrier, after what can still be heard', async () => {
    const { lines, synthesizer, voice, told } = speak((text) =>
      text === 'Hi there.' ? {} : { pieces: [], fails: '401' },
    );
    voice.say(words('u1', 'Hi there.'), true);
    voice.say(words('u2', 'Not to be said.'), true);
    voice.say(words('u3', 'Nor this.'), true);
    await settle();
    voice.began('u1');
    assert.deepEqual(told, ['sound u1']);
    lines.take();
    voice.played('u1');
    assert.deepEqual(told, ['sound u1', 'failed 401']);
    assert.equal(synthesizer.asked.filter((text) => text === 'Not to be said.').length, 2);
    assert.deepEqual(lines.take(), ['drop u2 u3']);
    voice.say(words('u4', 'Nor that.'), true);
    assert.deepEqual(lines.take(), []);
  });

  it('twice is covered by a clip first, if there is one', async () => {
    for (const ends of ['played', 'late', 'unplayable'] as const) {
      const { clock, lines, voice, told } = speak(() => ({ pieces: [], fails: '401' }), mulawOf(900, 7));
      voice.say(words('u1', 'Hi there.'), true);
      await settle();
      assert.deepEqual(lines.take(), [
        'say u1',
        'drop u1',
        'say clip to its end',
        'sound clip 7',
        'finish clip',
      ]);
      assert.deepEqual(told, []);
      if (ends === 'played') assert.equal(voice.played('clip'), false);
      if (ends === 'unplayable') voice.unplayable('broken');
      await clock.advance(ends === 'late' ? 8_000 : 0);
      assert.deepEqual(told, ['failed 401'], ends);
      await clock.advance(10_000);
      assert.equal(told.length, 1);
    }
  });

  it('makes sound that cannot be played', async () => {
    const { lines, voice, told } = speak();
    voice.say(words('u1', 'Hi there.'), true);
    await settle();
    lines.take();
    voice.unplayable('no header');
    assert.deepEqual(told, ['sound u1', 'failed no header']);
  });

  it('after the call is over concerns nobody', async () => {
    const { clock, voice, told, synthesizer } = speak(() => ({ pieces: [], hangs: true }));
    voice.say(words('u1', 'Hi there.'), true);
    await settle();
    voice.close();
    await clock.advance(60_000);
    assert.deepEqual(told, []);
    assert.deepEqual(synthesizer.aborted, ['Hi there.']);
    assert.equal(clock.pending, 0);
  });
});

describe('A greeting', () => {
  it('is made while the phone rings, and again for nobody', async () => {
    const { clock, cache, voice, synthesizer, lines } = speak(() => ({ afterMs: 300 }));
    voice.prepare('Good morning. How can I help you today?');
    await clock.advance(600);
    assert.deepEqual(synthesizer.asked, ['Good morning.', 'How can I help you today?']);
    voice.say(words('u1', 'Good morning. How can I help you today?'), true);
    await settle();
    assert.deepEqual(lines.take(), ['say u1', 'sound u1 13', 'sound u1 25', 'finish u1']);
    assert.equal(synthesizer.asked.length, 2);

    const next = speak(() => ({ afterMs: 300 }), null, cache);
    next.voice.prepare('Good morning. How can I help you today?');
    next.voice.say(words('u1', 'Good morning. How can I help you today?'), true);
    await settle();
    assert.equal(next.lines.take().at(-1), 'finish u1');
    assert.deepEqual(next.synthesizer.asked, []);
  });

  it('that is still being made is said as it comes', async () => {
    const pieces = [mulawOf(100, 1), mulawOf(100, 2)];
    const { clock, voice, synthesizer, lines } = speak(() => ({ pieces, gapMs: 500 }));
    voice.prepare('Good morning.');
    await settle();
    voice.say(words('u1', 'Good morning.'), true);
    await settle();
    assert.deepEqual(lines.take(), ['say u1', 'sound u1 1']);
    await clock.advance(500);
    assert.deepEqual(lines.take(), ['sound u1 2', 'finish u1']);
    assert.equal(synthesizer.asked.length, 1);
  });

  it('that could not be made is made when it is needed', async () => {
    const { voice, synthesizer, lines } = speak((_text, nth) =>
      nth === 0 ? { pieces: [], fails: '500' } : {},
    );
    voice.prepare('Good morning.');
    await settle();
    voice.say(words('u1', 'Good morning.'), true);
    await settle();
    assert.equal(lines.take().at(-1), 'finish u1');
    assert.equal(synthesizer.asked.length, 2);
  });
});
