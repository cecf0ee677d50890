// WebhookDoor: our side of the webhook bench, in a thread of its own: the whole app on one carrier.
import { parentPort, workerData } from 'node:worker_threads';
import { startApp } from '../src/app.ts';
import type { CarrierSettings } from '../src/config/settings.ts';
import { systemClock } from '../src/lib/clock.ts';
import { KeptLog, plainSettings, ScriptedAgent } from '../test/story/line.ts';
import { PUBLIC_URL } from './webhook-origin.ts';

const { carrier, storeDir } = workerData as { readonly carrier: CarrierSettings; readonly storeDir: string };
const log = new KeptLog();
let id = 0;
const app = await startApp({
  settings: {
    ...plainSettings,
    carrier,
    publicUrl: PUBLIC_URL,
    inboundPolicy: 'open',
    maxInboundCalls: 100,
  },
  clock: systemClock,
  log,
  // In the form prompt.ts asks for: whatever else a model may write takes the long way of spoken-text.ts.
  agent: new ScriptedAgent(() => '{"spoken":"Yes."}'),
  storeDir,
  newId: () => `id-${++id}`,
  live: null,
  ownerAgent: () => 'main',
  tell: () => undefined,
});
parentPort?.once('message', async () => {
  await app.stop();
  process.exit();
});
parentPort?.postMessage(Number(log.lines.find(({ fields }) => fields['port'] !== undefined)?.fields['port']));
