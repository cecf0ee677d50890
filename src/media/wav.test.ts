// Tests of the WAVE reader: all codings, any cut, and files that lie.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wavReader } from './wav.ts';

interface Heard {
  readonly samples: readonly number[];
  readonly rate: number;
}

function chunk(name: string, body: Buffer, length = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function format(
  kind: number,
  bits: number,
  { channels = 1, rate = 8_000, extra = Buffer.alloc(0) } = {},
): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(kind, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([body, extra]));
}

function wav(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat(chunks);
  const head = Buffer.from('RIFF\0\0\0\0WAVE', 'latin1');
  head.writeUInt32LE(body.length + 4, 4);
  return Buffer.concat([head, body]);
}

function pcm16(...samples: readonly number[]): Buffer {
  return Buffer.from(Int16Array.from(samples).buffer);
}

function heard(file: Uint8Array, cuts: readonly number[] = [file.length]): Heard {
  const samples: number[] = [];
  let rate = 0;
  const reader = wavReader((some, hz) => {
    samples.push(...some);
    rate = hz;
  });
  for (let at = 0, k = 0; at < file.length; k++) {
    const length = cuts[k % cuts.length] as number;
    reader.push(file.subarray(at, at + length));
    at += length;
  }
  reader.end();
  return { samples, rate };
}

describe('a WAVE file', () => {
  it('is read in every coding that a synthesizer may choose', () => {
    const float = Buffer.from(Float32Array.from([0, 0.5, -0.5, 7, -7, Number.NaN]).buffer);
    const cases = [
      {
        file: wav(format(1, 16), chunk('data', pcm16(0, 1, -1, 32_767, -32_768))),
        samples: [0, 1, -1, 32_767, -32_768],
      },
      { file: wav(format(1, 8), chunk('data', Buffer.from([0, 128, 255]))), samples: [-32_768, 0, 32_512] },
      {
        file: wav(format(7, 8), chunk('data', Buffer.from([0xff, 0x80, 0x00]))),
        samples: [0, 32_124, -32_124],
      },
      {
        file: wav(format(6, 8), chunk('data', Buffer.from([0xd5, 0xaa, 0x2a]))),
        samples: [8, 32_256, -32_256],
      },
      { file: wav(format(3, 32), chunk('data', float)), samples: [0, 16_384, -16_384, 32_767, -32_768, 0] },
    ];
    for (const { file, samples } of cases) assert.deepEqual(heard(file).samples, samples);
  });

  it('tells its rate', () => {
    assert.equal(heard(wav(format(1, 16, { rate: 22_050 }), chunk('data', pcm16(1)))).rate, 22_050);
  });

  it('has left and right mixed', () => {
    const file = wav(
      format(1, 16, { channels: 2 }),
      chunk('data', pcm16(100, 300, -32_768, -32_768, 32_767, 32_767)),
    );
    assert.deepEqual(heard(file).samples, [200, -32_768, 32_767]);
  });

  it('may have chunks of other things before, between and behind, also of odd length', () => {
    const list = chunk('LIST', Buffer.from('odd'));
    const file = wav(
      list,
      format(1, 16),
      chunk('fact', Buffer.alloc(0)),
      list,
      chunk('data', pcm16(5, 6)),
      list,
    );
    assert.deepEqual(heard(file).samples, [5, 6]);
  });

  it('may name its coding in the longer way', () => {
    const extra = Buffer.alloc(24);
    extra.writeUInt16LE(22, 0);
    extra.writeUInt16LE(1, 8);
    const file = wav(format(0xfffe, 16, { extra }), chunk('data', pcm16(7, 8)));
    assert.deepEqual(heard(file).samples, [7, 8]);
  });

  for (const length of [0, 0xffff_ffff, 0x7fff_ffff]) {
    it(`lasts to its end when its length says ${length}, as of one that is still being made`, () => {
      assert.deepEqual(heard(wav(format(1, 16), chunk('data', pcm16(1, 2, 3), length))).samples, [1, 2, 3]);
    });
  }

  it('forgets half a sample at its end, and is heard as far as it goes when it was cut short', () => {
    const file = wav(format(1, 16), chunk('data', pcm16(1, 2, 3), 1_000));
    assert.deepEqual(heard(file.subarray(0, -1)).samples, [1, 2]);
  });

  it('is the same however it is cut', () => {
    const sound = pcm16(...Array.from({ length: 3_000 }, (_, i) => i * 10 - 15_000));
    const file = wav(
      chunk('JUNK', Buffer.alloc(33)),
      format(1, 16, { channels: 2 }),
      chunk('data', sound),
      chunk('id3 ', sound),
    );
    const whole = heard(file);
    assert.equal(whole.samples.length, 1_500);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 }), (cuts) => {
        assert.deepEqual(heard(file, cuts), whole);
      }),
    );
  });

  it('is refused with a reason when it cannot be heard', () => {
    const data = chunk('data', pcm16(1));
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [Buffer.from('ID3 and so on, no wave'), /this is no WAV file/],
      [wav(data), /sound before its format/],
      [wav(format(1, 16)), /ends before its sound/],
      [Buffer.from('RIFF'), /ends before its sound/],
      [wav(format(1, 24), data), /coding 1 with 24 bits/],
      [wav(format(85, 16), data), /coding 85/],
      [wav(format(1, 16, { channels: 0 }), data), /0 channels/],
      [wav(format(1, 16, { channels: 6 }), data), /6 channels/],
      [wav(format(1, 16, { rate: 7_999 }), data), /7999 Hz/],
      [wav(format(1, 16, { rate: 96_000 }), data), /96000 Hz/],
      [wav(chunk('fmt ', Buffer.alloc(4)), data), /format is broken/],
      [wav(chunk('fmt ', Buffer.alloc(0), 0xffff_ffff), data), /format is broken/],
    ];
    for (const [file, why] of cases) assert.throws(() => heard(file), why);
  });

  it('of any bytes is either heard or refused with a short sentence', () => {
    const good = wav(format(1, 16, { channels: 2 }), chunk('data', pcm16(1, 2, 3, 4)));
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5 }), fc.integer({ min: 1, max: 60 }), (changes, cut) => {
        const file = Buffer.from(good);
        for (const [at, value] of changes) file[at] = value;
        try {
          heard(file, [cut]);
        } catch (error) {
          assert.match((error as Error).message, /^(this is no WAV|the WAV|WAV)[\w ,]+$/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
