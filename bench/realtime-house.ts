// RealtimeHouse: our side of the realtime bench, a process of its own: the line thread, and calls held by a voice model.
import { newCall } from '../sim/core-call.ts';
import type { Call } from '../src/call/call.ts';
import type { CallEvent } from '../src/call/event.ts';
import { transition } from '../src/call/transition.ts';
import { ModelSpeech } from '../src/conversation/model-speech.ts';
import type { VoiceModel, VoiceModelListener } from '../src/conversation/voice-model.ts';
import { streamUrls } from '../src/ingress/stream-token.ts';
import { steadyClock, systemClock } from '../src/lib/clock.ts';
import { startLineThread } from '../src/line/thread.ts';
import { KeptLog } from '../test/story/line.ts';
import { machineMs } from './figures.ts';
import type { Target } from './media-wire.ts';
import { GREETING_FRAMES, Measuring } from './realtime-measuring.ts';
import { stamped } from './realtime-wire.ts';

const TOKEN_MS = 600_000;
/** As little of a provider as there can be: it hears, and says silence that carries the time. */
class Session {
  readonly ready = Promise.resolve();
  readonly interruptsItself = true;
  readonly #listener: VoiceModelListener;

  constructor(listener: VoiceModelListener) {
    this.#listener = listener;
  }

  hear(mulaw: Uint8Array): void {
    measuring.hear(mulaw);
  }

  /** The greeting comes at once. */
  instruct(): void {
    for (let frame = 0; frame < GREETING_FRAMES; frame++) {
      this.#listener.onSound('greeting', stamped(machineMs(), 0));
    }
    this.#listener.onSaid('Good morning.', true);
    this.#listener.onReplyOver('greeting');
    measuring.speak({
      sound: (reply, frame) => this.#listener.onSound(`reply-${reply}`, frame),
      over: (reply) => this.#listener.onReplyOver(`reply-${reply}`),
    });
  }

  tell(): void {
    // Nobody presses keys.
  }

  toolResult(): void {
    // It calls none.
  }

  interrupted(): void {
    // Nobody interrupts it.
  }

  close(): void {
    // It holds nothing.
  }
}

const model: VoiceModel = { provider: 'bench', open: (_call, listener) => new Session(listener) };

const secret = new Uint8Array(32).fill(7);
const log = new KeptLog();
const { lines, listener, listen } = await startLineThread({
  host: '127.0.0.1',
  port: 0,
  stream: {
    path: '/voice/stream',
    prefix: '',
    secret,
    limits: {
      maxConnections: 1_000,
      maxPendingConnections: 1_000,
      maxPendingConnectionsPerIp: 1_000,
      preStartTimeoutMs: 5_000,
    },
  },
  log,
  onDeath: (why) => {
    throw new Error(`the line thread died: ${why}`);
  },
});
listener.serve({
  publicUrls: null,
  forwarding: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
  gate: { path: '/voice/webhook', signatureHeaders: [] },
  answer: async () => ({ status: 404, contentType: 'text/plain', body: '' }),
});

/** As the runtime does it, without its journal and its deadlines. */
const calls = new Map<string, Call>();
const speech = new ModelSpeech({
  clock: systemClock,
  steady: steadyClock,
  log,
  lines,
  model,
  consultant: { ask: async () => '', capsule: async () => '' },
  settings: { instructions: 'Be brief.', toolPolicy: 'none', consultPolicy: 'auto', tools: [] },
  post: happens,
});
listen((event) => speech.heard(event));

function happens(callId: string, event: CallEvent): void {
  const before = calls.get(callId);
  if (!before) return;
  const { call } = transition(before, event);
  if (call === before) return;
  calls.set(callId, call);
  speech.follow(call);
}

const urlOf = streamUrls({ base: `http://127.0.0.1:${listener.port}`, path: '/voice/stream', secret });

/** A call that has rung until its session was there, and is picked up now. */
async function target(): Promise<Target> {
  const index = calls.size;
  const id = `call-${index}`;
  const fresh = newCall({ kind: 'inbound', stream: true, voiceModel: true });
  const call = { ...fresh, id, carrier: 'twilio', carrierCallId: `CA${index}` };
  calls.set(id, call);
  speech.prepare(call);
  await new Promise((resolve) => setTimeout(resolve, 5));
  happens(id, { kind: 'answered', at: systemClock.now() });
  const { url, token } = urlOf(id, 1, systemClock.now() + TOKEN_MS);
  return { port: listener.port, path: new URL(url).pathname, callSid: `CA${index}`, token };
}

const measuring = new Measuring(target, () => {
  for (const { level, text } of log.lines.slice(0, 10))
    if (level === 'error' || level === 'warn') process.stderr.write(`our log, ${level}: ${text}\n`);
});
