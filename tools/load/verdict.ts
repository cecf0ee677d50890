// Verdict: what a load test must not show: a lost call, silence nobody injected, anything that leaks or grows. Pure.
import type { AppSample, Evidence, RecordedCall } from './evidence.ts';
import { silencesOf, unexcusedMs } from './owed.ts';
import { type Story, strikes } from './story.ts';
import { untried } from './untried.ts';
import { nameOf } from './wire.ts';

/** Nobody who is owed something waits longer in silence, ms, unless a fault was injected. */
const MOST_SILENCE_MS = 2_000;
/** And this long for nothing, whatever was injected. */
const MOST_STRUCK_SILENCE_MS = 15_000;
/** Our journal and the carrier may learn of an end so far apart: a lost hang-up report is asked for. */
const ENDS_APART_MS = 40_000;
/** Between the beginning of a test and its end the lowest figures of memory may rise so much; what leaks, rises more. */
const MOST_RSS_GROWTH = { share: 0.15, mb: 30 };
const MOST_HEAP_GROWTH_MB = 15;
/** Once all calls are over: keep-alive sockets of the last requests, and files of the stores. */
const MOST_FILES_LEFT = 8;
/** Garbage goes when it goes: such figures are compared as the lowest of a share of all samples. */
const WINDOW = 0.34;

/** A silence that is ours. */
export interface Gap {
  readonly story: Story;
  readonly from: number;
  readonly ms: number;
  readonly after: string;
  /** The faults it lies in. */
  readonly struckBy: readonly string[];
}

/** What is wrong, in sentences; empty when nothing is. */
export function faultsOf(evidence: Evidence): readonly string[] {
  return [
    ...untried(evidence),
    ...lost(evidence),
    ...turnedAway(evidence),
    ...misdialled(evidence),
    ...gapsOf(evidence).map(told),
    ...leaks(evidence),
    ...growth(evidence),
    ...failures(evidence.after),
  ];
}

/** A caller nobody could take: told so, and on record. */
export function isTurnedAway({ cause }: Pick<RecordedCall, 'cause'>): boolean {
  return cause?.startsWith('refused') ?? false;
}

function turnedAway({ records }: Evidence): readonly string[] {
  const causes = Map.groupBy(records.filter(isTurnedAway), ({ cause }) => cause);
  return [...causes].map(([cause, some]) => `${some.length} callers were turned away: ${cause}`);
}

/** Every silence that is longer than it may be. */
export function gapsOf({ stories, strikes: all }: Pick<Evidence, 'stories' | 'strikes'>): readonly Gap[] {
  return stories.flatMap((story) => {
    const struck = all.filter((strike) => strikes(strike, story));
    return silencesOf(story).flatMap((silence): Gap[] => {
      const ms = silence.to - silence.from;
      const isTooLong = unexcusedMs(silence, struck) > MOST_SILENCE_MS || ms > MOST_STRUCK_SILENCE_MS;
      const inside = struck.filter(({ from, to }) => from < silence.to && to > silence.from);
      const struckBy = [...new Set(inside.map(({ kind }) => kind))];
      return isTooLong ? [{ story, from: silence.from, ms, after: silence.after, struckBy }] : [];
    });
  });
}

function told({ story, ms, after, struckBy }: Gap): string {
  const near = struckBy.length === 0 ? '' : ` (${struckBy.join(', ')})`;
  return `${seconds(ms)} of silence after ${after}: ${nameOf(story)}, ${story.person}${near}`;
}

function lost({ stories, records, placed, unanswered }: Evidence): readonly string[] {
  const faults: string[] = [];
  const refused = new Set(placed.filter(({ why }) => why !== null).map(({ to }) => to));
  const recorded = Map.groupBy(records, ({ person }) => person);
  for (const story of stories) {
    const of = recorded.get(story.person) ?? [];
    const why = refused.has(story.person) ? whyNotClosed(story, of) : whyLost(story, of);
    if (why !== null) faults.push(`lost call: ${why}: ${nameOf(story)}, ${story.person}`);
  }
  const told = new Set(stories.map(({ person }) => person));
  const asked = new Set([...placed.map(({ to }) => to), ...unanswered]);
  for (const record of records) {
    if (record.endedAt === null)
      faults.push(`a call is open after the end: ${nameOf(record)}, ${record.person}`);
    // A call whose dialling the carrier refused is on record, and nobody's telephone ever rang.
    const isOurs = told.has(record.person) || (record.direction === 'outbound' && asked.has(record.person));
    if (!isOurs) faults.push(`on record, but nobody called: ${nameOf(record)}, ${record.person}`);
  }
  return faults;
}

