// Tests of Clip: real sound, of a length somebody listens to, in the languages it is in.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clip } from './clip.ts';

describe('The clip for when every voice has failed', () => {
  it('is a second or two of telephone sound, and not silence', () => {
    const sound = clip('en-GB');
    assert.deepEqual([sound?.encoding, sound?.sampleRate], ['mulaw', 8_000]);
    const bytes = sound?.bytes ?? new Uint8Array();
    assert.ok(bytes.length > 8_000 && bytes.length < 24_000);
    const loud = bytes.filter((code) => (code & 0x70) < 0x50).length;
    assert.ok(loud > bytes.length / 4);
  });

  it('is not spoken to somebody who speaks another language', () => {
    assert.equal(clip('de-DE'), null);
  });
});
