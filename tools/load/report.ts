// Report: a load test as it goes, and what came of it: as tables on the terminal and in docs/load.md.
import { writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spreadOf } from '../../src/record/latency.ts';
import { tableOf } from '../markdown.ts';
import { type AppSample, type Evidence, isFull, type Wish } from './evidence.ts';
import { answersOf, silencesOf, unexcusedMs } from './owed.ts';
import { type CallersSample, STRIKES, type Story, type Strike, strikes } from './story.ts';
import { gapsOf, isTurnedAway, lowest } from './verdict.ts';
import { LINES, type Line, nameOf } from './wire.ts';

const PAGE = fileURLToPath(new URL('../../docs/load.md', import.meta.url));
const MOST_FAULTS_TOLD = 40;

export interface Progress {
  readonly app: AppSample;
  readonly callers: readonly CallersSample[];
  readonly servicesCpuMs: number;
}

/** What the machine did to it. */
export interface Machine {
  /** How late the clockwork of the callers was at worst, ms. */
  readonly latestMs: number;
  readonly problems: readonly string[];
}

const HEADER = [
  'min',
  'live',
  'open',
  'over',
  'faults',
  'gaps',
  'rss',
  'heap',
  'lines',
  'files',
  'main',
  'app',
  'callers',
  'services',
  'delay',
  'late',
];

export function printProgress(
  now: Progress,
  before: Progress,
  so: { readonly startedAt: number; readonly stories: readonly Story[]; readonly strikes: readonly Strike[] },
): void {
  const { app, callers } = now;
  const passed = app.at - before.app.at;
  const cpu = (some: readonly CallersSample[]): number => some.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const cells = [
    ((app.at - so.startedAt) / 60_000).toFixed(1),
    callers.reduce((sum, { live }) => sum + live, 0),
    app.openCalls,
    so.stories.length,
    so.strikes.length,
    gapsOf(so).length,
    Math.round(app.rssMb),
    Math.round(app.heapMb),
    Math.round(app.lineHeapMb),
    app.files,
    percent(app.mainLoad),
    percent(app.load),
    percent((cpu(callers) - cpu(before.callers)) / passed),
    percent((now.servicesCpuMs - before.servicesCpuMs) / passed),
    Math.round(app.delayP99Ms),
    Math.round(Math.max(...callers.map(({ lateMs }) => lateMs))),
  ];
  if (app.at - so.startedAt < 15_000) console.log(aligned(HEADER));
  console.log(aligned(cells.map(String)));
}

function aligned(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padStart((HEADER[index] ?? '').length + 2)).join('');
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** Prints the whole, and writes the page: a small test has it beside the repository's own. */
export function report(evidence: Evidence, machine: Machine, faults: readonly string[]): void {
  const page = pageOf(evidence, machine, faults);
  const path = isFull(evidence.wish) ? PAGE : join(tmpdir(), 'voice-call-load.md');
  writeFileSync(path, page);
  console.log(`\n${page}`);
  for (const text of machine.problems) console.log(`the carrier noted: ${text}`);
  for (const [text, count] of Object.entries(evidence.after.warnings))
    console.log(`warned ${count} times: ${text}`);
  console.log(`Written to ${path}.`);
  console.log(faults.length === 0 ? 'The load test found no fault.' : `${faults.length} faults.`);
}

