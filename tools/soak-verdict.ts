// SoakVerdict: what a soak must not show: growth, handles left behind, deadlines missed, silence, stumbling speech.
import type { AppSample } from './soak-app.ts';
import type { CallersReport } from './soak-callers.ts';

export interface SoakEvidence {
  /** Before the first call of the soak, after some to warm up. */
  readonly before: AppSample;
  /** While it ran, in order. */
  readonly samples: readonly AppSample[];
  /** When all calls are over. */
  readonly after: AppSample;
  readonly callers: CallersReport;
}

/** Between the middle of a soak and its end memory may still grow so much; what leaks, leaks more. */
const MOST_RSS_GROWTH = { share: 0.1, mb: 25 };
/** The heap once all calls are over, against the heap before the first. */
const MOST_HEAP_GROWTH_MB = 12;
/** Keep-alive sockets of the last requests, and files of the store. */
const MOST_FILES_LEFT = 6;
/** Of all turns: what a busy machine may spoil. */
const MOST_UNANSWERED = 0.005;
/** Ms of stumbling in a minute of calls. */
const MOST_GAP_MS_PER_MINUTE = 20;

/** What is wrong, in sentences; empty when nothing is. */
export function faultsOf(evidence: SoakEvidence): readonly string[] {
  return [...growth(evidence), ...leftovers(evidence), ...failures(evidence), ...cadence(evidence)];
}

function growth({ samples, before, after }: SoakEvidence): readonly string[] {
  const faults: string[] = [];
  const third = Math.floor(samples.length / 3);
  const middle = median(samples.slice(third, 2 * third).map(({ rssMb }) => rssMb));
  const end = median(samples.slice(2 * third).map(({ rssMb }) => rssMb));
  const most = middle * (1 + MOST_RSS_GROWTH.share) + MOST_RSS_GROWTH.mb;
  if (end > most) faults.push(`memory grew from ${round(middle)} to ${round(end)} MB`);
  const heap = after.heapMb - before.heapMb;
  if (heap > MOST_HEAP_GROWTH_MB) faults.push(`the heap kept ${round(heap)} MB after the last call`);
  // Nobody can collect the garbage of another thread: what stays shows in the lowest figures.
  const lowest = (some: readonly AppSample[]): number =>
    Math.min(...some.map(({ lineHeapMb }) => lineHeapMb));
  const lineHeap = lowest(samples.slice(2 * third)) - lowest(samples.slice(0, third + 1));
  if (lineHeap > MOST_HEAP_GROWTH_MB) faults.push(`the heap of the line thread kept ${round(lineHeap)} MB`);
  return faults;
}

function leftovers({ before, after }: SoakEvidence): readonly string[] {
  const faults: string[] = [];
  if (after.openCalls > 0) faults.push(`${after.openCalls} calls were never closed`);
  for (const [name, count] of Object.entries(after.resources)) {
    const more = count - (before.resources[name] ?? 0);
    if (more > 0) faults.push(`${more} handles of the kind ${name} were left`);
  }
  const files = after.files - before.files;
  if (files > MOST_FILES_LEFT) faults.push(`${files} files or sockets were left open`);
  return faults;
}

function failures({ after }: SoakEvidence): readonly string[] {
  const missed = after.missedDeadlines > 0 ? [`${after.missedDeadlines} deadlines were missed`] : [];
  const errors = Object.entries(after.errors).map(([text, count]) => `${count} times in the log: ${text}`);
  return [...missed, ...errors];
}

function cadence({ samples, callers }: SoakEvidence): readonly string[] {
  const faults: string[] = [];
  const { turns, unanswered, gapMs } = callers;
  if (turns === 0) return ['nobody said anything'];
  if (unanswered > Math.max(1, turns * MOST_UNANSWERED))
    faults.push(`${unanswered} of ${turns} turns were not answered`);
  const minutes = callMinutes(samples);
  if (gapMs > minutes * MOST_GAP_MS_PER_MINUTE) {
    faults.push(`our speech stumbled for ${round(gapMs)} ms in ${round(minutes)} minutes of calls`);
  }
  return faults;
}

/** How long calls lasted together. */
export function callMinutes(samples: readonly AppSample[]): number {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last) return 0;
  const calls = samples.reduce((sum, { openCalls }) => sum + openCalls, 0) / samples.length;
  return (calls * (last.at - first.at)) / 60_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
