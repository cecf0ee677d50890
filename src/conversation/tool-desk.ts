// ToolDesk: runs what a voice model asks for on one call. What may be run is decided here, never by the model.
import { type Cancel, type Clock, wait } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { Consults, type ConsultsListener, type Result } from './consults.ts';
import {
  CONSULT,
  type ConsultPolicy,
  END_CALL,
  questionFor,
  questionIn,
  type Toolbox,
} from './model-tools.ts';
import { isBackchannel } from './small-words.ts';
import type { Consult, Consultant, ToolCall } from './voice-model.ts';

/** A model that has to ask for everything has so long to do it; then we ask for it. */
const ASK_WITHIN_MS = 200;
/** A question of the model's so close to ours is about the same words. */
const SAME_WITHIN_MS = 2_000;
/** A caller who is in the middle of a word may finish it before the agent is asked. */
const PARTIAL_MS = 350;
const PARTIAL_MOST_MS = 1_000;
const TRANSCRIPT_ENTRIES = 12;
const MAX_NAME = 64;

interface DeskDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly consultant: Consultant;
  readonly tools: Toolbox;
  readonly consultPolicy: ConsultPolicy;
}

export interface Desk {
  /** What the agent is told of the call. */
  readonly about: () => Omit<Consult, 'question' | 'context' | 'responseStyle' | 'signal'>;
  readonly onEndCall: (answer: (result: Result) => void) => void;
  /** Nothing is heard, and an answer still takes its time. */
  readonly onWaiting: ConsultsListener['onWaiting'];
  /** The agent has answered something the model did not ask for; null: it could not. */
  readonly onAnswer: (text: string | null) => void;
}

export class ToolDesk {
  readonly #deps: DeskDeps;
  readonly #desk: Desk;
  readonly #consults: Consults;
  /** What the caller is saying and has not finished; '' when nothing. */
  #partial = '';
  readonly #left = new AbortController();
  #askedAt = Number.NEGATIVE_INFINITY;
  #forced: { readonly at: number; readonly cancel: Cancel } | null = null;
  #cancelForce: Cancel = () => undefined;
  /** What the model has asked and not been answered, by the id of its call. */
  readonly #asked = new Map<string, Cancel>();

  constructor(deps: DeskDeps, desk: Desk) {
    this.#deps = deps;
    this.#desk = desk;
    this.#consults = new Consults(deps, {
      about: () => this.#about(),
      onWaiting: desk.onWaiting,
    });
  }

  get isAsking(): boolean {
    return this.#consults.areRunning;
  }

  /** The model wants a tool run; `answer` is called once at the end, before it perhaps with a progress. */
  run({ id, name, args }: ToolCall, answer: (result: Result, isProgress: boolean) => void): void {
    const { tools } = this.#deps;
    if (name === END_CALL) {
      this.#desk.onEndCall((result) => answer(result, false));
      return;
    }
    const owned = tools.owned.get(name);
    const isConsult = name === CONSULT && tools.offered.some((tool) => tool.name === CONSULT);
    if (!isConsult && !owned) {
      answer({ error: `Tool "${name.slice(0, MAX_NAME)}" not available` }, false);
      return;
    }
    const question = owned ? questionFor(owned, args) : questionIn(args);
    if ('error' in question) {
      answer({ error: question.error }, false);
      return;
    }
    this.#modelAsks();
    const cancel = this.#consults.ask({
      ...question,
      answer: (result, isProgress) => {
        if (!isProgress) this.#asked.delete(id);
        answer(result, isProgress);
      },
    });
    this.#asked.set(id, cancel);
  }

  /** The model does not want to know any more: nobody works on it, and nobody says that somebody does. */
  withdrawn(id: string): void {
    this.#asked.get(id)?.();
    this.#asked.delete(id);
  }

  /** What the caller seems to be saying. */
  callerSays(partial: string): void {
    this.#partial = partial;
  }

  /** The caller said something. `isOverUs`: while the model spoke. */
  callerSaid(words: string, isOverUs: boolean): void {
    const { clock, consultPolicy, tools } = this.#deps;
    this.#partial = '';
    this.#consults.callerSpoke();
    this.#cancelForce();
    if (consultPolicy !== 'always' || !tools.offered.some(({ name }) => name === CONSULT)) return;
    const at = clock.now();
    if (at - this.#askedAt < SAME_WITHIN_MS || (isOverUs && isBackchannel(words))) return;
    this.#cancelForce = clock.at(at + ASK_WITHIN_MS, () => {
      if (this.#askedAt < at) this.#force(words);
    });
  }

  /** Everything that runs is cancelled. */
  close(): void {
    this.#cancelForce();
    this.#asked.clear();
    this.#left.abort(new Error('the call is over'));
    this.#consults.close();
  }

  /** The model asks about the words we have just asked about: its question knows more. */
  #modelAsks(): void {
    const { clock } = this.#deps;
    this.#askedAt = clock.now();
    if (this.#forced && clock.now() - this.#forced.at < SAME_WITHIN_MS) this.#forced.cancel();
    this.#forced = null;
  }

  #force(words: string): void {
    const cancel = this.#consults.ask({
      question: words,
      context: null,
      responseStyle: null,
      answer: (result, isProgress) => {
        const { text, status } = result;
        if (isProgress || status === 'cancelled') return;
        this.#desk.onAnswer(typeof text === 'string' ? text : null);
      },
    });
    this.#forced = { at: this.#deps.clock.now(), cancel };
  }

  async #about(): ReturnType<ConsultsListener['about']> {
    await this.#finishedWords();
    const about = this.#desk.about();
    const begun = this.#partial === '' ? [] : [{ speaker: 'caller', text: this.#partial } as const];
    const transcript = [...about.transcript, ...begun].slice(-TRANSCRIPT_ENTRIES);
    return { ...about, transcript };
  }

  /** Waits while the caller's words still change, but not for long. */
  async #finishedWords(): Promise<void> {
    const { clock } = this.#deps;
    const since = clock.now();
    for (let before = ''; this.#partial !== before; ) {
      before = this.#partial;
      const leftMs = since + PARTIAL_MOST_MS - clock.now();
      if (before === '' || leftMs <= 0) return;
      await wait(clock, Math.min(PARTIAL_MS, leftMs), this.#left.signal);
    }
  }
}
