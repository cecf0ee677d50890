// SetupStage: a Gateway with nothing but our set-up in it, on a twin of a carrier, and a person at a terminal who answers.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Command } from 'commander';
import { type Answer, bothOf, FakeTerminal } from '../../sim/fake-terminal.ts';
import { FakeSynthesizer, FakeTranscriber } from '../../sim/fake-voices.ts';
import { type App, startApp } from '../../src/app.ts';
import { merged } from '../../src/config/merge.ts';
import { parseConfig } from '../../src/config/parse.ts';
import type { Transcriber } from '../../src/conversation/ports.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { VoiceCallError } from '../../src/lib/errors.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { Continues } from '../../src/operation/continues.ts';
import type { CheckId, CheckResult, SetupReport } from '../../src/setup/check.ts';
import type { AddressVerdict } from '../../src/setup/machine.ts';
import { Setup, type SetupDeps } from '../../src/setup/setup.ts';
import { addCommands } from '../../src/surface/cli.ts';
import type { Gateway } from '../../src/surface/gateway.ts';
import { type RpcMethod, rpcMethods } from '../../src/surface/rpc.ts';
import { setupMethods } from '../../src/surface/setup-methods.ts';
import { KeptLog, ownerAmong, ScriptedAgent } from './line.ts';

type Section = Readonly<Record<string, unknown>>;

/** What is not as in a house where everything is well. */
export type Broken = Partial<
  Pick<SetupDeps, 'synthesizer' | 'transcriber' | 'askModel' | 'inTheWay' | 'storeTrouble'>
> & {
  readonly agents?: readonly string[];
  readonly probe?: () => Promise<AddressVerdict>;
  /** The way in is closed. */
  readonly closed?: VoiceCallError;
};

/** A transcriber that understands the end of everything it hears. */
function goodTranscriber(): Transcriber {
  const fake = new FakeTranscriber();
  return {
    provider: 'fake',
    open(call, listener) {
      const session = fake.open(call, listener);
      let bytes = 0;
      return {
        ready: session.ready,
        close: () => session.close(),
        hear: (mulaw) => {
          bytes += mulaw.length;
          if (bytes > 8_000) listener.onFinal('one two three');
        },
      };
    },
  };
}

/** Speech of two seconds, at once. */
function goodVoice(): FakeSynthesizer {
  const bytes = Uint8Array.from({ length: 16_000 }, (_, at) => (at * 37) % 251);
  return new FakeSynthesizer(systemClock, () => ({
    pieces: [{ encoding: 'mulaw', sampleRate: 8_000, bytes }],
  }));
}

export class SetupStage {
  /** What stands below plugins.entries.voice-call.config. */
  config: Section;
  /** How often it was seen that the number leads to us. */
  readonly leads: string[] = [];
  /** How often the configuration was written. */
  writes = 0;
  exitCode = 0;
  readonly broken: Broken;
  readonly log = new KeptLog();
  readonly #storeDir = mkdtempSync(join(tmpdir(), 'voice-call-setup-'));
  #app: App | { readonly why: string } = { why: 'the Gateway has not started it' };

  constructor(config: Section, broken: Broken = {}) {
    this.config = config;
    this.broken = broken;
  }

