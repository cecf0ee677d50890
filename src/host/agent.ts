// Agent: the Gateway's agent on the telephone: one run at a time per call, written down after it was spoken.
import type { Agent, AgentAnswer, AgentTurn } from '../conversation/ports.ts';
import { spokenText } from '../conversation/spoken-text.ts';
import { background } from '../lib/background.ts';
import type { Clock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

/** Which call the agent is on. */
export type OnCall = Pick<AgentTurn, 'callId' | 'agentId' | 'sessionKey'>;

/** What was said in one turn, as the agent's session keeps it. */
export interface Said {
  readonly words: string;
  readonly answer: string;
  readonly at: number;
}

/** How the agent is run; `Memory` is what it remembers of the call, and of the calls before. */
export interface AgentRuns<Memory> {
  /** Everything the session of this call has so far. */
  remember(call: OnCall): Promise<Memory>;
  /** Does all that comes before the model is asked, and then stops. */
  rehearse(call: OnCall): Promise<void>;
  /** Rejects when the run fails or `signal` aborts. */
  run(turn: AgentTurn, memory: Memory): Promise<AgentAnswer>;
  /** Adds to the session of this call, where the next call and the person's other chats find it. */
  write(call: OnCall, said: readonly Said[]): Promise<void>;
}

export interface AgentDeps<Memory> {
  readonly runs: AgentRuns<Memory>;
  readonly clock: Clock;
  readonly log: Log;
}

interface CallMind<Memory> {
  readonly call: OnCall;
  readonly memory: Promise<Memory>;
  /** Ends with the last run that was asked for: runs of one call never overlap. */
  runs: Promise<unknown>;
  writes: Promise<unknown>;
  readonly unwritten: Said[];
}

export class PhoneAgent<Memory> implements Agent {
  readonly #deps: AgentDeps<Memory>;
  readonly #minds = new Map<string, CallMind<Memory>>();

  constructor(deps: AgentDeps<Memory>) {
    this.#deps = deps;
  }

  async reply(turn: AgentTurn): Promise<AgentAnswer> {
    const { clock } = this.#deps;
    const mind = this.#mindOf(turn);
    const late = new AbortController();
    const cancel = clock.at(clock.now() + turn.timeoutMs, () =>
      late.abort(new VoiceCallError('VC_AGENT_TIMEOUT', { afterMs: turn.timeoutMs })),
    );
    const signal = AbortSignal.any([turn.signal, late.signal]);
    const run = after(mind.runs, () => this.#run(mind, { ...turn, signal }));
    mind.runs = run;
    try {
      // A run needs a moment to stop; whoever gave up on it does not wait for that.
      return await Promise.race([run, abortOf(signal)]);
    } finally {
      cancel();
    }
  }

  async prewarm(call: OnCall): Promise<void> {
    const { runs, log } = this.#deps;
    const mind = this.#mindOf(call);
    mind.runs = after(mind.runs, () => runs.rehearse(call));
    await mind.runs.catch((error: unknown) => {
      log.debug('the agent could not be prepared', { callId: call.callId, error: reasonOf(error) });
    });
  }

  async release(callId: string): Promise<void> {
    const mind = this.#minds.get(callId);
    if (!mind) return;
    this.#minds.delete(callId);
    await mind.runs.catch(() => undefined);
    this.#write(mind);
    await mind.writes;
  }

  #mindOf({ callId, agentId, sessionKey }: OnCall): CallMind<Memory> {
    const known = this.#minds.get(callId);
    if (known) return known;
    const call = { callId, agentId, sessionKey };
    const mind: CallMind<Memory> = {
      call,
      memory: this.#deps.runs.remember(call),
      runs: Promise.resolve(),
      writes: Promise.resolve(),
      unwritten: [],
    };
    // Whoever runs first hears of it; until then nobody listens.
    mind.memory.catch(() => this.#minds.delete(callId));
    this.#minds.set(callId, mind);
    return mind;
  }

  async #run(mind: CallMind<Memory>, turn: AgentTurn): Promise<AgentAnswer> {
    const { runs, clock } = this.#deps;
    turn.signal.throwIfAborted();
    const answer = await runs.run(turn, await mind.memory);
    mind.unwritten.push({ words: turn.words, answer: spokenText(answer), at: clock.now() });
    this.#write(mind);
    return answer;
  }

  /** Off the spoken path. What could not be written is tried again with the next turn, or at the end of the call. */
  #write(mind: CallMind<Memory>): void {
    const { runs, log } = this.#deps;
    const writing = mind.writes.then(async () => {
      const said = [...mind.unwritten];
      if (said.length === 0) return;
      await runs.write(mind.call, said);
      mind.unwritten.splice(0, said.length);
    });
    mind.writes = writing.catch(() => undefined);
    background(writing, 'writing the call into its session', log);
  }
}

/** Starts `next` when `earlier` is over, however it ended. */
function after<T>(earlier: Promise<unknown>, next: () => Promise<T>): Promise<T> {
  return earlier.then(next, next);
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
