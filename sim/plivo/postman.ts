// Postman: sends one webhook the way Plivo does: signed, with its deadlines and retry, and the faults asked for.
import { randomInt } from 'node:crypto';
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import { pause, unlessAborted } from '../pause.ts';
import { deliver, type Failure, type Overrides, type Received, type Tunnels } from '../twilio/delivery.ts';
import type { Faults, HookFault } from './faults.ts';
import type { HookKind, HookRecord, Ledger } from './ledger.ts';
import type { TwinSettings } from './settings.ts';
import { type Params, signV2, signV3 } from './signature.ts';

export interface Hook {
  readonly kind: HookKind;
  readonly callUuid: string;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly params: Params;
}

export type Delivery =
  | { readonly ok: true; readonly answer: Received }
  | { readonly ok: false; readonly why: string; readonly byFault: boolean };

export interface PostOffice {
  readonly clock: Clock;
  readonly settings: TwinSettings;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly activity: Activity;
  readonly tunnels: Tunnels;
  readonly closing: AbortSignal;
}

/** A document that takes longer than this is late, though the deadline for it is later. */
const SLOW_MS = 15_000;
const NOTICES: readonly HookKind[] = ['ring', 'hangup'];

export class Postman {
  readonly #office: PostOffice;
  /** Told about every answered or failed webhook. */
  readonly #listeners = new Set<(record: HookRecord) => void>();

  constructor(office: PostOffice) {
    this.#office = office;
  }

