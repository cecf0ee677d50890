// Tests of Listening: when words are looked for, and in which sound.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { VoiceActivity, VoiceChange } from '../media/voice.ts';
import { Listening } from './listening.ts';

const FRAME_MS = 20;
const SPEECH = 0x20;
const SILENCE = 0xff;

/** As sure as a real one: 60 ms for a beginning, 240 ms for an end. */
class Detector implements VoiceActivity {
  isSpeaking = false;
  isOurVoiceOn = false;
  #others = 0;

  push(mulaw: Uint8Array, at: number): VoiceChange | null {
    const isVoice = mulaw[0] === SPEECH;
    this.#others = isVoice === this.isSpeaking ? 0 : this.#others + 1;
    if (this.#others < (this.isSpeaking ? 12 : 3)) return null;
    const change = { isSpeaking: isVoice, at: at - this.#others * FRAME_MS };
    this.isSpeaking = isVoice;
    this.#others = 0;
    return change;
  }
}

describe('listening to a caller', () => {
  let told: string[];
  /** Of each look for words: how much sound it was, ms. */
  let looks: number[];
  let isBehind: boolean;
  let words: string;
  let listening: Listening;

  beforeEach(() => {
    told = [];
    looks = [];
    isBehind = false;
    words = 'hello';
    listening = new Listening({
      activity: new Detector(),
      recognise: (samples) => {
        looks.push(samples.length / 16);
        return words;
      },
      onPartial: (text) => told.push(`partial ${text}`),
      onFinal: (text) => told.push(`final ${text}`),
      isBehind: () => isBehind,
    });
  });

  const sounds = (code: number, ms: number, at = 160): void => {
    const all = new Uint8Array(ms * 8).fill(code);
    for (let from = 0; from < all.length; from += at) listening.hear(all.subarray(from, from + at));
  };

  it('looks for words when the voice has ended, in the voice and a little before it', () => {
    sounds(SILENCE, 3_000);
    sounds(SPEECH, 500);
    sounds(SILENCE, 400);
    assert.deepEqual(told, ['final hello']);
    const [ms = 0] = looks;
    assert.ok(ms >= 500 + 400 && ms <= 500 + 400 + 300, `${ms} ms`);
  });

  it('and rarer and rarer while it goes on', () => {
    sounds(SPEECH, 6_000);
    assert.deepEqual(
      looks.map((ms) => Math.round(ms / 100)),
      [9, 18, 36],
    );
    assert.ok(told.every((line) => line === 'partial hello'));
  });

  it('not in between when more sound waits', () => {
    isBehind = true;
    sounds(SPEECH, 3_000);
    sounds(SILENCE, 400);
    assert.deepEqual(told, ['final hello']);
  });

  it('takes what goes on for 20 s for a sentence, and what follows for another', () => {
    isBehind = true;
    sounds(SPEECH, 25_000);
    sounds(SILENCE, 400);
    assert.deepEqual(told, ['final hello', 'final hello']);
  });

  it('tells nothing of a click, of silence, or of words without a letter', () => {
    sounds(SPEECH, 60);
    sounds(SILENCE, 1_000);
    words = ' . ';
    sounds(SPEECH, 500);
    sounds(SILENCE, 400);
    assert.deepEqual(told, []);
  });

  it('does not care how the sound is cut', () => {
    isBehind = true;
    sounds(SPEECH, 500, 77);
    sounds(SILENCE, 400, 1_111);
    assert.deepEqual(told, ['final hello']);
  });
});
