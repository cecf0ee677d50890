// Gauges: what a process under load can say of itself: memory, time, handles, threads, deadlines, and its log.
import { existsSync, readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import type { App } from '../../src/app.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Log, LogFields } from '../../src/lib/log.ts';
import type { AppSample } from './evidence.ts';

const FILES = '/proc/self/fd';
const THREADS = '/proc/self/task';
const OVERDUE_MS = 1_000;
const MOST_OPEN = 500;
const MB = 2 ** 20;

/** Memory is told without garbage, or not at all. */
function collect(): void {
  if (!globalThis.gc) throw new Error('memory cannot be measured without --expose-gc');
  globalThis.gc();
}

export class Gauges {
  readonly #lines = new Set<Worker>();
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  readonly #warnings = new Map<string, number>();
  readonly #errors = new Map<string, number>();
  readonly #missed = new Set<string>();
  #main = process.threadCpuUsage();
  #all = process.cpuUsage();
  #at = systemClock.now();

  constructor() {
    process.on('worker', (worker) => {
      const line = worker as unknown as Worker;
      this.#lines.add(line);
      line.once('exit', () => this.#lines.delete(line));
    });
    this.#delay.enable();
  }

  /** Counts what is told; `info` is passed on. */
  log(info: (fields: LogFields) => void): Log {
    return {
      debug: () => undefined,
      info: (_text, fields) => info(fields ?? {}),
      warn: (text, fields) => count(this.#warnings, text, fields),
      error: (text, fields) => count(this.#errors, `${text} ${fields?.['error'] ?? ''}`, fields),
    };
  }

  /** Looks for deadlines that nobody kept. */
  look(apps: readonly App[]): void {
    const now = systemClock.now();
    for (const call of apps.flatMap(({ phone }) => phone.page({ limit: MOST_OPEN, state: 'open' }).calls)) {
      for (const [name, at] of Object.entries(call.deadlines)) {
        if (now - at > OVERDUE_MS) this.#missed.add(`${call.id} ${name} ${at}`);
      }
    }
  }

  async sample(apps: readonly App[]): Promise<AppSample> {
    collect();
    const heaps = await Promise.all([...this.#lines].map((line) => line.getHeapStatistics()));
    const { rss, heapUsed } = process.memoryUsage();
    const resources = Object.groupBy(process.getActiveResourcesInfo(), (name) => name);
    const sample: AppSample = {
      ...this.#loads(),
      rssMb: rss / MB,
      heapMb: heapUsed / MB,
      lineHeapMb: heaps.reduce((sum, { used_heap_size }) => sum + used_heap_size, 0) / MB,
      delayP99Ms: this.#delay.percentile(99) / 1e6,
      delayMaxMs: this.#delay.max / 1e6,
      resources: Object.fromEntries(Object.entries(resources).map(([name, all = []]) => [name, all.length])),
      files: countOf(FILES),
      threads: countOf(THREADS),
      openCalls: apps.reduce((sum, app) => sum + app.openCalls(), 0),
      missedDeadlines: this.#missed.size,
      warnings: Object.fromEntries(this.#warnings),
      errors: Object.fromEntries(this.#errors),
    };
    this.#delay.reset();
    return sample;
  }

  #loads(): Pick<AppSample, 'at' | 'mainLoad' | 'load'> {
    const at = systemClock.now();
    const main = process.threadCpuUsage(this.#main);
    const all = process.cpuUsage(this.#all);
    const passed = Math.max(1, at - this.#at);
    const share = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000 / passed;
    this.#main = process.threadCpuUsage();
    this.#all = process.cpuUsage();
    this.#at = at;
    return { at, mainLoad: share(main), load: share(all) };
  }
}

/** Entries of a folder of the system; 0 where the system does not tell. */
function countOf(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

function count(into: Map<string, number>, text: string, fields?: LogFields): void {
  const key = fields?.['why'] === undefined ? text : `${text}: ${fields['why']}`;
  into.set(key, (into.get(key) ?? 0) + 1);
}
