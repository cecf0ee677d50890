// Thread: a thread of the embedded voice or ear from outside: started when first needed, and again when it has died.
import { Worker } from 'node:worker_threads';
import type { Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { FromOffline, OfflineStart, ToOffline } from './protocol.ts';

export interface OfflineThreadDeps {
  readonly start: OfflineStart;
  readonly clock: Clock;
  /** The code of the thread; tests have their own. */
  readonly entry?: URL;
}

/** What belongs to one request or one caller. */
export interface OfflineListener {
  take(message: FromOffline): void;
  /** The thread is gone. */
  lost(why: string): void;
}

/** Loading the model takes a second on a quiet machine. */
const READY_WITHIN_MS = 20_000;

/** Beside this file when run as it is, beside the bundle when built: the host runs a copy of the package. */
function ownEntry(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return isSource ? new URL('./worker.ts', import.meta.url) : new URL('./offline-worker.js', import.meta.url);
}

export class OfflineThread {
  readonly #deps: OfflineThreadDeps;
  readonly #listeners = new Map<number, OfflineListener>();
  #worker: Worker | null = null;
  #ready: Promise<void> | null = null;
  #ids = 0;
  #isStopped = false;

  constructor(deps: OfflineThreadDeps) {
    this.#deps = deps;
  }

  /** Starts it unless it runs; resolves when it can work, rejects when it does not come up. */
  ready(): Promise<void> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  /** From now on `listener` is told what concerns the id; send nothing before `ready`. */
  enter(listener: OfflineListener): number {
    this.#ids += 1;
    this.#listeners.set(this.#ids, listener);
    return this.#ids;
  }

  leave(id: number): void {
    this.#listeners.delete(id);
  }

  send(message: ToOffline): void {
    this.#worker?.postMessage(message);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#listeners.clear();
    await this.#worker?.terminate();
  }

  #start(): Promise<void> {
    if (this.#isStopped) return Promise.reject(new Error('it was stopped'));
    const { start, clock, entry = ownEntry() } = this.#deps;
    return new Promise((resolve, reject) => {
      // Its output is kept to itself: the model's runtime talks.
      const worker = new Worker(entry, {
        workerData: start,
        name: `voice-call-${start.role}`,
        execArgv: [],
        stdout: true,
        stderr: true,
      });
      const cancel = clock.at(clock.now() + READY_WITHIN_MS, () => {
        this.#gone(worker, 'it did not start in time', reject);
        void worker.terminate();
      });
      worker.on('message', (message: FromOffline) => {
        if (message.kind === 'ready') {
          cancel();
          resolve();
        } else this.#listeners.get(message.id)?.take(message);
      });
      worker.on('error', (error) => this.#gone(worker, reasonOf(error), reject));
      worker.on('exit', () => {
        cancel();
        this.#gone(worker, 'it ended', reject);
      });
      this.#worker = worker;
    });
  }

  #gone(worker: Worker, why: string, reject: (error: Error) => void): void {
    reject(new Error(`the embedded ${this.#deps.start.role} failed: ${why}`));
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#ready = null;
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of listeners) listener.lost(why);
  }
}
