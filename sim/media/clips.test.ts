// clips: voices are as loud as voices, noises are what they are called, and all are always alike.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allClips, cough, keyboard, level, roomNoise } from './clips.ts';
import { loudness, silence } from './mulaw.ts';
import { telephoneSound, wavOf } from './wav.ts';
import { wordSamples } from './word-code.ts';
import { decodeWords, textOf } from './word-decoder.ts';

describe('The clips', () => {
  it('are short, and as loud as a voice', () => {
    for (const { name, mulaw } of allClips()) {
      assert.ok(mulaw.length > 4000 && mulaw.length < 40_000, `${name}: ${mulaw.length}`);
      assert.ok(level(mulaw) > 1500 && level(mulaw) < 8000, `${name}: ${level(mulaw)}`);
    }
    assert.ok(allClips().reduce((sum, { mulaw }) => sum + mulaw.length, 0) < 200_000);
  });

  it('hold no word of word-code', () => {
    for (const { mulaw } of allClips()) assert.deepEqual(decodeWords(mulaw), []);
  });

  it('come from any WAV file', () => {
    const wav = wavOf(wordSamples('from a file', 22_050), 22_050);
    assert.equal(textOf(decodeWords(telephoneSound(wav))), 'from a file');
  });
});

describe('The noises', () => {
  it('are always alike, and as loud as they should be', () => {
    assert.deepEqual(cough(), cough());
    assert.equal(cough().length, 380 * 8);
    assert.ok(level(cough()) > 1500);
    const room = roomNoise(1000);
    assert.ok(loudness(room) > loudness(silence(1000)) && loudness(room) < 150, `${loudness(room)}`);
    const typed = keyboard(2000);
    assert.equal(typed.length, 16_000);
    assert.ok(loudness(typed.subarray(0, 800)) === 0 && loudness(typed) > 100, `${loudness(typed)}`);
  });
});
