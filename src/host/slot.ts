// Slot: the one place where the running telephone is found. The host loads a plugin more than once in a process
// (agent tools run in a second instance of this module), so a variable of a module would not do.
import { type Clock, wait } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';

export interface Stoppable {
  stop(): Promise<void>;
}

/** How long a request waits for a telephone that is being restarted. */
const NEXT_GENERATION_MS = 10_000;
const LOOK_AGAIN_MS = 50;

export class Slot<App extends Stoppable> {
  /** Starts and stops happen one after the other, never side by side. */
  #line: Promise<void> = Promise.resolve();
  #app: App | null = null;
  #why = 'the Gateway has not started it';
  #isMoving = false;

  /** Starts the next generation; what runs is stopped first. A failure is kept as the reason why none runs. */
  start(make: () => Promise<App>): Promise<void> {
    return this.#enter(async () => {
      await this.#end();
      try {
        this.#app = await make();
      } catch (error) {
        this.#why = error instanceof VoiceCallError ? `${error.message}. ${error.cure}` : String(error);
        throw error;
      }
    });
  }

  stop(why: string): Promise<void> {
    return this.#enter(async () => {
      await this.#end();
      this.#why = why;
    });
  }

  /** The running telephone. Waits for one that is starting; throws VC_NOT_RUNNING with the reason otherwise. */
  async current(clock: Clock): Promise<App> {
    const until = clock.now() + NEXT_GENERATION_MS;
    while (!this.#app && this.#isMoving && clock.now() < until) await wait(clock, LOOK_AGAIN_MS);
    if (this.#app) return this.#app;
    throw new VoiceCallError('VC_NOT_RUNNING', { why: this.#why });
  }

  /** The telephone that runs this moment, or why none does. Never waits. */
  now(): App | { readonly why: string } {
    return this.#app ?? { why: this.#isMoving ? 'it is being started' : this.#why };
  }

  async #enter(move: () => Promise<void>): Promise<void> {
    const before = this.#line;
    let leave: () => void = () => undefined;
    this.#line = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    this.#isMoving = true;
    try {
      await move();
    } finally {
      this.#isMoving = false;
      leave();
    }
  }

  async #end(): Promise<void> {
    const app = this.#app;
    this.#app = null;
    await app?.stop();
  }
}

const KEY = Symbol.for('openclaw-voice-call.slot');

/** The slot of this process, whichever instance of the module asks. */
export function theSlot<App extends Stoppable>(): Slot<App> {
  const shared = globalThis as { [KEY]?: Slot<App> };
  shared[KEY] ??= new Slot<App>();
  return shared[KEY];
}
