// Waterfall: the stages of a turn as bars on one time axis, and how long turns take over time. Pure.
import type { TurnStages } from '../call/call.ts';
import type { PublicTurn } from '../call/public-view.ts';
import { percentileOf } from '../lib/percentile.ts';

/** What was reached, in the order in which a turn reaches it. */
const MOMENTS = [
  'speechEndAt',
  'transcriptAt',
  'modelAskedAt',
  'firstTokenAt',
  'firstSentenceAt',
  'firstAudioAt',
  'firstFrameAt',
  'heardAt',
] as const satisfies readonly (keyof TurnStages)[];
type Moment = (typeof MOMENTS)[number];

/** What the time until a moment was spent on; the same names as in `voicecall latency`. */
const UNTIL: Readonly<
  Record<Exclude<Moment, 'speechEndAt'>, { readonly id: string; readonly label: string }>
> = {
  transcriptAt: { id: 'transcription', label: 'Transcript' },
  modelAskedAt: { id: 'preparation', label: 'Preparation' },
  firstTokenAt: { id: 'model', label: 'First token' },
  firstSentenceAt: { id: 'firstSentence', label: 'First sentence' },
  firstAudioAt: { id: 'voice', label: 'First audio' },
  firstFrameAt: { id: 'sending', label: 'First frame' },
  heardAt: { id: 'carrier', label: 'Heard' },
};

export const STAGES = Object.values(UNTIL);

export interface Bar {
  readonly id: string;
  readonly label: string;
  /** Ms since the caller stopped speaking. */
  readonly fromMs: number;
  readonly ms: number;
}

export interface Fall {
  readonly turn: number;
  readonly bars: readonly Bar[];
  /** From the caller's last sound to the last moment that was reached. */
  readonly totalMs: number;
  readonly wasInterrupted: boolean;
}

/** Turns on media streams, in order; a turn without stages has no bars but its answering time. */
export function fallsOf(turns: readonly PublicTurn[]): readonly Fall[] {
  return turns.flatMap((turn) => fallOf(turn) ?? []);
}

function fallOf({ turn, stages, latencyMs }: PublicTurn): Fall | null {
  if (!stages) {
    if (latencyMs === undefined) return null;
    const bar = { id: 'reply', label: 'Reply', fromMs: 0, ms: latencyMs };
    return { turn, bars: [bar], totalMs: latencyMs, wasInterrupted: false };
  }
  const reached = MOMENTS.filter((moment) => stages[moment] !== undefined);
  const startAt = stages[reached[0] ?? 'speechEndAt'] ?? 0;
  const bars = reached.slice(1).map((moment, i) => {
    const fromMs = (stages[reached[i] as Moment] ?? 0) - startAt;
    const toMs = (stages[moment] ?? 0) - startAt;
    // Sound may be there before the sentence that follows is; a bar is never shorter than nothing.
    return { ...UNTIL[moment as keyof typeof UNTIL], fromMs, ms: Math.max(0, toMs - fromMs) };
  });
  const last = bars.at(-1);
  const wasInterrupted = stages.interruptedAt !== undefined;
  return { turn, bars, totalMs: last ? last.fromMs + last.ms : 0, wasInterrupted };
}

/** A round number at or above `ms`, for the end of an axis. */
export function axisEnd(ms: number): number {
  const step = [500, 1_000, 2_000, 5_000].find((one) => ms <= 4 * one) ?? 10_000;
  return Math.max(step, Math.ceil(ms / step) * step);
}

export interface TrendPoint {
  readonly at: number;
  readonly ms: number;
}

/** As the report has it; null of nothing. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return percentileOf(sorted, share);
}

/** The percentile of each point and those before it, at most `window` of them. */
export function rolling(points: readonly TrendPoint[], share: number, window: number): readonly TrendPoint[] {
  return points.map(({ at }, i) => {
    const recent = points.slice(Math.max(0, i + 1 - window), i + 1).map(({ ms }) => ms);
    return { at, ms: percentile(recent, share) ?? 0 };
  });
}
