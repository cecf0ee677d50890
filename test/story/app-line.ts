// AppLine: our whole app on the twin of a carrier over real HTTP, on one story clock: what all such lines have alike.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { liveHere, type VoicesOptions } from '../../sim/live-here.ts';
import { placeRequest } from '../../sim/place-request.ts';
import { play, type Restful } from '../../sim/play.ts';
import { StoryClock } from '../../sim/story-clock.ts';
import { type App, type LiveAudio, startApp } from '../../src/app.ts';
import type { Call } from '../../src/call/call.ts';
import type { CarrierSettings, Settings } from '../../src/config/settings.ts';
import type { AgentTurn } from '../../src/conversation/ports.ts';
import type { PlaceRequest } from '../../src/runtime/phone.ts';
import { KeptLog, ownerAmong, plainSettings, plainStreaming, ScriptedAgent } from './line.ts';

export const ALICE = '+15550001234';
export const STRANGER = '+15550009999';
export const OURS = '+15550005678';
export const GREETING = 'Good morning.';
/** A public address stays the same when the process behind it comes back on another port. */
export const PUBLIC_URL = 'https://voice.example.test/voice/webhook';

/** A line behind a public address on which Alice may call us. */
export const forAlice = {
  publicUrl: PUBLIC_URL,
  inboundPolicy: 'allowlist',
  allowFrom: [ALICE],
  inboundGreeting: 'Hello, who is there?',
} as const;

/** What a line needs of the carrier it is on. */
interface Twin extends Restful {
  listen(): Promise<void>;
  close(): Promise<void>;
  tunnel(publicOrigin: string, loopbackOrigin: string): void;
}

export interface AppLineOptions {
  readonly settings?: Partial<Settings> | undefined;
  readonly answer?: ((turn: AgentTurn) => string | Promise<string>) | undefined;
  /** Live audio over media streams, with these voices; the carrier speaks when absent. */
  readonly streaming?: VoicesOptions | undefined;
  /** The agents there are; any that is asked for when absent. */
  readonly agents?: readonly string[] | undefined;
}

export abstract class AppLine {
  abstract readonly twin: Twin;
  readonly clock = new StoryClock();
  readonly log = new KeptLog();
  readonly agent: ScriptedAgent;
  readonly storeDir = mkdtempSync(join(tmpdir(), 'voice-call-line-'));
  readonly #settings: Settings;
  readonly #agents: readonly string[] | undefined;
  readonly #live: LiveAudio | null;
  #app: App | null = null;
  #ids = 0;

  constructor({ settings, answer, agents, streaming }: AppLineOptions = {}) {
    this.agent = new ScriptedAgent(answer ?? (({ words }) => `You said: ${words}`));
    this.#agents = agents;
    this.#live = streaming ? liveHere(this.clock, streaming) : null;
    const live = streaming ? { streaming: plainStreaming } : {};
    this.#settings = { ...plainSettings, fromNumber: OURS, ...live, ...settings };
  }

  /** The account at the twin. */
  protected abstract carrier(): CarrierSettings;

  async open(): Promise<this> {
    await this.twin.listen();
    await this.start();
    return this;
  }

  async start(): Promise<void> {
    const { clock, log, agent, storeDir } = this;
    this.#app = await startApp({
      settings: { ...this.#settings, carrier: this.carrier() },
      clock,
      log,
      agent,
      live: this.#live,
      storeDir,
      newId: () => `id-${++this.#ids}`,
      ownerAgent: ownerAmong(this.#agents),
      tell: () => undefined,
    });
    const { publicUrl } = this.#settings;
    if (publicUrl !== null) this.twin.tunnel(new URL(publicUrl).origin, `http://127.0.0.1:${this.port}`);
  }

  /** Where our door is. */
  get port(): number {
    const ready = this.log.lines.findLast(({ fields }) => fields['port'] !== undefined);
    return Number(ready?.fields['port']);
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
      if (!gone) await this.clock.advance(20);
    }
    await stopping;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async close(): Promise<void> {
    await this.twin.close();
    await this.stop();
    rmSync(this.storeDir, { recursive: true, force: true });
  }

  get app(): App {
    assert.ok(this.#app, 'the app is stopped');
    return this.#app;
  }

  get phone(): App['phone'] {
    return this.app.phone;
  }

  /** Where the carrier reaches us. */
  get voiceUrl(): string {
    return this.app.reach?.address.webhookUrl ?? '';
  }

  until(condition: number | (() => boolean)): Promise<number> {
    return play(this.clock, this.twin, condition);
  }

  /** We call: a conversation with Alice unless told otherwise. */
  order(changes: Partial<PlaceRequest> = {}): Promise<Call> {
    return this.phone.place(placeRequest({ to: ALICE, message: GREETING, ...changes }));
  }

  call(id: string): Call {
    const found = this.phone.find(id);
    assert.ok(found, `no call ${id}`);
    return found;
  }

  /** Who said what, in order. */
  said(id: string): string[] {
    return this.call(id).transcript.map(({ speaker, text }) => `${speaker}: ${text}`);
  }

  /** An answer that takes as long as it takes a model, in clock time. */
  after(ms: number, text: string): Promise<string> {
    return new Promise((resolve) => this.clock.at(this.clock.now() + ms, () => resolve(text)));
  }
}

/** Opens a line for one test and closes it after. */
export function opened<Line extends AppLine>(test: TestContext, line: Line): Promise<Line> {
  test.after(() => line.close());
  return line.open();
}
