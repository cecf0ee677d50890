// Tests of G.711: every sample and every code of both laws.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOf, sampleOf } from '../../sim/media/mulaw.ts';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';

const EVERY_SAMPLE = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const EVERY_CODE = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Decision values from [how many steps, how wide] of each segment, laid end to end. */
function laid(steps: readonly (readonly [number, number])[]): readonly number[] {
  const values = [0];
  for (const [count, width] of steps) {
    for (let i = 0; i < count; i++) values.push((values.at(-1) as number) + width);
  }
  // Beyond the last there is nothing, so it has no end.
  return values.slice(0, -1);
}

const SEGMENTS = [4, 8, 16, 32, 64, 128] as const;
const LAWS = [
  {
    law: 'mu-law',
    encode: encodeMulaw,
    decode: decodeMulaw,
    loudest: 32_124,
    // Decision values of table 2a, in units of 14 bits: 0, 1, 3, ... 31, 35, ... 95, 103, ... 8159.
    unit: 4,
    decisions: laid([[1, 1], [15, 2], ...[...SEGMENTS, 256].map((width) => [16, width] as const)]),
    placeOf: (code: number) => ({ sign: code & 0x80 ? 1 : -1, step: ~code & 0x7f }),
  },
  {
    law: 'A-law',
    encode: encodeAlaw,
    decode: decodeAlaw,
    loudest: 32_256,
    // Decision values of table 1a, in units of 13 bits: 0, 2, ... 64, 68, ... 4096.
    unit: 8,
    decisions: laid([[32, 2], ...SEGMENTS.map((width) => [16, width] as const)]),
    placeOf: (code: number) => ({ sign: code & 0x80 ? 1 : -1, step: (code ^ 0x55) & 0x7f }),
  },
] as const;

function samplesOf(decode: typeof decodeMulaw): Int16Array {
  const samples = new Int16Array(256);
  decode(EVERY_CODE, samples);
  return samples;
}

for (const { law, encode, decode, loudest, unit, decisions, placeOf } of LAWS) {
  describe(law, () => {
    const outputs = samplesOf(decode);

    it('decodes to values that are symmetric and reach the loudest of the standard', () => {
      const sorted = Array.from(outputs).sort((a, b) => a - b);
      assert.equal(sorted.at(-1), loudest);
      for (let i = 0; i < 128; i++) assert.equal(sorted[i], -(sorted[255 - i] as number) + 0);
    });

    it('takes for every sample the code between whose decision values it lies', () => {
      const codes = new Uint8Array(65_536);
      assert.equal(encode(EVERY_SAMPLE, codes), 65_536);
      for (const [i, sample] of EVERY_SAMPLE.entries()) {
        const { sign, step } = placeOf(codes[i] as number);
        const size = Math.abs(sample) / unit;
        const from = decisions[step] as number;
        const to = decisions[step + 1] ?? Number.POSITIVE_INFINITY;
        const isIn = sample < 0 && law === 'A-law' ? from < size && size <= to : from <= size && size < to;
        assert.ok(isIn || (sample === -32_768 && step === 127), `sample ${sample} as step ${step}`);
        assert.equal(sign, sample < 0 ? -1 : 1);
      }
    });

    it('gives each code a value between its decision values', () => {
      for (const code of EVERY_CODE) {
        const { step } = placeOf(code);
        const size = Math.abs(outputs[code] as number) / unit;
        assert.ok((decisions[step] as number) <= size && size < (decisions[step + 1] ?? 1e9), `code ${code}`);
      }
    });

    it('gives back the code that it decoded', () => {
      const codes = new Uint8Array(256);
      encode(outputs, codes);
      // Mu-law has two codes for zero; the positive one is sent.
      const expected = EVERY_CODE.map((code) => (law === 'mu-law' && code === 0x7f ? 0xff : code));
      assert.deepEqual(codes, expected);
    });

    it('fills no more than there is room for', () => {
      assert.equal(decode(new Uint8Array(10), new Int16Array(4)), 4);
      assert.equal(encode(new Int16Array(3), new Uint8Array(9)), 3);
    });
  });
}

describe('known values of G.711', () => {
  it('has the codes that a line shows', () => {
    const mulaw = samplesOf(decodeMulaw);
    assert.deepEqual(
      [0xff, 0x7f, 0x80, 0x00].map((code) => mulaw[code]),
      [0, 0, 32_124, -32_124],
    );
    const alaw = samplesOf(decodeAlaw);
    assert.deepEqual(
      [0xd5, 0x55, 0xaa, 0x2a].map((code) => alaw[code]),
      [8, -8, 32_256, -32_256],
    );
  });

  it('agrees with the simulators, which compute it another way', () => {
    const mulaw = samplesOf(decodeMulaw);
    for (const code of EVERY_CODE) assert.equal(mulaw[code], sampleOf(code) + 0);
    const codes = new Uint8Array(65_536);
    encodeMulaw(EVERY_SAMPLE, codes);
    for (const [i, sample] of EVERY_SAMPLE.entries())
      assert.equal(codes[i], codeOf(sample), `sample ${sample}`);
  });
});
