// Activity: knows what of a twin is on its way, so that a test can wait for quiet instead of sleeping.

/** Quiet turns of the event loop after which nothing more is expected; one loopback hop takes two or three. */
const QUIET_TURNS = 40;
/** Turns to wait for file or socket requests of the process that are not ours; then they are ignored. */
const PATIENT_TURNS = 20_000;
/** Turns after which something of ours that is still on its way is a defect worth naming. */
const MOST_TURNS = 500_000;

/** One message on its way. `settled` ends it; calling it twice does nothing more. */
export interface Transit {
  settled(): void;
}

/**
 * What counts as idle, and why it cannot deadlock on a held reply:
 *
 * - A request we send is in transit only until its last byte was handed to a connected socket. From then on it is
 *   *delivered*: the other side may answer now or in ten seconds of clock time, and the clock stands still meanwhile.
 * - A request we receive is in transit until we answered it, or parked it because a fault says so.
 * - When nothing is in transit we still wait until some turns of the event loop passed without any activity of ours
 *   and without a one-shot request (file, name lookup, connect, write) pending anywhere in this process: that lets
 *   code under test in the same process read what was delivered, think in promises and files, and answer.
 *
 * Work that waits for a timer of the clock is not activity: moving the clock is the test's part.
 */
export class Activity {
  #moves = 0;
  readonly #transits = new Set<string>();
  readonly #watchers = new Set<() => void>();

  /** Something happened. */
  touch(): void {
    this.#moves++;
    for (const watcher of [...this.#watchers]) watcher();
  }

  begin(label: string): Transit {
    const entry = `${label} #${this.#moves}`;
    this.#transits.add(entry);
    this.touch();
    return {
      settled: () => {
        if (this.#transits.delete(entry)) this.touch();
      },
    };
  }

  /** Calls `watcher` after every activity until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async idle(quietTurns = QUIET_TURNS): Promise<void> {
    let seen = this.#moves;
    let quiet = 0;
    for (let turn = 0; quiet < quietTurns; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      const patient = turn < PATIENT_TURNS && processIsBusy();
      if (this.#moves === seen && this.#transits.size === 0 && !patient) quiet++;
      else quiet = 0;
      seen = this.#moves;
      if (turn > MOST_TURNS) throw new Error(`still on its way: ${[...this.#transits].join(', ')}`);
    }
  }
}

/** True while a one-shot operation (file, name lookup, connect, write) is pending in this process. */
function processIsBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => /Req|ConnectWrap|WriteWrap|ShutdownWrap/.test(name));
}
