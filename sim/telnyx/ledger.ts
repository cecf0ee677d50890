// Ledger: everything a twin did and saw, with times, for tests to read and for failures to be told as a story.
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';

export type { Heard, Said } from '../twilio/ledger.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Something the plugin did that Telnyx refuses, ignores or gives up on. */
export interface Problem {
  readonly at: number;
  /** Telnyx's error code, or a word of ours where it has none. */
  readonly code: string;
  readonly text: string;
  readonly callId: string | undefined;
}

export interface RestRecord {
  readonly at: number;
  readonly method: string;
  /** Percent-decoded. */
  readonly path: string;
  /** `dial`, `status` or the name of a command; null for anything else. */
  readonly action: string | null;
  readonly body: Fields;
  /** The call control id it was about. */
  callId: string | undefined;
  /** What was answered, or undefined while (or because) nothing was. */
  status: number | undefined;
  /** True when its command id had been seen before, so that nothing was done. */
  isRepeated: boolean;
}

/** One attempt to deliver an event. */
export interface HookRecord {
  readonly at: number;
  readonly type: string;
  readonly callId: string;
  readonly eventId: string;
  readonly attempt: number;
  /** As the plugin knows it: public. */
  readonly url: string;
  readonly payload: Fields;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The status it was answered with. */
  status: number | undefined;
  /** Why there was no usable answer. */
  failure: string | undefined;
}

export class Ledger {
  readonly problems: Problem[] = [];
  readonly requests: RestRecord[] = [];
  readonly hooks: HookRecord[] = [];
  readonly #clock: Clock;
  readonly #activity: Activity;

  constructor(clock: Clock, activity: Activity) {
    this.#clock = clock;
    this.#activity = activity;
  }

  problem(code: string, text: string, callId?: string): void {
    this.problems.push({ at: this.#clock.now(), code, text, callId });
    this.#activity.touch();
  }

  request(record: Pick<RestRecord, 'method' | 'path' | 'action' | 'body' | 'callId'>): RestRecord {
    const entry = { ...record, at: this.#clock.now(), status: undefined, isRepeated: false };
    this.requests.push(entry);
    return entry;
  }

  hook(record: Omit<HookRecord, 'at' | 'status' | 'failure'>): HookRecord {
    const entry = { ...record, at: this.#clock.now(), status: undefined, failure: undefined };
    this.hooks.push(entry);
    return entry;
  }
}
