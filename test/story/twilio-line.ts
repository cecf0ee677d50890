// TwilioLine: our whole app on a simulated Twilio over real HTTP, on one story clock, with what stories ask of both.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { play } from '../../sim/play.ts';
import { StoryClock } from '../../sim/story-clock.ts';
import type { TwinCall } from '../../sim/twilio/call.ts';
import type { Caller } from '../../sim/twilio/caller.ts';
import type { HookRecord } from '../../sim/twilio/ledger.ts';
import type { TwinOptions } from '../../sim/twilio/settings.ts';
import { tell } from '../../sim/twilio/story.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { type App, startApp } from '../../src/app.ts';
import type { Call, Mode } from '../../src/call/call.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { AgentTurn } from '../../src/conversation/ports.ts';
import type { PlaceRequest } from '../../src/runtime/phone.ts';
import { KeptLog, plainSettings, ScriptedAgent } from './line.ts';

export const ALICE = '+15550001234';
export const STRANGER = '+15550009999';
export const OURS = '+15550005678';
export const GREETING = 'Good morning.';

const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
const TOKEN = 'throw-away-token';
/** A public address stays the same when the process behind it comes back on another port. */
export const PUBLIC_URL = 'https://voice.example.test/voice/webhook';

export interface LineOptions {
  readonly settings?: Partial<Settings>;
  readonly twin?: Partial<TwinOptions>;
  readonly answer?: (turn: AgentTurn) => string | Promise<string>;
}

export class TwilioLine {
  readonly clock = new StoryClock();
  readonly log = new KeptLog();
  readonly twin: TwilioTwin;
  readonly agent: ScriptedAgent;
  readonly #settings: Settings;
  readonly #storeDir = mkdtempSync(join(tmpdir(), 'voice-call-twilio-'));
  #app: App | null = null;
  #ids = 0;

  constructor({ settings, twin, answer }: LineOptions) {
    this.twin = new TwilioTwin({ clock: this.clock, accountSid: ACCOUNT, authToken: TOKEN, ...twin });
    this.agent = new ScriptedAgent(answer ?? (({ words }) => `You said: ${words}`));
    this.#settings = { ...plainSettings, fromNumber: OURS, ...settings };
  }

  async start(): Promise<void> {
    const { clock, log, agent, twin } = this;
    const account = { accountSid: ACCOUNT, authToken: TOKEN, region: 'us1' } as const;
    this.#app = await startApp({
      settings: { ...this.#settings, carrier: { name: 'twilio', ...account, apiBaseUrl: twin.apiBaseUrl } },
      clock,
      log,
      agent,
      storeDir: this.#storeDir,
      newId: () => `id-${++this.#ids}`,
      ownerAgent: (configured) => configured ?? 'main',
      observe: () => undefined,
    });
    const { publicUrl } = this.#settings;
    if (publicUrl !== null) twin.tunnel(new URL(publicUrl).origin, `http://127.0.0.1:${this.#port()}`);
  }

  /** The process leaves; calls, store and carrier stay. */
  async stop(): Promise<void> {
    await this.#app?.stop();
    this.#app = null;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async close(): Promise<void> {
    await this.twin.close();
    await this.stop();
    rmSync(this.#storeDir, { recursive: true, force: true });
  }

  get app(): App {
    assert.ok(this.#app, 'the app is stopped');
    return this.#app;
  }

  get phone(): App['phone'] {
    return this.app.phone;
  }

  get voiceUrl(): string {
    return this.app.webhookUrl ?? '';
  }

  #port(): number {
    const ready = this.log.lines.findLast(({ fields }) => fields['port'] !== undefined);
    return Number(ready?.fields['port']);
  }

  until(condition: number | (() => boolean)): Promise<number> {
    return play(this.clock, this.twin, condition);
  }

  /** We call. */
  async place(
    mode: Mode,
    message: string | null = GREETING,
    more: Partial<PlaceRequest> = {},
  ): Promise<Call> {
    const nobody = { requesterSessionKey: null, sessionKey: null, agentId: null };
    const plain = { dtmfSequence: null, language: null, voice: null };
    return this.phone.place({ to: ALICE, message, mode, ...nobody, ...plain, ...more });
  }

  /** Someone calls us. */
  dialIn(person: Caller, from = ALICE): TwinCall {
    const { voiceUrl } = this;
    return this.twin.dialIn({ from, to: OURS, voiceUrl, statusCallback: voiceUrl, person });
  }

  call(id: string): Call {
    const found = this.phone.find(id);
    assert.ok(found, `no call ${id}`);
    return found;
  }

  /** The only call at the carrier. */
  get theirs(): TwinCall {
    const [call, ...others] = this.twin.calls;
    assert.ok(call);
    assert.deepEqual(others, [], 'one call only');
    return call;
  }

  /** Who said what, in order. */
  said(id: string): string[] {
    return this.call(id).transcript.map(({ speaker, text }) => `${speaker}: ${text}`);
  }

  /** What the person heard; what was cut ends in an ellipsis. */
  get heard(): string[] {
    return this.theirs.heard.map(({ text, cut }) => (cut ? `${text}…` : text));
  }

  /** Until the carrier has no call any more, and on until every timer has had its time. */
  async over(): Promise<void> {
    await this.until(() => this.twin.calls.length > 0 && this.twin.liveCalls().length === 0);
    await this.until(90_000);
  }

  /** Plays to the end, at which the carrier has nothing to complain about and nothing is left. */
  async toTheEnd(): Promise<void> {
    await this.over();
    const told = this.twin.calls.map((call) => tell(call, this.twin.problems)).join('\n\n');
    assert.deepEqual(this.twin.problems, [], told);
    this.nothingIsLeft(told);
  }

  nothingIsLeft(told?: string): void {
    assert.equal(this.app.openCalls(), 0, told);
    assert.equal(this.clock.pending, 0, 'no timer is left');
    const troubles = this.log.lines.filter(({ level }) => level === 'error');
    assert.deepEqual(troubles, []);
  }

  hooks(kind: HookRecord['kind']): readonly HookRecord[] {
    return this.twin.ledger.hooks.filter((hook) => hook.kind === kind);
  }

  /** How often the carrier was asked to do what. */
  requests(action: 'create' | 'update'): readonly Readonly<Record<string, readonly string[]>>[] {
    return this.twin.ledger.requests
      .filter(
        ({ method, path }) => method === 'POST' && path.endsWith('/Calls.json') === (action === 'create'),
      )
      .map(({ form }) => form);
  }

  /** An answer that takes as long as it takes a model, in clock time. */
  after(ms: number, text: string): Promise<string> {
    return new Promise((resolve) => this.clock.at(this.clock.now() + ms, () => resolve(text)));
  }
}

export async function startTwilioLine(test: TestContext, options: LineOptions = {}): Promise<TwilioLine> {
  const line = new TwilioLine(options);
  test.after(() => line.close());
  await line.twin.listen();
  await line.start();
  return line;
}
