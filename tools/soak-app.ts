// SoakApp: the telephone under a soak, in a process of its own: our app with its real line thread, measured as it runs.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import { placeRequest } from '../sim/place-request.ts';
import { type App, startApp } from '../src/app.ts';
import { parseConfig } from '../src/config/parse.ts';
import { systemClock } from '../src/lib/clock.ts';
import { reasonOf } from '../src/lib/errors.ts';
import { newUuid } from '../src/lib/ids.ts';
import type { Log, LogFields } from '../src/lib/log.ts';
import { agent, live } from './soak-stand-ins.ts';

export interface AppSample {
  readonly at: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly lineHeapMb: number;
  /** Shares of a core that the main thread and the line thread worked, since the sample before. */
  readonly mainLoad: number;
  readonly lineLoad: number;
  /** Delay of the main event loop since the sample before, ms. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly files: number;
  readonly openCalls: number;
  /** Deadlines of open calls that were due over a second ago, since the start. */
  readonly missedDeadlines: number;
  readonly warnings: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
}

export type ToApp =
  | { readonly kind: 'place'; readonly to: string }
  | { readonly kind: 'end'; readonly id: string }
  | { readonly kind: 'sample' }
  | { readonly kind: 'stop' };
export type FromApp =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'sample'; readonly sample: AppSample }
  | { readonly kind: 'stopped' };

const FILES = '/proc/self/fd';
const OVERDUE_MS = 1_000;
const LOOK_EVERY_MS = 500;
const counts = { warnings: new Map<string, number>(), errors: new Map<string, number>() };
const missed = new Set<string>();
const delay = monitorEventLoopDelay({ resolution: 10 });
let lineThread: Worker | undefined;
let lineHeapMb = 0;
let mainUsed = performance.eventLoopUtilization();
let lineUsed: ReturnType<Worker['performance']['eventLoopUtilization']> | undefined;

process.on('worker', (worker) => {
  lineThread = worker as unknown as Worker;
});

function count(into: Map<string, number>, text: string, fields?: LogFields): void {
  const key = fields?.['why'] === undefined ? text : `${text}: ${fields['why']}`;
  into.set(key, (into.get(key) ?? 0) + 1);
}

const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (text, fields) => count(counts.warnings, text, fields),
  error: (text, fields) => count(counts.errors, `${text} ${fields?.['error'] ?? ''}`, fields),
};

function tell(message: FromApp): void {
  process.send?.(message);
}

function look(app: App): void {
  const now = systemClock.now();
  for (const call of app.phone.list(200)) {
    if (call.phase === 'ended') break;
    for (const [name, at] of Object.entries(call.deadlines)) {
      if (now - at > OVERDUE_MS) missed.add(`${call.id} ${name} ${at}`);
    }
  }
}

/** Files and sockets of all threads; 0 where the system does not tell. */
function openFiles(): number {
  return existsSync(FILES) ? readdirSync(FILES).length : 0;
}

function sample(app: App): AppSample {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const resources = Object.groupBy(process.getActiveResourcesInfo(), (name) => name);
  const main = performance.eventLoopUtilization(mainUsed);
  const line = lineThread?.performance.eventLoopUtilization(lineUsed);
  mainUsed = performance.eventLoopUtilization();
  lineUsed = lineThread?.performance.eventLoopUtilization();
  const taken: AppSample = {
    at: systemClock.now(),
    rssMb: rss / 2 ** 20,
    heapMb: heapUsed / 2 ** 20,
    lineHeapMb,
    mainLoad: main.utilization,
    lineLoad: line?.utilization ?? 0,
    delayP99Ms: delay.percentile(99) / 1e6,
    delayMaxMs: delay.max / 1e6,
    resources: Object.fromEntries(Object.entries(resources).map(([name, all = []]) => [name, all.length])),
    files: openFiles(),
    openCalls: app.openCalls(),
    missedDeadlines: missed.size,
    warnings: Object.fromEntries(counts.warnings),
    errors: Object.fromEntries(counts.errors),
  };
  delay.reset();
  void lineThread?.getHeapStatistics().then(({ used_heap_size }) => {
    lineHeapMb = used_heap_size / 2 ** 20;
  });
  return taken;
}
async function main(apiBaseUrl: string): Promise<void> {
  const storeDir = mkdtempSync(path.join(tmpdir(), 'voice-call-soak-'));
  const config = parseConfig(
    {
      provider: 'twilio',
      fromNumber: '+15550000001',
      twilio: { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-soak', apiBaseUrl },
      publicUrl: 'https://voice.example.test/voice/webhook',
      serve: { port: 0 },
      inboundPolicy: 'open',
      inboundGreeting: 'Hello, how can I help you?',
      maxConcurrentCalls: 500,
      outbound: { maxCallsPerDay: 0, maxMinutesPerDay: 0 },
      streaming: {
        enabled: true,
        maxConnections: 500,
        maxPendingConnections: 200,
        maxPendingConnectionsPerIp: 200,
      },
    },
    {},
  );
  if (!config.ok) throw new Error(config.problems.join('; '));
  let port = 0;
  const app = await startApp({
    settings: config.settings,
    clock: systemClock,
    newId: newUuid,
    log: {
      ...log,
      info: (_text, fields) => {
        port = Number(fields?.['port'] ?? port);
      },
    },
    agent,
    live,
    ownerAgent: () => 'main',
    storeDir,
    tell: () => undefined,
  });
  delay.enable();
  const looking = setInterval(() => look(app), LOOK_EVERY_MS);
  process.on('message', (message: ToApp) => {
    switch (message.kind) {
      case 'place':
        app.phone
          .place(placeRequest({ to: message.to, message: 'Hello, this is your agent.' }))
          .catch((error: unknown) =>
            count(counts.warnings, `a call could not be placed: ${reasonOf(error)}`),
          );
        break;
      case 'end':
        app.phone.end(message.id, { sessionKey: null }).catch(() => undefined);
        break;
      case 'sample':
        tell({ kind: 'sample', sample: sample(app) });
        break;
      case 'stop':
        clearInterval(looking);
        void app.stop().then(() => {
          rmSync(storeDir, { recursive: true, force: true });
          tell({ kind: 'stopped' });
          process.disconnect();
        });
    }
  });
  tell({ kind: 'ready', port });
}

await main(process.argv[2] ?? '');
