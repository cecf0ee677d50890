// Tests of the voice activity: when a voice begins and ends, by a model whose every answer is written here.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SpeechModel, voiceActivity } from './activity.ts';
import { energyModel } from './energy.ts';
import { encodeMulaw } from './g711.ts';
import type { Sensitivity } from './lines.ts';
import type { VoiceChange } from './voice.ts';

/** A frame that no gate holds back. */
const LOUD = frame(12_000);
const QUIET = frame(30);
/** As loud as an echo: 47 dB below full scale. */
const SOFT = frame(200);

function frame(amplitude: number): Uint8Array {
  const samples = Int16Array.from(
    { length: 160 },
    (_, i) => amplitude * Math.sin((2 * Math.PI * 300 * i) / 8_000),
  );
  const codes = new Uint8Array(160);
  encodeMulaw(samples, codes);
  return codes;
}

function scripted(probabilities: readonly number[], delayMs: SpeechModel['delayMs']): SpeechModel {
  let asked = 0;
  return { delayMs, push: () => probabilities[asked++] ?? 0 };
}

interface Setting {
  readonly sensitivity?: Sensitivity;
  readonly isOurVoiceOn?: boolean;
  readonly sound?: Uint8Array;
  readonly delayMs?: SpeechModel['delayMs'];
}

/** The model's answers as a text: a digit is a tenth, `1` to `9`; `-` is none. A frame each, the first ends at 20. */
function changes(script: string, setting: Setting = {}): readonly VoiceChange[] {
  const {
    sensitivity = 'medium',
    isOurVoiceOn = false,
    sound = LOUD,
    delayMs = { begin: 0, end: 0 },
  } = setting;
  const model = scripted(
    [...script].map((letter) => (letter === '-' ? 0 : Number(letter) / 10)),
    delayMs,
  );
  const activity = voiceActivity({ sensitivity, model });
  activity.isOurVoiceOn = isOurVoiceOn;
  return [...script].flatMap((_, i) => activity.push(sound, (i + 1) * 20) ?? []);
}

const PAUSE = '-'.repeat(20);

describe('a voice', () => {
  it('begins when it was sure for 60 ms, at the first of them, and ends after 180 ms without, at the first of those', () => {
    assert.deepEqual(changes(`-----9999999999${PAUSE}`), [
      { isSpeaking: true, at: 100 },
      { isSpeaking: false, at: 300 },
    ]);
  });

  it('is not begun by a click', () => {
    assert.deepEqual(changes('---99---99---9-9---'), []);
  });

  it('may have a gap of one frame while it begins', () => {
    assert.deepEqual(changes('--99-9-'), [{ isSpeaking: true, at: 40 }]);
    assert.deepEqual(changes('--99--9--'), []);
  });

  it('goes on over the pauses between words, and when it is less certain', () => {
    assert.deepEqual(changes(`9999--------9999--------9${'4'.repeat(40)}`), [{ isSpeaking: true, at: 0 }]);
    assert.equal(changes(`9999${'3'.repeat(9)}`).length, 2);
  });

  it('needs less to begin where the caller may interrupt easily', () => {
    assert.deepEqual(changes('44', { sensitivity: 'high' }), [{ isSpeaking: true, at: 0 }]);
    assert.deepEqual(changes('4444444444', { sensitivity: 'medium' }), []);
    assert.equal(changes('666', { sensitivity: 'medium' }).length, 1);
    assert.deepEqual(changes('66', { sensitivity: 'medium' }), []);
    assert.deepEqual(changes('6666666666', { sensitivity: 'low' }), []);
    assert.deepEqual(changes('9999', { sensitivity: 'low' }), []);
    assert.equal(changes('99999', { sensitivity: 'low' }).length, 1);
  });

  it('must be surer, longer and not too soft while we are heard', () => {
    for (const [sensitivity, frames] of [
      ['low', 7],
      ['medium', 5],
      ['high', 4],
    ] as const) {
      assert.deepEqual(changes('9'.repeat(frames - 1), { sensitivity, isOurVoiceOn: true }), []);
      assert.equal(changes('9'.repeat(frames), { sensitivity, isOurVoiceOn: true }).length, 1);
    }
    assert.deepEqual(changes('6666666666', { isOurVoiceOn: true }), []);
    assert.deepEqual(changes('9999999999', { isOurVoiceOn: true, sound: SOFT }), []);
    assert.equal(changes('9999999999', { sound: SOFT }).length, 1);
  });

  it('was a little earlier than the model noticed, and never ended before it began', () => {
    const all = changes(`--999${PAUSE}999999999999${PAUSE}`, { delayMs: { begin: 30, end: 100 } });
    assert.deepEqual(all, [
      { isSpeaking: true, at: 10 },
      { isSpeaking: false, at: 10 },
      { isSpeaking: true, at: 470 },
      { isSpeaking: false, at: 640 },
    ]);
  });
});

describe('the gate', () => {
  /** Which frames the model got, by their first two bytes: soft ones, so that they stay as loud as they are. */
  function gated(frames: readonly Uint8Array[]): readonly number[] {
    const got: number[] = [];
    const model = {
      delayMs: { begin: 0, end: 0 },
      push: (mulaw: Uint8Array) => {
        got.push(255 - (mulaw[0] as number) + 16 * (255 - (mulaw[1] as number)));
        return 0;
      },
    };
    const activity = voiceActivity({ sensitivity: 'medium', model });
    for (const [i, one] of frames.entries()) {
      const numbered = one.slice();
      numbered[0] = 255 - (i % 16);
      numbered[1] = 255 - Math.floor(i / 16);
      activity.push(numbered, i * 20);
    }
    return got;
  }

  it('spares the model the noise of a quiet line', () => {
    assert.ok(gated(Array.from({ length: 200 }, () => QUIET)).length < 60);
  });

  it('tells it what came before a word, in order, and then all of the word', () => {
    const got = gated([
      ...Array.from({ length: 200 }, () => QUIET),
      ...Array.from({ length: 10 }, () => LOUD),
    ]);
    assert.deepEqual(
      got.slice(-18),
      Array.from({ length: 18 }, (_, i) => 192 + i),
    );
    assert.equal(new Set(got).size, got.length, 'and nothing twice');
  });

  it('keeps nothing from it that is loud', () => {
    assert.equal(gated(Array.from({ length: 100 }, (_, i) => (i % 15 === 0 ? LOUD : QUIET))).length, 100);
  });
});

describe('the simplest model', () => {
  it('finds what is clearly louder than the noise', () => {
    const model = energyModel();
    for (let i = 0; i < 100; i++) assert.ok(model.push(QUIET) < 0.1);
    assert.ok(model.push(LOUD) > 0.9);
    assert.ok(model.push(QUIET) < 0.1);
  });

  it('gets used to a noise that stays', () => {
    const model = energyModel();
    const noise = frame(600);
    const last = Array.from({ length: 500 }, () => model.push(noise)).at(-1) as number;
    assert.ok(last < 0.1, `${last}`);
  });
});
