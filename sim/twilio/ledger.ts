// Ledger: everything a twin did and saw, with times, for tests to read and for failures to be told as a story.
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import type { Params } from './signature.ts';

/** Something the plugin did that Twilio refuses, ignores or reports in its debugger. */
export interface Problem {
  readonly at: number;
  /** Twilio's error number, or a word of ours where it has none. */
  readonly code: number | 'not-simulated' | 'unknown-parameter' | 'unexpected';
  readonly text: string;
  readonly callSid: string | undefined;
}

export interface RestRecord {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly form: Readonly<Record<string, readonly string[]>>;
  callSid: string | undefined;
  /** What was answered, or undefined while (or because) nothing was. */
  status: number | undefined;
}

export type HookKind =
  | 'voice'
  | 'action'
  | 'redirect'
  | 'fallback'
  | 'status'
  | 'amd'
  | 'partial'
  | 'play'
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
  readonly callSid: string;
  readonly method: 'GET' | 'POST';
  /** As the plugin knows it: public, with query, without fragment. */
  readonly url: string;
  readonly params: Params;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Connections tried: more than one after a retry. */
  attempts: number;
  answer: HookAnswer | undefined;
  /** Why there was no usable answer. */
  failure: string | undefined;
}

export interface Heard {
  readonly kind: 'say' | 'play' | 'digits';
  /** What reached the ear. */
  readonly text: string;
  /** What the document said. */
  readonly whole: string;
  readonly from: number;
  readonly to: number;
  readonly cut: boolean;
}

export interface Said {
  readonly kind: 'speech' | 'digits';
  readonly text: string;
  readonly from: number;
  /** Planned when it begins; earlier when the call ended in the middle of it. */
  to: number;
  /** True when a Gather took it; speech to a line that does not listen is lost. */
  caught: boolean;
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

  problem(code: Problem['code'], text: string, callSid?: string): void {
    this.problems.push({ at: this.#clock.now(), code, text, callSid });
    this.#activity.touch();
  }

  request(record: Pick<RestRecord, 'method' | 'path' | 'form'>): RestRecord {
    const entry = { ...record, at: this.#clock.now(), callSid: undefined, status: undefined };
    this.requests.push(entry);
    return entry;
  }

  hook(record: Omit<HookRecord, 'at' | 'attempts' | 'answer' | 'failure'>): HookRecord {
    const entry = { ...record, at: this.#clock.now(), attempts: 0, answer: undefined, failure: undefined };
    this.hooks.push(entry);
    return entry;
  }
}
