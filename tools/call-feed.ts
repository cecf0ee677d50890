// CallFeed: reads the Gateway's calls a few times a second and tells each of them as it happens.
import type { PublicCall } from '../src/call/public-view.ts';
import { type Clock, wait } from '../src/lib/clock.ts';
import type { CallStatus } from '../src/operation/call-status.ts';
import { CallReporter } from './call-reporter.ts';
import { type Terminal, Trouble } from './terminal.ts';

export interface CallFeedDeps {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Asks the Gateway for the latest calls. */
  readonly status: () => Promise<CallStatus>;
}

/** Short enough that ringing and talking are seen as they begin; each costs the Gateway a millisecond. */
const POLL_MS = 150;
/** A Gateway that thinks answers late; one that says nothing for this long is gone. */
const MAX_SILENCE_MS = 15_000;

export class CallFeed {
  readonly #deps: CallFeedDeps;
  readonly #reporters = new Map<string, CallReporter>();
  readonly #ended = new Map<string, PublicCall>();
  /** Calls of an earlier start stay untold. */
  readonly #sinceAt: number;

  constructor(deps: CallFeedDeps) {
    this.#deps = deps;
    this.#sinceAt = deps.clock.now();
  }

  /** Tells calls until `signal` aborts. Rejects when the Gateway no longer answers. */
  async run(signal: AbortSignal): Promise<void> {
    let lastAnswerAt = this.#deps.clock.now();
    while (!signal.aborted) {
      try {
        this.#tell(await this.#deps.status());
        lastAnswerAt = this.#deps.clock.now();
      } catch (error) {
        const hasGone = this.#deps.clock.now() - lastAnswerAt > MAX_SILENCE_MS;
        if (hasGone && !signal.aborted) throw noAnswer(error);
      }
      await wait(this.#deps.clock, POLL_MS, signal).catch(() => undefined);
    }
  }

  /** The call once it is over; it may be so already. */
  async untilEnded(callId: string, limitMs: number, signal: AbortSignal): Promise<PublicCall> {
    const { clock } = this.#deps;
    const until = clock.now() + limitMs;
    while (clock.now() < until) {
      const call = this.#ended.get(callId);
      if (call) return call;
      await wait(clock, POLL_MS, signal);
    }
    throw new Trouble(
      `The call did not end within ${limitMs / 1_000} seconds.`,
      'Look at .state/gateway.log, and report this.',
    );
  }

  #tell(status: CallStatus): void {
    if (!status.found || !('calls' in status)) return;
    for (const call of status.calls.toReversed()) {
      if (call.startedAt < this.#sinceAt || this.#ended.has(call.callId)) continue;
      this.#reporterOf(call.callId).update(call);
      if (call.endReason !== undefined) this.#ended.set(call.callId, call);
    }
  }

  #reporterOf(callId: string): CallReporter {
    const known = this.#reporters.get(callId);
    if (known) return known;
    const { terminal, clock } = this.#deps;
    const reporter = new CallReporter(terminal, () => clock.now());
    this.#reporters.set(callId, reporter);
    terminal.line();
    return reporter;
  }
}

function noAnswer(cause: unknown): Trouble {
  return new Trouble('The Gateway no longer answers.', 'Look at .state/gateway.log, then start again.', {
    cause,
  });
}
