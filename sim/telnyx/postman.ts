// Postman: delivers events the way Telnyx does: signed anew each time, within two seconds, again when that fails.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import { pause, unlessAborted } from '../pause.ts';
import { deliver, type Tunnels } from '../twilio/delivery.ts';
import { isoTime, type TwinCall } from './call.ts';
import type { Faults, HookFault } from './faults.ts';
import type { Fields, HookRecord, Ledger } from './ledger.ts';
import type { TwinSettings } from './settings.ts';
import type { Signer } from './signer.ts';

export interface PostOffice {
  readonly clock: Clock;
  readonly settings: TwinSettings;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly signer: Signer;
  readonly activity: Activity;
  readonly tunnels: Tunnels;
  readonly closing: AbortSignal;
}

/** One event on its way, however often it is delivered. */
interface Event {
  readonly id: string;
  readonly type: string;
  readonly call: TwinCall;
  readonly payload: Fields;
  readonly occurredAt: string;
  readonly urls: readonly string[];
  readonly fault: HookFault | undefined;
}

/** Answers after which Telnyx tries again; every other refusal is final. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;
const STALE_S = 301;
const COPY_MS = 500;

export class Postman {
  readonly #office: PostOffice;
  /** Told about every event whose delivery is over. */
  readonly #listeners = new Set<(event: Event) => void>();
  #sent = 0;

  constructor(office: PostOffice) {
    this.#office = office;
  }

  /** Sends an event by itself, parallel to every other. */
  send(call: TwinCall, type: string, payload: Fields): void {
    const { clock, settings, faults, ledger, closing } = this.#office;
    const urls = [call.webhookUrl ?? settings.webhookUrl, call.failoverUrl ?? settings.failoverUrl];
    const event: Event = {
      id: randomUUID(),
      type,
      call,
      payload,
      occurredAt: isoTime(clock.now()),
      urls: urls.filter((url) => url !== undefined),
      fault: closing.aborted ? undefined : faults.forHook({ type, callId: call.id, payload }),
    };
    if (event.fault) faults.onStruck(event.fault, call.id);
    this.#carry(event, this.#sent++).catch((error: unknown) => {
      if (!closing.aborted) ledger.problem('unexpected', String(error), call.id);
    });
  }

  /** Sends a recorded delivery again, byte for byte. */
  async replay(original: HookRecord): Promise<HookRecord> {
    const record = this.#office.ledger.hook(original);
    await this.#post(record);
    return record;
  }

  async #carry(event: Event, order: number): Promise<void> {
    const { clock, settings, ledger, closing } = this.#office;
    if (closing.aborted) return;
    if (event.urls.length === 0)
      return ledger.problem('no-webhook-url', `nobody is told of ${event.type}`, event.call.id);
    await pause(clock, jitter(order, settings.jitterMs), closing);
    await this.#hold(event);
    const attempts = await this.#deliver(event);
    for (const listener of [...this.#listeners]) listener(event);
    const copyMs = event.fault?.do === 'duplicate' ? (event.fault.ms ?? 0) : COPY_MS;
    if (attempts === null || !(settings.duplicates || event.fault?.do === 'duplicate')) return;
    await pause(clock, copyMs, closing);
    await this.#post(this.#write(event, event.urls[0] ?? '', attempts + 1));
  }

  /** Tries each address until one takes it; the number of the attempt that did, or null. */
  async #deliver(event: Event): Promise<number | null> {
    const { clock, settings, ledger, closing } = this.#office;
    for (let attempt = 1; attempt <= settings.retriesMs.length + 1; attempt++) {
      for (const url of event.urls) {
        const record = this.#write(event, url, attempt);
        if (isLost(event, attempt)) await this.#lose(record);
        else await this.#post(record);
        if (record.status !== undefined && record.status < 300) return attempt;
        if (record.status !== undefined && !isPassing(record.status)) {
          ledger.problem('webhook-refused', `${event.type} was answered ${record.status}`, event.call.id);
          return null;
        }
      }
      await pause(clock, settings.retriesMs[attempt - 1] ?? 0, closing);
    }
    const byFault = event.fault?.do === 'drop';
    if (!byFault) ledger.problem('webhook-failed', `${event.type} could not be delivered`, event.call.id);
    return null;
  }

  async #post(record: HookRecord): Promise<void> {
    const { activity, settings } = this.#office;
    const { webhookTimeoutMs: ms } = settings;
    const overrides = { connectMs: ms, readMs: ms, totalMs: ms, retries: 0, retriesOn: () => false };
    const outcome = await deliver(this.#office, { ...record, method: 'POST' }, overrides);
    if ('failure' in outcome) record.failure = outcome.failure;
    else record.status = outcome.status;
    activity.touch();
  }

  async #lose(record: HookRecord): Promise<void> {
    const { clock, settings, closing } = this.#office;
    record.failure = 'lost on the way';
    await pause(clock, settings.webhookTimeoutMs, closing);
  }

  #write(event: Event, url: string, attempt: number): HookRecord {
    const { ledger, clock, signer } = this.#office;
    const { id, type, call, payload, occurredAt, fault } = event;
    const data = { record_type: 'event', event_type: type, id, occurred_at: occurredAt, payload };
    const body = JSON.stringify({ data, meta: { attempt, delivered_to: url } });
    const timestampS = Math.floor(clock.now() / 1000) - (fault?.do === 'stale' ? STALE_S : 0);
    const signature = signer.headers(body, timestampS, fault?.do === 'wrongKey' ? 'stranger' : 'account');
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'telnyx-webhooks',
      ...(fault?.do === 'unsigned' ? {} : signature),
    };
    const sent = fault?.do === 'tamper' ? body.replace(id, randomUUID()) : body;
    return ledger.hook({ type, callId: call.id, eventId: id, attempt, url, payload, headers, body: sent });
  }

  async #hold({ call, fault }: Event): Promise<void> {
    const { clock, closing } = this.#office;
    if (fault?.do === 'delay') await pause(clock, fault.ms, closing);
    if (fault?.do === 'holdUntilNext') await this.#over((other) => other.call === call);
    if (fault?.do === 'holdUntilEnd') {
      await this.#over((other) => other.call === call && other.type === 'call.hangup');
    }
  }

  #over(isIt: (event: Event) => boolean): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const listener = (event: Event): void => {
        if (!isIt(event)) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
    return unlessAborted(seen, this.#office.closing);
  }
}

function isLost({ fault }: Event, attempt: number): boolean {
  return fault?.do === 'drop' && attempt <= (fault.attempts ?? Number.POSITIVE_INFINITY);
}

/** A different time for each event, the same in every run. */
function jitter(order: number, mostMs: number): number {
  return mostMs === 0 ? 0 : ((order + 1) * 7919) % (mostMs + 1);
}
