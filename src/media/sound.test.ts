// Tests of the sound reader: every coding becomes the same sentence on the line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';
import type { Sound } from './lines.ts';
import { soundReader } from './sound.ts';

function chord(rate: number, ms: number): Int16Array {
  return Int16Array.from({ length: (rate * ms) / 1_000 }, (_, i) =>
    [400, 1_100, 2_300].reduce((sum, hz) => sum + 4_000 * Math.sin((2 * Math.PI * hz * i) / rate), 0),
  );
}

function bytesOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer.slice(0));
}

function coded(samples: Int16Array, encode: typeof encodeMulaw): Uint8Array {
  const codes = new Uint8Array(samples.length);
  encode(samples, codes);
  return codes;
}

function wavOf(samples: Int16Array, rate: number): Uint8Array {
  const head = Buffer.alloc(44);
  head.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1');
  head.writeUInt32LE(rate, 24);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length * 2, 40);
  return new Uint8Array(Buffer.concat([head, bytesOf(samples)]));
}

function heard(
  encoding: Sound['encoding'],
  sampleRate: number,
  bytes: Uint8Array,
  cuts = [bytes.length],
): Uint8Array {
  const reader = soundReader();
  const parts: Uint8Array[] = [];
  for (let at = 0, k = 0; at < bytes.length; k++) {
    const length = cuts[k % cuts.length] as number;
    parts.push(reader.push({ encoding, sampleRate, bytes: bytes.subarray(at, at + length) }));
    at += length;
  }
  parts.push(reader.end());
  return new Uint8Array(Buffer.concat(parts));
}

/** How far, in dB, the difference is below the sound. */
function likeness(codes: Uint8Array, expected: Int16Array): number {
  const samples = new Int16Array(codes.length);
  decodeMulaw(codes, samples);
  let [signal, rest] = [0, 1e-9];
  for (let i = 200; i < expected.length - 200; i++) {
    signal += (expected[i] as number) ** 2;
    rest += ((samples[i] as number) - (expected[i] as number)) ** 2;
  }
  return 10 * Math.log10(signal / rest);
}

describe('sound for the line', () => {
  const expected = chord(8_000, 500);
  const kinds: readonly (readonly [string, Sound['encoding'], number, Uint8Array])[] = [
    ['mu-law as the line has it', 'mulaw', 8_000, coded(expected, encodeMulaw)],
    ['mu-law at 16 kHz', 'mulaw', 16_000, coded(chord(16_000, 500), encodeMulaw)],
    ['A-law', 'alaw', 8_000, coded(expected, encodeAlaw)],
    ['16 bits at 8 kHz', 'pcm16', 8_000, bytesOf(expected)],
    ['16 bits at 24 kHz', 'pcm16', 24_000, bytesOf(chord(24_000, 500))],
    ['a file at 48 kHz', 'wav', 8_000, wavOf(chord(48_000, 500), 48_000)],
  ];
  for (const [name, encoding, rate, bytes] of kinds) {
    it(`is the same from ${name}, however it is cut`, () => {
      const whole = heard(encoding, rate, bytes);
      assert.equal(whole.length, expected.length);
      // Coding alone leaves 38 dB.
      assert.ok(likeness(whole, expected) > 33, `${likeness(whole, expected)} dB`);
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 3_001 }), { minLength: 1, maxLength: 5 }), (cuts) => {
          assert.deepEqual(heard(encoding, rate, bytes, cuts), whole);
        }),
        { numRuns: 20 },
      );
    });
  }

  it('is not touched when it has the coding of the line', () => {
    const codes = Uint8Array.from({ length: 256 }, (_, i) => i);
    assert.deepEqual(heard('mulaw', 8_000, codes, [37]), codes);
  });

  it('is ready at once, but for the reach of the filter', () => {
    const reader = soundReader();
    const ready = reader.push({ encoding: 'pcm16', sampleRate: 24_000, bytes: new Uint8Array(960) });
    assert.ok(ready.length >= 160 - 17, `${ready.length} of 160`);
    assert.equal(ready.length + reader.end().length, 160);
  });

  it('keeps nothing of the array it was given', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const ready = soundReader().push({ encoding: 'mulaw', sampleRate: 8_000, bytes });
    bytes.fill(9);
    assert.deepEqual(ready, new Uint8Array([1, 2, 3]));
  });

  it('of none is nothing', () => {
    assert.equal(soundReader().end().length, 0);
  });

  it('goes on when a sentence comes from another provider, or in a file of its own', () => {
    const reader = soundReader();
    const pcm = { encoding: 'pcm16', sampleRate: 24_000, bytes: new Uint8Array(4_800) } as const;
    const line = { encoding: 'mulaw', sampleRate: 8_000, bytes: new Uint8Array(800).fill(0x55) } as const;
    const heard = [pcm, line, { ...pcm, sampleRate: 16_000 }].map((sound) => reader.push(sound));
    const all = Buffer.concat([...heard, reader.end()]);
    assert.ok(Math.abs(all.length - (800 + 800 + 1_200)) <= 4, `${all.length}`);
    assert.equal(all.filter((code) => code === 0x55).length, 800);
  });

  it('is refused when it is broken or has a rate of no sound', () => {
    const piece = { encoding: 'pcm16', sampleRate: 24_000, bytes: new Uint8Array(8) } as const;
    const push = (...sounds: readonly Sound[]) => {
      const reader = soundReader();
      for (const sound of sounds) reader.push(sound);
      reader.end();
    };
    assert.throws(() => push({ ...piece, sampleRate: 4_000 }), /a sample rate must be 8000 to 48000 Hz/);
    assert.throws(() => push({ ...piece, encoding: 'wav', bytes: new Uint8Array(44) }), /no WAV file/);
    assert.throws(() => push({ ...piece, encoding: 'mp3', bytes: new Uint8Array(44) }), /no MP3 file/);
    assert.throws(
      () => push({ ...piece, encoding: 'wav', bytes: Buffer.from('RI') }),
      /ends before its sound/,
    );
  });
});
