// Figures: quantiles, pooled rounds, limits in both directions.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isKept, limitText, type Measured, pooled, rowOf, spreadOf } from './figures.ts';

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);
const quantiles = ({ p50, p95, p99, max, count }: ReturnType<typeof spreadOf>) => [p50, p95, p99, max, count];

function isRowKept(measured: Measured, values: readonly number[]): boolean | null {
  const row = rowOf(measured, values);
  return isKept(row, row.spread);
}

describe('A spread', () => {
  it('has its quantiles, in whatever order the values came', () => {
    assert.deepEqual(quantiles(spreadOf([...upTo(1_000)].reverse())), [501, 951, 991, 1_000, 1_000]);
  });

  it('is counted from the good end', () => {
    assert.deepEqual(quantiles(spreadOf(upTo(100), true)), [50, 5, 1, 1, 100]);
    const rounds = [[300], [500]].map((values) => spreadOf(values, true));
    assert.deepEqual(quantiles(pooled(rounds, true)), [300, 300, 300, 300, 2]);
  });

  it('of nothing has none', () => {
    assert.deepEqual(quantiles(spreadOf([])), [Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0]);
  });

  it('of many values keeps some, the largest among them', () => {
    const { points } = spreadOf(upTo(100_000));
    assert.equal(points.length, 400);
    assert.equal(points.at(-1), 100_000);
  });
});

describe('Pooled spreads', () => {
  it('are as if all had been measured at once', () => {
    const all = upTo(300);
    const rounds = [0, 1, 2].map((round) => spreadOf(all.filter((value) => value % 3 === round)));
    assert.deepEqual(quantiles(pooled(rounds)), quantiles(spreadOf(all)));
  });

  it('count each value once, also when one round had many more', () => {
    const many = spreadOf(Array.from({ length: 90_000 }, () => 1));
    const few = spreadOf(Array.from({ length: 1_000 }, () => 9));
    const { p50, p95, p99, max, count } = pooled([many, few]);
    assert.deepEqual([p50, p95, p99, max, count], [1, 1, 9, 9, 91_000]);
  });

  it('leave out a round that measured nothing', () => {
    assert.deepEqual(quantiles(pooled([spreadOf([]), spreadOf([5])])), [5, 5, 5, 5, 1]);
  });
});

describe('A limit', () => {
  it('is not to be passed', () => {
    const measured = { id: 'x', what: 'x', limits: { p50: 2, p95: 3 } };
    assert.equal(isRowKept(measured, [1, 2, 2]), true);
    assert.equal(isRowKept(measured, [1, 2, 4]), false);
    assert.equal(limitText(rowOf(measured, [])), 'p50 <= 2, p95 <= 3 ms');
  });

  it('is to be reached where more is better', () => {
    const share = { id: 'x', what: 'x', unit: '%', isMoreBetter: true, limits: { p50: 70 } } as const;
    assert.equal(isRowKept(share, [71]), true);
    assert.equal(isRowKept(share, [69]), false);
    assert.equal(isRowKept(share, [69, 99]), false, 'the better of two is not the middle one');
    assert.equal(limitText(rowOf(share, [])), 'p50 >= 70 %');
  });

  it('is not kept by nothing', () => {
    assert.equal(isRowKept({ id: 'x', what: 'x', limits: { p50: 2 } }, []), false);
    assert.equal(isRowKept({ id: 'x', what: 'x' }, []), null);
  });
});
