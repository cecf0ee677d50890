// TwinCall: one phone call as Telnyx keeps it: its states, its events, and what was heard and said on it.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import { Ear } from '../media/ear.ts';
import { Mouth } from '../media/mouth.ts';
import type { MediaStream } from '../media/stream.ts';
import type { StreamFaults } from '../media/stream-faults.ts';
import type { Tunnels } from '../twilio/delivery.ts';
import type { Fields, Heard, HookRecord, Ledger, RestRecord, Said } from './ledger.ts';
import type { Postman } from './postman.ts';
import type { TwinSettings } from './settings.ts';

export type HangupCause =
  | 'call_rejected'
  | 'normal_clearing'
  | 'originator_cancel'
  | 'timeout'
  | 'time_limit'
  | 'user_busy'
  | 'not_found'
  | 'no_answer'
  | 'unspecified';

export type CallState = 'queued' | 'initiated' | 'ringing' | 'answered' | 'ended';

export interface CallEnd {
  readonly at: number;
  readonly cause: HangupCause;
  /** Who ended it: the plugin by command, the person, or the carrier itself. */
  readonly by: 'plugin' | 'person' | 'carrier';
  readonly sip: string;
  readonly why: string;
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
  readonly direction: 'incoming' | 'outgoing';
  readonly from: string;
  readonly to: string;
  readonly webhookUrl: string | undefined;
  readonly failoverUrl: string | undefined;
  readonly clientState: string | undefined;
}

export class TwinCall {
  /** The call control id. */
  readonly id = `v3:${randomBytes(30).toString('base64url')}`;
  readonly legId = randomUUID();
  readonly sessionId = randomUUID();
  readonly direction: CallPlan['direction'];
  readonly from: string;
  readonly to: string;
  readonly createdAt: number;
  readonly states: { readonly state: CallState; readonly at: number }[] = [];
  readonly heard: Heard[] = [];
  readonly said: Said[] = [];
  /** What the person says and hears as sound, over all media streams of the call. */
  readonly mouth = new Mouth();
  readonly ear: Ear;
  readonly streams: MediaStream[] = [];
  /** The latest one any command carried; every later event repeats it. */
  clientState: string | undefined;
  webhookUrl: string | undefined;
  readonly failoverUrl: string | undefined;
  #end: CallEnd | undefined;
  readonly #world: World;
  readonly #ended = new AbortController();

  constructor(world: World, plan: CallPlan) {
    this.#world = world;
    this.ear = new Ear(world.media.ear);
    this.direction = plan.direction;
    this.from = plan.from;
    this.to = plan.to;
    this.webhookUrl = plan.webhookUrl;
    this.failoverUrl = plan.failoverUrl;
    this.clientState = plan.clientState;
    this.createdAt = world.clock.now();
    this.states.push({ state: 'queued', at: this.createdAt });
  }

  get state(): CallState {
    return this.states.at(-1)?.state ?? 'queued';
  }

  get isAlive(): boolean {
    return this.#end === undefined;
  }

  get isAnswered(): boolean {
    return this.state === 'answered';
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
    return this.states.find(({ state }) => state === 'answered')?.at;
  }

  /** The latest media stream, open or not. */
  get stream(): MediaStream | undefined {
    return this.streams.at(-1);
  }

  /** The deliveries attempted for this call. */
  get hooks(): readonly HookRecord[] {
    return this.#world.ledger.hooks.filter(({ callId }) => callId === this.id);
  }

  /** The REST requests about this call. */
  get requests(): readonly RestRecord[] {
    return this.#world.ledger.requests.filter(({ callId }) => callId === this.id);
  }

  become(state: Exclude<CallState, 'queued' | 'ended'>): void {
    if (this.isAlive) this.#mark(state);
  }

  /** Tells the plugin that something happened. */
  report(type: string, payload: Fields = {}): void {
    const { settings, postman } = this.#world;
    postman.send(this, type, {
      call_control_id: this.id,
      call_leg_id: this.legId,
      call_session_id: this.sessionId,
      client_state: this.clientState ?? null,
      connection_id: settings.connectionId,
      ...payload,
    });
  }

  /** Ends the call; the first end wins. */
  finish(end: Omit<CallEnd, 'at'>): void {
    if (!this.isAlive) return;
    this.#end = { ...end, at: this.#world.clock.now() };
    const source = this.#sourceOf(end.by);
    this.#mark('ended');
    this.#ended.abort(new Error(`the call has ended: ${end.why}`));
    this.report('call.hangup', {
      from: this.from,
      to: this.to,
      state: 'hangup',
      hangup_cause: end.cause,
      hangup_source: source,
      sip_hangup_cause: this.direction === 'incoming' ? 'unspecified' : end.sip,
      call_quality_stats: null,
      start_time: isoTime(this.createdAt),
    });
  }

  /** Hung up by one of the two: cleared after the answer; before it, given up by the caller or declined. */
  hangUp(by: 'plugin' | 'person', why: string): void {
    const isDeclined = this.#sourceOf(by) === 'callee';
    if (this.isAnswered) this.finish({ cause: 'normal_clearing', by, sip: '200', why });
    else if (isDeclined) this.finish({ cause: 'call_rejected', by, sip: '603', why });
    else this.finish({ cause: 'originator_cancel', by, sip: '487', why });
  }

  /** Ends it without a word: the twin is closing. */
  abandon(): void {
    this.webhookUrl = undefined;
    this.finish({ cause: 'unspecified', by: 'carrier', sip: 'unspecified', why: 'the twin was closed' });
  }

  #mark(state: CallState): void {
    this.states.push({ state, at: this.#world.clock.now() });
    this.#world.activity.touch();
  }

  /** The plugin is the caller of the calls it places, and the callee of the others. */
  #sourceOf(by: CallEnd['by']): 'caller' | 'callee' | 'unknown' {
    if (by === 'carrier') return 'unknown';
    return (by === 'plugin') === (this.direction === 'outgoing') ? 'caller' : 'callee';
  }
}

/** `2026-11-21T12:00:00.000000Z`. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z');
}
