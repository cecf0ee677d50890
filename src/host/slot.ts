// Slot: the one place where the running telephone is found, started, changed and stopped, one move after the other.
//
// The host loads a plugin more than once in a process (agent tools run in a second instance of this module), so a
// variable of a module would not do.
import type { Leaving } from '../app.ts';
import { background } from '../lib/background.ts';
import { type Cancel, type Clock, systemClock, wait } from '../lib/clock.ts';
import { asVoiceCallError, VoiceCallError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

export interface Stoppable {
  stop(how: Leaving): Promise<void>;
}

/** What is wanted in the slot. */
export interface Wish<App> {
  /** The one that runs takes it up without a new start; false: it cannot. */
  keeps(running: App): boolean;
  /** How the one that runs makes room. */
  leaving(running: App): Leaving;
  /** Leaves nothing behind when it throws. `signal` aborts when something else is wanted meanwhile. */
  make(signal: AbortSignal): Promise<App>;
  runs(): void;
  /** It could not be started, and will be tried again. */
  failed(error: VoiceCallError, againAfterMs: number): void;
  readonly log: Log;
}

/** How long a request waits for a telephone that is being restarted. */
const NEXT_GENERATION_MS = 10_000;
const LOOK_AGAIN_MS = 50;
/** Pauses between the tries to start; the last one for all that follow. */
const AGAIN_AFTER_MS = [1_000, 2_000, 5_000, 10_000, 15_000];
/** More than the goodbyes may take (`shutdownDrainSeconds`): only a fault lets it pass. */
const STOP_WITHIN_MS = { handOver: 10_000, goodbye: 330_000 } as const;

export class Slot<App extends Stoppable> {
  readonly #clock: Clock;
  /** Moves happen one after the other, never side by side. */
  #line: Promise<void> = Promise.resolve();
  #moves = 0;
  /** Counts what was wanted: only the latest matters. */
  #wishes = 0;
  #app: App | null = null;
  #why = 'the Gateway has not started it';
  #expectedUntil = Number.NEGATIVE_INFINITY;
  #starting: AbortController | null = null;
  #cancelRetry: Cancel = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Puts in what is wanted and resolves once that was tried. It never rejects: what fails is told, and tried again
   * until it works or something else is wanted.
   */
  want(wish: Wish<App>): Promise<void> {
    const mine = this.#newWish();
    return this.#enter(async () => {
      if (mine !== this.#wishes) return;
      const running = this.#app;
      if (running && wish.keeps(running)) return;
      if (running) await this.#end(wish.leaving(running), wish.log);
      await this.#try(wish, mine, 0);
    });
  }

  /** Stops what runs. After a hand-over the next one is expected, and requests wait for it. Never rejects. */
  stop(why: string, how: Leaving, log: Log): Promise<void> {
    this.#newWish();
    if (how === 'handOver') this.expect();
    else this.#expectedUntil = Number.NEGATIVE_INFINITY;
    return this.#enter(async () => {
      await this.#end(how, log);
      this.#why = why;
    });
  }

  /** A telephone will be wanted any moment: who asks for it waits. */
  expect(): void {
    this.#expectedUntil = this.#clock.now() + NEXT_GENERATION_MS;
  }

  /** The one that runs; null when none does just now. */
  get running(): App | null {
    return this.#app;
  }

  /** The running telephone. Waits for one that is to come; throws VC_NOT_RUNNING with the reason otherwise. */
  async current(): Promise<App> {
    const until = this.#clock.now() + NEXT_GENERATION_MS;
    while (!this.#app && this.#isToCome && this.#clock.now() < until) await wait(this.#clock, LOOK_AGAIN_MS);
    if (this.#app) return this.#app;
    throw new VoiceCallError('VC_NOT_RUNNING', { why: this.#why });
  }

  /** The telephone that runs this moment, or why none does. Never waits. */
  now(): App | { readonly why: string } {
    return this.#app ?? { why: this.#isToCome ? 'it is being started' : this.#why };
  }

  get #isToCome(): boolean {
    return this.#moves > 0 || this.#clock.now() < this.#expectedUntil;
  }

  #newWish(): number {
    this.#cancelRetry();
    this.#starting?.abort(new VoiceCallError('VC_NOT_RUNNING', { why: 'something else is wanted' }));
    this.#wishes += 1;
    return this.#wishes;
  }

  async #enter(move: () => Promise<void>): Promise<void> {
    this.#moves += 1;
    const moved = this.#line.then(move).finally(() => {
      this.#moves -= 1;
    });
    this.#line = moved.catch(() => undefined);
    await moved;
  }

  async #try(wish: Wish<App>, mine: number, failures: number): Promise<void> {
    if (mine !== this.#wishes) return;
    const starting = new AbortController();
    this.#starting = starting;
    try {
      this.#app = await wish.make(starting.signal);
      wish.runs();
    } catch (error) {
      if (mine === this.#wishes) this.#again(wish, failures, asVoiceCallError(error));
    } finally {
      this.#expectedUntil = Number.NEGATIVE_INFINITY;
      this.#starting = null;
    }
  }

  #again(wish: Wish<App>, failures: number, error: VoiceCallError): void {
    const mine = this.#wishes;
    const afterMs = AGAIN_AFTER_MS[Math.min(failures, AGAIN_AFTER_MS.length - 1)] ?? 0;
    this.#why = `${error.message}. ${error.cure}`;
    this.#cancelRetry = this.#clock.at(this.#clock.now() + afterMs, () =>
      background(
        this.#enter(() => this.#try(wish, mine, failures + 1)),
        'starting the telephone',
        wish.log,
      ),
    );
    wish.failed(error, afterMs);
  }

  /** Requests go on to the one that says goodbye; those that come during a hand-over wait for the next. */
  async #end(how: Leaving, log: Log): Promise<void> {
    const app = this.#app;
    if (!app) return;
    if (how === 'handOver') this.#app = null;
    const over = new AbortController();
    const overdue = wait(this.#clock, STOP_WITHIN_MS[how], over.signal).then(
      () => log.error('the telephone did not stop in time'),
      () => undefined,
    );
    const stopping = app.stop(how).catch((error: unknown) => {
      log.error('the telephone did not stop in order', { error: asVoiceCallError(error).message });
    });
    await Promise.race([stopping, overdue]);
    over.abort();
    this.#app = null;
  }
}

/** The number changes with the class: a newer version must not find an object of an older one. */
const KEY = Symbol.for('openclaw-voice-call.slot.2');

/** The slot of this process, whichever instance of the module asks. */
export function theSlot<App extends Stoppable>(): Slot<App> {
  const shared = globalThis as { [KEY]?: Slot<App> };
  shared[KEY] ??= new Slot<App>(systemClock);
  return shared[KEY];
}
