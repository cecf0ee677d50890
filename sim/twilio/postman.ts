// Postman: sends one webhook the way Twilio does: signed, with its deadlines, retry, redirects, and the faults asked for.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import { pause, unlessAborted } from '../pause.ts';
import {
  deliver,
  type Failure,
  type Letter,
  type Received,
  readOverrides,
  type Tunnels,
} from './delivery.ts';
import type { Faults, HookFault } from './faults.ts';
import type { HookKind, HookRecord, Ledger } from './ledger.ts';
import type { TwinSettings } from './settings.ts';
import { type Params, sign, withDefaultPort } from './signature.ts';

export interface Hook {
  readonly kind: HookKind;
  readonly callSid: string;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly params: Params;
}

/** A usable answer with the URL it finally came from, or why there is none, as Twilio's debugger numbers it. */
export type Delivery =
  | { readonly ok: true; readonly answer: Received; readonly url: string }
  | { readonly ok: false; readonly code: number; readonly why: string; readonly byFault: boolean };

export interface PostOffice {
  readonly clock: Clock;
  readonly settings: TwinSettings;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly activity: Activity;
  readonly tunnels: Tunnels;
  readonly closing: AbortSignal;
}

const MOST_REDIRECTS = 10;
/** Not sent again when a redirect is followed. */
const INPUT_NAMES = ['Digits', 'SpeechResult', 'Confidence'];

export class Postman {
  readonly #office: PostOffice;
  /** Told about every answered or failed webhook. */
  readonly #listeners = new Set<(record: HookRecord) => void>();

  constructor(office: PostOffice) {
    this.#office = office;
  }

