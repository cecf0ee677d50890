// Result: what one run of all benches came to: each row with all its rounds pooled, and each round for itself.
import { isKept, type Limits, pooled, type Row, type Spread, type Unit } from './figures.ts';

/** What one round of a row came to. Null: it measured nothing. */
export interface RoundFigures {
  readonly p50: number | null;
  readonly p95: number | null;
  /** Its p50 by the p50 of what it is compared with. */
  readonly ratio: number | null;
}

export interface ResultRow {
  readonly id: string;
  readonly part: string;
  readonly what: string;
  readonly unit: Unit;
  readonly isMoreBetter: boolean;
  readonly limits: Limits;
  readonly beside: string | null;
  /** Of the values of all rounds. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly count: number;
  readonly ratio: number | null;
  readonly rounds: readonly RoundFigures[];
}

export interface ResultPart {
  readonly name: string;
  readonly rounds: number;
  readonly seconds: number;
  /** What else its rounds have to say, for people. */
  readonly notes: readonly string[];
  /** Why it did not run to its end; null when it did. */
  readonly failure: string | null;
}

export interface Result {
  readonly at: string;
  /** Of the plugin. */
  readonly version: string;
  /** Two results are of like machines when these are alike. */
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
  /** The load average when it began: 0 on a quiet machine. */
  readonly loadBefore: number;
  readonly seconds: number;
  readonly parts: readonly ResultPart[];
  readonly rows: readonly ResultRow[];
}

/** A run of less than every part in `names` is no record. */
export function isWhole({ parts }: Result, names: readonly string[]): boolean {
  return names.every((name) => parts.some((part) => part.name === name && part.failure === null));
}

/** The rows of one part from all its rounds; a row may be missing in some. */
export function merged(part: string, rounds: readonly (readonly Row[])[]): readonly ResultRow[] {
  const latest = new Map(rounds.flat().map((row) => [row.id, row]));
  const spreadsOf = (id: string | null): readonly (Spread | undefined)[] =>
    rounds.map((rows) => rows.find((row) => row.id === id)?.spread);
  return [...latest.values()].map(({ id, what, unit, isMoreBetter, limits, beside }) => {
    const spreads = spreadsOf(id);
    const others = spreadsOf(beside);
    const all = pooled(
      spreads.filter((spread) => spread !== undefined),
      isMoreBetter,
    );
    const other = pooled(
      others.filter((spread) => spread !== undefined),
      isMoreBetter,
    );
    return {
      ...{ id, part, what, unit, isMoreBetter, limits, beside },
      ...{ p50: told(all.p50), p95: told(all.p95), p99: told(all.p99), max: told(all.max), count: all.count },
      ratio: told(all.p50 / other.p50),
      rounds: spreads.flatMap((spread, round) => {
        if (spread === undefined) return [];
        const ratio = told(spread.p50 / (others[round]?.p50 ?? Number.NaN));
        return [{ p50: told(spread.p50), p95: told(spread.p95), ratio }];
      }),
    };
  });
}

/** Four digits are more than any of it is worth; null is what JSON makes of what is no number. */
function told(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}

/** Null: there is no limit to keep. With nothing measured no limit is kept. */
export function isRowKept(row: ResultRow): boolean | null {
  return isKept(row, row);
}
