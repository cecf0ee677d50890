// MediaSubject: who answers the frames in the media bench, a process of its own: our line thread, or a bare echo.
import { BroadcastChannel, Worker } from 'node:worker_threads';
import { Hearing } from '../src/conversation/hearing.ts';
import type { Transcriber } from '../src/conversation/ports.ts';
import { streamUrls } from '../src/ingress/stream-token.ts';
import { steadyClock } from '../src/lib/clock.ts';
import { startLineThread } from '../src/line/thread.ts';
import { KeptLog } from '../test/story/line.ts';
import { machineMs } from './figures.ts';
import { speech } from './media-frames.ts';
import {
  type Cost,
  DETECTOR,
  type FromLineThread,
  type FromSubject,
  type Hot,
  LINE_CHANNEL,
  type SubjectName,
  type Target,
  type ToLineThread,
  type ToSubject,
} from './media-wire.ts';

const BYTES_PER_MS = 8;
const TOKEN_MS = 600_000;
const CARRIER = 'twilio';

interface Subject {
  target(index: number): Target;
  speak(ms: number): void;
  threadCpuMs(): Promise<number>;
  profile(ms: number): Promise<readonly Hot[]>;
}

const heard: number[] = [];

/** The main thread does with each frame what it does in the Gateway: the call's ear, then the transcriber's session. */
const transcriber: Transcriber = {
  provider: 'deaf',
  open: ({ callId }) => ({
    ready: Promise.resolve(),
    hear: () => {
      if (callId === 'call-0') heard.push(machineMs());
    },
    close: () => undefined,
  }),
};

const nobody = { onTurn: nothing, onSpeaks: nothing, onWords: nothing, onFailed: nothing };
function nothing(): void {
  // Nobody speaks to these callers.
}

async function lineSubject(name: SubjectName): Promise<Subject> {
  process.env[DETECTOR] = name === 'line' ? '' : name.slice('line-'.length);
  const secret = new Uint8Array(32).fill(7);
  const limits = {
    maxConnections: 5_000,
    maxPendingConnections: 5_000,
    maxPendingConnectionsPerIp: 5_000,
    preStartTimeoutMs: 5_000,
  };
  const log = new KeptLog();
  const line = await startLineThread({
    host: '127.0.0.1',
    port: 0,
    stream: { path: '/voice/stream', prefix: '', limits, secret },
    log,
    onDeath: (why) => {
      throw new Error(`the line thread died: ${why}`);
    },
    entry: new URL('./media-line.ts', import.meta.url),
  });
  const { lines, listener } = line;
  const forwarding = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] };
  listener.serve({
    publicUrls: null,
    forwarding,
    gate: { path: '/voice/webhook', signatureHeaders: [] },
    answer: async () => ({ status: 404, contentType: 'text/plain', body: '' }),
  });
  const hearings = new Map<string, Hearing>();
  line.listen((event) => {
    const hearing = hearings.get(event.callId);
    if (event.kind === 'audio') hearing?.hear(event.mulaw);
    else if (event.kind === 'voice') hearing?.voice(event.isSpeaking, event.at);
  });
  const urlOf = streamUrls({ base: `http://127.0.0.1:${listener.port}`, path: '/voice/stream', secret });
  const channel = new BroadcastChannel(LINE_CHANNEL);
  const asked = (message: ToLineThread): Promise<FromLineThread> =>
    new Promise((resolve) => {
      channel.onmessage = (event) => resolve((event as { readonly data: FromLineThread }).data);
      channel.postMessage(message);
    });
  let spoken = 0;
  return {
    target: (index) => {
      const callId = `call-${index}`;
      const settings = { callId, agentId: 'main', language: 'en-US', silenceTimeoutMs: 800 };
      hearings.set(callId, new Hearing({ clock: steadyClock, log, transcriber }, settings, nobody));
      lines.open({ callId, carrier: CARRIER, sensitivity: 'medium' });
      lines.identify(callId, `CA${index}`);
      const { url, token } = urlOf(callId, 1, Date.now() + TOKEN_MS);
      return { port: listener.port, path: new URL(url).pathname, callSid: `CA${index}`, token };
    },
    speak: (ms) => {
      const bytes = soundOf(ms);
      for (const callId of hearings.keys()) {
        if (spoken > 0) lines.drop(callId, [`u${spoken}`]);
        const id = `u${spoken + 1}`;
        lines.say(callId, { id, interruptible: false });
        lines.sound(callId, id, { encoding: 'mulaw', sampleRate: 8_000, bytes });
      }
      spoken += 1;
    },
    threadCpuMs: async () => {
      const answer = await asked({ kind: 'cpu' });
      return answer.kind === 'cpuWas' ? answer.ms : 0;
    },
    profile: async (ms) => {
      const answer = await asked({ kind: 'profile', ms });
      return answer.kind === 'profiled' ? answer.hot : [];
    },
  };
}

function soundOf(ms: number): Uint8Array {
  const clip = speech();
  return Uint8Array.from({ length: ms * BYTES_PER_MS }, (_, at) => clip[at % clip.length] ?? 0);
}

async function echoSubject(): Promise<Subject> {
  const worker = new Worker(new URL('./media-echo.ts', import.meta.url));
  const { port } = await new Promise<{ port: number }>((resolve) => worker.once('message', resolve));
  return {
    target: (index) => ({ port, path: '/', callSid: `CA${index}`, token: '' }),
    speak: nothing,
    threadCpuMs: async () => {
      const answer = new Promise<{ cpuMs: number }>((resolve) => worker.once('message', resolve));
      worker.postMessage('cpu');
      return (await answer).cpuMs;
    },
    profile: async () => [],
  };
}

const name = (process.argv[2] ?? 'line') as SubjectName;
const subject = await (name === 'echo' ? echoSubject() : lineSubject(name));
const tell = (message: FromSubject): boolean => process.send?.(message) ?? false;
let calls = 0;
let cpu = process.cpuUsage();
let mainCpu = process.threadCpuUsage();
let threadMs = 0;

async function costs(): Promise<Cost> {
  const spent = process.cpuUsage(cpu);
  const main = process.threadCpuUsage(mainCpu);
  const thread = await subject.threadCpuMs();
  return {
    processMs: (spent.user + spent.system) / 1_000,
    threadMs: thread - threadMs,
    mainMs: (main.user + main.system) / 1_000,
    rss: process.memoryUsage.rss(),
    heard: calls === 1 ? heard : [],
  };
}

async function take(message: ToSubject): Promise<void> {
  switch (message.kind) {
    case 'more': {
      const targets = Array.from({ length: message.count }, () => subject.target(calls++));
      tell({ kind: 'targets', targets });
      break;
    }
    case 'speak':
      subject.speak(message.ms);
      break;
    case 'begin':
      threadMs = await subject.threadCpuMs();
      cpu = process.cpuUsage();
      mainCpu = process.threadCpuUsage();
      break;
    case 'end':
      tell({ kind: 'cost', cost: await costs() });
      break;
    case 'profile':
      tell({ kind: 'profile', hot: await subject.profile(message.ms) });
      break;
    case 'leave':
      process.exit();
  }
}

process.on('message', (message: ToSubject) => void take(message));
process.on('disconnect', () => process.exit());
tell({ kind: 'ready', rss: process.memoryUsage.rss() });
