// Home: an OpenClaw of its own for an end-to-end test: the real Gateway, our packed plugin installed, a model on loopback.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DemoModel, type ModelOptions } from '../../demo/model.ts';
import { systemClock, wait } from '../../src/lib/clock.ts';
import {
  type CliResult,
  command,
  type Gateway,
  openclawCli,
  startGateway,
  writeConfig,
} from '../../tools/gateway.ts';
import { packPlugin } from '../../tools/pack.ts';

export type View = Readonly<Record<string, unknown>> & {
  readonly callId: string;
  readonly providerCallId?: string;
  readonly state: string;
  readonly transcript: readonly { readonly speaker: string; readonly text: string }[];
};

export interface HomeOptions {
  /** How the model answers. Default: as in the demo, at once. */
  readonly model?: ModelOptions;
  /** What the Gateway finds in its environment beside what every home has. */
  readonly env?: Readonly<Record<string, string>>;
}

export const BIN = path.resolve(import.meta.dirname, '..', '..', 'dist', 'bin', 'voicecall.js');
const TOKEN = 'token-of-an-end-to-end-test';
const READY_WITHIN_MS = 90_000;
const POLL_MS = 200;

export class Home {
  readonly stateDir: string;
  readonly port: number;
  readonly model: DemoModel;
  readonly env: Readonly<Record<string, string>>;
  /** What commands greet the Gateway with. */
  readonly token = TOKEN;
  #gateway: Gateway | null = null;
  /** Null: without the plugin. */
  #pluginConfig: object | null = {};

  private constructor(stateDir: string, port: number, model: DemoModel, env: HomeOptions['env'] = {}) {
    this.stateDir = stateDir;
    this.port = port;
    this.model = model;
    this.env = {
      ...env,
      PATH: env['PATH'] ?? process.env['PATH'] ?? '',
      HOME: path.join(stateDir, 'home'),
      OPENCLAW_STATE_DIR: stateDir,
      OPENCLAW_CONFIG_PATH: path.join(stateDir, 'openclaw.json'),
      OPENCLAW_GATEWAY_PORT: String(port),
      OPENCLAW_GATEWAY_TOKEN: TOKEN,
      OPENCLAW_DISABLE_BONJOUR: '1',
      NO_COLOR: '1',
      CI: '1',
    };
  }

  /** A fresh folder with the plugin installed from its tarball; the Gateway is not started yet. */
  static async install(options: HomeOptions = {}): Promise<{ home: Home; installed: CliResult }> {
    const tarball = process.env['VOICE_CALL_TARBALL'] ?? (await packPlugin()).tarball;
    const home = await Home.bare(options);
    const installed = await home.openclaw('plugins', 'install', tarball, '--force', '--accept-capabilities');
    return { home, installed };
  }

  /** A fresh folder that has never heard of the plugin: start it with null. */
  static async bare(options: HomeOptions = {}): Promise<Home> {
    const stateDir = mkdtempSync(path.join(tmpdir(), 'voice-call-e2e-'));
    mkdirSync(path.join(stateDir, 'home'));
    const model = await DemoModel.start({ firstTokenMs: 20, tokenMs: 2, ...options.model });
    return new Home(stateDir, await freePort(), model, options.env);
  }

