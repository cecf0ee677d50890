// Fuzz: shares the inputs among the targets, has a thread try them, and ends it when one input hangs or takes all memory.
import { Worker } from 'node:worker_threads';
import { type Cancel, systemClock } from '../../src/lib/clock.ts';
import { Random } from '../random.ts';
import type { Fault } from './engine.ts';
import type { Tried } from './report.ts';
import type { Input, Target } from './target.ts';
import { targets as all } from './targets/index.ts';
import type { News, Order } from './worker.ts';

export interface Wish {
  readonly seed: number;
  readonly inputs: number;
  readonly targets: readonly Target[];
  /** One input only, by its number. */
  readonly at: number | null;
  readonly done: (tried: Tried) => void;
}

/** The longest wait in any input is for a head that never ends. */
const HANGS_MS = 60_000;
const LOOK_MS = 1_000;
/** A million inputs in a row: what grows with them, grows into this. */
const MOST_MB = 512;

export async function fuzz(
  wish: Wish,
): Promise<{ readonly tried: readonly Tried[]; readonly faults: readonly Fault[] }> {
  const tried: Tried[] = [];
  const faults: Fault[] = [];
  const place = new Int32Array(new SharedArrayBuffer(8));
  const order: Order = { seed: wish.seed, parts: partsOf(wish), place };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MB },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const broken = (rule: string, detail: string): void =>
    void faults.push(faultAt(wish.seed, place, [rule, detail]));
  await new Promise<void>((resolve) => {
    const watch = watched(place, () => {
      broken(`there is no answer within ${HANGS_MS / 1_000} s`, '');
      resolve();
    });
    worker.on('message', (news: News) => {
      if (news.kind === 'failed') faults.push(news.fault);
      else if (news.kind === 'done') {
        const one = { target: all[news.target] as Target, result: news.result, cpuMs: news.cpuMs };
        tried.push(one);
        faults.push(...news.result.faults);
        wish.done(one);
      } else {
        watch();
        resolve();
      }
    });
    worker.on('error', (error) => {
      watch();
      broken('the whole process would have ended', error.stack ?? error.message);
      resolve();
    });
  });
  await worker.terminate();
  return { tried, faults };
}

/** By their shares; the first makes up for what rounding loses. */
function partsOf({ inputs, targets, at }: Wish): Order['parts'] {
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  const counts = targets.map(({ share }) => Math.floor((inputs * share) / shares));
  const lost = inputs - counts.reduce((sum, one) => sum + one, 0);
  return targets.map((target, nth) => {
    const count = (counts[nth] ?? 0) + (nth === 0 ? lost : 0);
    return { target: all.indexOf(target), from: at ?? 0, count: at === null ? count : 1 };
  });
}

function watched(place: Int32Array, hangs: () => void): Cancel {
  let seen = '';
  let since = performance.now();
  let cancel: Cancel = () => undefined;
  const look = (): void => {
    const now = place.join();
    if (now !== seen) [seen, since] = [now, performance.now()];
    if (performance.now() - since > HANGS_MS) hangs();
    else cancel = systemClock.at(systemClock.now() + LOOK_MS, look);
  };
  look();
  return () => cancel();
}

/** The input that was being tried, made once more. */
function faultAt(seed: number, place: Int32Array, [rule, detail]: readonly [string, string]): Fault {
  const [nth = 0, at = 0] = place;
  const name = all[nth]?.name ?? 'unknown';
  return { target: name, rule, detail, seed, at, input: inputOf(nth, seed, at) };
}

function inputOf(nth: number, seed: number, at: number): Input {
  const target = all[nth];
  const subject = at < 0 ? undefined : target?.open();
  return target && subject && 'make' in subject ? subject.make(Random.of(seed, target.name, at)) : {};
}
