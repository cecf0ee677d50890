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
  readonly #begun = new Set<string>();
  /** Whose lines stand last on the screen. */
  #telling: string | null = null;
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
      this.#reporterOf(call).update(call);
      if (call.endReason !== undefined) this.#ended.set(call.callId, call);
    }
  }

  #reporterOf(call: PublicCall): CallReporter {
    const known = this.#reporters.get(call.callId);
    if (known) return known;
    const { terminal, clock } = this.#deps;
    const reporter = new CallReporter(
      terminal,
      () => clock.now(),
      () => this.#turnTo(call),
    );
    this.#reporters.set(call.callId, reporter);
    return reporter;
  }

  /** Calls that run at once are told in turn; what goes on again says which call it is. */
  #turnTo(call: PublicCall): void {
    if (this.#telling === call.callId) return;
    const { terminal } = this.#deps;
    const isNew = !this.#begun.has(call.callId);
    this.#telling = call.callId;
    this.#begun.add(call.callId);
    terminal.line();
    if (!isNew) terminal.line(`  ${terminal.dim(`again the call ${partyOf(call)}`)}`);
  }
}

function partyOf({ direction, from, to }: PublicCall): string {
  return direction === 'outbound' ? `to ${to}` : `from ${from}`;
}

function noAnswer(cause: unknown): Trouble {
  return new Trouble('The Gateway no longer answers.', 'Look at .state/gateway.log, then start again.', {
    cause,
  });
}
