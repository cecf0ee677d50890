// PlivoCall: one phone call as Plivo keeps it: its states, its notifications, and what was heard and said on it.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import { Ear } from '../media/ear.ts';
import { Mouth } from '../media/mouth.ts';
import type { MediaStream } from '../media/stream.ts';
import type { StreamFaults } from '../media/stream-faults.ts';
import type { Tunnels } from '../twilio/delivery.ts';
import type { HangupCause } from './causes.ts';
import type { Heard, HookRecord, Ledger, RestRecord, Said } from './ledger.ts';
import type { Target } from './order.ts';
import type { Postman } from './postman.ts';
import type { TwinSettings } from './settings.ts';
import type { Params } from './signature.ts';

export type EndStatus = 'completed' | 'busy' | 'failed' | 'timeout' | 'no-answer';
export type CallStatus = 'queued' | 'ringing' | 'in-progress' | EndStatus;

export interface CallEnd {
  readonly at: number;
  readonly status: EndStatus;
  /** Who ended it: the plugin by REST or XML, the person, or the carrier itself. */
  readonly by: 'plugin' | 'person' | 'carrier';
  readonly why: string;
  readonly cause: HangupCause;
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
  readonly direction: 'inbound' | 'outbound';
  /** Digits only, as Plivo writes numbers. */
  readonly from: string;
  readonly to: string;
  readonly ring: Target | undefined;
  readonly hangup: Target | undefined;
  readonly fallback: Target | undefined;
}

export class PlivoCall {
  readonly uuid: string = randomUUID();
  /** Names the request that placed it, never the call. */
  readonly requestUuid: string = randomUUID();
  readonly direction: CallPlan['direction'];
  readonly from: string;
  readonly to: string;
  readonly fallback: Target | undefined;
  readonly createdAt: number;
  readonly states: { readonly status: CallStatus; readonly at: number }[] = [];
  readonly heard: Heard[] = [];
  readonly said: Said[] = [];
  /** What the person says and hears as sound, over all media streams of the call. */
  readonly mouth = new Mouth();
  readonly ear: Ear;
  readonly streams: MediaStream[] = [];
  /** How often it was transferred to another document. */
  transfers = 0;
  #end: CallEnd | undefined;
  readonly #plan: CallPlan;
  readonly #world: World;
  readonly #ended = new AbortController();

  constructor(world: World, plan: CallPlan, first: CallStatus) {
    this.#world = world;
    this.ear = new Ear(world.media.ear);
    this.#plan = plan;
    this.direction = plan.direction;
    this.from = plan.from;
    this.to = plan.to;
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
    return this.#world.ledger.hooks.filter(({ callUuid }) => callUuid === this.uuid);
  }

  /** The REST requests about this call. */
  get requests(): readonly RestRecord[] {
    return this.#world.ledger.requests.filter(({ callUuid }) => callUuid === this.uuid);
  }

  /** The parameters every webhook of this call carries. */
  params(more: Params = []): Params {
    const outbound: Params = [
      ['RequestUUID', this.requestUuid],
      ['ALegRequestUUID', this.requestUuid],
      ['ALegUUID', this.uuid],
    ];
    return [
      ['CallUUID', this.uuid],
      ['From', this.from],
      ['To', this.to],
      ['Direction', this.direction],
      ['CallStatus', this.status],
      ['SessionStart', plivoTime(this.createdAt)],
      ...(this.direction === 'outbound' ? outbound : []),
      ...more,
    ];
  }

  /** It rings at the other end. */
  ring(): void {
    this.#become('ringing');
    this.#tell('ring', this.#plan.ring, [['Event', 'Ring']]);
  }

  /** Somebody picked up, or the document did. */
  answer(): void {
    this.#become('in-progress');
  }

  /** Ends the call; the first end wins. */
  finish(end: Omit<CallEnd, 'at'>): void {
    if (!this.isAlive) return;
    this.#end = { ...end, at: this.#world.clock.now() };
    this.#mark(end.status);
    this.#ended.abort(new Error(`the call has ended: ${end.why}`));
    this.#tell('hangup', this.#plan.hangup, this.#bill(end.cause));
  }

  /** The person at the other end left. */
  left(why: string): void {
    const cause = this.direction === 'outbound' ? 'Callee' : 'Caller';
    const named = { code: 4000, name: 'Normal Hangup', cause: 'NORMAL_CLEARING', source: cause };
    this.finish({ status: 'completed', by: 'person', why, cause: named });
  }

  /** Ends it without a word: the twin is closing. */
  abandon(): void {
    if (!this.isAlive) return;
    const cause = { code: 0, name: 'Unknown', cause: 'UNKNOWN', source: 'Unknown' };
    const why = 'the twin was closed';
    this.#end = { at: this.#world.clock.now(), status: 'failed', by: 'carrier', why, cause };
    this.#ended.abort(new Error(why));
  }

  #become(status: 'ringing' | 'in-progress'): void {
    if (this.isAlive) this.#mark(status);
  }

  #mark(status: CallStatus): void {
    this.states.push({ status, at: this.#world.clock.now() });
    this.#world.activity.touch();
  }

  #bill({ cause, code, name, source }: HangupCause): Params {
    const answered: Params =
      this.answeredAt === undefined ? [] : [['AnswerTime', plivoTime(this.answeredAt).slice(0, 19)]];
    return [
      ['Event', 'Hangup'],
      ['HangupCause', cause],
      ['HangupCauseCode', `${code}`],
      ['HangupCauseName', name],
      ['HangupSource', source],
      ['Duration', `${this.durationS}`],
      ['BillDuration', `${Math.ceil(this.durationS / 60) * 60}`],
      ['BillRate', '0.0085'],
      ['TotalCost', (Math.ceil(this.durationS / 60) * 0.0085).toFixed(5)],
      ['StartTime', plivoTime(this.createdAt).slice(0, 19)],
      ...answered,
      ['EndTime', plivoTime(this.#world.clock.now()).slice(0, 19)],
    ];
  }

  /** Sends a webhook whose answer does not matter to the call; a bad one is a problem all the same. */
  #tell(kind: 'ring' | 'hangup', target: Target | undefined, more: Params): void {
    if (!target) return;
    const { postman, ledger, closing } = this.#world;
    const hook = { ...target, kind, callUuid: this.uuid, params: this.params(more) };
    postman.send(hook).then(
      (delivery) => {
        if (!delivery.ok && !delivery.byFault && !closing.aborted) {
          ledger.problem('callback', `${kind}_url: ${delivery.why}`, this.uuid);
        }
      },
      (error: unknown) => {
        if (!closing.aborted) ledger.problem('unexpected', String(error), this.uuid);
      },
    );
  }
}

/** `2026-11-21 12:00:00.000000` */
export function plivoTime(atMs: number): string {
  return `${new Date(atMs).toISOString().replace('T', ' ').slice(0, -1)}000`;
}
