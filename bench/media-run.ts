// MediaRun: one subject of the media bench under more and more calls, until its frames are no longer even.
import { cpus } from 'node:os';
import { Helper } from '../tools/helper.ts';
import { print, type Spread, spreadOf } from './figures.ts';
import type {
  Cost,
  FromClient,
  FromSubject,
  Hot,
  Seen,
  SubjectName,
  ToClient,
  ToSubject,
} from './media-wire.ts';

export interface Bounds {
  /** The p99 of the cadence error may be so large, ms. */
  readonly offBeatMs: number;
  /** Frames a second of each call, at least. */
  readonly rate: number;
  readonly steps: readonly number[];
  readonly measureMs: number;
  /** How often an uneven step is tried before it counts. */
  readonly tries: number;
  /** After so long a subject gets no more steps. */
  readonly subjectMs: number;
}

export interface StepResult {
  readonly calls: number;
  readonly isEven: boolean;
  readonly seen: Seen;
  /** Ms of processor: per minute of a call, and of one core for the thread and the main thread, 0 to 1. */
  readonly cpuPerCallMinute: number;
  readonly threadLoad: number;
  readonly mainLoad: number;
  /** Of one core: our whole process, and everything that ran on the machine, so it may be more than 1. */
  readonly processLoad: number;
  readonly machineLoad: number;
  readonly rssPerCallKb: number;
  /** From the carrier's socket to the transcription port; at one call only. */
  readonly hearing: Spread | null;
}

export interface SubjectResult {
  readonly name: SubjectName;
  readonly steps: readonly StepResult[];
  /** The most calls that were even. */
  readonly knee: number;
  /** False: even the last step was. */
  readonly isFound: boolean;
  readonly hot: readonly Hot[];
}

/** With fewer calls the thread has next to nothing to do: whatever is uneven then, others on the machine made it so. */
const BUSY_CALLS = 50;
const WARM_MS = 1_200;
const SPARE_MS = 1_500;
const PROFILE_MS = 2_000;

class Run {
  readonly #name: SubjectName;
  readonly #bounds: Bounds;
  readonly #subject: Helper<ToSubject, FromSubject>;
  readonly #client = new Helper<ToClient, FromClient>(new URL('./media-client.ts', import.meta.url));
  #calls = 0;
  #rss = 0;

  constructor(name: SubjectName, bounds: Bounds) {
    this.#name = name;
    this.#bounds = bounds;
    this.#subject = new Helper(new URL('./media-subject.ts', import.meta.url), [name]);
  }

  async ready(): Promise<void> {
    this.#rss = (await this.#subject.next('ready')).rss;
  }

