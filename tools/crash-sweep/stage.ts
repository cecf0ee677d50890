// Stage: one carrier twin and one process of ours on one clock that only moves when both have come to rest.
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoryClock } from '../../sim/story-clock.ts';
import type { Call } from '../../src/call/call.ts';
import type { Settings } from '../../src/config/settings.ts';
import { openJournal } from '../../src/record/journal.ts';
import type { Exchange } from '../../test/conformance/exchange.ts';
import { type CarrierName, exchangeOf } from '../../test/conformance/exchanges.ts';
import { plainSettings, plainStreaming } from '../../test/story/line.ts';
import type { FromVictim, Sin, ToVictim } from './orders.ts';

export const ALICE = '+15550001234';
export const STRANGER = '+15550009999';
export const OURS = '+15550005678';
export const MAX_DURATION_MS = 60_000;
const PUBLIC_URL = 'https://voice.example.test/voice/webhook';

/** The process died at its point. */
export class Died extends Error {}

export interface StageOptions {
  readonly carrier: CarrierName;
  readonly settings?: Partial<Settings> | undefined;
  readonly streams?: boolean | undefined;
  readonly sin: Sin | null;
  /** The bundled program of the process. */
  readonly program: string;
}

/** What is on record of the calls, and of every step they took. */
export interface Books {
  readonly calls: readonly Call[];
  readonly steps: number;
}

export class Stage {
  readonly clock = new StoryClock();
  readonly exchange: Exchange;
  readonly #options: StageOptions;
  readonly #storeDir = mkdtempSync(join(tmpdir(), 'voice-call-sweep-'));
  #victim: Victim | null = null;

  constructor(options: StageOptions) {
    this.#options = options;
    this.exchange = exchangeOf(options.carrier, this.clock, PUBLIC_URL);
  }

  /** Starts a process on the store; it dies at the point `dieAt`, or never. */
  async start(dieAt: number | null): Promise<void> {
    const { settings, streams = false, sin, program } = this.#options;
    const victim = new Victim(program);
    this.#victim = victim;
    await victim.tell({
      kind: 'start',
      settings: {
        ...plainSettings,
        fromNumber: OURS,
        publicUrl: PUBLIC_URL,
        inboundPolicy: 'allowlist',
        allowFrom: [ALICE],
        maxDurationMs: MAX_DURATION_MS,
        maxConcurrentCalls: 4,
        streaming: streams ? plainStreaming : null,
        ...settings,
        carrier: this.exchange.settings(),
      },
      storeDir: this.#storeDir,
      nowMs: this.clock.now(),
      dieAt,
      streams,
      sin,
    });
    this.exchange.tunnel(new URL(PUBLIC_URL).origin, `http://127.0.0.1:${victim.state.port}`);
    await this.#rest();
  }

  get victim(): FromVictim {
    if (!this.#victim) throw new Error('nobody runs');
    return this.#victim.state;
  }

  async tell(order: ToVictim): Promise<void> {
    await this.#victim?.tell(order);
    await this.#rest();
  }

  /** Plays until so much time has passed, or the condition holds; alone at the carrier when our process is dead. */
  async until(condition: number | (() => boolean), mostMs = 400_000): Promise<void> {
    const endMs = this.clock.now() + (typeof condition === 'number' ? condition : mostMs);
    const isOver = typeof condition === 'number' ? () => false : condition;
    await this.#rest();
    while (!isOver() && this.clock.now() < endMs) {
      const next = Math.min(endMs, this.clock.nextAt ?? endMs, this.#victim?.state.nextAt ?? endMs);
      const toMs = Math.max(next, this.clock.now());
      await this.clock.advance(toMs - this.clock.now());
      await this.#victim?.tell({ kind: 'advance', toMs });
      await this.#rest();
    }
    if (typeof condition !== 'number' && !isOver())
      throw new Error(`it did not come to that within ${mostMs} ms`);
  }

  /** Plays until a promise is settled. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const mark = (): void => {
      isDone = true;
    };
    promise.then(mark, mark);
    for (let turn = 0; turn < 200 && !isDone; turn += 1) await this.#rest();
    await this.until(() => isDone);
    return promise;
  }

  /** Buries a process that has died; its calls, its store and the carrier stay. */
  async bury(): Promise<void> {
    await this.#victim?.gone;
    this.#victim = null;
    await this.exchange.idle();
  }

  /** The disk is full for our process: no file of it grows beyond its first bytes; or there is room again. Linux only. */
  fillDisk(isFull: boolean): void {
    this.#victim?.limitFiles(isFull ? '1' : 'unlimited');
  }

  get storeFile(): string {
    return join(this.#storeDir, 'calls.sqlite');
  }

  /** The store as it is on disk, read by somebody else. */
  books(): Books {
    const journal = openJournal(this.#storeDir, { readOnly: true });
    try {
      const calls = journal.list(200);
      const steps = calls.reduce((sum, { id }) => sum + journal.steps(id).length, 0);
      return { calls, steps };
    } finally {
      journal.close();
    }
  }

  async close(): Promise<void> {
    this.#victim?.kill();
    await this.#victim?.gone;
    this.#victim = null;
    await this.exchange.close();
    rmSync(this.#storeDir, { recursive: true, force: true });
  }

  /** Until neither side has anything to do before time passes. */
  async #rest(): Promise<void> {
    for (;;) {
      await this.exchange.idle();
      if (!this.#victim) return;
      const { moves } = this.#victim.state;
      await this.#victim.tell({ kind: 'settle' });
      if (this.#victim.state.moves === moves) return;
    }
  }
}

const NOTHING: FromVictim = { port: 0, nextAt: null, moves: -1, points: [], faults: [], troubles: [] };

class Victim {
  state: FromVictim = NOTHING;
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  #isGone = false;

  constructor(program: string) {
    this.#child = fork(program, { serialization: 'advanced', execArgv: [], stdio: 'inherit' });
    this.gone = new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.#isGone = true;
        resolve();
      });
    });
  }

  /** Gives an order and waits until the process has come to rest. Throws Died. */
  async tell(order: ToVictim): Promise<void> {
    if (this.#isGone) throw new Died();
    const answered = new Promise<FromVictim | null>((resolve) =>
      this.#child.once('message', (answer) => resolve(answer as FromVictim)),
    );
    this.#child.send(order, () => undefined);
    const answer = await Promise.race([answered, this.gone]);
    if (!answer) throw new Died();
    this.state = answer;
  }

  limitFiles(bytes: string): void {
    const { status, stderr } = spawnSync('prlimit', [
      `--fsize=${bytes}:unlimited`,
      '--pid',
      `${this.#child.pid}`,
    ]);
    if (status !== 0) throw new Error(`prlimit failed: ${stderr}`);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
