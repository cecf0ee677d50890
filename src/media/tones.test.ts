// Tests of the keys as sound: the frequencies are there, at their level, and no other key could be meant.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeMulaw } from './g711.ts';
import { keyTones } from './tones.ts';

const LOW = [697, 770, 852, 941];
const HIGH = [1209, 1336, 1477, 1633];
/** ITU-T Q.23, row by row. */
const KEYS = ['123A', '456B', '789C', '*0#D'];

function samplesOf(digits: string): Int16Array {
  const codes = keyTones(digits);
  const samples = new Int16Array(codes.length);
  decodeMulaw(codes, samples);
  return samples;
}

/** The level of one frequency by Goertzel's method, in dBm0: a sine that fills the scale of mu-law has 3.17. */
function levelOf(samples: Int16Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / 8_000);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + turn * last - before];
  const power = last * last + before * before - turn * last * before;
  const amplitude = (2 * Math.sqrt(power)) / samples.length;
  return 20 * Math.log10(amplitude / 32_635 + 1e-9) + 3.17;
}

function levels(samples: Int16Array, group: readonly number[]): number[] {
  return group.map((hz) => levelOf(samples, hz));
}

describe('keys as sound', () => {
  for (const [row, keys] of KEYS.entries()) {
    for (const [column, key] of [...keys].entries()) {
      it(`has ${LOW[row]} and ${HIGH[column]} Hz for ${key}`, () => {
        const tone = samplesOf(key).subarray(40, 760);
        const low = levels(tone, LOW);
        const high = levels(tone, HIGH);
        assert.ok(Math.abs((low[row] as number) + 10) < 0.5, `${low[row]} dBm0`);
        assert.ok(Math.abs((high[column] as number) + 10) < 0.5, `${high[column]} dBm0`);
        const others = [...low.toSpliced(row, 1), ...high.toSpliced(column, 1)];
        assert.ok(Math.max(...others) < -30, `${others} dBm0`);
      });
    }
  }

  it('sounds for 100 ms with 60 ms between, and rests half a second for w', () => {
    assert.equal(keyTones('1').length, 1_280);
    assert.equal(keyTones('12#').length, 3 * 1_280);
    assert.equal(keyTones('1w2').length, 2 * 1_280 + 4_000);
    const samples = samplesOf('1w2');
    assert.ok(samples.subarray(800, 1_280 + 4_000).every((sample) => sample === 0));
    assert.ok(
      samples.subarray(1_280 + 4_000 + 40, 1_280 + 4_000 + 100).some((sample) => Math.abs(sample) > 5_000),
    );
  });

  it('begins and ends softly', () => {
    const tone = samplesOf('5').subarray(0, 800);
    for (const edge of [tone.subarray(0, 4), tone.subarray(-4)]) {
      assert.ok(edge.every((sample) => Math.abs(sample) < 1_500));
    }
  });

  it('is nothing for no keys, and refuses what is no key', () => {
    assert.equal(keyTones('').length, 0);
    for (const digits of ['1x', 'é', ' ', '1,2', 'W']) assert.throws(() => keyTones(digits), RangeError);
  });
});
