// Verdict: whether a row of a newer result is worse than in an older one, by more than the rounds of both lie apart.
import type { Result, ResultRow, RoundFigures } from './result.ts';

/**
 * How it decides, in one sentence: a row is worse when the middle one of its rounds moved by more than the rounds of
 * the old and of the new result lie apart together, where a row whose rounds happen to agree is given the noise that
 * three of four rows of its part stay below.
 */
export interface Verdict {
  readonly id: string;
  readonly what: string;
  /** `missing`: one of the results has no figure of it; `unclear`: with single rounds nothing tells the noise. */
  readonly kind: 'worse' | 'better' | 'same' | 'missing' | 'unclear';
  /** The figure that decided, and how far it moved and may move, as shares; above 0 is worse. */
  readonly figure: Figure | null;
  readonly moved: number;
  readonly noise: number;
  readonly before: number | null;
  readonly after: number | null;
}

export type Figure = keyof RoundFigures;

const USUAL = 0.75;

/** On another machine only what is compared with something measured there can be compared. */
export function figuresFor(before: Result, after: Result): readonly Figure[] {
  const alike = JSON.stringify(before.machine) === JSON.stringify(after.machine);
  return alike ? ['p50', 'p95'] : ['ratio'];
}

export function verdicts(before: Result, after: Result): readonly Verdict[] {
  const figures = figuresFor(before, after);
  const old = new Map(before.rows.map((row) => [row.id, row]));
  const fresh = new Map(after.rows.map((row) => [row.id, row]));
  const usual = usualNoise([...before.rows, ...after.rows], figures);
  return [...new Map([...old, ...fresh]).values()].map(({ id, what, part }) => {
    const [one, other] = [old.get(id), fresh.get(id)];
    const all = figures.flatMap((figure) => {
      const verdict = one && other && compared(one, other, figure, usual.get(`${part} ${figure}`) ?? null);
      return verdict ? [verdict] : [];
    });
    return all.toSorted((a, b) => weight(b) - weight(a))[0] ?? nothingToCompare(id, what);
  });
}

/** Of several figures of a row the one that says most. */
function weight({ kind, moved, noise }: Verdict): number {
  const share = Math.abs(moved) / noise || 0;
  return { worse: 3e9, better: 2e9, same: 1e9, missing: 0, unclear: 0 }[kind] + Math.min(share, 1e8);
}

function nothingToCompare(id: string, what: string): Verdict {
  return { id, what, kind: 'missing', figure: null, moved: 0, noise: 0, before: null, after: null };
}

function compared(one: ResultRow, other: ResultRow, figure: Figure, usual: number | null): Verdict | null {
  const [old, fresh] = [valuesOf(one, figure), valuesOf(other, figure)];
  const [before, after] = [middleOf(old), middleOf(fresh)];
  if (before === null || after === null) return null;
  const up = before === after ? 0 : (after - before) / Math.min(Math.abs(before), Math.abs(after));
  const moved = one.isMoreBetter ? -up : up;
  const base = { id: one.id, what: other.what, figure, moved, before, after };
  if (usual === null) return { ...base, kind: 'unclear', noise: Number.NaN };
  const noise = Math.max(apart(old) ?? 0, usual) + Math.max(apart(fresh) ?? 0, usual);
  if (moved > noise) return { ...base, kind: 'worse', noise };
  return { ...base, kind: moved < -noise ? 'better' : 'same', noise };
}

function valuesOf({ rounds }: ResultRow, figure: Figure): readonly number[] {
  return rounds.flatMap((round) => round[figure] ?? []).toSorted((a, b) => a - b);
}

function middleOf(sorted: readonly number[]): number | null {
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** How far the rounds lie apart, as a share of the middle one; null with a single one. */
function apart(sorted: readonly number[]): number | null {
  const middle = middleOf(sorted);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (sorted.length < 2 || !middle || least === undefined || most === undefined) return null;
  return Math.abs((most - least) / middle);
}

/** How far the rounds of three of four rows of a part lie apart at most; by `part figure`. */
function usualNoise(rows: readonly ResultRow[], figures: readonly Figure[]): ReadonlyMap<string, number> {
  const all = new Map<string, number[]>();
  for (const row of rows) {
    for (const figure of figures) {
      const noise = apart(valuesOf(row, figure));
      if (noise === null) continue;
      const key = `${row.part} ${figure}`;
      all.set(key, [...(all.get(key) ?? []), noise]);
    }
  }
  return new Map(
    [...all].map(([key, list]) => [
      key,
      list.toSorted((a, b) => a - b)[Math.floor(list.length * USUAL)] ?? 0,
    ]),
  );
}
