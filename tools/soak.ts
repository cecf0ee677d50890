// Soak: `npm run soak -- --minutes 30 --calls 50`: many calls at once for a long time; fails when anything grows or is lost.
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock, wait } from '../src/lib/clock.ts';
import { spreadOf } from '../src/record/latency.ts';
import type { AppSample, FromApp, ToApp } from './soak-app.ts';
import type { CallersReport, FromCallers, ToCallers } from './soak-callers.ts';
import { callMinutes, faultsOf } from './soak-verdict.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '3' }, calls: { type: 'string', default: '20' } },
});
const minutes = Number(values.minutes);
const calls = Number(values.calls);
if (!(minutes > 0 && calls >= 1)) throw new Error('usage: soak --minutes 30 --calls 50');

const SAMPLE_MS = 5_000;
/** Calls that warm everything up, so that what is loaded once is no growth. */
const WARM_CALLS = 4;
const WARM_MS = 20_000;
const QUIET_WITHIN_MS = 90_000;
/** Streams, keep-alive connections and deadlines of the last calls are gone by then. */
const SETTLED_MS = 12_000;
const ANSWER_WITHIN_MS = 30_000;
/** Our own callers were so late. */
const STOOD_STILL_MS = 300;

/** Another process of the soak, and what it says. */
class Helper<To extends object, From extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(message: From) => void>();

  constructor(file: string, args: readonly string[] = []) {
    const entry = path.join(import.meta.dirname, file);
    this.#child = fork(entry, args, { execArgv: ['--expose-gc'] });
    this.#child.on('message', (message) => {
      for (const listener of [...this.#listeners]) listener(message as From);
    });
  }

  tell(message: To): void {
    if (this.#child.connected) this.#child.send(message);
  }

  listen(listener: (message: From) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next message of this kind. */
  async next<K extends From['kind']>(kind: K, withinMs: number): Promise<Extract<From, { kind: K }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<From, { kind: K }>>();
    const unlisten = this.listen((message) => {
      if (message.kind === kind) resolve(message as Extract<From, { kind: K }>);
    });
    const cancel = systemClock.at(systemClock.now() + withinMs, () => reject(new Error(`no "${kind}" came`)));
    const gone = (): void => reject(new Error('a process of the soak ended'));
    this.#child.once('exit', gone);
    return promise.finally(() => {
      unlisten();
      cancel();
      this.#child.off('exit', gone);
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

type App = Helper<ToApp, FromApp>;
type Callers = Helper<ToCallers, FromCallers>;

async function sampled(app: App): Promise<AppSample> {
  const next = app.next('sample', ANSWER_WITHIN_MS);
  app.tell({ kind: 'sample' });
  return (await next).sample;
}

/** The heap of the line thread is known a moment after it was asked for. */
async function settledSample(app: App): Promise<AppSample> {
  await sampled(app);
  await wait(systemClock, 1_000);
  return sampled(app);
}

async function reported(callers: Callers): Promise<CallersReport> {
  const next = callers.next('sample', ANSWER_WITHIN_MS);
  callers.tell({ kind: 'sample' });
  return (await next).report;
}

/** No calls any more, and time for everything of them to go. */
async function quiet(callers: Callers): Promise<void> {
  callers.tell({ kind: 'finish' });
  await callers.next('quiet', QUIET_WITHIN_MS);
  await wait(systemClock, SETTLED_MS);
}

const HEADER = [
  'min',
  'open',
  'calls',
  'turns',
  'rss MB',
  'heap',
  'line heap',
  'files',
  'main',
  'line',
  'delay p99',
  'max',
  'late',
  'gaps',
  'unanswered',
];

function row(sample: AppSample, report: CallersReport, startedAt: number): string {
  const share = (load: number): string => `${Math.round(load * 100)}%`;
  const cells = [
    ((sample.at - startedAt) / 60_000).toFixed(1),
    sample.openCalls,
    report.calls,
    report.turns,
    Math.round(sample.rssMb),
    sample.heapMb.toFixed(1),
    sample.lineHeapMb.toFixed(1),
    sample.files,
    share(sample.mainLoad),
    share(sample.lineLoad),
    Math.round(sample.delayP99Ms),
    Math.round(sample.delayMaxMs),
    Math.round(report.lateMs),
    report.gaps,
    report.unanswered,
  ];
  return line(cells.map(String));
}

function line(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padStart((HEADER[index] ?? '').length + 2)).join('');
}

async function soak(app: App, callers: Callers, port: number): Promise<readonly string[]> {
  callers.tell({ kind: 'begin', port, calls: WARM_CALLS });
  await wait(systemClock, WARM_MS);
  await quiet(callers);
  const before = await settledSample(app);
  const startedAt = systemClock.now();
  console.log(line(HEADER));
  callers.tell({ kind: 'begin', port, calls });
  const samples: AppSample[] = [];
  let latestMs = 0;
  while (systemClock.now() - startedAt < minutes * 60_000) {
    await wait(systemClock, SAMPLE_MS);
    const [sample, report] = await Promise.all([sampled(app), reported(callers)]);
    samples.push(sample);
    latestMs = Math.max(latestMs, report.lateMs);
    console.log(row(sample, report, startedAt));
  }
  await quiet(callers);
  const after = await settledSample(app);
  const report = await reported(callers);
  console.log(row(after, report, startedAt));
  summarize(samples, after, report);
  if (latestMs > STOOD_STILL_MS) {
    console.log(`This machine stood still for ${Math.round(latestMs)} ms: what was late may be its fault.`);
  }
  return faultsOf({ before, samples, after, callers: report });
}

function summarize(samples: readonly AppSample[], after: AppSample, report: CallersReport): void {
  const { turns, bargeIns, drops, gaps, gapMs, answers, problems } = report;
  console.log(
    `\n${report.calls} calls, ${Math.round(callMinutes(samples))} call minutes, ${turns} turns, ${bargeIns} interruptions, ${drops} dropped streams`,
  );
  console.log(`gaps up to 200 ms in our speech: ${gaps}, together ${Math.round(gapMs)} ms`);
  console.log('from the last sound of the caller to our first, ms:', JSON.stringify(spreadOf(answers)));
  console.log(
    'warnings:',
    JSON.stringify(after.warnings),
    'problems of the carrier:',
    JSON.stringify(problems),
  );
  console.log('handles:', JSON.stringify(after.resources));
}

const callers: Callers = new Helper('soak-callers.ts');
const { apiBaseUrl } = await callers.next('ready', ANSWER_WITHIN_MS);
const app: App = new Helper('soak-app.ts', [apiBaseUrl]);
try {
  const { port } = await app.next('ready', ANSWER_WITHIN_MS);
  callers.listen((message) => {
    if (message.kind === 'place' || message.kind === 'end') app.tell(message);
  });
  const faults = await soak(app, callers, port);
  const stopped = app.next('stopped', ANSWER_WITHIN_MS);
  app.tell({ kind: 'stop' });
  await stopped;
  callers.tell({ kind: 'stop' });
  for (const fault of faults) console.log(`FAULT ${fault}`);
  console.log(faults.length === 0 ? 'The soak found no fault.' : `${faults.length} faults.`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  app.kill();
  callers.kill();
}