  async send(hook: Hook, followed = 0): Promise<Delivery> {
    const status = paramOf(hook.params, 'CallStatus');
    const fault = this.#office.faults.forHook({ ...hook, status });
    if (fault) this.#office.faults.onStruck(fault, hook.callSid);
    if (fault?.do === 'drop') return this.#drop(hook);
    await this.#hold(hook, fault);
    const record = this.#write(hook, fault);
    if (fault?.do === 'duplicate') this.#copy(record, fault.ms ?? 0);
    const delivery = await this.#post(record);
    for (const listener of [...this.#listeners]) listener(record);
    return this.#followed(hook, delivery, followed, fault !== undefined);
  }

  /** Sends a recorded webhook again, byte for byte. */
  async replay(original: HookRecord): Promise<HookRecord> {
    const record = this.#office.ledger.hook(original);
    await this.#post(record);
    return record;
  }

  /** One request with its retry, its outcome in the record. */
  async #post(record: HookRecord): Promise<Received | Failure> {
    const { activity, closing } = this.#office;
    const overrides = readOverrides(record.url);
    const letter: Letter = { ...record, url: withoutFragment(record.url) };
    for (let attempt = 0; ; attempt++) {
      record.attempts++;
      const outcome = await deliver(this.#office, letter, overrides);
      if ('failure' in outcome) {
        const retries = attempt < overrides.retries && overrides.retriesOn(outcome) && !closing.aborted;
        if (retries) continue;
        record.failure = outcome.failure;
      } else record.answer = { ...outcome, at: this.#office.clock.now() };
      activity.touch();
      return outcome;
    }
  }

  async #followed(
    hook: Hook,
    outcome: Received | Failure,
    followed: number,
    byFault: boolean,
  ): Promise<Delivery> {
    if ('failure' in outcome) return { ok: false, code: outcome.code, why: outcome.failure, byFault };
    if (outcome.status >= 200 && outcome.status < 300) return { ok: true, answer: outcome, url: hook.url };
    const { status, location } = outcome;
    if (![301, 302, 303, 307].includes(status) || location === undefined) {
      return { ok: false, code: 11200, why: `HTTP ${status} from ${hook.url}`, byFault };
    }
    const url = URL.parse(location, hook.url)?.href;
    if (url === undefined) return { ok: false, code: 11216, why: `bad redirect to ${location}`, byFault };
    if (followed >= MOST_REDIRECTS) return { ok: false, code: 11215, why: 'too many redirects', byFault };
    const params = hook.params.filter(([name]) => !INPUT_NAMES.includes(name));
    return this.send({ ...hook, url, method: status === 307 ? hook.method : 'GET', params }, followed + 1);
  }

  #write(hook: Hook, fault: HookFault | undefined): HookRecord {
    const { settings, ledger } = this.#office;
    const inQuery = hook.method === 'GET';
    const url = inQuery ? withQuery(hook.url, hook.params) : hook.url;
    const signedUrl = settings.signsDefaultPort ? withDefaultPort(url) : url;
    const token = fault?.do === 'wrongToken' ? `${settings.authToken}x` : settings.authToken;
    const signature = sign(token, signedUrl, inQuery ? [] : hook.params);
    const params = fault?.do === 'tamper' ? tampered(hook.params) : hook.params;
    const headers: Record<string, string> = {
      'User-Agent': 'TwilioProxy/1.1',
      Accept: '*/*',
      'I-Twilio-Idempotency-Token': randomUUID(),
    };
    if (fault?.do !== 'unsigned') headers['X-Twilio-Signature'] = signature;
    if (!inQuery) headers['Content-Type'] = 'application/x-www-form-urlencoded; charset=UTF-8';
    const body = inQuery ? '' : encode(params);
    return ledger.hook({ ...hook, url, params, headers, body });
  }

  async #drop(hook: Hook): Promise<Delivery> {
    const why = `lost on the way to ${hook.url}`;
    this.#office.ledger.hook({ ...hook, headers: {}, body: '' }).failure = why;
    const { totalMs } = readOverrides(hook.url);
    if (hook.kind !== 'status') await pause(this.#office.clock, totalMs, this.#office.closing);
    return { ok: false, code: 11200, why, byFault: true };
  }

  async #hold(hook: Hook, fault: HookFault | undefined): Promise<void> {
    const { clock, closing } = this.#office;
    if (fault?.do === 'delay') await pause(clock, fault.ms, closing);
    if (fault?.do === 'holdUntilNext') await this.#answered((other) => isStatusOf(hook, other));
    if (fault?.do === 'holdUntilEnd') {
      await this.#answered(
        (other) => isStatusOf(hook, other) && paramOf(other.params, 'CallDuration') !== '',
      );
    }
  }

  #answered(isIt: (record: HookRecord) => boolean): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const listener = (record: HookRecord): void => {
        if (!isIt(record)) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
    return unlessAborted(seen, this.#office.closing);
  }

  #copy(original: HookRecord, afterMs: number): void {
    const { clock, closing } = this.#office;
    pause(clock, afterMs, closing)
      .then(() => this.replay(original))
      .catch((error: unknown) => {
        if (!closing.aborted) this.#office.ledger.problem('unexpected', String(error), original.callSid);
      });
  }
}

function isStatusOf(hook: Hook, other: HookRecord): boolean {
  return other.kind === 'status' && other.callSid === hook.callSid;
}

function paramOf(params: Params, name: string): string {
  return params.find(([key]) => key === name)?.[1] ?? '';
}

function tampered(params: Params): Params {
  return params.map(([name, value]) => [name, name === 'From' ? `${value}9` : value]);
}

function encode(params: Params): string {
  return new URLSearchParams(params.map(([name, value]): [string, string] => [name, value])).toString();
}

function withQuery(url: string, params: Params): string {
  const [page = '', fragment] = url.split('#', 2);
  const query = `${page}${page.includes('?') ? '&' : '?'}${encode(params)}`;
  return fragment === undefined ? query : `${query}#${fragment}`;
}

function withoutFragment(url: string): string {
  return url.split('#', 1)[0] ?? url;
}
