// Verdict: what got worse is found, noise is not, and what cannot be compared is named.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../tools/random.ts';
import { rowOf } from './figures.ts';
import { merged, type Result } from './result.ts';
import { verdicts } from './verdict.ts';

const MACHINE = { processor: 'a bench', cores: 2, node: 'v24' };
const ROWS = 200;
const ROUNDS = 3;

function resultOf(rows: Result['rows'], machine = MACHINE): Result {
  return { at: '', version: '1', machine, loadBefore: 0, seconds: 1, parts: [], rows };
}

/** A run of many rows of 10 ms, each round of each off by up to `noise` either way, all `times` as slow. */
function run(seed: number, noise: number, times = 1): Result {
  const random = new Random(seed * 7_919);
  const next = (): number => random.bits() / 2 ** 32;
  const rounds = Array.from({ length: ROUNDS }, () =>
    Array.from({ length: ROWS }, (_, index) => {
      const off = 1 + noise * (next() + next() + next() - 1.5);
      return rowOf({ id: `row.${index}`, what: `row ${index}` }, [10 * times * off]);
    }),
  );
  return resultOf(merged('part', rounds));
}

const kinds = (before: Result, after: Result): ReadonlySet<string> =>
  new Set(verdicts(before, after).map(({ kind }) => kind));

function single(
  values: readonly number[],
  more: { isMoreBetter?: boolean; beside?: number } = {},
): Result['rows'] {
  const { isMoreBetter = false, beside } = more;
  const rounds = values.map((value) => [
    rowOf({ id: 'x', what: 'the row', isMoreBetter, beside: 'reference' }, [value]),
    ...(beside === undefined ? [] : [rowOf({ id: 'reference', what: 'bare' }, [beside])]),
  ]);
  return merged('part', rounds);
}

const kindOf = (before: Result['rows'], after: Result['rows'], machine = MACHINE): string | undefined =>
  verdicts(resultOf(before), resultOf(after, machine)).find(({ id }) => id === 'x')?.kind;

describe('Two results', () => {
  it('of the same code are the same, whatever the noise', () => {
    for (const noise of [0.02, 0.1, 0.4]) {
      const all = Array.from({ length: 20 }, (_, at) =>
        verdicts(run(at + 1, noise), run(at + 501, noise)),
      ).flat();
      const wrong = all.filter(({ kind }) => kind !== 'same').length;
      assert.ok(wrong <= all.length / 1_000, `${wrong} of ${all.length} rows, noise ${noise}`);
    }
  });

  it('of which one is slower differ in every row, and the other way round', () => {
    const [fast, slow] = [run(1, 0.1), run(2, 0.1, 2)];
    assert.deepEqual([...kinds(fast, slow)], ['worse']);
    assert.deepEqual([...kinds(slow, fast)], ['better']);
  });

  it('of a quiet machine show less than those of a noisy one', () => {
    assert.deepEqual([...kinds(run(1, 0.01), run(2, 0.01, 1.15))], ['worse']);
    assert.deepEqual([...kinds(run(1, 0.4), run(2, 0.4, 1.15))], ['same']);
  });

  it('tell less from worse where more is better', () => {
    const more = { isMoreBetter: true };
    assert.equal(kindOf(single([99, 100, 101], more), single([49, 50, 51], more)), 'worse');
    assert.equal(kindOf(single([49, 50, 51], more), single([99, 100, 101], more)), 'better');
  });

  it('find a tail that got worse though the middle did not', () => {
    const tail = (slow: number) =>
      merged(
        'part',
        [1, 2, 3].map((off) => [
          rowOf(
            { id: 'x', what: 'x' },
            Array.from({ length: 100 }, (_, at) => (at < 90 ? 10 : slow + off / 10)),
          ),
        ]),
      );
    const [verdict] = verdicts(resultOf(tail(20)), resultOf(tail(60)));
    assert.deepEqual([verdict?.kind, verdict?.figure], ['worse', 'p95']);
  });

  it('of other machines are compared by their ratios alone', () => {
    const other = { ...MACHINE, processor: 'half as fast' };
    const before = single([10, 10.1, 10.2], { beside: 5 });
    assert.equal(kindOf(before, single([20, 20.2, 20.4], { beside: 10 })), 'worse');
    assert.equal(kindOf(before, single([20, 20.2, 20.4], { beside: 10 }), other), 'same');
    assert.equal(kindOf(before, single([30, 30.2, 30.4], { beside: 10 }), other), 'worse');
  });

  it('name what only one of them has, or measured nothing of', () => {
    assert.equal(kindOf(single([1, 2, 3]), []), 'missing');
    assert.equal(kindOf([], single([1, 2, 3])), 'missing');
    assert.equal(kindOf(single([1, 2, 3]), single([Number.NaN])), 'missing');
  });

  it('of single rounds leave it open', () => {
    assert.equal(kindOf(single([1]), single([9])), 'unclear');
  });
});
