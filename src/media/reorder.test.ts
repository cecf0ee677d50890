// Audio that overtook itself, in order again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Reorder } from './reorder.ts';

/** Pushes chunks 20 ms apart and returns those that came out, by number. */
function passed(chunks: readonly (number | null)[]): readonly number[] {
  const out: number[] = [];
  const reorder = new Reorder((mulaw) => out.push(mulaw[0] ?? 0));
  for (const [index, chunk] of chunks.entries())
    reorder.push(chunk, Uint8Array.of((chunk ?? 0) % 256), index * 20);
  return out;
}
const count = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('Audio of a carrier that may reorder', () => {
  it('passes at once when it is in order, and as it comes when it is not counted', () => {
    assert.deepEqual(passed([1, 2, 3]), [1, 2, 3]);
    assert.deepEqual(passed([null, null]), [0, 0]);
  });

  it('is put in order, and what comes twice is heard once', () => {
    assert.deepEqual(passed([1, 3, 2, 2, 3, 5, 5, 4, 6]), [1, 2, 3, 4, 5, 6]);
    const twice = count(1, 60).flatMap((chunk) => [chunk, chunk]);
    assert.deepEqual(passed(twice), count(1, 60));
  });

  it('does not wait longer than 100 ms for what is missing, nor for more than five frames', () => {
    const out: number[] = [];
    const reorder = new Reorder((mulaw) => out.push(mulaw[0] ?? 0));
    const push = (chunk: number, at: number): void => reorder.push(chunk, Uint8Array.of(chunk), at);
    push(1, 0);
    push(3, 20);
    push(4, 119);
    assert.deepEqual(out, [1]);
    push(5, 120);
    assert.deepEqual(out, [1, 3, 4, 5]);
    for (const chunk of [7, 8, 9, 10, 11]) push(chunk, 121);
    assert.deepEqual(out, [1, 3, 4, 5]);
    push(12, 121);
    push(6, 122);
    assert.deepEqual(out, [1, 3, 4, 5, ...count(7, 12)]);
  });

  it('finds its way when the carrier begins to count anew', () => {
    const again = passed([...count(1, 100), ...count(1, 60)]);
    assert.deepEqual(again.slice(100), count(25, 60));
  });

  it('is complete and in order when no frame is overtaken by more than four others', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 80 }), (delays) => {
        // Each comes up to four places late, which keeps it within the window in frames and in time.
        const order = delays
          .map((delay, index) => ({ chunk: index + 1, place: index + delay + index / 1_000 }))
          .sort((a, b) => a.place - b.place)
          .map(({ chunk }) => chunk);
        assert.deepEqual(passed(order), count(1, delays.length));
      }),
    );
  });

  it('never goes back and says nothing twice, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 24 }), (chunks) => {
        const out = passed(chunks);
        for (const [index, chunk] of out.entries()) assert.ok(index === 0 || chunk > out[index - 1]!);
      }),
    );
  });
});
