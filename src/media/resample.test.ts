// Tests of the resampler: its levels in numbers, its indifference to how sound is cut, and another one as oracle.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import speex from 'speex-resampler';
import { resampler } from './resample.ts';

const AMPLITUDE = 20_000;

function sine(hz: number, rate: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hz * i) / rate)),
  );
}

/** All of `input` through one resampler, cut into pieces of the given lengths, again and again. */
function resampled(
  input: Int16Array,
  rates: readonly [number, number],
  cuts: readonly number[] = [480],
): number[] {
  const filter = resampler(...rates);
  const result: number[] = [];
  const take = (count: number, output: Int16Array) => {
    assert.ok(count <= output.length, 'most() tells the truth');
    result.push(...output.subarray(0, count));
  };
  for (let at = 0, k = 0; at < input.length; k++) {
    const length = cuts[k % cuts.length] as number;
    const output = new Int16Array(filter.most(length));
    take(filter.push(input.subarray(at, at + length), output), output);
    at += length;
  }
  const output = new Int16Array(filter.most(0));
  take(filter.end(output), output);
  return result;
}

/** The sine of that frequency that fits best, in dB against ours; how far the rest is below it; its phase. */
function measured(samples: readonly number[], hz: number, rate: number) {
  const [from, to] = [1_000, samples.length - 1_000];
  let [ss, cc, sc, ys, yc] = [0, 0, 0, 0, 0];
  const wave = (i: number) =>
    [Math.sin((2 * Math.PI * hz * i) / rate), Math.cos((2 * Math.PI * hz * i) / rate)] as const;
  for (let i = from; i < to; i++) {
    const [s, c] = wave(i);
    const y = samples[i] as number;
    ss += s * s;
    cc += c * c;
    sc += s * c;
    ys += y * s;
    yc += y * c;
  }
  const determinant = ss * cc - sc * sc;
  const a = (ys * cc - yc * sc) / determinant;
  const b = (yc * ss - ys * sc) / determinant;
  let [signal, rest] = [0, 1e-9];
  for (let i = from; i < to; i++) {
    const [s, c] = wave(i);
    signal += (a * s + b * c) ** 2;
    rest += ((samples[i] as number) - a * s - b * c) ** 2;
  }
  return {
    gainDb: 20 * Math.log10(Math.hypot(a, b) / AMPLITUDE),
    snrDb: 10 * Math.log10(signal / rest),
    phase: Math.atan2(b, a),
  };
}

/** Level of all that is there, in dB against a sine of ours. */
function levelDb(samples: readonly number[]): number {
  const middle = samples.slice(1_000, -1_000);
  const power = middle.reduce((sum, y) => sum + y * y, 0) / middle.length;
  return 10 * Math.log10((power + 1e-9) / (AMPLITUDE ** 2 / 2));
}

const DOWN = [11_025, 16_000, 22_050, 24_000, 44_100, 48_000];

describe('a resampler', () => {
  for (const rate of DOWN) {
    it(`keeps the band of speech and nothing else from ${rate} Hz`, () => {
      for (const hz of [300, 1_000, 3_000]) {
        const { gainDb, snrDb, phase } = measured(resampled(sine(hz, rate, rate), [rate, 8_000]), hz, 8_000);
        assert.ok(Math.abs(gainDb) < 0.01, `${hz} Hz: ${gainDb} dB`);
        assert.ok(snrDb > 85, `${hz} Hz: SNR ${snrDb} dB`);
        assert.ok(Math.abs(phase) < 0.001, `${hz} Hz comes neither early nor late: ${phase}`);
      }
      const { gainDb } = measured(resampled(sine(3_400, rate, rate), [rate, 8_000]), 3_400, 8_000);
      assert.ok(gainDb > -0.83, `3400 Hz: ${gainDb} dB`);
      const above = [4_600, 5_000, 6_000, 7_400, 9_500, 11_500, 17_000].filter((hz) => hz < rate / 2);
      for (const hz of above) {
        const level = levelDb(resampled(sine(hz, rate, rate), [rate, 8_000]));
        assert.ok(level < -78, `${hz} Hz: ${level} dB`);
      }
    });
  }

  for (const rate of [16_000, 24_000]) {
    it(`makes ${rate} Hz of a telephone's 8000`, () => {
      for (const hz of [300, 1_000, 3_000]) {
        const { gainDb, snrDb } = measured(resampled(sine(hz, 8_000, 8_000), [8_000, rate]), hz, rate);
        assert.ok(Math.abs(gainDb) < 0.01, `${hz} Hz: ${gainDb} dB`);
        assert.ok(snrDb > 80, `${hz} Hz: SNR ${snrDb} dB`);
      }
    });
  }

  it('gives the same however the sound is cut', () => {
    const noise = Int16Array.from({ length: 3_000 }, (_, i) => ((i * 7_919) % 40_009) - 20_004);
    fc.assert(
      fc.property(
        fc.constantFrom(...DOWN, 8_000, 9_001),
        fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 8 }),
        (rate, cuts) => {
          assert.deepEqual(
            resampled(noise, [rate, 8_000], cuts),
            resampled(noise, [rate, 8_000], [noise.length]),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives as much sound as it took', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8_000, max: 48_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        (rate, count) => {
          const given = resampled(new Int16Array(count), [rate, 8_000]).length;
          assert.equal(given, Math.ceil((count * 8_000) / rate));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('cuts off what is too loud instead of turning it round', () => {
    const square = Int16Array.from({ length: 2_400 }, (_, i) => (i % 80 < 40 ? 32_767 : -32_768));
    const samples = resampled(square, [24_000, 8_000]);
    assert.ok(samples.includes(32_767) && samples.includes(-32_768));
    samples.forEach((y, i) => {
      // Away from the edges of the square, the sign is that of the input.
      const place = (i * 3) % 40;
      if (place > 8 && place < 32) assert.equal(Math.sign(y), Math.sign(square[i * 3] as number));
    });
  });

  it('leaves alone what has the right rate already', () => {
    const samples = sine(440, 8_000, 500);
    assert.deepEqual(resampled(samples, [8_000, 8_000]), [...samples]);
  });

  it('refuses rates that no sound has', () => {
    for (const rate of [0, 7_999, 48_001, 8_000.5, Number.NaN]) {
      assert.throws(() => resampler(rate, 8_000), RangeError);
      assert.throws(() => resampler(8_000, rate), RangeError);
    }
  });

  it('agrees with the resampler of Speex', async () => {
    await speex.default.initPromise;
    // A chord inside the band, which both must leave as it is.
    const chord = Int16Array.from({ length: 24_000 }, (_, i) =>
      [350, 910, 1_730, 2_650].reduce(
        (sum, hz) => sum + 6_000 * Math.sin((2 * Math.PI * hz * i) / 24_000),
        0,
      ),
    );
    const other = new speex.default(1, 24_000, 8_000, 7).processChunk(Buffer.from(chord.buffer));
    const theirs = new Int16Array(other.buffer.slice(other.byteOffset, other.byteOffset + other.length));
    const ours = resampled(chord, [24_000, 8_000]);
    // Speex begins later by half the length of its filter.
    const difference = (delay: number) =>
      Math.max(
        ...ours.slice(1_000, 6_000).map((y, i) => Math.abs(y - (theirs[1_000 + i + delay] as number))),
      );
    const least = Math.min(...Array.from({ length: 80 }, (_, delay) => difference(delay)));
    assert.ok(least <= 24, `they differ by ${least} of 32768`);
  });
});
