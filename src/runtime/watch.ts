// Watch: lets an operation wait until a call looks as it wants, with a deadline, without polling.
import type { Call } from '../call/call.ts';
import type { Clock } from '../lib/clock.ts';

/** Looks at the call after each step; undefined means "not yet". May throw to fail the wait. */
type Look<T> = (call: Call) => T | undefined;

export class Watchers {
  readonly #clock: Clock;
  readonly #looks = new Set<(call: Call) => void>();
  readonly #leaving = new Set<(why: Error) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  changed(call: Call): void {
    for (const look of [...this.#looks]) look(call);
  }

  /** Nothing will change any more: every wait fails. */
  abandon(why: Error): void {
    for (const leave of [...this.#leaving]) leave(why);
  }

  /** The first thing `look` finds, from now on; `late()` decides what happens after `withinMs`. */
  until<T>(call: Call, look: Look<T>, limit: { withinMs: number; late: () => T }): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (produce: () => T | undefined): void => {
        try {
          const found = produce();
          if (found === undefined) return;
          resolve(found);
        } catch (error) {
          reject(error);
        }
        cancel();
        this.#looks.delete(watcher);
        this.#leaving.delete(leave);
      };
      const watcher = (changed: Call): void => settle(() => look(changed));
      const cancel = this.#clock.at(this.#clock.now() + limit.withinMs, () => settle(limit.late));
      const leave = (why: Error): void =>
        settle(() => {
          throw why;
        });
      this.#looks.add(watcher);
      this.#leaving.add(leave);
      watcher(call);
    });
  }
}