function pageOf(evidence: Evidence, machine: Machine, faults: readonly string[]): string {
  const { wish, stories, records } = evidence;
  const verdict = faults.length === 0 ? 'no fault' : `${faults.length} faults`;
  const more = faults.length > MOST_FAULTS_TOLD ? [`- and ${faults.length - MOST_FAULTS_TOLD} more`] : [];
  return [
    '# Load',
    "Printed by `npm run load`: nine telephones in one process, each of three carriers with the carrier's own speech, with a voice and an ear of our own on a media stream, and with a voice model; people who call, are called, ask, break in and hang up; and random faults in everything around. All of it on one machine, over loopback, without an account.",
    `**${wish.calls} calls at a time for ${wish.minutes} minutes, seed ${wish.seed}: ${verdict}.** ${machineOf(wish)}`,
    [...faults.slice(0, MOST_FAULTS_TOLD).map((fault) => `- ${fault}`), ...more].join('\n'),
    tableOf(LINE_HEAD, [
      ...LINES.map((line) => rowOf(nameOf(line), evidence, ofLine(line))),
      rowOf('all', evidence),
    ]),
    EXPLAINED,
    tableOf(['injected', 'times', 'longest silence in it, s'], injected(evidence)),
    tableOf(['the process under test', 'lowest early', 'lowest late'], memory(evidence.samples)),
    `${stories.length} calls ended, ${onRecord(evidence)} on record; ${records.filter(isTurnedAway).length} were turned away. Before the first call and after the last: ${held(evidence)}.`,
    `What this machine was late by itself is in the figures too: the clockwork of the callers stood still for ${Math.round(machine.latestMs)} ms at worst.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

const LINE_HEAD = [
  'line',
  'calls',
  'turns',
  'broken in',
  'struck',
  'gaps',
  'longest silence, s',
  'answer p50, ms',
  'p95',
  'p99',
];

const EXPLAINED =
  'Something is owed from the moment a call is answered until the greeting was heard to its end, and from the last sound of the caller until the answer was heard to its end. Whatever sounds breaks a silence, a filler too. A gap is more than 2 s of silence while something is owed, outside the time of an injected fault and its aftermath (of 3 to 8 s, by its kind), or more than 15 s whatever was injected. The answer is counted from the last sound of the caller to our first; the ear takes 400 ms of quiet for the end of words, and the agent thinks for 250 ms. The longest silence is that of calls no fault had struck just then.';

type Of = (story: Pick<Story, 'carrier' | 'mode'>) => boolean;

function ofLine(line: Line): Of {
  return (story) => nameOf(story) === nameOf(line);
}

function rowOf(name: string, evidence: Evidence, of: Of = () => true): readonly string[] {
  const stories = evidence.stories.filter(of);
  const struck = stories.filter((story) => evidence.strikes.some((one) => isHit(one, story)));
  const words = stories.flatMap((story) => story.words);
  const answers = spreadOf(stories.flatMap(answersOf));
  const quiet = stories.flatMap((story) => {
    const near = evidence.strikes.filter((one) => strikes(one, story));
    return silencesOf(story).map((silence) => unexcusedMs(silence, near));
  });
  return [
    name,
    `${stories.length}`,
    `${words.length}`,
    `${words.filter(({ isInterruption }) => isInterruption).length}`,
    `${struck.length}`,
    `${gapsOf({ ...evidence, stories }).length}`,
    seconds(quiet),
    ...[answers?.p50Ms, answers?.p95Ms, answers?.p99Ms].map((ms) =>
      ms === undefined ? '' : `${Math.round(ms)}`,
    ),
  ];
}

function isHit(strike: Strike, story: Story): boolean {
  return strikes(strike, story) && strike.from < story.endedAt && strike.to > (story.answeredAt ?? 0);
}

function injected({ strikes: all, stories }: Evidence): readonly (readonly string[])[] {
  return STRIKES.toSorted().map((kind) => {
    const some = all.filter((one) => one.kind === kind);
    const quiet = stories.flatMap((story) => {
      const near = some.filter((one) => strikes(one, story));
      if (near.length === 0) return [];
      return silencesOf(story).flatMap(({ from, to }) =>
        near.some((one) => one.from < to && one.to > from) ? [to - from] : [],
      );
    });
    return [kind, `${some.length}`, seconds(quiet)];
  });
}

function seconds(all: readonly number[]): string {
  return (all.reduce((most, ms) => Math.max(most, ms), 0) / 1_000).toFixed(1);
}

function memory(samples: readonly AppSample[]): readonly (readonly string[])[] {
  const row = (name: string, figure: (sample: AppSample) => number, unit: string): readonly string[] => {
    const { early, late } = lowest(samples, figure);
    return [name, `${Math.round(early)} ${unit}`, `${Math.round(late)} ${unit}`];
  };
  return [
    row('memory', ({ rssMb }) => rssMb, 'MB'),
    row('heap of the main thread', ({ heapMb }) => heapMb, 'MB'),
    row('heaps of the line threads', ({ lineHeapMb }) => lineHeapMb, 'MB'),
    row('main thread', ({ mainLoad }) => mainLoad * 100, '% of a core'),
    row('whole process', ({ load }) => load * 100, '% of a core'),
  ];
}

function onRecord({ stories, records }: Evidence): string {
  const known = new Set(records.map(({ person }) => person));
  const count = stories.filter(({ person }) => known.has(person)).length;
  return count === stories.length ? 'each of them' : `${count} of them`;
}

function held({ before, after }: Evidence): string {
  const handles = ({ resources }: AppSample): number =>
    Object.values(resources).reduce((sum, count) => sum + count, 0);
  return `${handles(before)} and ${handles(after)} handles, ${before.files} and ${after.files} open files, ${before.threads} and ${after.threads} threads`;
}

function machineOf({ calls }: Wish): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `On ${cpus().length} x ${model}, ${memoryGb} GB, Node ${process.version}; the callers, the carriers and the services of ${calls} calls are on the same machine.`;
}
