// Latency: how long the turns of past calls took, stage by stage. Pure.
import type { Call, TurnStages, TurnTimes } from '../call/call.ts';
import { percentileOf } from '../lib/percentile.ts';

export interface Spread {
  readonly count: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly avgMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** Each stage of a turn on a media stream: from one moment to the next. */
const STAGES = {
  /** The caller stopped speaking, until their words were there: transcription and deciding that the turn is over. */
  transcription: ['speechEndAt', 'transcriptAt'],
  /** Until the host asked the model: its preparation. */
  preparation: ['transcriptAt', 'modelAskedAt'],
  /** Until the model's first letters. */
  model: ['modelAskedAt', 'firstTokenAt'],
  /** Until there was something to speak. */
  firstSentence: ['firstTokenAt', 'firstSentenceAt'],
  /** Until the first sound of it came from the voice. */
  voice: ['firstSentenceAt', 'firstAudioAt'],
  /** Until its first frame left us. */
  sending: ['firstAudioAt', 'firstFrameAt'],
  /** Until the carrier said that it is heard. */
  carrier: ['firstFrameAt', 'heardAt'],
  /** All of it: from the caller's last sound to our first. */
  whole: ['speechEndAt', 'heardAt'],
} as const satisfies Readonly<Record<string, readonly [keyof TurnStages, keyof TurnStages]>>;

export type StageName = keyof typeof STAGES;
export type StageTimes = { readonly [K in StageName]?: number };

/** Ms of each stage that was reached, rounded to a tenth. */
export function stageTimes(stages: TurnStages): StageTimes {
  return Object.fromEntries(
    Object.entries(STAGES).flatMap(([name, [from, to]]) => {
      const [begun, over] = [stages[from], stages[to]];
      return begun === undefined || over === undefined ? [] : [[name, tenth(over - begun)]];
    }),
  );
}

export interface LatencyReport {
  /** How many calls were looked at. */
  readonly recordsScanned: number;
  /** From the caller's words to our answer, one entry per turn. */
  readonly turnLatency: Spread | null;
  /** From when we listened to when we had the caller's words. */
  readonly listenWait: Spread | null;
  /** On media streams: every stage by its name. */
  readonly stages: { readonly [K in StageName]?: Spread };
}

/** One entry per turn of each call; null where there is nothing to measure. */
export function latencyOf(calls: readonly Call[]): LatencyReport {
  const turns = calls.flatMap((call) => call.turns);
  const times = turns.flatMap(({ stages }) => (stages ? [stageTimes(stages)] : []));
  const names = Object.keys(STAGES) as StageName[];
  return {
    recordsScanned: calls.length,
    turnLatency: spreadOf(turns.flatMap(latencyOfTurn)),
    listenWait: spreadOf(turns.map(({ listenedFromAt, saidAt }) => saidAt - listenedFromAt)),
    stages: Object.fromEntries(
      names.flatMap((name) => {
        const spread = spreadOf(times.flatMap((one) => one[name] ?? []));
        return spread ? [[name, spread]] : [];
      }),
    ),
  };
}

function latencyOfTurn({ saidAt, repliedAt }: TurnTimes): readonly number[] {
  return repliedAt === null ? [] : [repliedAt - saidAt];
}

/** Percentiles by nearest rank; null of nothing. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => tenth(percentileOf(sorted, share) ?? 0);
  return {
    count: sorted.length,
    minMs: tenth(sorted[0] ?? 0),
    maxMs: tenth(sorted.at(-1) ?? 0),
    avgMs: tenth(sorted.reduce((sum, value) => sum + value, 0) / sorted.length),
    p50Ms: rank(0.5),
    p90Ms: rank(0.9),
    p95Ms: rank(0.95),
    p99Ms: rank(0.99),
  };
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