/** Null: it was not. */
function whyLost(story: Story, records: readonly RecordedCall[]): string | null {
  const [record, another] = records;
  if (!record) return 'not on record';
  if (another) return 'on record twice';
  if (record.carrierCallId !== story.id) return 'on record as another call';
  if (record.endedAt === null) return 'on record without an end';
  if (isTurnedAway(record)) return null;
  if ((record.answeredAt === null) !== (story.answeredAt === null))
    return `answered by ${story.answeredAt === null ? 'us' : 'the carrier'} only (${record.cause})`;
  if (Math.abs(record.endedAt - story.endedAt) > ENDS_APART_MS)
    return `its ends are ${seconds(Math.abs(record.endedAt - story.endedAt))} apart`;
  return whyCut(story, record);
}

/** The carrier dialled, and we never learnt of it: then nobody is to talk to nobody, and both know the end. */
function whyNotClosed({ endedBy }: Story, [record]: readonly RecordedCall[]): string | null {
  if (!record?.endedAt) return 'dialled without our knowledge, and never closed';
  return endedBy === 'carrier' ? 'dialled without our knowledge, and the carrier ended it' : null;
}

/** Whoever hangs up is the person, or we because we were asked to; and the record says the same. */
function whyCut({ endedBy, endAskedAt, why }: Story, { reason, cause }: RecordedCall): string | null {
  const wasToEnd = endAskedAt !== null;
  if (endedBy === 'carrier') return `the carrier ended it: ${why}`;
  if (endedBy === 'plugin') return wasToEnd ? null : `we hung up: ${reason}, ${cause}`;
  const isPlausible = wasToEnd || ['hangup-user', 'completed', 'busy', 'no-answer'].includes(reason ?? '');
  return isPlausible ? null : `the person hung up, but on record it is ${reason}, ${cause}`;
}

/** Every call we placed was dialled once; one the carrier refused, not at all. */
function misdialled({ stories, placed, unanswered }: Evidence): readonly string[] {
  const dialled = Map.groupBy(
    stories.filter(({ isInbound }) => !isInbound),
    ({ person }) => person,
  );
  const faults = placed.flatMap((one) => {
    const times = dialled.get(one.to)?.length ?? 0;
    if (times > 1) return [`dialled ${times} times: ${nameOf(one)}, ${one.to}`];
    return one.why === null && times === 0 ? [`placed, but never dialled: ${nameOf(one)}, ${one.to}`] : [];
  });
  return [...faults, ...unanswered.map((to) => `nobody was told what became of the call to ${to}`)];
}

function leaks({ before, after }: Evidence): readonly string[] {
  const faults: string[] = [];
  if (after.openCalls > 0) faults.push(`${after.openCalls} calls were never closed`);
  for (const [name, count] of Object.entries(after.resources)) {
    const more = count - (before.resources[name] ?? 0);
    if (more > 0) faults.push(`${more} handles of the kind ${name} were left`);
  }
  const files = after.files - before.files;
  if (files > MOST_FILES_LEFT) faults.push(`${files} files or sockets were left open`);
  if (after.threads > before.threads) faults.push(`${after.threads - before.threads} threads were left`);
  return faults;
}

/** Lowest figures of the first and the last part of the time, once all calls were there. */
export function lowest(
  samples: readonly AppSample[],
  figure: (sample: AppSample) => number,
): { readonly early: number; readonly late: number } {
  const size = Math.max(1, Math.floor(samples.length * WINDOW));
  return {
    early: Math.min(...samples.slice(0, size).map(figure)),
    late: Math.min(...samples.slice(-size).map(figure)),
  };
}

function growth({ samples }: Evidence): readonly string[] {
  if (samples.length === 0) return ['nothing was measured'];
  const faults: string[] = [];
  const rss = lowest(samples, ({ rssMb }) => rssMb);
  if (rss.late > rss.early * (1 + MOST_RSS_GROWTH.share) + MOST_RSS_GROWTH.mb)
    faults.push(`memory grew from ${round(rss.early)} to ${round(rss.late)} MB`);
  const heaps = { 'the heap': 'heapMb', 'the heap of the line threads': 'lineHeapMb' } as const;
  for (const [name, figure] of Object.entries(heaps)) {
    const { early, late } = lowest(samples, (sample) => sample[figure]);
    if (late - early > MOST_HEAP_GROWTH_MB)
      faults.push(`${name} grew from ${round(early)} to ${round(late)} MB`);
  }
  return faults;
}

function failures({ missedDeadlines, errors }: AppSample): readonly string[] {
  const missed = missedDeadlines > 0 ? [`${missedDeadlines} deadlines were missed`] : [];
  return [...missed, ...Object.entries(errors).map(([text, count]) => `${count} times in the log: ${text}`)];
}

function seconds(ms: number): string {
  return `${round(ms / 1_000)} s`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
