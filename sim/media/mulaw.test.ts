// mulaw: the code of G.711, and the little arithmetic of sound the simulators need.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOf, loudness, mixed, resampled, sampleOf, silence, toMulaw } from './mulaw.ts';

describe('Mu-law', () => {
  it('has the values G.711 gives', () => {
    assert.deepEqual([0xff, 0x80, 0x00, 0xfe, 0x7e].map(sampleOf), [0, 32_124, -32_124, 8, -8]);
    assert.equal(codeOf(40_000), 0x80);
    assert.equal(codeOf(-40_000), 0x00);
  });

  it('comes back as it was from every code', () => {
    for (let code = 0; code < 256; code++) {
      // Minus zero is zero.
      if (code !== 0x7f) assert.equal(codeOf(sampleOf(code)), code);
    }
  });

  it('is resampled in straight lines, mixed by adding, and measured', () => {
    assert.deepEqual([...resampled([0, 100, 200], 8000, 16_000)], [0, 50, 100, 150, 200, 200]);
    assert.deepEqual([...resampled([0, 3, 6, 9, 12, 15], 24_000, 8000)], [0, 9]);
    const tone = toMulaw([1000, -1000]);
    assert.equal(sampleOf(mixed([tone, tone])[0] ?? 0), sampleOf(codeOf(2 * sampleOf(tone[0] ?? 0))));
    assert.equal(mixed([tone, silence(1)]).length, 8);
    assert.equal(loudness(silence(20)), 0);
    assert.equal(Math.round(loudness(tone)), sampleOf(tone[0] ?? 0));
  });
});
