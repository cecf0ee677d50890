// CarrierStage: our whole app on the twin of one carrier over real HTTP, on one story clock, alike for all carriers.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { liveHere, type VoicesOptions } from '../../sim/live-here.ts';
import { placeRequest } from '../../sim/place-request.ts';
import { play } from '../../sim/play.ts';
import { StoryClock } from '../../sim/story-clock.ts';
import { type App, type AppDeps, type LiveAudio, startApp } from '../../src/app.ts';
import type { Call } from '../../src/call/call.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { AgentTurn } from '../../src/conversation/ports.ts';
import type { Told } from '../../src/feed/feed.ts';
import type { PlaceRequest } from '../../src/runtime/phone.ts';
import { KeptLog, ownerAmong, plainSettings, plainStreaming, ScriptedAgent } from '../story/line.ts';
import type { Exchange, Script, TheirCall } from './exchange.ts';
import { type CarrierName, exchangeOf } from './exchanges.ts';

export const ALICE = '+15550001234';
export const STRANGER = '+15550009999';
export const OURS = '+15550005678';
export const GREETING = 'Good morning.';
/** The address stays the same when the process behind it comes back on another port. */
export const PUBLIC_URL = 'https://voice.example.test/voice/webhook';

export interface StageOptions {
  readonly settings?: Partial<Settings>;
  readonly answer?: (turn: AgentTurn, stage: CarrierStage) => string | Promise<string>;
  /** The agents there are; without them, any that is asked for. */
  readonly agents?: readonly string[];
  /** Live audio over media streams, with these voices; without them the carrier speaks and listens. */
  readonly streaming?: VoicesOptions | undefined;
}

export class CarrierStage {
  readonly clock = new StoryClock();
  readonly log = new KeptLog();
  readonly agent: ScriptedAgent;
  readonly exchange: Exchange;
  /** What happens to an order before it is placed, once: a carrier that refuses it, for example. */
  beforePlacing: ((order: Partial<PlaceRequest>) => Promise<void>) | null = null;
  /** What those who look on were told. */
  readonly feed: Told[] = [];
  readonly #settings: Settings;
  readonly #ownerAgent: AppDeps['ownerAgent'];
  readonly #live: LiveAudio | null;
  /** What our own voice was asked for. */
  readonly #wanted: string[] = [];
  readonly #storeDir = mkdtempSync(join(tmpdir(), 'voice-call-stage-'));
  #app: App | null = null;
  #ids = 0;

  constructor(carrier: CarrierName, { settings, answer, agents, streaming }: StageOptions = {}) {
    this.#ownerAgent = ownerAmong(agents);
    this.exchange = exchangeOf(carrier, this.clock, PUBLIC_URL);
    this.agent = new ScriptedAgent((turn) => answer?.(turn, this) ?? `You said: ${turn.words}`);
    const onSpeak: VoicesOptions['onSpeak'] = (wanted) => {
      this.#wanted.push(`${wanted.language}: ${wanted.text}`);
      streaming?.onSpeak?.(wanted);
    };
    this.#live = streaming ? liveHere(this.clock, { ...streaming, onSpeak }) : null;
    const live = streaming ? { streaming: plainStreaming } : {};
    this.#settings = { ...plainSettings, fromNumber: OURS, publicUrl: PUBLIC_URL, ...live, ...settings };
  }

  async open(): Promise<this> {
    await this.exchange.listen();
    await this.start();
    return this;
  }

  /** Starts a process, on the store of the one before unless told otherwise. */
  async start(storeDir = this.#storeDir): Promise<void> {
    const { clock, log, agent, exchange } = this;
    this.#app = await startApp({
      settings: this.settings,
      clock,
      log,
      agent,
      live: this.#live,
      storeDir,
      newId: () => `id-${++this.#ids}`,
      ownerAgent: this.#ownerAgent,
      tell: (told) => this.feed.push(told),
    });
    exchange.tunnel(new URL(PUBLIC_URL).origin, `http://127.0.0.1:${this.port}`);
  }

  get settings(): Settings {
    return { ...this.#settings, carrier: this.exchange.settings() };
  }

  /** Where our door is. */
  get port(): number {
    const ready = this.log.lines.findLast(({ fields }) => fields['port'] !== undefined);
    return Number(ready?.fields['port']);
  }

  get storeDir(): string {
    return this.#storeDir;
  }

  /** The process leaves; calls, store and carrier stay. What it waits for is given its time. */
  async stop(): Promise<void> {
    const app = this.#app;
    this.#app = null;
    if (!app) return;
    let gone = false;
    const stopping = app.stop().finally(() => {
      gone = true;
    });
    while (!gone) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.clock.advance(20);
    }
    await stopping;
  }

  async close(): Promise<void> {
    await this.exchange.close();
    await this.stop();
    rmSync(this.#storeDir, { recursive: true, force: true });
  }

  get app(): App {
    if (!this.#app) throw new Error('the app is stopped');
    return this.#app;
  }

  until(condition: number | (() => boolean)): Promise<number> {
    return play(this.clock, this.exchange, condition, { mostMs: 400_000 });
  }

  /** Places a call and plays until it was agreed to or refused. */
  async place(order: Partial<PlaceRequest> = {}): Promise<Call> {
    const before = this.beforePlacing;
    this.beforePlacing = null;
    await before?.(order);
    return this.settle(this.app.phone.place(placeRequest({ to: ALICE, message: GREETING, ...order })));
  }

  /** Plays until a promise of ours is settled. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const mark = (): void => {
      done = true;
    };
    promise.then(mark, mark);
    await this.until(() => done);
    return promise;
  }

  expect(script: Script): void {
    this.exchange.expect(ALICE, script);
  }

  dialIn(script: Script, from = ALICE): void {
    this.exchange.dialIn(from, OURS, script);
  }

  /** The only call at the carrier. */
  get theirs(): TheirCall {
    const [call, ...others] = this.exchange.calls;
    if (!call || others.length > 0)
      throw new Error(`${this.exchange.calls.length} calls at the carrier, not 1`);
    return call;
  }

  /** What the person heard; what was cut ends in an ellipsis. */
  get heard(): readonly string[] {
    return this.theirs.heard.map(({ text, cut }) => (cut ? `${text}…` : text));
  }

  /** Everything that was to be spoken, by the carrier's voice or by ours, each with its language. */
  get spoken(): readonly string[] {
    return [...this.exchange.spoken, ...this.#wanted];
  }

  /** What the carrier's own voice was told to say. */
  get carrierSpeech(): readonly string[] {
    return this.exchange.spoken.filter((text) => /<(?:Say|Speak)\b|"payload"/.test(text));
  }

  /** Our record of every call the carrier has had; one it refused to dial has no id there. */
  get records(): readonly Call[] {
    return this.app.phone.list(10).filter(({ carrierCallId }) => carrierCallId !== null);
  }

  /** Our record of the only call. */
  get ours(): Call {
    const [call, ...others] = this.records;
    if (!call || others.length > 0) throw new Error(`${this.records.length} calls on record, not 1`);
    return call;
  }

  /** Until the line listens and nothing is being said any more. */
  async listening(): Promise<void> {
    await this.until(() => this.ours.floor.kind === 'listening' && this.theirs.heard.length > 0);
    await this.until(() => this.theirs.heard.every(({ to }) => to <= this.clock.now()));
    await this.until(100);
  }

  /** Until the carrier has no call any more, and on until every timer of ours has had its time. */
  async over(): Promise<void> {
    const { exchange } = this;
    await this.until(() => exchange.calls.length > 0 && exchange.calls.every(({ isAlive }) => !isAlive));
    await this.until(100_000);
  }
}
