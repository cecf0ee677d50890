// Latency: how long turns take over time: each turn a point, the middle and the slow end of the latest as lines.
import type { RecentLatency } from '../../operation/latency.ts';
import { axisEnd, percentile, rolling, type TrendPoint } from '../waterfall.ts';
import { duration } from '../wording.ts';

const WIDTH = 280;
const HEIGHT = 84;
/** Room for what the top line stands for, above it. */
const TOP = 16;
/** Turns a line looks back on. */
const WINDOW = 20;

export function Latency({ latency }: { readonly latency: RecentLatency | null }) {
  const points = (latency?.turns ?? []).flatMap(pointOf);
  const values = points.map(({ ms }) => ms);
  const [p50, p95] = [percentile(values, 0.5), percentile(values, 0.95)];
  return (
    <section class="vc-latency" aria-labelledby="vc-latency">
      <h2 id="vc-latency" class="vc-caption">
        Answer time
      </h2>
      {p50 === null || p95 === null ? (
        <p class="vc-note">No turn was answered yet.</p>
      ) : (
        <>
          <dl class="vc-numbers">
            <Figure name="p50" value={duration(p50)} kind="p50" />
            <Figure name="p95" value={duration(p95)} kind="p95" />
            <Figure name="turns" value={String(points.length)} kind="turns" />
          </dl>
          <Trend points={points} />
        </>
      )}
    </section>
  );
}

function Figure({
  name,
  value,
  kind,
}: {
  readonly name: string;
  readonly value: string;
  readonly kind: string;
}) {
  return (
    <div class={`vc-figure vc-figure-${kind}`}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Trend({ points }: { readonly points: readonly TrendPoint[] }) {
  const end = axisEnd(Math.max(...points.map(({ ms }) => ms)));
  // By order, not by time: calls come in bursts, and the nights between them say nothing.
  const x = (i: number): number =>
    points.length === 1 ? WIDTH / 2 : (i / (points.length - 1)) * (WIDTH - 8) + 4;
  const y = (ms: number): number => HEIGHT - 4 - (ms / end) * (HEIGHT - 4 - TOP);
  const line = (share: number): string =>
    rolling(points, share, WINDOW)
      .map(({ ms }, i) => `${x(i).toFixed(1)},${y(ms).toFixed(1)}`)
      .join(' ');
  return (
    <svg
      class="vc-trend"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label="Answer time of the latest turns"
    >
      <line class="vc-trend-base" x1="0" x2={WIDTH} y1={HEIGHT - 4} y2={HEIGHT - 4} />
      <line class="vc-trend-base" x1="0" x2={WIDTH} y1={TOP} y2={TOP} />
      <text class="vc-trend-end" x={WIDTH} y={TOP - 5} text-anchor="end">
        {duration(end)}
      </text>
      {points.map(({ at, ms }, i) => (
        <circle key={`${at} ${i}`} class="vc-trend-dot" cx={x(i)} cy={y(ms)} r="1.6" />
      ))}
      <polyline class="vc-trend-p95" points={line(0.95)} />
      <polyline class="vc-trend-p50" points={line(0.5)} />
    </svg>
  );
}

function pointOf({ at, latencyMs, stages }: RecentLatency['turns'][number]): readonly TrendPoint[] {
  const ms = stages?.whole ?? latencyMs;
  return ms === undefined ? [] : [{ at, ms }];
}