  async send(hook: Hook): Promise<Delivery> {
    const { clock, closing, ledger } = this.#office;
    const fault = this.#office.faults.forHook(hook);
    if (fault) this.#office.faults.onStruck(fault, hook.callUuid);
    if (fault?.do === 'drop') return this.#drop(hook);
    if (fault?.do === 'delay') await pause(clock, fault.ms, closing);
    if (fault?.do === 'holdUntilEnd') await this.#overFor(hook.callUuid);
    const record = ledger.hook(this.#write(hook, fault));
    if (fault?.do === 'duplicate') this.#copy(record, fault.ms ?? 0);
    const began = clock.now();
    const outcome = await this.#post(record, fault);
    if (clock.now() - began > SLOW_MS && !NOTICES.includes(hook.kind)) {
      ledger.problem('slow', `${hook.kind} document after ${clock.now() - began} ms`, hook.callUuid);
    }
    for (const listener of [...this.#listeners]) listener(record);
    return read(outcome, hook, fault !== undefined);
  }

  /** Sends the content of a recorded webhook again, under a new nonce as Plivo would, or byte for byte. */
  async replay(
    original: HookRecord,
    { exactly = true }: { readonly exactly?: boolean } = {},
  ): Promise<HookRecord> {
    const record = this.#office.ledger.hook(exactly ? original : this.#write(original, undefined));
    await this.#post(record, undefined);
    return record;
  }

  /** One request with its retries, its outcome in the record. */
  async #post(record: HookRecord, fault: HookFault | undefined): Promise<Received | Failure> {
    const { activity, clock, closing } = this.#office;
    const overrides = readOverrides(record.url);
    const until = clock.now() + overrides.totalMs;
    for (let attempt = 0; ; attempt++) {
      record.attempts++;
      const headers = attempt === 0 ? record.headers : this.#write(record, fault).headers;
      const letter = { ...record, headers, url: requested(record) };
      const outcome = await deliver(this.#office, letter, { ...overrides, totalMs: until - clock.now() });
      const mayRepeat = attempt < overrides.retries && clock.now() < until && !closing.aborted;
      if (mayRepeat && overrides.repeats(outcome)) continue;
      if ('failure' in outcome) record.failure = outcome.failure;
      else record.answer = { ...outcome, at: clock.now() };
      activity.touch();
      return outcome;
    }
  }

  #write(
    hook: Hook,
    fault: HookFault | undefined,
  ): Omit<HookRecord, 'at' | 'answer' | 'failure' | 'attempts'> {
    const { authToken, mainAuthToken, signsAs } = this.#office.settings;
    const { kind, callUuid, url, method } = hook;
    const isPost = method === 'POST';
    const nonce = Array.from({ length: 20 }, () => randomInt(10)).join('');
    const forged = fault?.do === 'wrongToken' ? 'x' : '';
    const letter = { url: requested(hook), nonce, params: isPost ? hook.params : [], signsAs };
    const main = mainAuthToken ?? authToken;
    const v3 = {
      'X-Plivo-Signature-V3': signV3(`${authToken}${forged}`, letter),
      'X-Plivo-Signature-Ma-V3': signV3(`${main}${forged}`, letter),
      'X-Plivo-Signature-V3-Nonce': nonce,
    };
    const v2 = {
      'X-Plivo-Signature-V2': signV2(`${authToken}${forged}`, letter.url, nonce),
      'X-Plivo-Signature-Ma-V2': signV2(`${main}${forged}`, letter.url, nonce),
      'X-Plivo-Signature-V2-Nonce': nonce,
    };
    const params = fault?.do === 'tamper' ? tampered(hook.params) : hook.params;
    const headers: Record<string, string> = {
      'User-Agent': 'PlivoWebhook',
      Accept: '*/*',
      ...(isPost ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
      ...(fault?.do === 'unsigned' ? {} : v2),
      ...(fault?.do === 'unsigned' || fault?.do === 'onlyV2' ? {} : v3),
    };
    return { kind, callUuid, url, method, params, headers, body: isPost ? encode(params) : '' };
  }

  async #drop(hook: Hook): Promise<Delivery> {
    const { clock, closing, ledger } = this.#office;
    const why = `lost on the way to ${hook.url}`;
    ledger.hook({ ...hook, headers: {}, body: '' }).failure = why;
    if (!NOTICES.includes(hook.kind)) await pause(clock, readOverrides(hook.url).totalMs, closing);
    return { ok: false, why, byFault: true };
  }

  #overFor(callUuid: string): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const listener = (record: HookRecord): void => {
        if (record.kind !== 'hangup' || record.callUuid !== callUuid) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
    return unlessAborted(seen, this.#office.closing);
  }

  #copy(original: HookRecord, afterMs: number): void {
    const { clock, closing, ledger } = this.#office;
    pause(clock, afterMs, closing)
      .then(() => this.replay(original, { exactly: false }))
      .catch((error: unknown) => {
        if (!closing.aborted) ledger.problem('unexpected', String(error), original.callUuid);
      });
  }
}

function read(outcome: Received | Failure, { url }: Hook, byFault: boolean): Delivery {
  if ('failure' in outcome) return { ok: false, why: outcome.failure, byFault };
  const isFine = outcome.status >= 200 && outcome.status < 300;
  return isFine
    ? { ok: true, answer: outcome }
    : { ok: false, why: `HTTP ${outcome.status} from ${url}`, byFault };
}

/** The settings a URL's fragment carries (`#rc=2&rp=all`), within Plivo's bounds. */
function readOverrides(
  url: string,
): Overrides & { readonly repeats: (outcome: Received | Failure) => boolean } {
  const given = new URLSearchParams(URL.parse(url)?.hash.slice(1) ?? '');
  const bounded = (name: string, usual: number, least: number, most: number): number => {
    const value = given.has(name) ? Number(given.get(name)) : usual;
    return Number.isInteger(value) ? Math.min(most, Math.max(least, value)) : usual;
  };
  const policy = (given.get('rp') ?? 'ct,rt').split(',');
  const asks = (word: string): boolean => policy.includes('all') || policy.includes(word);
  const retriesOn = ({ kind }: Failure): boolean =>
    kind !== 'address' && asks(kind === 'connect' ? 'ct' : 'rt');
  return {
    connectMs: bounded('ct', 2000, 100, 10_000),
    readMs: bounded('rt', 40_000, 100, 40_000),
    totalMs: bounded('tt', 55_000, 100, 55_000),
    retries: bounded('rc', 1, 0, 5),
    retriesOn,
    repeats: (outcome) => {
      if ('failure' in outcome) return retriesOn(outcome);
      if (outcome.status >= 500) return asks('5xx');
      return outcome.status >= 400 && asks('4xx');
    },
  };
}

/** The address as it is asked for: without the fragment, and with the parameters of a GET. */
function requested({ url, method, params }: Pick<Hook, 'url' | 'method' | 'params'>): string {
  const [page = ''] = url.split('#', 1);
  return method === 'GET' ? `${page}${page.includes('?') ? '&' : '?'}${encode(params)}` : page;
}

function tampered(params: Params): Params {
  return params.map(([name, value]) => [name, name === 'From' ? `${value}9` : value]);
}

function encode(params: Params): string {
  return new URLSearchParams(params.map(([name, value]): [string, string] => [name, value])).toString();
}
