// Consults: questions from a call to the agent behind the voice model: each a run of its own, with a deadline.
import { background } from '../lib/background.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Question } from './model-tools.ts';
import type { Consult, Consultant } from './voice-model.ts';

/** So many at once for one call; a model asks one, sometimes two. */
const MAX_RUNNING = 4;
/** Who waits hears something after this long, and again and again. */
const FIRST_WORD_MS = 1_200;
const NEXT_WORD_MS = 4_000;
/** What a voice reads out at most. */
const MAX_ANSWER = 4_000;
const NOTHING_TO_SAY = 'I need a moment to verify that before answering.';

export type Result = Readonly<Record<string, unknown>>;

/** Somebody waits for the answer to a question. */
export interface Inquiry extends Question {
  /** Told first that it takes a while (`isProgress`), at last what came of it. */
  readonly answer: (result: Result, isProgress: boolean) => void;
}

interface ConsultsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly consultant: Consultant;
}

export interface ConsultsListener {
  /** What of the consult only the call knows; may wait a moment for the caller to finish a word. */
  readonly about: () => Promise<
    Pick<Consult, 'callId' | 'agentId' | 'sessionKey' | 'requesterSessionKey' | 'transcript' | 'timeoutMs'>
  >;
  /** An answer still takes its time: the caller should hear something, for the `nth` time, from 1. */
  readonly onWaiting: (nth: number) => void;
}

interface Run {
  readonly abort: AbortController;
  readonly key: string;
  inquiry: Inquiry;
  /** The caller has spoken since: another question means that they moved on. */
  isOld: boolean;
}

export class Consults {
  readonly #deps: ConsultsDeps;
  readonly #listener: ConsultsListener;
  #runs: readonly Run[] = [];
  #cancelWord: Cancel = () => undefined;

  constructor(deps: ConsultsDeps, listener: ConsultsListener) {
    this.#deps = deps;
    this.#listener = listener;
  }

  get areRunning(): boolean {
    return this.#runs.length > 0;
  }

  /** Asks the agent. The same question again, while it is being answered, takes the answer over. */
  ask(inquiry: Inquiry): Cancel {
    const key = keyOf(inquiry);
    const same = this.#runs.find((run) => run.key === key);
    if (same) {
      same.inquiry.answer({ status: 'cancelled' }, false);
      same.inquiry = inquiry;
      same.isOld = false;
      inquiry.answer(WORKING, true);
      return () => this.#stop(same);
    }
    for (const run of this.#runs.filter(({ isOld }) => isOld)) this.#stop(run);
    if (this.#runs.length >= MAX_RUNNING) {
      inquiry.answer({ error: 'Too many questions at once: wait for their answers.' }, false);
      return () => undefined;
    }
    const run: Run = { abort: new AbortController(), key, inquiry, isOld: false };
    this.#runs = [...this.#runs, run];
    inquiry.answer(WORKING, true);
    this.#speakWithin(FIRST_WORD_MS, 1);
    background(this.#run(run), 'a consult', this.#deps.log);
    return () => this.#stop(run);
  }

  /** The caller said something. */
  callerSpoke(): void {
    for (const run of this.#runs) run.isOld = true;
  }

  /** Everything is cancelled, and reported so. */
  close(): void {
    for (const run of this.#runs) this.#stop(run);
  }

  async #run(run: Run): Promise<void> {
    const { clock, log, consultant } = this.#deps;
    const { question, context, responseStyle } = run.inquiry;
    const { signal } = run.abort;
    let cancelLate: Cancel = () => undefined;
    try {
      const about = await this.#listener.about();
      if (signal.aborted) return;
      const lateAt = clock.now() + about.timeoutMs;
      cancelLate = clock.at(lateAt, () => this.#over(run, LATE, 'it took too long'));
      const text = await consultant.ask({ ...about, question, context, responseStyle, signal });
      this.#over(run, { text: text.trim().slice(0, MAX_ANSWER) || NOTHING_TO_SAY });
    } catch (error) {
      if (!signal.aborted) log.warn('the agent gave no answer', { error: reasonOf(error) });
      this.#over(run, FAILED);
    } finally {
      cancelLate();
    }
  }

  #stop(run: Run): void {
    this.#over(run, { status: 'cancelled' }, 'it is not wanted any more');
  }

  /** What comes later is dropped. `why`: the run is still on, and aborted. */
  #over(run: Run, result: Result, why?: string): void {
    if (!this.#runs.includes(run)) return;
    this.#runs = this.#runs.filter((one) => one !== run);
    if (this.#runs.length === 0) this.#cancelWord();
    if (why !== undefined) run.abort.abort(new Error(why));
    run.inquiry.answer(result, false);
  }

  #speakWithin(ms: number, nth: number): void {
    const { clock } = this.#deps;
    this.#cancelWord();
    this.#cancelWord = clock.at(clock.now() + ms, () => {
      this.#listener.onWaiting(nth);
      this.#speakWithin(NEXT_WORD_MS, nth + 1);
    });
  }
}

const WORKING: Result = {
  status: 'working',
  message:
    'The agent is looking. Tell the caller so in one short sentence and wait; do not guess the answer.',
};
const LATE: Result = {
  error: 'The agent did not answer in time. Say so in one short sentence, and offer to try again.',
};
const FAILED: Result = {
  error: 'The agent could not answer. Say so in one short sentence, and offer to try again.',
};

function keyOf({ question, context, responseStyle }: Question): string {
  return JSON.stringify([question.toLowerCase(), context, responseStyle]);
}
