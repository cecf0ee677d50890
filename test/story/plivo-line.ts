// PlivoLine: a whole telephone on a simulated Plivo over real HTTP, on a story clock.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { settings as coreSettings } from '../../sim/core-call.ts';
import { play } from '../../sim/play.ts';
import type { TwinOptions } from '../../sim/plivo/settings.ts';
import { PlivoTwin } from '../../sim/plivo/twin.ts';
import { StoryClock } from '../../sim/story-clock.ts';
import type { CallSettings } from '../../src/call/call.ts';
import { httpTransport } from '../../src/carrier/http.ts';
import { plivoCarrier } from '../../src/carrier/plivo/index.ts';
import { Conversation } from '../../src/conversation/conversation.ts';
import { Diagnosis } from '../../src/ingress/diagnosis.ts';
import { Replay } from '../../src/ingress/replay.ts';
import { bind } from '../../src/ingress/server.ts';
import { answerWebhook, gate } from '../../src/ingress/webhook.ts';
import { openJournal } from '../../src/record/journal.ts';
import { type CallPlan, Runtime } from '../../src/runtime/runtime.ts';
import { KeptLog, ScriptedAgent } from './line.ts';

const ACCOUNT = { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: 'throw-away-token' };
const ORIGIN = 'https://voice.example.test';
const PATH = '/voice/webhook';

export const ALICE = '+15550001234';
const OURS = '+15550005678';

export interface PlivoLine {
  readonly clock: StoryClock;
  readonly twin: PlivoTwin;
  readonly runtime: Runtime;
  readonly agent: ScriptedAgent;
  readonly log: KeptLog;
  /** What the number's application is set up with. */
  readonly application: { readonly answerUrl: string; readonly hangupUrl: string };
  until(condition: number | (() => boolean)): Promise<number>;
  /** Who said what, in order. */
  said(id: string): string[];
}

export interface LineOptions {
  readonly answer?: (words: string) => string | Promise<string>;
  readonly settings?: Partial<CallSettings>;
  readonly plan?: Partial<CallPlan>;
  readonly twin?: Partial<TwinOptions>;
}

export async function startPlivoLine(test: TestContext, options: LineOptions = {}): Promise<PlivoLine> {
  const clock = new StoryClock();
  const twin = new PlivoTwin({ clock, ...ACCOUNT, ...options.twin });
  await twin.listen();
  const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-plivo-'));
  const journal = openJournal(storeDir);
  const log = new KeptLog();
  const agent = new ScriptedAgent(({ words }) => options.answer?.(words) ?? `You said: ${words}`);
  const listener = await bind({ host: '127.0.0.1', port: 0, clock });
  twin.tunnel(ORIGIN, `http://127.0.0.1:${listener.port}`);
  const webhookUrl = `${ORIGIN}${PATH}`;
  const carrier = plivoCarrier({ ...ACCOUNT, apiBaseUrl: twin.apiBaseUrl, webhookUrl });
  let ids = 0;
  const runtime = new Runtime({
    clock,
    log,
    journal,
    carrier,
    newId: () => `id-${++ids}`,
    transport: httpTransport({ allowedHosts: new Set([new URL(twin.apiBaseUrl).host]), clock }),
    conversation: new Conversation(agent, log),
    observe: () => undefined,
    plan: () => ({
      inboundPolicy: 'allowlist',
      allowFrom: [ALICE],
      maxConcurrentCalls: 3,
      maxInboundCalls: 8,
      staleAfterMs: null,
      fromNumber: OURS,
      settingsFor: ({ request }) => ({
        ...coreSettings,
        greeting: request?.message ?? 'Hello, who is there?',
        dtmfSequence: request?.dtmfSequence ?? null,
        ...options.settings,
      }),
      ...options.plan,
    }),
  });
  const replay = new Replay(journal, clock);
  const diagnosis = new Diagnosis(clock);
  listener.serve({
    publicUrl: webhookUrl,
    forwarding: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
    gate: (head) => gate(head, PATH, carrier),
    answer: (request) =>
      answerWebhook(request, {
        carrier,
        replay,
        diagnosis,
        clock,
        log,
        post: (report) => runtime.post(report),
      }),
  });
  test.after(async () => {
    await twin.close();
    runtime.stop();
    await listener.close();
    journal.close();
    rmSync(storeDir, { recursive: true, force: true });
  });
  return {
    clock,
    twin,
    runtime,
    agent,
    log,
    application: { answerUrl: webhookUrl, hangupUrl: webhookUrl },
    until: (condition) => play(clock, twin, condition),
    said: (id) => (runtime.find(id)?.transcript ?? []).map((entry) => `${entry.speaker}: ${entry.text}`),
  };
}
