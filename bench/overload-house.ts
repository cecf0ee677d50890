// OverloadHouse: the telephone that is filled with calls, a process of its own: our app with its real line thread.
import { startApp } from '../src/app.ts';
import { steadyClock, systemClock } from '../src/lib/clock.ts';
import { startLastingLine } from '../src/line/lasting.ts';
import { KeptLog, plainSettings, plainStreaming, ScriptedAgent } from '../test/story/line.ts';
import { scratchFolder } from '../tools/scratch.ts';
import { speech } from './media-frames.ts';
import { ACCOUNT, type FromHouse, OUR_NUMBER, PUBLIC_URL, type ToHouse } from './overload-wire.ts';

const MANY = 5_000;
/** Each call hears a greeting as long as the bench. */
const SPEECH_MS = 120_000;
const PIECE_MS = 1_000;
const BYTES_PER_MS = 8;

const clip = speech();
const piece = Uint8Array.from({ length: PIECE_MS * BYTES_PER_MS }, (_, at) => clip[at % clip.length] ?? 0);
const tell = (message: FromHouse): boolean => process.send?.(message) ?? false;
const storeDir = scratchFolder('bench');
const log = new KeptLog();
let id = 0;

const app = await startApp({
  settings: {
    ...plainSettings,
    carrier: { name: 'twilio', region: 'us1', apiBaseUrl: process.argv[2] ?? '', ...ACCOUNT },
    fromNumber: OUR_NUMBER,
    publicUrl: PUBLIC_URL,
    inboundPolicy: 'open',
    inboundGreeting: 'A long story.',
    maxInboundCalls: MANY,
    streaming: {
      ...plainStreaming,
      maxConnections: MANY,
      maxPendingConnections: MANY,
      maxPendingConnectionsPerIp: MANY,
    },
  },
  clock: systemClock,
  newId: () => `id-${++id}`,
  log,
  agent: new ScriptedAgent(() => 'Yes.'),
  live: {
    provider: 'stand-in',
    steady: steadyClock,
    openLine: startLastingLine,
    synthesizer: {
      provider: 'stand-in',
      async *speak() {
        for (let spoken = 0; spoken < SPEECH_MS; spoken += PIECE_MS)
          yield { encoding: 'mulaw', sampleRate: 8_000, bytes: piece };
      },
    },
    transcriber: {
      provider: 'deaf',
      open: () => ({ ready: Promise.resolve(), hear: () => undefined, close: () => undefined }),
    },
  },
  ownerAgent: () => 'main',
  storeDir,
  tell: () => undefined,
});

process.on('message', (message: ToHouse) => {
  if (message.kind === 'look') {
    const full = app.health.troubles().find(({ code }) => code === 'VC_MACHINE_FULL');
    tell({ kind: 'looked', full: full?.message ?? null });
  } else void app.stop().then(() => process.exit());
});
process.on('disconnect', () => process.exit());
const port = log.lines.find(({ fields }) => fields['port'] !== undefined)?.fields['port'];
tell({ kind: 'ready', port: Number(port) });