  /** Starts the telephone, as the Gateway does with each new configuration; without one when it is incomplete. */
  async start(): Promise<this> {
    await this.#stop();
    const parsed = parseConfig(this.config, {});
    if (!parsed.ok) {
      this.#app = { why: parsed.problems.join('; ') };
      return this;
    }
    try {
      this.#app = await startApp({
        settings: parsed.settings,
        clock: systemClock,
        log: this.log,
        agent: new ScriptedAgent(({ words }) => `You said: ${words}`),
        live: null,
        newId: newUuid,
        ownerAgent: ownerAmong(this.broken.agents),
        storeDir: this.#storeDir,
        tell: () => undefined,
      });
    } catch (error) {
      this.#app = { why: String(error) };
    }
    return this;
  }

  get app(): App {
    if ('why' in this.#app) assert.fail(this.#app.why);
    return this.#app;
  }

  async close(): Promise<void> {
    await this.#stop();
    rmSync(this.#storeDir, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    if (!('why' in this.#app)) await this.#app.stop();
    this.#app = { why: 'it was stopped' };
  }

  setup(): Setup {
    const parsed = parseConfig(this.config, {});
    const owner = ownerAmong(this.broken.agents);
    const { agents: _agents, probe, closed, ...broken } = this.broken;
    return new Setup({
      parsed,
      settings: parsed.settings,
      clock: systemClock,
      ownerAgent: () => owner(parsed.settings.agentId),
      ownerless: () => [],
      numberLeadsTo: (webhookUrl) => this.leads.push(webhookUrl),
      telephone: () => {
        if ('why' in this.#app) return this.#app;
        if (closed) return { webhookUrl: null, probe: null, trouble: closed };
        const { reach } = this.#app;
        return {
          webhookUrl: reach?.address.webhookUrl ?? null,
          probe: probe ?? (reach && (() => reach.probe())),
        };
      },
      health: () => ('why' in this.#app ? [] : this.#app.health.troubles()),
      inTheWay: async () => null,
      storeTrouble: async () => null,
      synthesizer: goodVoice,
      transcriber: async () => goodTranscriber(),
      voiceModel: async () => ({ why: 'there is none here' }),
      askModel: async () => 'ready',
      ...broken,
    });
  }

  /** Runs a command of ours, with somebody at the terminal if there are answers. */
  async command(line: readonly string[], answers: readonly Answer[] = []): Promise<string> {
    const terminal = new FakeTerminal(answers);
    const gateway: Gateway = { request: (method, params) => this.#request(method, params) };
    const program = new Command('voicecall').exitOverride();
    const readConfig = (): [Section, Record<string, string>] => [this.config, {}];
    addCommands(program, terminal.deps(bothOf(gateway), { clock: systemClock, readConfig }));
    await program.parseAsync([...line], { from: 'user' });
    assert.deepEqual(terminal.unasked, [], `not asked, after:\n${terminal.out}`);
    this.exitCode = terminal.exitCode;
    return terminal.out;
  }

  async report(): Promise<SetupReport> {
    return this.setup().check();
  }

  async check(id: CheckId): Promise<CheckResult> {
    const found = (await this.report()).checks.find((one) => one.id === id);
    assert.ok(found, id);
    return found;
  }

  async #request(method: string, params: object): Promise<unknown> {
    if (method === 'config.get')
      return {
        hash: `hash-${this.writes}`,
        config: { plugins: { entries: { 'voice-call': { config: this.config } } } },
      };
    if (method === 'config.patch')
      return this.#write(params as { readonly raw: string; readonly baseHash: string });
    const known = this.#methods().find(({ name }) => name === method);
    assert.ok(known, method);
    const answer = await known.handle(JSON.parse(JSON.stringify(params)), { isTrusted: false });
    if (answer.ok) return JSON.parse(JSON.stringify(answer.payload));
    const { message, cure } = answer.error.details;
    throw new VoiceCallError('VC_REQUEST_FAILED', { why: message, cure });
  }

  async #write({ raw, baseHash }: { readonly raw: string; readonly baseHash: string }): Promise<object> {
    assert.equal(baseHash, `hash-${this.writes}`);
    const patch = JSON.parse(raw) as {
      readonly plugins: { readonly entries: { readonly 'voice-call': { readonly config: Section } } };
    };
    const laid = merged(this.config, patch.plugins.entries['voice-call'].config);
    // As in a JSON merge patch.
    this.config = Object.fromEntries(Object.entries(laid).filter(([, value]) => value !== null));
    this.writes++;
    await this.start();
    return { ok: true };
  }

  #methods(): readonly RpcMethod[] {
    const open = () => {
      if ('why' in this.#app) throw new VoiceCallError('VC_NOT_RUNNING', { why: this.#app.why });
      const { phone, health, watch } = this.#app;
      const { settings } = parseConfig(this.config, {});
      return {
        phone,
        health,
        watch,
        testPhones: null,
        defaults: { toNumber: settings.toNumber, mode: settings.defaultMode, transcriptTimeoutMs: 1_000 },
        continues: new Continues(systemClock, newUuid),
      };
    };
    return [...rpcMethods(open), ...setupMethods(() => this.setup())];
  }
}

export async function openSetup(
  test: TestContext,
  config: Section,
  broken: Broken = {},
): Promise<SetupStage> {
  const stage = new SetupStage(config, broken);
  test.after(() => stage.close());
  return stage.start();
}
