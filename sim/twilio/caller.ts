// Caller: a person at the other end of the line, written as a script or as a function that decides what to say.
import type { TwinCall } from './call.ts';
import type { Heard, Said } from './ledger.ts';

/** What a deciding person does next; a plain string is said, null is silence. */
export type Reply =
  | string
  | null
  | { readonly says: string; readonly afterMs?: number; readonly sound?: Uint8Array }
  | { readonly presses: string; readonly afterMs?: number }
  | { readonly hangsUp: true; readonly afterMs?: number };

export type Step =
  | {
      readonly does: 'says';
      readonly text: string;
      readonly afterMs: number;
      readonly over: boolean;
      readonly afterWords: number | undefined;
      readonly sound: Uint8Array | undefined;
      readonly confidence: number | undefined;
    }
  | { readonly does: 'presses'; readonly digits: string; readonly afterMs: number; readonly over: boolean }
  | { readonly does: 'silent' }
  | { readonly does: 'hangsUp'; readonly afterMs: number }
  | { readonly does: 'decides'; readonly reply: (heard: string) => Reply };

export type Pickup =
  | { readonly does: 'answers'; readonly afterMs: number }
  | { readonly does: 'busy' }
  | { readonly does: 'fails' }
  | { readonly does: 'noAnswer' };

export type AnsweredBy =
  | 'human'
  | 'machine_start'
  | 'machine_end_beep'
  | 'machine_end_silence'
  | 'machine_end_other'
  | 'fax'
  | 'unknown';

/** How long a person takes before speaking when the script does not say. */
const REACTION_MS = 500;

interface Speaking {
  /** Wait before speaking, counted from when the line listens (or, with `over`, from the step before). */
  readonly afterMs?: number;
  /** Talk without waiting for the line to listen: over a prompt, or on after the step before. */
  readonly over?: boolean;
}

interface Speech extends Speaking {
  /** What Twilio reports for the speech; without it Twilio reports none. */
  readonly confidence?: number;
  /** On a media stream: talks over what is being said, `afterMs` after that many words of it were heard. */
  readonly afterWords?: number;
  /** On a media stream: how it sounds, mu-law at 8 kHz; word-code of the text when absent. */
  readonly sound?: Uint8Array;
}

/** What a person will do on a call. */
export interface Script {
  readonly steps: readonly Step[];
}

/** What is kept of a call a person was on; each twin has its own kind. */
export interface Attended {
  readonly heard: readonly Heard[];
  readonly said: readonly Said[];
}

/**
 * A script. `says` and `presses` wait until the line listens, one of them per listening; `hangsUp` does not wait for
 * it. When the script is over, the person stays on the line, silent. The same script can serve many calls.
 */
export class Caller<C extends Attended = TwinCall> implements Script {
  readonly steps: Step[] = [];
  /** Every call this person was on, in order. */
  readonly calls: C[] = [];
  #pickup: Pickup = { does: 'answers', afterMs: 1000 };
  #givesUpAfterMs = Number.POSITIVE_INFINITY;
  #answeredBy: AnsweredBy = 'human';

  get pickup(): Pickup {
    return this.#pickup;
  }

  get givesUpMs(): number {
    return this.#givesUpAfterMs;
  }

  get answeredBy(): AnsweredBy {
    return this.#answeredBy;
  }

  /** What this person heard, over all calls. */
  get heard(): readonly Heard[] {
    return this.calls.flatMap(({ heard }) => heard);
  }

  /** What this person said and pressed, over all calls. */
  get said(): readonly Said[] {
    return this.calls.flatMap(({ said }) => said);
  }

  /** Picks up after ringing that long (default 1 s). */
  answersAfter(ms: number): this {
    this.#pickup = { does: 'answers', afterMs: ms };
    return this;
  }

  busy(): this {
    this.#pickup = { does: 'busy' };
    return this;
  }

  noAnswer(): this {
    this.#pickup = { does: 'noAnswer' };
    return this;
  }

  /** The number cannot be reached. */
  fails(): this {
    this.#pickup = { does: 'fails' };
    return this;
  }

  /** What answering machine detection will say. Default human. */
  isA(answeredBy: AnsweredBy): this {
    this.#answeredBy = answeredBy;
    return this;
  }

  /** As a caller: hangs up when nobody answered for that long. */
  givesUpAfter(ms: number): this {
    this.#givesUpAfterMs = ms;
    return this;
  }

  /** With `afterWords` the wait is counted from that word on, 0 ms unless told otherwise, and it is over the prompt. */
  says(text: string, options: Speech = {}): this {
    const { afterWords, sound, confidence } = options;
    const { afterMs = afterWords === undefined ? REACTION_MS : 0, over = afterWords !== undefined } = options;
    return this.#then({ does: 'says', text, afterMs, over, afterWords, sound, confidence });
  }

  /** Keys `0-9A-D*#`; `w` waits half a second, `W` a whole one. */
  presses(digits: string, { afterMs = REACTION_MS, over = false }: Speaking = {}): this {
    return this.#then({ does: 'presses', digits, afterMs, over });
  }

  /** Says nothing while the line listens, once. */
  staysSilent(): this {
    return this.#then({ does: 'silent' });
  }

  /** Counted from the end of the step before, or from the answer. */
  hangsUp({ afterMs = 0 }: { readonly afterMs?: number } = {}): this {
    return this.#then({ does: 'hangsUp', afterMs });
  }

  /** From here on decides each time the line listens, given what was heard since last speaking or deciding on silence. */
  decides(reply: (heard: string) => Reply): this {
    return this.#then({ does: 'decides', reply });
  }

  #then(step: Step): this {
    this.steps.push(step);
    return this;
  }
}

/** The step a reply amounts to. */
export function stepOf(reply: Exclude<Reply, null>): Step {
  if (typeof reply === 'string') return stepOf({ says: reply });
  const afterMs = reply.afterMs ?? REACTION_MS;
  if ('says' in reply) {
    return {
      does: 'says',
      text: reply.says,
      afterMs,
      over: false,
      afterWords: undefined,
      sound: reply.sound,
      confidence: undefined,
    };
  }
  if ('presses' in reply) return { does: 'presses', digits: reply.presses, afterMs, over: false };
  return { does: 'hangsUp', afterMs };
}
