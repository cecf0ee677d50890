// word-code: every text comes back, through everything a telephone line does to sound.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { joined, resampled, silence, toMulaw, toSamples } from './mulaw.ts';
import { LETTER_MS, lengthMs, spelled, wordSamples, wordSound } from './word-code.ts';
import { decodeWords, textOf } from './word-decoder.ts';

const word = fc.string({
  unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzAHZ019.,?!'ü"),
  minLength: 1,
  maxLength: 14,
});
const text = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));
/** A number of 20 ms frames. */
const frames = fc.nat({ max: 60 });

function heard(mulaw: Uint8Array): string {
  return textOf(decodeWords(mulaw));
}

describe('A voice for tests', () => {
  it('is understood word for word', () => {
    assert.equal(
      heard(wordSound("Good morning! It's 9:30, isn't it?")),
      "Good morning! It's 9:30, isn't it?",
    );
    fc.assert(
      fc.property(text, (said) => assert.equal(heard(wordSound(said)), said)),
      { numRuns: 60 },
    );
  });

  it('is understood wherever the listener begins to count its samples', () => {
    const shift = fc.integer({ min: 0, max: 159 });
    fc.assert(
      fc.property(text, shift, (said, samples) => {
        assert.equal(heard(joined([silence(samples / 8), wordSound(said)])), said);
      }),
      { numRuns: 60 },
    );
  });

  it('is understood through other sampling rates', () => {
    for (const rateHz of [16_000, 22_050, 24_000, 48_000]) {
      fc.assert(
        fc.property(text, (said) => {
          const line = resampled(wordSamples(said, rateHz), rateHz, 8000);
          assert.equal(heard(toMulaw(line)), said, `${rateHz} Hz`);
        }),
        { numRuns: 15 },
      );
    }
  });

  it('is understood when it is played louder or quieter', () => {
    for (const gain of [0.25, 0.5, 1.8]) {
      const samples = toSamples(wordSound('Louder and quieter.')).map((sample) => sample * gain);
      assert.equal(heard(toMulaw(samples)), 'Louder and quieter.', `${gain}`);
    }
  });

  it('shows where it was cut, at any frame', () => {
    fc.assert(
      fc.property(text, frames, (said, count) => {
        const cut = heard(wordSound(said).subarray(0, count * 160));
        const isAtGap = cut === '' || said === cut || said.startsWith(`${cut} `);
        assert.ok(isAtGap || (cut.endsWith('…') && said.startsWith(cut.slice(0, -1))), `${said} -> ${cut}`);
      }),
      { numRuns: 100 },
    );
  });

  it('shows that it was begun in the middle, at any frame', () => {
    fc.assert(
      fc.property(text, frames, (said, count) => {
        const rest = heard(wordSound(said).subarray(count * 160));
        const isAtGap = rest === '' || said === rest || said.endsWith(` ${rest}`);
        assert.ok(isAtGap || (rest.startsWith('…') && said.endsWith(rest.slice(1))), `${said} -> ${rest}`);
      }),
      { numRuns: 100 },
    );
  });

  it('shows what was said twice, word for word and from the middle of a word', () => {
    assert.equal(heard(joined([wordSound('one two'), wordSound('two three')])), 'one two two three');
    const sound = wordSound('hello');
    const again = joined([sound.subarray(0, 3 * LETTER_MS * 8), sound.subarray(LETTER_MS * 8)]);
    assert.equal(heard(again), 'hel… …ello');
  });

  it('shows a hole in a word, and is not mistaken in letters that only broke', () => {
    const sound = wordSound('telephone');
    const hole = joined([sound.subarray(0, 2 * 480), silence(120), sound.subarray(4 * 480)]);
    assert.equal(heard(hole), 'te…phone');
    const broken = joined([sound.subarray(0, 2 * 480 + 160), silence(100), sound.subarray(2 * 480 + 160)]);
    assert.equal(heard(broken), 'telephone');
  });

  it('tells when each word was heard, to some milliseconds', () => {
    const sound = joined([silence(200), wordSound('one two')]);
    const [one, two] = decodeWords(sound, 1000);
    assert.ok(Math.abs((one?.from ?? 0) - 1200) <= 10, `${one?.from}`);
    assert.ok(Math.abs((one?.to ?? 0) - 1380) <= 10, `${one?.to}`);
    assert.ok(Math.abs((two?.from ?? 0) - 1440) <= 10, `${two?.from}`);
  });

  it('hears no words in silence, noise and one tone', () => {
    const noise = Uint8Array.from({ length: 16_000 }, (_, at) => (at * 2_654_435_761) >>> 24);
    const tone = toMulaw(Int16Array.from({ length: 16_000 }, (_, at) => 9000 * Math.sin(at * 0.7)));
    for (const sound of [silence(2000), noise, tone]) assert.deepEqual(decodeWords(sound), []);
  });

  it('spells what it knows, and says how long it takes', () => {
    assert.deepEqual(spelled('It’s “5 €” 猫'), ["It's", '"5', '€"', '_']);
    assert.equal(wordSound('one two').length, lengthMs('one two') * 8);
    assert.equal(wordSound('').length, 0);
  });
});
