// Ledger: everything a Plivo twin did and saw, with times, for tests to read.
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import type { Params } from './signature.ts';

export type { Heard, Said } from '../twilio/ledger.ts';

/** Something the plugin did that Plivo refuses, ignores or ends the call for. */
export interface Problem {
  readonly at: number;
  /** Plivo's hang-up code, or a word of ours where it has none. */
  readonly code: number | 'xml' | 'stream' | 'request' | 'slow' | 'callback' | 'not-simulated' | 'unexpected';
  readonly text: string;
  readonly callUuid: string | undefined;
}

export interface RestRecord {
  readonly at: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  callUuid: string | undefined;
  /** What was answered, or undefined while (or because) nothing was. */
  status: number | undefined;
}

export type HookKind =
  | 'answer'
  | 'fallback'
  | 'action'
  | 'redirect'
  | 'transfer'
  | 'ring'
  | 'hangup'
  | 'stream';

export interface HookAnswer {
  readonly at: number;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface HookRecord {
  readonly at: number;
  readonly kind: HookKind;
  readonly callUuid: string;
  readonly method: 'GET' | 'POST';
  /** As the plugin knows it: public, with query and fragment. */
  readonly url: string;
  readonly params: Params;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Requests made, the retry included. */
  attempts: number;
  answer: HookAnswer | undefined;
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

  problem(code: Problem['code'], text: string, callUuid?: string): void {
    this.problems.push({ at: this.#clock.now(), code, text, callUuid });
    this.#activity.touch();
  }

  request(record: Pick<RestRecord, 'method' | 'path' | 'body'>): RestRecord {
    const entry = { ...record, at: this.#clock.now(), callUuid: undefined, status: undefined };
    this.requests.push(entry);
    return entry;
  }

  hook(record: Omit<HookRecord, 'at' | 'answer' | 'failure' | 'attempts'>): HookRecord {
    const entry = { ...record, at: this.#clock.now(), attempts: 0, answer: undefined, failure: undefined };
    this.hooks.push(entry);
    return entry;
  }
}
