// TwinCall: one phone call as Twilio keeps it: its states, its status callbacks, and what was heard and said on it.
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import { Ear } from '../media/ear.ts';
import { Mouth } from '../media/mouth.ts';
import type { MediaStream } from '../media/stream.ts';
import type { StreamFaults } from '../media/stream-faults.ts';
import type { Tunnels } from './delivery.ts';
import type { Heard, HookRecord, Ledger, RestRecord, Said } from './ledger.ts';
import type { StatusEvent, StatusTarget, Target } from './order.ts';
import type { Postman } from './postman.ts';
import type { TwinSettings } from './settings.ts';
import type { Params } from './signature.ts';

export type EndStatus = 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled';
export type CallStatus = 'queued' | 'initiated' | 'ringing' | 'in-progress' | EndStatus;

export interface CallEnd {
  readonly at: number;
  readonly status: EndStatus;
  /** Who ended it: the plugin by REST or TwiML, the person, or the carrier itself. */
  readonly by: 'plugin' | 'person' | 'carrier';
  readonly why: string;
  /** Twilio's error number when the call was dropped for an application error. */
  readonly code: number | undefined;
}

export interface World {
  readonly clock: Clock;
  readonly settings: TwinSettings;
  readonly ledger: Ledger;
  readonly postman: Postman;
  readonly activity: Activity;
  readonly media: StreamFaults;
  readonly tunnels: Tunnels;
  readonly closing: AbortSignal;
}

export interface CallPlan {
  readonly direction: 'inbound' | 'outbound-api';
  readonly from: string;
  readonly to: string;
  readonly status: StatusTarget | undefined;
  readonly fallback: Target | undefined;
}

const EVENT_OF: Partial<Record<CallStatus, StatusEvent>> = {
  initiated: 'initiated',
  ringing: 'ringing',
  'in-progress': 'answered',
};
const SIP_OF: Record<EndStatus, number> = {
  completed: 200,
  busy: 486,
  failed: 404,
  'no-answer': 487,
  canceled: 487,
};

export class TwinCall {
  readonly sid = `CA${randomBytes(16).toString('hex')}`;
  readonly direction: CallPlan['direction'];
  readonly from: string;
  readonly to: string;
  readonly createdAt: number;
  readonly states: { readonly status: CallStatus; readonly at: number }[] = [];
  readonly heard: Heard[] = [];
  readonly said: Said[] = [];
  /** What the person says and hears as sound, over all media streams of the call. */
  readonly mouth = new Mouth();
  readonly ear: Ear;
  readonly streams: MediaStream[] = [];
  /** Changed by an update of the call. */
  statusTarget: StatusTarget | undefined;
  fallback: Target | undefined;
  #end: CallEnd | undefined;
  #sequence = 0;
  readonly #world: World;
  readonly #ended = new AbortController();

  constructor(world: World, plan: CallPlan, first: CallStatus) {
    this.#world = world;
    this.ear = new Ear(world.media.ear);
    this.direction = plan.direction;
    this.from = plan.from;
    this.to = plan.to;
    this.statusTarget = plan.status;
    this.fallback = plan.fallback;
    this.createdAt = world.clock.now();
    this.states.push({ status: first, at: this.createdAt });
  }

  get status(): CallStatus {
    return this.states.at(-1)?.status ?? 'queued';
  }

  get isAlive(): boolean {
    return this.#end === undefined;
  }

  /** How it ended, or undefined while it lives. */
  get end(): CallEnd | undefined {
    return this.#end;
  }

  /** Aborts when the call ends. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  get answeredAt(): number | undefined {
    return this.states.find(({ status }) => status === 'in-progress')?.at;
  }

  /** Whole seconds since the answer. */
  get durationS(): number {
    const until = this.#end?.at ?? this.#world.clock.now();
    return this.answeredAt === undefined ? 0 : Math.round((until - this.answeredAt) / 1000);
  }

  /** The latest media stream, open or not. */
  get stream(): MediaStream | undefined {
    return this.streams.at(-1);
  }

  /** The webhooks sent for this call. */
  get hooks(): readonly HookRecord[] {
    return this.#world.ledger.hooks.filter(({ callSid }) => callSid === this.sid);
  }

  /** The REST requests about this call. */
  get requests(): readonly RestRecord[] {
    return this.#world.ledger.requests.filter(({ callSid }) => callSid === this.sid);
  }

  /** The parameters every webhook of this call carries. */
  params(more: Params = []): Params {
    return [
      ['CallSid', this.sid],
      ['AccountSid', this.#world.settings.accountSid],
      ['From', this.from],
      ['To', this.to],
      ['Caller', this.from],
      ['Called', this.to],
      ['CallStatus', this.status],
      ['ApiVersion', '2010-04-01'],
      ['Direction', this.direction],
      ...more,
    ];
  }

  /** Moves on to a status that is not an end, and reports it. */
  become(status: Exclude<CallStatus, EndStatus>): void {
    if (!this.isAlive) return;
    this.#mark(status);
    const event = EVENT_OF[status];
    if (event) this.#report(event, []);
  }

  /** Ends the call; the first end wins. */
  finish(end: Omit<CallEnd, 'at' | 'code'> & { readonly code?: number }): void {
    if (!this.isAlive) return;
    this.#end = { code: undefined, ...end, at: this.#world.clock.now() };
    this.#mark(end.status);
    this.#ended.abort(new Error(`the call has ended: ${end.why}`));
    this.#report('completed', [
      ['CallDuration', `${this.durationS}`],
      ['Duration', `${Math.ceil(this.durationS / 60)}`],
      ['SipResponseCode', `${SIP_OF[end.status]}`],
    ]);
  }

  /** Ends it without a word: the twin is closing. */
  abandon(): void {
    this.statusTarget = undefined;
    this.finish({ status: 'failed', by: 'carrier', why: 'the twin was closed' });
  }

  #mark(status: CallStatus): void {
    this.states.push({ status, at: this.#world.clock.now() });
    this.#world.activity.touch();
  }

  /** A request of its own, parallel to everything else. */
  #report(event: StatusEvent, more: Params): void {
    const target = this.statusTarget;
    if (!target?.events.includes(event)) return;
    const params = this.params([
      ['CallbackSource', 'call-progress-events'],
      ['SequenceNumber', `${this.#sequence++}`],
      ['Timestamp', rfc2822(this.#world.clock.now())],
      ...more,
    ]);
    this.tell('status', target, params);
  }

  /** Sends a webhook whose answer does not matter to the call; a bad one is a problem all the same. */
  tell(kind: 'status' | 'amd' | 'partial' | 'stream', target: Target, params: Params): void {
    const { postman, ledger, closing } = this.#world;
    const hook = { kind, callSid: this.sid, url: target.url, method: target.method, params };
    postman.send(hook).then(
      (delivery) => {
        if (!delivery.ok && !delivery.byFault && !closing.aborted) {
          ledger.problem(15003, `${kind} callback: ${delivery.why}`, this.sid);
        }
      },
      (error: unknown) => {
        if (!closing.aborted) ledger.problem('unexpected', String(error), this.sid);
      },
    );
  }
}

/** `Sat, 21 Nov 2026 10:00:00 +0000`. */
export function rfc2822(atMs: number): string {
  return new Date(atMs).toUTCString().replace('GMT', '+0000');
}
