// Worker: the thread that fuzzes, target by target; whoever started it sees at which input it is, and ends it when it hangs.
import { parentPort, workerData } from 'node:worker_threads';
import { inputsOf } from './corpus.ts';
import { type Fault, fuzzed, type Result, replayed } from './engine.ts';
import { targets } from './targets/index.ts';

/** What is to be done: `count` inputs of each target, by its place in the list. */
export interface Order {
  readonly seed: number;
  readonly parts: readonly { readonly target: number; readonly from: number; readonly count: number }[];
  /** Two numbers: the target and the input that are being tried. */
  readonly place: Int32Array;
}

export type News =
  | { readonly kind: 'done'; readonly target: number; readonly result: Result; readonly cpuMs: number }
  | { readonly kind: 'failed'; readonly target: number; readonly fault: Fault }
  | { readonly kind: 'end' };

const { seed, parts, place } = workerData as Order;
const tell = (news: News): void => parentPort?.postMessage(news);

for (const { target: nth, from, count } of parts) {
  const target = targets[nth];
  if (!target) continue;
  Atomics.store(place, 0, nth);
  Atomics.store(place, 1, -1);
  const began = process.threadCpuUsage();
  const subject = await target.open();
  const old = await replayed(subject, target.name, inputsOf(target.name));
  for (const fault of old) tell({ kind: 'failed', target: nth, fault });
  const begins = (at: number): void => {
    Atomics.store(place, 1, at);
  };
  const result = await fuzzed(subject, { name: target.name, seed, from, count, begins });
  await subject.close?.();
  const { user, system } = process.threadCpuUsage(began);
  tell({ kind: 'done', target: nth, result, cpuMs: (user + system) / 1_000 });
}
tell({ kind: 'end' });
