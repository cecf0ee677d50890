// Tests of strain: what makes the house full, what does not, and that it never flaps and always recovers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Load } from '../lib/beat.ts';
import { AT_EASE, afterReading, type Strain } from './strain.ts';

const LIMITS = { full: { lateMs: 80, busy: 0.9 }, ease: { lateMs: 40, busy: 0.75 } };
const calm: Load = { lateMs: 2, busy: 0.3 };
const late: Load = { lateMs: 80, busy: 0.3 };
const busy: Load = { lateMs: 2, busy: 0.9 };
/** Neither too much for those who talk nor little enough for more of them. */
const between: Load = { lateMs: 60, busy: 0.8 };

const after = (loads: readonly Load[], from: Strain = AT_EASE): Strain =>
  loads.reduce((strain, load) => afterReading(strain, load, LIMITS), from);
const full = after(Array(5).fill(late));

describe('A thread', () => {
  it('is full when it was late, or busy, for five readings in a row', () => {
    assert.equal(after(Array(4).fill(late)).isFull, false);
    assert.equal(full.isFull, true);
    assert.equal(after([late, busy, late, busy, busy]).isFull, true);
  });

  it('is not full for long blocks or a burst of some seconds, nor for hard work that leaves it room', () => {
    const block: Load = { lateMs: 20_000, busy: 1 };
    assert.equal(
      after([block, block, late, block, calm, block, block, late, busy, between, block]).isFull,
      false,
    );
    assert.equal(after(Array(100).fill(between)).isFull, false);
  });

  it('has room again after three readings in a row that are well below the limit, not just below it', () => {
    assert.equal(after(Array(100).fill(between), full).isFull, true);
    assert.equal(after([calm, calm, between, calm, calm], full).isFull, true);
    assert.equal(after([calm, calm, calm], full).isFull, false);
  });

  it('knows its latest figures', () => {
    assert.equal(AT_EASE.load, null);
    assert.deepEqual(after([late, calm]).load, calm);
    assert.deepEqual(after([calm], full).load, calm);
  });
});

describe('Whatever a thread goes through, it', () => {
  const any = fc.record({ lateMs: fc.nat(200), busy: fc.double({ min: 0, max: 1, noNaN: true }) });
  const spells = fc.array(
    fc.tuple(fc.oneof(any, fc.constantFrom(calm, late, busy)), fc.integer({ min: 1, max: 7 })),
  );
  /** What a thread goes through lasts: some seconds of each. */
  const loads = spells.map((all) => all.flatMap(([load, seconds]) => Array<Load>(seconds).fill(load)));

  it('never flaps: a change takes so many readings of one mind, all since the change before', () => {
    const isHard = ({ lateMs, busy: share }: Load): boolean => lateMs >= 80 || share >= 0.9;
    const isEasy = ({ lateMs, busy: share }: Load): boolean => lateMs < 40 && share < 0.75;
    fc.assert(
      fc.property(loads, (readings) => {
        const isFull = readings.map((_, last) => after(readings.slice(0, last + 1)).isFull);
        const changes = readings.flatMap((_, at) => (isFull[at] === (isFull[at - 1] ?? false) ? [] : [at]));
        for (const [index, at] of changes.entries()) {
          const needed = isFull[at] ? 5 : 3;
          assert.ok(at - (changes[index - 1] ?? -1) >= needed);
          assert.ok(readings.slice(at - needed + 1, at + 1).every(isFull[at] ? isHard : isEasy));
        }
      }),
    );
  });

  it('recovers once it is calm, and fills once it is strained', () => {
    fc.assert(
      fc.property(loads, (readings) => {
        const strain = after(readings);
        assert.equal(after(Array(3).fill(calm), strain).isFull, false);
        assert.equal(after(Array(5).fill(busy), strain).isFull, true);
      }),
    );
  });
});