  get gateway(): Gateway {
    if (!this.#gateway) throw new Error('the Gateway of this test is not running');
    return this.#gateway;
  }

  /** Starts the Gateway with this plugin configuration and waits until the telephone answers, unless it will not. */
  async start(
    pluginConfig: object | null,
    { answers = pluginConfig !== null }: { readonly answers?: boolean } = {},
  ): Promise<void> {
    this.#pluginConfig = pluginConfig;
    this.#gateway = await startGateway({
      stateDir: this.stateDir,
      port: this.port,
      env: this.env,
      config: hostConfig(this.port, this.model.baseUrl, pluginConfig),
      logFile: path.join(this.stateDir, 'gateway.log'),
    });
    const until = systemClock.now() + READY_WITHIN_MS;
    while (answers) {
      try {
        await this.rpc('voicecall.status', {});
        return;
      } catch (error) {
        if (systemClock.now() > until) throw error;
        await wait(systemClock, POLL_MS);
      }
    }
  }

  /** Edits the plugin's configuration while the Gateway runs: it stops our telephone and starts it anew. */
  async reconfigure(pluginConfig: object): Promise<void> {
    this.#pluginConfig = pluginConfig;
    const file = path.join(this.stateDir, 'openclaw.json');
    await writeConfig(file, hostConfig(this.port, this.model.baseUrl, pluginConfig));
  }

  /** What the Gateway wrote so far. */
  get log(): string {
    return readFileSync(path.join(this.stateDir, 'gateway.log'), 'utf8');
  }

  /** Waits until the Gateway wrote this, after its first `from` letters. */
  async logged(wanted: RegExp, from = 0, withinMs = 60_000): Promise<void> {
    const until = systemClock.now() + withinMs;
    while (!wanted.test(this.log.slice(from))) {
      if (systemClock.now() > until) throw new Error(`the Gateway never wrote ${wanted}`);
      await wait(systemClock, POLL_MS);
    }
  }

  /** Stops the Gateway in order and starts it again on the same folder. */
  async restart(): Promise<void> {
    await this.stop();
    await this.again();
  }

  /** Starts the Gateway that was stopped, on the same folder. */
  again(): Promise<void> {
    return this.start(this.#pluginConfig);
  }

  async rpc<T>(method: string, params: object, timeoutMs?: number): Promise<T> {
    return (await this.gateway.rpc(method, params, timeoutMs)) as T;
  }

  openclaw(...args: string[]): Promise<CliResult> {
    return openclawCli(args, this.env);
  }

  /** Our own quick bin, as installed. */
  voicecall(...args: string[]): Promise<CliResult> {
    return command([BIN, ...args], this.env);
  }

  /** Runs the agent tool the way an agent turn would, through the Gateway. */
  async tool(args: object): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`http://127.0.0.1:${this.port}/tools/invoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tool: 'voice_call', args }),
    });
    const answer = (await response.json()) as { result?: { details?: Readonly<Record<string, unknown>> } };
    if (!answer.result?.details) throw new Error(`the tool answered ${JSON.stringify(answer)}`);
    return answer.result.details;
  }

  /** The call once it looks as wanted. */
  async call(id: string, isWanted: (call: View) => boolean, withinMs = 60_000): Promise<View> {
    const until = systemClock.now() + withinMs;
    for (;;) {
      const { call } = await this.rpc<{ call?: View }>('voicecall.status', { callId: id });
      if (call && isWanted(call)) return call;
      if (systemClock.now() > until) throw new Error(`still waiting for call ${JSON.stringify(call)}`);
      await wait(systemClock, POLL_MS);
    }
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    this.#gateway = null;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.model.stop();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}

function hostConfig(port: number, modelUrl: string, pluginConfig: object | null): object {
  const model = {
    id: 'receptionist',
    name: 'Demo',
    reasoning: false,
    input: ['text'],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 128_000,
    maxTokens: 4_096,
  };
  return {
    gateway: {
      mode: 'local',
      port,
      bind: 'loopback',
      auth: { mode: 'token', token: TOKEN },
      controlUi: { experimental: { customPlugins: true } },
    },
    agents: {
      defaults: { skipBootstrap: true, heartbeat: { every: '0m' }, model: { primary: 'demo/receptionist' } },
    },
    models: {
      mode: 'merge',
      providers: {
        demo: { baseUrl: modelUrl, apiKey: 'sk-demo', api: 'openai-completions', models: [model] },
      },
    },
    update: { checkOnStart: false },
    discovery: { mdns: { mode: 'off' } },
    ...(pluginConfig && { plugins: { entries: { 'voice-call': { enabled: true, config: pluginConfig } } } }),
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
