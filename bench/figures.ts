// Figures: what all benches have alike: one time for all processes, quantiles, rows, limits, verdicts.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ms of the machine's monotonic clock: every process and thread of this machine agrees on it. */
export function machineMs(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1_000 + nanos / 1e6;
}

/** Quantiles are counted from the good end: p95 is what 95 of 100 are as good as, or better. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** The worst. */
  readonly max: number;
  readonly count: number;
  /** The values, the best first; of many values some, evenly spread, that each stand for as many. */
  readonly points: readonly number[];
}

const MOST_POINTS = 400;
const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99, max: 1 } as const;

export function spreadOf(values: readonly number[], isMoreBetter = false): Spread {
  const sorted = Float64Array.from(values).sort();
  if (isMoreBetter) sorted.reverse();
  const { length } = sorted;
  const at = (share: number): number =>
    sorted[Math.min(length - 1, Math.floor(length * share))] ?? Number.NaN;
  const kept = Math.min(MOST_POINTS, length);
  // The last one is the worst: it must not be lost.
  const points = Array.from(
    { length: kept },
    (_, index) => sorted[Math.ceil(((index + 1) * length) / kept) - 1] ?? 0,
  );
  return {
    p50: at(SHARES.p50),
    p95: at(SHARES.p95),
    p99: at(SHARES.p99),
    max: at(SHARES.max),
    count: length,
    points,
  };
}

/** All values of `spreads` as one spread. */
export function pooled(spreads: readonly Spread[], isMoreBetter = false): Spread {
  const weighed = spreads
    .flatMap(({ points, count }) => points.map((value) => ({ value, weight: count / points.length })))
    .sort((a, b) => (isMoreBetter ? b.value - a.value : a.value - b.value));
  const count = spreads.reduce((sum, one) => sum + one.count, 0);
  const at = (share: number): number => {
    let below = 0;
    const found = weighed.find(({ weight }) => {
      below += weight;
      return below > count * share;
    });
    return (found ?? weighed.at(-1))?.value ?? Number.NaN;
  };
  return {
    p50: at(SHARES.p50),
    p95: at(SHARES.p95),
    p99: at(SHARES.p99),
    max: at(SHARES.max),
    count,
    points: weighed.map(({ value }) => value),
  };
}

/** Names of quantiles and how large they may be; how small, where more is better. */
export type Limits = Partial<Record<Exclude<keyof Spread, 'count' | 'points'>, number>>;

/** What is measured; `a second` and `calls` are counted, `%` is a share. */
export type Unit = 'ms' | 'MB' | 'KB' | 'calls' | 'a second' | '%';

export interface Measured {
  /** Names the row in result files: it never changes its meaning. */
  readonly id: string;
  readonly what: string;
  /** Default: `ms`. */
  readonly unit?: Unit;
  /** Default: less is better. */
  readonly isMoreBetter?: boolean;
  readonly limits?: Limits;
  /** The id of what it is compared with, measured in the same run. */
  readonly beside?: string;
}

/** One line of the table of `npm run bench`; every bench prints and keeps its figures as rows. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly unit: Unit;
  readonly isMoreBetter: boolean;
  readonly limits: Limits;
  readonly beside: string | null;
  readonly spread: Spread;
}

export function rowOf(measured: Measured, values: readonly number[]): Row {
  return rowOfSpread(measured, spreadOf(values, measured.isMoreBetter));
}

export function rowOfSpread(measured: Measured, spread: Spread): Row {
  return { unit: 'ms', isMoreBetter: false, limits: {}, beside: null, ...measured, spread };
}

/** Null: there is no limit to keep. With nothing measured no limit is kept. */
export function isKept(
  { limits, isMoreBetter }: Pick<Row, 'limits' | 'isMoreBetter'>,
  figures: Readonly<Record<keyof Limits, number | null>>,
): boolean | null {
  const asked = Object.entries(limits) as [keyof Limits, number][];
  if (asked.length === 0) return null;
  return asked.every(([name, limit]) => {
    const figure = figures[name];
    return figure !== null && (isMoreBetter ? figure >= limit : figure <= limit);
  });
}

/** `p95 <= 10 ms`; empty without limits. */
export function limitText({
  limits,
  isMoreBetter,
  unit,
}: Pick<Row, 'limits' | 'isMoreBetter' | 'unit'>): string {
  const sign = isMoreBetter ? '>=' : '<=';
  const asked = Object.entries(limits).map(([name, limit]) => `${name} ${sign} ${limit}`);
  return asked.length === 0 ? '' : `${asked.join(', ')} ${unit}`;
}

export const print = (line = ''): boolean => process.stdout.write(`${line}\n`);

export const HEAD = `  ${''.padEnd(62)}    p50     p95     p99     max  count`;

export function printRow(row: Row): void {
  const { p50, p95, p99, max, count } = row.spread;
  const cells = [p50, p95, p99, max].map((value) => value.toFixed(2).padStart(8)).join('');
  const kept = isKept(row, row.spread);
  const verdict = kept === null ? '' : `  ${kept ? 'PASS' : 'FAIL'} ${limitText(row)}`;
  const unit = row.unit === 'ms' || verdict !== '' ? '' : `  ${row.unit}`;
  print(`  ${row.what.padEnd(60)}${cells}${`${count}`.padStart(7)}${unit}${verdict}`);
}

export function machine(): string {
  const load = loadavg().map((value) => value.toFixed(1));
  return `${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}, load average ${load.join(' ')}`;
}

/** The command line: `--name value`, `--name`. */
export function option(name: string): string | null {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? null : (process.argv[at + 1] ?? '');
}

/**
 * Writes the rows for machines, to `--out` or the folder for temporary files; returns where. `notes` are told below
 * the table of `npm run bench`.
 */
export function keep(
  part: string,
  rows: readonly Row[],
  more: { readonly notes?: readonly string[]; readonly results?: object } = {},
): string {
  const path = option('out') ?? join(tmpdir(), `voice-call-bench-${part}.json`);
  const at = new Date().toISOString();
  writeFileSync(path, `${JSON.stringify({ part, at, machine: machine(), rows, ...more }, null, 2)}\n`);
  return path;
}

/** The exit code: 1 when a limit was not kept, and `--strict` was asked for. */
export function codeFor(rows: readonly Row[]): 0 | 1 {
  return process.argv.includes('--strict') && rows.some((row) => isKept(row, row.spread) === false) ? 1 : 0;
}
