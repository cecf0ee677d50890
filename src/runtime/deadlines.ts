// Deadlines: keeps one timer per named deadline of one call, in step with what the call says.
import type { Call, DeadlineName } from '../call/call.ts';
import type { Cancel, Clock } from '../lib/clock.ts';

interface Armed {
  readonly at: number;
  readonly cancel: Cancel;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #passed: (name: DeadlineName) => void;
  readonly #armed = new Map<DeadlineName, Armed>();

  constructor(clock: Clock, passed: (name: DeadlineName) => void) {
    this.#clock = clock;
    this.#passed = passed;
  }

  /** Makes the timers equal `wanted`: what is not named is cancelled. */
  follow(wanted: Readonly<Partial<Record<DeadlineName, number>>>): void {
    for (const [name, { at, cancel }] of this.#armed) {
      if (wanted[name] === at) continue;
      cancel();
      this.#armed.delete(name);
    }
    for (const [name, at] of Object.entries(wanted) as [DeadlineName, number][]) {
      if (!this.#armed.has(name)) this.#armed.set(name, { at, cancel: this.#arm(name, at) });
    }
  }

  #arm(name: DeadlineName, at: number): Cancel {
    return this.#clock.at(at, () => {
      this.#armed.delete(name);
      this.#passed(name);
    });
  }
}

/**
 * A stored call by a clock that was set back since: its last step would be yet to come, and its deadlines as much too
 * late, so they are moved by that. While we run no deadline needs it: a timer that is set is not moved by the clock.
 */
export function afterStepping(call: Call, lastStepAt: number, now: number): Call {
  const aheadMs = lastStepAt - now;
  if (aheadMs <= 0) return call;
  const moved = Object.entries(call.deadlines).map(([name, at]) => [name, at - aheadMs] as const);
  return { ...call, deadlines: Object.fromEntries(moved) };
}