  async step(calls: number): Promise<StepResult> {
    await this.#connect(calls);
    const { measureMs } = this.#bounds;
    this.#subject.tell({ kind: 'speak', ms: WARM_MS + measureMs + SPARE_MS });
    await new Promise((resolve) => setTimeout(resolve, WARM_MS));
    this.#subject.tell({ kind: 'begin' });
    this.#client.tell({ kind: 'measure', ms: measureMs });
    const from = { at: performance.now(), busyMs: machineBusyMs() };
    const { seen } = await this.#client.next('seen');
    const machineLoad = (machineBusyMs() - from.busyMs) / (performance.now() - from.at);
    this.#subject.tell({ kind: 'end' });
    const { cost } = await this.#subject.next('cost');
    return { ...this.#result(seen, cost), machineLoad };
  }

  async profile(): Promise<readonly Hot[]> {
    this.#subject.tell({ kind: 'speak', ms: PROFILE_MS + SPARE_MS });
    this.#subject.tell({ kind: 'profile', ms: PROFILE_MS });
    return (await this.#subject.next('profile')).hot;
  }

  async leave(): Promise<void> {
    await this.#client.leave({ kind: 'leave' });
    await this.#subject.leave({ kind: 'leave' });
  }

  async #connect(calls: number): Promise<void> {
    if (calls <= this.#calls) return;
    this.#subject.tell({ kind: 'more', count: calls - this.#calls });
    const { targets } = await this.#subject.next('targets');
    this.#calls = calls;
    this.#client.tell({ kind: 'connect', targets });
    await this.#client.next('connected');
  }

  #result(seen: Seen, cost: Cost): Omit<StepResult, 'machineLoad'> {
    const { offBeatMs, rate, measureMs } = this.#bounds;
    const calls = this.#calls;
    const { heard } = cost;
    return {
      calls,
      isEven: seen.offBeat.p99 <= offBeatMs && seen.rate >= rate && seen.lost === 0,
      seen: { ...seen, sent: [] },
      cpuPerCallMinute: (cost.processMs / calls) * (60_000 / measureMs),
      threadLoad: cost.threadMs / measureMs,
      mainLoad: cost.mainMs / measureMs,
      processLoad: cost.processMs / measureMs,
      rssPerCallKb: (cost.rss - this.#rss) / calls / 1_024,
      hearing:
        heard.length === 0 || this.#name === 'echo'
          ? null
          : spreadOf(heard.map((at, index) => at - (seen.sent[index] ?? Number.NaN)).filter(Number.isFinite)),
    };
  }
}

/** What all cores of the machine have worked so far, ms. */
function machineBusyMs(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
}

const share = (value: number): string => `${(value * 100).toFixed(0)} %`.padStart(6);

export const STEP_HEAD =
  `  ${''.padEnd(12)}calls  off 20 ms: p50    p95    p99  frames/s  client late p99` +
  '  thread  main client machine  CPU s/call-min  KB/call';

function printStep(name: string, result: StepResult): void {
  const { calls, seen, isEven, cpuPerCallMinute, threadLoad, mainLoad, machineLoad, rssPerCallKb } = result;
  const { p50, p95, p99 } = seen.offBeat;
  const beat = [p50, p95, p99].map((value) => value.toFixed(2).padStart(7)).join('');
  const cells = [
    `  ${name.padEnd(12)}${`${calls}`.padStart(5)}       ${beat}${seen.rate.toFixed(1).padStart(10)}`,
    seen.sendLate.p99.toFixed(2).padStart(17),
    ` ${share(threadLoad)}${share(mainLoad)} ${share(seen.clientLoad)} ${share(machineLoad)}`,
    (cpuPerCallMinute / 1_000).toFixed(3).padStart(16),
    rssPerCallKb.toFixed(0).padStart(9),
    isEven ? '' : '  uneven',
  ];
  print(cells.join(''));
}

/**
 * The steps up, each tried twice before it counts as uneven; those past it once, for the table; then two more between
 * the last even one and it. What there was no time for is not uneven: nothing is known of it.
 */
export async function climb(name: SubjectName, bounds: Bounds): Promise<SubjectResult> {
  const untilAt = performance.now() + bounds.subjectMs;
  const steps: StepResult[] = [];
  const attempt = async (run: Run, calls: number, tries = bounds.tries): Promise<boolean> => {
    for (let tried = 0; tried < tries && performance.now() < untilAt; tried++) {
      const result = await run.step(calls);
      steps.push(result);
      printStep(name, result);
      if (result.isEven) return true;
    }
    return false;
  };
  const up = await started(name, bounds);
  let even = 0;
  let uneven: number | null = null;
  for (const calls of bounds.steps) {
    if (performance.now() >= untilAt) {
      print(`  ${name.padEnd(12)}no time for ${calls} calls`);
      break;
    }
    if (uneven !== null) await attempt(up, calls, 1);
    else if (await attempt(up, calls)) even = calls;
    else if (calls >= BUSY_CALLS) uneven = calls;
  }
  if (uneven === null) {
    const hot = name === 'echo' ? [] : await up.profile();
    await up.leave();
    return { name, steps, knee: even, isFound: false, hot };
  }
  await up.leave();
  return refine({ name, bounds, steps, even, uneven, attempt, untilAt });
}

async function started(name: SubjectName, bounds: Bounds): Promise<Run> {
  const run = new Run(name, bounds);
  await run.ready();
  return run;
}

/** Calls are only ever added, so a smaller step needs another run. */
async function refine(search: {
  readonly name: SubjectName;
  readonly bounds: Bounds;
  readonly steps: readonly StepResult[];
  readonly even: number;
  readonly uneven: number;
  readonly attempt: (run: Run, calls: number) => Promise<boolean>;
  readonly untilAt: number;
}): Promise<SubjectResult> {
  const { name, bounds, steps, attempt } = search;
  let { even, uneven } = search;
  for (let tried = 0; tried < 2 && uneven - even > 10 && performance.now() < search.untilAt; tried++) {
    const between = Math.round((even + uneven) / 20) * 10;
    const run = await started(name, bounds);
    if (await attempt(run, between)) even = between;
    else uneven = between;
    await run.leave();
  }
  const run = await started(name, bounds);
  const hot = name === 'echo' ? [] : await profiled(run, Math.max(1, even));
  await run.leave();
  return { name, steps, knee: even, isFound: true, hot };
}

async function profiled(run: Run, calls: number): Promise<readonly Hot[]> {
  await run.step(calls);
  return run.profile();
}
