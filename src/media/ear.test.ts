// The caller's audio, from what arrives to frames of 20 ms.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Ear } from './ear.ts';
import { FRAME_BYTES } from './frame.ts';
import type { VoiceChange } from './voice.ts';

function listening(): { readonly ear: Ear; readonly frames: Uint8Array[]; readonly changes: VoiceChange[] } {
  const frames: Uint8Array[] = [];
  const changes: VoiceChange[] = [];
  const activity = {
    isSpeaking: false,
    isOurVoiceOn: false,
    push: (mulaw: Uint8Array, at: number) => (mulaw[0] === 1 ? { isSpeaking: true, at: at - 60 } : null),
  };
  const hear = (frame: Uint8Array, _at: number, change: VoiceChange | null): void => {
    frames.push(frame);
    if (change) changes.push(change);
  };
  return { ear: new Ear({ mayReorder: false, activity, hear }), frames, changes };
}

describe('What arrives from the caller', () => {
  it('is cut into frames without losing a byte, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 30 }), (sizes) => {
        const { ear, frames } = listening();
        const all = Uint8Array.from(
          { length: sizes.reduce((sum, size) => sum + size, 0) },
          (_, i) => i % 251,
        );
        let from = 0;
        for (const [index, size] of sizes.entries()) {
          ear.push(null, Buffer.from(all.subarray(from, from + size)), index * 20);
          from += size;
        }
        assert.ok(frames.every((frame) => frame.length === FRAME_BYTES && frame.byteOffset === 0));
        assert.deepEqual(Buffer.concat(frames), Buffer.from(all.subarray(0, frames.length * FRAME_BYTES)));
        assert.equal(frames.length, Math.floor(all.length / FRAME_BYTES));
      }),
    );
  });

  it('is watched for a voice', () => {
    const { ear, changes } = listening();
    ear.push(null, new Uint8Array(FRAME_BYTES).fill(1), 1_000);
    assert.deepEqual(changes, [{ isSpeaking: true, at: 940 }]);
  });

  it('is thrown away when it comes ten seconds faster than time, and no longer', () => {
    const { ear, frames } = listening();
    for (let second = 0; second < 30; second++) ear.push(null, new Uint8Array(8_000), 5_000);
    assert.equal(frames.length, 500);
    ear.push(null, new Uint8Array(8_000), 5_400);
    assert.equal(frames.length, 520);
  });
});
