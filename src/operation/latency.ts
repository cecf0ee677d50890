// Latency: how long turns took on the latest calls, from the running telephone or from its store.
import * as z from 'zod';
import type { Call } from '../call/call.ts';
import { type LatencyReport, latencyOf, type StageTimes, stageTimes } from '../record/latency.ts';
import type { CallSource } from './call-status.ts';
import type { Verb } from './verb.ts';

export type { LatencyReport, Spread } from '../record/latency.ts';

/** How many calls are looked at when nobody says. */
export const DEFAULT_LAST = 200;
export const MAX_LAST = 100_000;
/** Looking at more keeps the Gateway from its calls; the command line reads the store beside it. */
const MAX_LAST_LIVE = 1_000;
/** How many of the latest turns are listed one by one. */
const MAX_TURNS = 400;

/** How long one turn took. */
export interface TurnTook {
  readonly callId: string;
  readonly turn: number;
  /** When the caller's words were there, ms since the epoch. */
  readonly at: number;
  /** From the caller's words to our answer; absent while there was none. */
  readonly latencyMs?: number;
  /** On a media stream: ms of each stage that was reached, as in the report. */
  readonly stages?: StageTimes;
}

export interface RecentLatency extends LatencyReport {
  /** The latest turns, oldest first. */
  readonly turns: readonly TurnTook[];
}

export function latencyReport(source: CallSource, last: number): LatencyReport {
  return latencyOf(source.list(last));
}

const input = z.strictObject({
  last: z
    .int()
    .min(1)
    .max(MAX_LAST_LIVE)
    .default(DEFAULT_LAST)
    .describe('How many of the latest calls count'),
});

export const latency: Verb<typeof input, RecentLatency> = {
  name: 'latency',
  summary: 'How long turns took on the latest calls: percentiles of every stage, and the latest turns.',
  scope: 'read',
  input,
  run: async (phone, { last }) => {
    const calls = phone.list(last);
    const turns = calls.flatMap(turnsOf).sort((a, b) => a.at - b.at);
    return { ...latencyOf(calls), turns: turns.slice(-MAX_TURNS) };
  },
};

function turnsOf({ id, turns }: Call): readonly TurnTook[] {
  return turns.map(({ turn, saidAt, repliedAt, stages }) => ({
    callId: id,
    turn,
    at: saidAt,
    ...(repliedAt !== null && { latencyMs: repliedAt - saidAt }),
    ...(stages && { stages: stageTimes(stages) }),
  }));
}
