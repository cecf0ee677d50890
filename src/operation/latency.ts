// Latency: how long turns took on the latest calls, from the running telephone or from its store.
import { type LatencyReport, latencyOf } from '../record/latency.ts';
import type { CallSource } from './call-status.ts';

export type { LatencyReport, Spread } from '../record/latency.ts';

/** How many calls are looked at when nobody says. */
export const DEFAULT_LAST = 200;
export const MAX_LAST = 100_000;

export function latencyReport(source: CallSource, last: number): LatencyReport {
  return latencyOf(source.list(last));
}
