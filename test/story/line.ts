// Line: a whole telephone on the mock carrier with a hand-moved clock, for stories that need no network.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { type App, type AppDeps, startApp } from '../../src/app.ts';
import type { Call } from '../../src/call/call.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { Agent, AgentTurn } from '../../src/conversation/ports.ts';
import { VoiceCallError } from '../../src/lib/errors.ts';
import type { Log, LogFields } from '../../src/lib/log.ts';

/** An agent that answers from a list, or as a function of the words; every turn it is asked is kept. */
export class ScriptedAgent implements Agent {
  readonly turns: AgentTurn[] = [];
  readonly prepared: string[] = [];
  readonly released: string[] = [];
  readonly #answer: (turn: AgentTurn) => Promise<string>;

  constructor(answer: (turn: AgentTurn) => Promise<string> | string) {
    this.#answer = async (turn) => answer(turn);
  }

  async reply(turn: AgentTurn): ReturnType<Agent['reply']> {
    this.turns.push(turn);
    const text = await this.#answer(turn);
    return { payloads: [{ text, isError: false, isReasoning: false }] };
  }

  async prewarm({ callId }: { readonly callId: string }): Promise<void> {
    this.prepared.push(callId);
    await settle(1);
  }

  async release(callId: string): Promise<void> {
    this.released.push(callId);
  }
}

/** Keeps every log line, so that a story can look for what must not be in them. */
export class KeptLog implements Log {
  readonly lines: { level: string; text: string; fields: LogFields }[] = [];
  debug = (text: string, fields: LogFields = {}): void => this.#keep('debug', text, fields);
  info = (text: string, fields: LogFields = {}): void => this.#keep('info', text, fields);
  warn = (text: string, fields: LogFields = {}): void => this.#keep('warn', text, fields);
  error = (text: string, fields: LogFields = {}): void => this.#keep('error', text, fields);

  #keep(level: string, text: string, fields: LogFields): void {
    this.lines.push({ level, text, fields });
  }
}

export const plainStreaming: NonNullable<Settings['streaming']> = {
  provider: null,
  providers: {},
  path: '/voice/stream',
  sensitivity: 'medium',
  preStartTimeoutMs: 5_000,
  maxPendingConnections: 32,
  maxPendingConnectionsPerIp: 4,
  maxConnections: 128,
};

export const plainSettings: Settings = {
  enabled: true,
  carrier: { name: 'mock', says: [], answerAfterMs: 900, pace: 1 },
  fromNumber: '+15550000000',
  toNumber: null,
  inboundPolicy: 'disabled',
  allowFrom: [],
  inboundGreeting: 'Hello! How can I help you today?',
  numbers: new Map(),
  defaultMode: 'notify',
  notifyHangupDelayMs: 3_000,
  outbound: {
    maxCallsPerDay: null,
    maxMinutesPerDay: null,
    allowEmergencyNumbers: false,
    allowPremiumNumbers: false,
  },
  maxDurationMs: 300_000,
  ringTimeoutMs: 30_000,
  transcriptTimeoutMs: 180_000,
  maxConcurrentCalls: 1,
  maxInboundCalls: 8,
  staleAfterMs: 120_000,
  serve: { port: 0, bind: '127.0.0.1', path: '/voice/webhook' },
  publicUrl: null,
  tunnel: null,
  forwarding: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [], trustLoopback: false },
  skipSignatureVerification: false,
  shutdownDrainMs: 8_000,
  agentId: null,
  sessionScope: 'per-phone',
  responseModel: null,
  responseSystemPrompt: null,
  responseTimeoutMs: 30_000,
  language: 'en-US',
  voice: null,
  tts: null,
  streaming: null,
  realtime: null,
  silenceTimeoutMs: 800,
  retentionMs: null,
  store: null,
};

/** The host's word on who owns a call, where there are these agents; any that is asked for when absent. */
export function ownerAmong(agents: readonly string[] | undefined): AppDeps['ownerAgent'] {
  return (configured) => {
    const wanted = configured ?? 'main';
    if (!agents || agents.includes(wanted)) return wanted;
    throw new VoiceCallError('VC_AGENT_UNKNOWN', { why: `there is no agent "${wanted}"` });
  };
}

export interface TestLine {
  readonly app: App;
  readonly clock: HandClock;
  readonly agent: ScriptedAgent;
  readonly log: KeptLog;
  readonly storeDir: string;
  call(id: string): Call;
  /** Who said what, in order. */
  said(id: string): string[];
  /** Stops the process but keeps the store, then starts another one on it. */
  restart(): Promise<TestLine>;
  stop(): Promise<void>;
}

export async function startLine(
  settings: Partial<Settings> = {},
  agent: ScriptedAgent = new ScriptedAgent((turn) => `You said: ${turn.words}`),
  agents?: readonly string[],
  storeDir = mkdtempSync(join(tmpdir(), 'voice-call-story-')),
): Promise<TestLine> {
  return openLine({ ...plainSettings, ...settings }, { agent, agents, clock: new HandClock(), storeDir });
}

interface Kept {
  readonly agent: ScriptedAgent;
  readonly agents: readonly string[] | undefined;
  readonly clock: HandClock;
  readonly storeDir: string;
}

async function openLine(settings: Settings, kept: Kept): Promise<TestLine> {
  const { agent, agents, clock, storeDir } = kept;
  const log = new KeptLog();
  let ids = 0;
  const app = await startApp({
    settings,
    clock,
    log,
    agent,
    live: null,
    storeDir,
    newId: () => `id-${clock.now() % 1_000_000}-${++ids}`,
    ownerAgent: ownerAmong(agents),
    tell: () => undefined,
  });
  const call = (id: string): Call => {
    const found = app.phone.find(id);
    if (!found) throw new VoiceCallError('VC_CALL_NOT_FOUND', { callId: id });
    return found;
  };
  return {
    app,
    clock,
    agent,
    log,
    storeDir,
    call,
    said: (id) => call(id).transcript.map((entry) => `${entry.speaker}: ${entry.text}`),
    restart: async () => {
      await app.stop();
      return openLine(settings, kept);
    },
    stop: async () => {
      await app.stop();
      rmSync(storeDir, { recursive: true, force: true });
    },
  };
}
