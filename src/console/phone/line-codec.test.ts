// Tests of the sound between browser and line: it arrives whole, and what a line cannot carry does not come back as noise.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineDecoder, LineEncoder, silentFrame } from './line-codec.ts';

const RATE = 48_000;

function tone(hz: number, ms: number, rate = RATE): Float32Array {
  return Float32Array.from(
    { length: (rate * ms) / 1_000 },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate),
  );
}

/** As the worklet hands it out. */
function encoded(samples: Float32Array, rate = RATE): readonly Uint8Array[] {
  const encoder = new LineEncoder(rate);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += 512)
    frames.push(...encoder.push(samples.subarray(at, at + 512)));
  return frames;
}

/** RMS of the middle of it. */
function loudness(samples: Float32Array): number {
  const middle = samples.subarray(samples.length / 4, (3 * samples.length) / 4);
  return Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length);
}

/** There and back again. */
function throughLine(hz: number): number {
  const decoder = new LineDecoder(RATE);
  const heard = encoded(tone(hz, 400)).map((frame) => decoder.push(frame));
  return loudness(Float32Array.from(heard.flatMap((samples) => [...samples])));
}

describe('The sound of the test phone', () => {
  it('leaves in frames of 20 ms, as many as time takes', () => {
    for (const rate of [48_000, 44_100, 16_000]) {
      const frames = encoded(tone(440, 1_000, rate), rate);
      assert.ok(frames.every(({ length }) => length === 160));
      assert.ok(frames.length === 49 || frames.length === 50, `${frames.length} frames at ${rate} Hz`);
    }
  });

  it('keeps speech as loud as it is, there and back', () => {
    const asLoud = 0.5 / Math.SQRT2;
    for (const hz of [200, 1_000, 3_000]) {
      const db = 20 * Math.log10(throughLine(hz) / asLoud);
      assert.ok(Math.abs(db) < 0.5, `${hz} Hz: ${db} dB`);
    }
  });

  it('has nothing of what a line cannot carry, which would come back as another tone', () => {
    for (const hz of [5_000, 7_000, 9_000, 15_000]) {
      const db = 20 * Math.log10(throughLine(hz) / (0.5 / Math.SQRT2) + 1e-9);
      assert.ok(db < -45, `${hz} Hz: ${db} dB`);
    }
  });

  it('does not turn over when it is too loud', () => {
    const [, frame] = encoded(Float32Array.from(tone(300, 100), (sample) => sample * 8));
    const samples = new LineDecoder(8_000).push(frame ?? new Uint8Array());
    assert.ok(Math.max(...samples) > 0.9 && Math.max(...samples) <= 1);
  });

  it('is silence when the microphone is off', () => {
    assert.equal(loudness(new LineDecoder(RATE).push(silentFrame())), 0);
  });
});
