// MediaFigures: what both benches of live audio have alike: one time for all processes, quantiles, tables, verdicts.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ms of the machine's monotonic clock: every process and thread of this machine agrees on it. */
export function machineMs(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1_000 + nanos / 1e6;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), count: sorted.length };
}

/** Names of quantiles and how large they may be. */
export type Limits = Partial<Record<Exclude<keyof Spread, 'count'>, number>>;

export interface Row {
  readonly what: string;
  readonly spread: Spread;
  readonly limits: Limits;
  /** Null: there is no limit to keep. */
  readonly isKept: boolean | null;
}

/** With nothing measured no limit is kept. */
export function rowOf(what: string, values: readonly number[], limits: Limits = {}): Row {
  const spread = spreadOf(values);
  const asked = Object.entries(limits) as [keyof Limits, number][];
  const isKept = asked.length === 0 ? null : asked.every(([name, limit]) => spread[name] <= limit);
  return { what, spread, limits, isKept };
}

export const print = (line = ''): boolean => process.stdout.write(`${line}\n`);

export const HEAD = `  ${''.padEnd(62)}    p50     p95     p99     max  count`;

export function printRow({ what, spread, limits, isKept }: Row): void {
  const { p50, p95, p99, max, count } = spread;
  const cells = [p50, p95, p99, max].map((value) => value.toFixed(2).padStart(8)).join('');
  const asked = Object.entries(limits).map(([name, limit]) => `${name} <= ${limit}`);
  const verdict = isKept === null ? '' : `  ${isKept ? 'PASS' : 'FAIL'} ${asked.join(', ')} ms`;
  print(`  ${what.padEnd(60)}${cells}${`${count}`.padStart(7)}${verdict}`);
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

/** Writes what was measured for machines, to `--out` or the folder for temporary files; returns where. */
export function keep(bench: string, figures: object): string {
  const path = option('out') ?? join(tmpdir(), `voice-call-bench-${bench}.json`);
  const at = new Date().toISOString();
  writeFileSync(path, `${JSON.stringify({ bench, at, machine: machine(), ...figures }, null, 2)}\n`);
  return path;
}

/** The exit code: 1 when a limit was not kept, and `--strict` was asked for. */
export function codeFor(verdicts: readonly (boolean | null)[]): 0 | 1 {
  return process.argv.includes('--strict') && verdicts.includes(false) ? 1 : 0;
}
