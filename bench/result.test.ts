// Result: rounds become one row each, with ratios and limits; only a whole run is a record.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Measured, type Row, rowOf } from './figures.ts';
import { isRowKept, isWhole, merged, type Result } from './result.ts';
import { partTable, tableLines } from './table.ts';

const ours: Measured = { id: 'ours', what: 'ours', limits: { p95: 25 }, beside: 'bare' };
const bare: Measured = { id: 'bare', what: 'the bare one' };

function round(values: readonly number[], others: readonly number[]): readonly Row[] {
  return [rowOf(bare, others), rowOf(ours, values)];
}

const rows = merged('part', [round([10, 20], [5, 5]), round([20, 30], [10, 10])]);
const [, row] = rows;
if (!row) throw new Error('nothing was merged');

function resultOf(parts: Result['parts']): Result {
  const machine = { processor: 'a bench', cores: 2, node: 'v24' };
  return { at: '2026-01-01T00:00:00Z', version: '1', machine, loadBefore: 0, seconds: 9, parts, rows };
}
const ran = { name: 'part', rounds: 2, seconds: 9, notes: ['a word more'], failure: null };

describe('Rounds', () => {
  it('are pooled into one row, and kept one by one', () => {
    assert.deepEqual([row.p50, row.p95, row.max, row.count], [20, 30, 30, 4]);
    assert.deepEqual(row.rounds, [
      { p50: 20, p95: 20, ratio: 4 },
      { p50: 30, p95: 30, ratio: 3 },
    ]);
  });

  it('give the ratio to what was measured beside', () => {
    assert.equal(row.ratio, 2);
    assert.equal(rows[0]?.ratio, null);
  });

  it('in which nothing was measured are told by null, as JSON would have it', () => {
    const [empty] = merged('part', [[rowOf(bare, [])]]);
    assert.deepEqual([empty?.p50, empty?.count, empty?.rounds[0]?.p50], [null, 0, null]);
  });

  it('need not all have the row', () => {
    const [only] = merged('part', [[], [rowOf(bare, [7])]]);
    assert.deepEqual([only?.p50, only?.rounds.length], [7, 1]);
  });
});

describe('A limit of a row', () => {
  it('holds for all its rounds together', () => {
    assert.equal(isRowKept(row), false);
    assert.equal(isRowKept({ ...row, limits: { p50: 20, max: 30 } }), true);
    assert.equal(isRowKept({ ...row, limits: {} }), null);
    assert.equal(isRowKept({ ...row, p95: null }), false);
  });

  it('is a least where more is better', () => {
    assert.equal(isRowKept({ ...row, isMoreBetter: true }), true);
  });
});

describe('A run', () => {
  it('is whole when every part ran to its end', () => {
    assert.equal(isWhole(resultOf([ran]), ['part']), true);
    assert.equal(isWhole(resultOf([ran]), ['part', 'another']), false);
    assert.equal(isWhole(resultOf([{ ...ran, failure: 'it took too long' }]), ['part']), false);
  });

  it('is one table, with the parts that did not run in it', () => {
    const failed = { name: 'another', rounds: 0, seconds: 1, notes: [], failure: 'it took too long' };
    const lines = tableLines(resultOf([ran, failed])).join('\n');
    assert.match(lines, /^part, 2 rounds$/m);
    assert.match(lines, /^ {2}ours +20\.0 +30\.0 +30\.0 +4 +2\.00 x {2}MISSED: p95 <= 25 ms$/m);
    assert.match(lines, /a word more/);
    assert.match(lines, /^another: it took too long$/m);
  });

  it('stands in the document with what each ratio is to', () => {
    assert.match(
      partTable(resultOf([ran]), 'part'),
      /\| ours \| 20\.0 \| 30\.0 \| 30\.0 \| 4 \| 2\.00 x the bare one \| MISSED: p95 <= 25 ms \|/,
    );
  });
});
