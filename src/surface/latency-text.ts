// LatencyText: how long turns took, as a table for a person. Scripts get JSON instead.
import type { LatencyReport, Spread } from '../operation/latency.ts';

const COLUMNS = ['count', 'min', 'max', 'avg', 'p50', 'p90', 'p95', 'p99'] as const;

export function latencyText({ recordsScanned, turnLatency, listenWait, stages }: LatencyReport): string {
  const rows: readonly (readonly [string, Spread | null])[] = [
    ['turn', turnLatency],
    ['listening', listenWait],
    ...Object.entries(stages),
  ];
  const known = rows.flatMap(([name, spread]) => (spread ? [lineOf(name, valuesOf(spread))] : []));
  const heading = `${recordsScanned} ${recordsScanned === 1 ? 'call' : 'calls'}; times in ms, one entry per turn`;
  if (known.length === 0) return `${heading}\nNo turns yet.`;
  return [heading, lineOf('', COLUMNS), ...known].join('\n');
}

function valuesOf(spread: Spread): readonly string[] {
  return COLUMNS.map((column) => {
    const value = column === 'count' ? spread.count : spread[`${column}Ms`];
    return String(column === 'count' ? value : Math.round(value));
  });
}

function lineOf(name: string, values: readonly string[]): string {
  return [name.padEnd(14), ...values.map((value) => value.padStart(7))].join('');
}
