// House: the process under test: nine telephones, each carrier in each mode, with their real line threads, measured as they run.
import path from 'node:path';
import { placeRequest } from '../../sim/place-request.ts';
import { type App, startApp } from '../../src/app.ts';
import type { Call } from '../../src/call/call.ts';
import { parseConfig } from '../../src/config/parse.ts';
import type { Settings } from '../../src/config/settings.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { reasonOf } from '../../src/lib/errors.ts';
import { newUuid } from '../../src/lib/ids.ts';
import type { Step } from '../../src/record/journal.ts';
import { scratchFolder } from '../scratch.ts';
import { Clients } from './clients.ts';
import type { RecordedCall } from './evidence.ts';
import { Gauges } from './gauges.ts';
import { GREETING } from './speech.ts';
import {
  ACCOUNTS,
  type FromHouse,
  type HouseStart,
  LINES,
  type Line,
  nameOf,
  ourNumber,
  publicOrigin,
  type ToHouse,
  WEBHOOK_PATH,
} from './wire.ts';

const LOOK_EVERY_MS = 2_000;
const PAGE = 200;
const MOST_STEPS = 1_000;
/** Far above what a load test asks of one telephone: it is the machine that is tried, not the limits. */
const PLENTY = 1_000;
const STREAMS = { maxConnections: PLENTY, maxPendingConnections: PLENTY, maxPendingConnectionsPerIp: PLENTY };

const start = JSON.parse(process.argv[2] ?? '') as HouseStart;
const folder = scratchFolder('load');
const gauges = new Gauges();
const apps = new Map<string, App>();

function tell(message: FromHouse): void {
  process.send?.(message);
}

function settingsOf(line: Line): Settings {
  const { apiBaseUrl, publicKey } = start.carriers[line.carrier];
  const key = line.carrier === 'telnyx' ? { publicKey } : {};
  const config = parseConfig(
    {
      provider: line.carrier,
      [line.carrier]: { ...ACCOUNTS[line.carrier], ...key, apiBaseUrl },
      fromNumber: ourNumber(line),
      publicUrl: publicOrigin(line) + WEBHOOK_PATH,
      serve: { port: 0, path: WEBHOOK_PATH },
      inboundPolicy: 'open',
      inboundGreeting: GREETING,
      maxConcurrentCalls: PLENTY,
      outbound: { maxCallsPerDay: 0, maxMinutesPerDay: 0 },
      streaming: { enabled: line.mode === 'streaming', ...STREAMS },
      realtime: { enabled: line.mode === 'realtime' },
    },
    {},
  );
  if (!config.ok) throw new Error(config.problems.join('; '));
  return { ...config.settings, maxInboundCalls: PLENTY };
}

async function open(line: Line): Promise<number> {
  const name = nameOf(line);
  const settings = settingsOf(line);
  const clients = new Clients(start.services, (callId) => {
    const call = apps.get(name)?.phone.find(callId);
    return call ? personOn(call) : '';
  });
  const { realtime } = settings;
  const voiceModel = realtime && clients.voiceModel(realtime);
  let port = 0;
  const app = await startApp({
    settings,
    clock: systemClock,
    newId: newUuid,
    log: gauges.log((fields) => {
      port = Number(fields['port'] ?? port);
    }),
    agent: clients.agent,
    live: line.mode === 'speech' ? null : (voiceModel ?? clients.ownVoice()),
    ownerAgent: () => 'main',
    storeDir: path.join(folder, name.replace(' ', '-')),
    tell: () => undefined,
  });
  apps.set(name, app);
  return port;
}

function personOn({ direction, from, to }: Call): string {
  return direction === 'inbound' ? from : to;
}

function place(line: Line, to: string): void {
  const app = apps.get(nameOf(line));
  app?.phone.place(placeRequest({ to, message: GREETING })).then(
    () => tell({ kind: 'placed', to, why: null }),
    (error: unknown) => tell({ kind: 'placed', to, why: reasonOf(error) }),
  );
}

function everyCall(): readonly RecordedCall[] {
  return LINES.flatMap((line) => {
    const records: RecordedCall[] = [];
    let before: string | undefined;
    do {
      const page = apps.get(nameOf(line))?.phone.page({ limit: PAGE, before });
      records.push(...(page?.calls ?? []).map((call) => recordOf(line, call)));
      before = page?.next ?? undefined;
    } while (before !== undefined);
    return records;
  });
}

function stepsOf({ id, ...line }: Line & { readonly id: string }): readonly Step[] {
  const { phone } = apps.get(nameOf(line)) ?? {};
  const call = phone?.find(id);
  return call ? (phone?.steps(call.id, { after: 0, limit: MOST_STEPS }) ?? []) : [];
}

function recordOf(line: Line, call: Call): RecordedCall {
  const { id, carrierCallId, direction, answeredAt, endedAt, end } = call;
  const { reason, cause } = end ?? { reason: null, cause: null };
  return {
    ...line,
    id,
    carrierCallId,
    direction,
    answeredAt,
    endedAt,
    reason,
    cause,
    person: personOn(call),
  };
}

async function stop(): Promise<void> {
  clearInterval(looking);
  await Promise.all([...apps.values()].map((app) => app.stop()));
  process.disconnect();
}

const ports: Record<string, number> = {};
for (const line of LINES) ports[nameOf(line)] = await open(line);
const looking = setInterval(() => gauges.look([...apps.values()]), LOOK_EVERY_MS);

process.on('message', (message: ToHouse) => {
  switch (message.kind) {
    case 'place':
      place(message.line, message.to);
      break;
    case 'end':
      apps
        .get(nameOf(message.line))
        ?.phone.end(message.id, { sessionKey: null })
        .catch(() => undefined);
      break;
    case 'sample':
      void gauges.sample([...apps.values()]).then((sample) => tell({ kind: 'sample', sample }));
      break;
    case 'records':
      tell({ kind: 'records', records: everyCall() });
      break;
    case 'steps':
      tell({ kind: 'steps', steps: message.of.map(stepsOf) });
      break;
    case 'stop':
      void stop();
  }
});
process.on('disconnect', () => process.exit());
tell({ kind: 'ready', ports });
