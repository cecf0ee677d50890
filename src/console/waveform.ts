// Waveform: draws the levels of a call onto a canvas, in the colours of the page.
import { PEAK_MS } from '../media/meter.ts';
import type { Detail } from './detail.ts';

/** What is seen at once while a call is live, ms; a call that is over is seen whole. */
const WINDOW_MS = 24_000;
const BAR_PX = 2;
const GAP_PX = 1;

interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly fromMs: number;
  readonly perPx: number;
}

type Seen = Pick<Detail, 'levels' | 'marks'>;

export function draw(canvas: HTMLCanvasElement, { levels, marks }: Seen, isLive: boolean): void {
  const frame = frameOf(canvas, levels, isLive);
  if (!frame || !levels) return;
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim() || 'currentColor';
  const { context, width, height } = frame;
  context.clearRect(0, 0, width, height);
  context.fillStyle = colour('--vc-line');
  context.fillRect(0, height / 2, width, 1);
  bars(frame, levels.from, levels.caller, { colour: colour('--vc-user'), up: true });
  bars(frame, levels.from, levels.agent, { colour: colour('--vc-agent'), up: false });
  for (const { at, mark } of marks) {
    const x = (at - frame.fromMs) / frame.perPx;
    if (x < 0 || x > width || (mark !== 'cut' && mark !== 'held')) continue;
    context.fillStyle = colour(mark === 'cut' ? '--vc-bad' : '--vc-wait');
    context.fillRect(
      Math.round(x),
      mark === 'cut' ? 0 : height / 4,
      mark === 'cut' ? 2 : 1,
      mark === 'cut' ? height : height / 2,
    );
  }
}

function frameOf(canvas: HTMLCanvasElement, levels: Detail['levels'], isLive: boolean): Frame | null {
  const context = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || !levels || width === 0) return null;
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const seenMs = levels.caller.length * PEAK_MS;
  const toMs = levels.from + seenMs;
  const windowMs = isLive ? WINDOW_MS : Math.max(WINDOW_MS, seenMs);
  return { context, width, height, fromMs: toMs - windowMs, perPx: windowMs / width };
}

/** The loudest peak under each bar, so that nothing short is lost. */
function bars(
  { context, width, height, fromMs, perPx }: Frame,
  from: number,
  peaks: readonly number[],
  { colour, up }: { readonly colour: string; readonly up: boolean },
): void {
  context.fillStyle = colour;
  const step = BAR_PX + GAP_PX;
  const half = height / 2 - 2;
  for (let x = 0; x < width; x += step) {
    const first = Math.floor((fromMs + x * perPx - from) / PEAK_MS);
    const last = Math.max(first + 1, Math.floor((fromMs + (x + step) * perPx - from) / PEAK_MS));
    let peak = 0;
    for (let i = Math.max(0, first); i < last && i < peaks.length; i++) peak = Math.max(peak, peaks[i] ?? 0);
    const size = Math.round((peak / 127) ** 1.4 * half);
    if (size > 0) context.fillRect(x, up ? height / 2 - size : height / 2 + 1, BAR_PX, size);
  }
}
