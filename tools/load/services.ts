// Services: the transcriber, the voice, the agent and the voice model behind the calls, on sockets of their own; they fail.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { systemClock, wait } from '../../src/lib/clock.ts';
import { Random } from '../random.ts';
import { ServiceEar } from './service-ear.ts';
import { ServiceModel } from './service-model.ts';
import { ANSWER, soundOf } from './speech.ts';
import type { Strike, StrikeKind } from './story.ts';
import { type FromServices, MODES, type Mode, type Services, type ToServices } from './wire.ts';

const random = new Random(Number(process.argv[2]));
/** The agent thinks, then writes some words at a time. */
const THINK_MS = 250;
const WORDS_MS = 60;
const CHUNK = /(?:\S+\s*){1,4}/g;
/** The voice takes its time, then makes a second of sound every so often. */
const FIRST_SOUND_MS = 120;
const PIECE_BYTES = 8_000;
const PIECE_MS = 30;

/** One in so many. */
const SLOW_PER = 20;
const FAILED_PER = 60;
const SLOW_MS = [3_000, 8_000] as const;
/** Every so often somebody's transcriber or model is cut off; now and then a whole service is restarted. */
const CUT_EVERY_MS = 6_000;
const RESTART_EVERY_MS = 45_000;
const RESTART_MS = 2_500;
/** What one fault may still do after it is over: our own patience with it, and saying it again. */
const AFTERMATH_MS = 4_000;
/** A voice is asked twice, then a recorded apology takes its place. */
const VOICE_AFTERMATH_MS = 8_000;

let hasFaults = false;

function tell(message: FromServices): void {
  process.send?.(message);
}

function struck(kind: StrikeKind, whom: Partial<Strike>, forMs = AFTERMATH_MS): void {
  const from = systemClock.now();
  tell({ kind: 'struck', strike: { kind, from, to: from + forMs, ...whom } });
}

function fails(per: number): boolean {
  return hasFaults && random.once(per);
}

interface Asked {
  readonly person: string;
  readonly text: string;
}

async function asked(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Asked;
}

async function think(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { person } = await asked(request);
  if (fails(FAILED_PER)) {
    struck('agent failed', { person });
    response.writeHead(503).end();
    return;
  }
  let thinkMs = THINK_MS;
  if (fails(SLOW_PER)) {
    thinkMs = random.between(...SLOW_MS);
    struck('slow agent', { person }, thinkMs + AFTERMATH_MS);
  }
  await wait(systemClock, thinkMs);
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  for (const words of ANSWER.match(CHUNK) ?? []) {
    response.write(words);
    await wait(systemClock, WORDS_MS);
  }
  response.end();
}

async function speak(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { person, text } = await asked(request);
  if (fails(FAILED_PER)) {
    struck('voice failed', { person }, VOICE_AFTERMATH_MS);
    response.writeHead(500).end();
    return;
  }
  await wait(systemClock, FIRST_SOUND_MS);
  response.writeHead(200, { 'Content-Type': 'audio/basic' });
  const sound = soundOf(text);
  for (let at = 0; at < sound.length; at += PIECE_BYTES) {
    response.write(sound.subarray(at, at + PIECE_BYTES));
    await wait(systemClock, PIECE_MS);
  }
  response.end();
}

/** One port that can be closed with everything on it, and opened again. */
class Service {
  readonly people = new Map<WebSocket, string>();
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #port = 0;

  /** `serve`: what it does for a request; without it there are only sessions. */
  constructor(serve?: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
    this.#server = createServer((request, response) => {
      if (serve) serve(request, response).catch(() => response.destroy());
      else response.writeHead(404).end();
    });
  }

  /** `/+15551000001`: whom the session is about. */
  sessions(open: (socket: WebSocket, person: string) => void): this {
    this.#server.on('upgrade', (request, raw, head) => {
      this.#sockets.handleUpgrade(request, raw, head, (socket) => {
        const person = (request.url ?? '').slice(1);
        this.people.set(socket, person);
        socket.on('error', () => undefined);
        socket.once('close', () => this.people.delete(socket));
        open(socket, person);
      });
    });
    return this;
  }

  async listen(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(this.#port, '127.0.0.1', resolve);
    await promise;
    this.#port = (this.#server.address() as AddressInfo).port;
    return this.#port;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    for (const socket of this.people.keys()) socket.terminate();
    await promise;
  }
}

const ear = new Service().sessions((socket) => {
  const told = (kind: 'partial' | 'final') => (text: string) => socket.send(JSON.stringify({ kind, text }));
  const hearing = new ServiceEar({ began: () => undefined, partial: told('partial'), final: told('final') });
  socket.on('message', (data) => hearing.hear(data as Buffer));
});
const voice = new Service(speak);
const agent = new Service(think);
const model = new Service().sessions((socket, person) => {
  new ServiceModel(socket, {
    random,
    thinkMs: () => {
      if (!fails(SLOW_PER)) return THINK_MS;
      const ms = random.between(...SLOW_MS);
      struck('slow voice model', { person }, ms + AFTERMATH_MS);
      return ms;
    },
  });
});

const RESTARTED: readonly {
  readonly name: 'transcriber' | 'voice' | 'agent' | 'voice model';
  readonly service: Service;
  readonly modes: readonly Mode[];
}[] = [
  { name: 'transcriber', service: ear, modes: ['streaming'] },
  { name: 'voice', service: voice, modes: ['streaming'] },
  { name: 'agent', service: agent, modes: MODES },
  { name: 'voice model', service: model, modes: ['realtime'] },
];
let restarted = 0;

/** Each in its turn, so that a short test has one too. */
async function restart(): Promise<void> {
  const one = RESTARTED[restarted++ % RESTARTED.length];
  if (!one || !hasFaults) return;
  struck(`${one.name} restarted`, { modes: one.modes }, RESTART_MS + VOICE_AFTERMATH_MS);
  await one.service.close();
  await wait(systemClock, RESTART_MS);
  await one.service.listen();
}

function cut(): void {
  if (!hasFaults) return;
  const [kind, { people }] = random.once(2)
    ? (['voice model', model] as const)
    : (['transcriber', ear] as const);
  if (people.size === 0) return;
  const [socket, person] = random.pick([...people]);
  struck(`${kind} cut off`, { person });
  socket.terminate();
}

const timers = [
  setInterval(cut, CUT_EVERY_MS),
  setInterval(() => {
    restart().catch((error: unknown) => {
      throw error;
    });
  }, RESTART_EVERY_MS),
];

process.on('message', (message: ToServices) => {
  if (message.kind === 'faults') hasFaults = message.on;
  else if (message.kind === 'sample') {
    const { user, system } = process.cpuUsage();
    tell({ kind: 'sample', cpuMs: (user + system) / 1_000 });
  } else {
    for (const timer of timers) clearInterval(timer);
    process.exit();
  }
});
process.on('disconnect', () => process.exit());

const services: Services = {
  ear: await ear.listen(),
  voice: await voice.listen(),
  agent: await agent.listen(),
  model: await model.listen(),
};
tell({ kind: 'ready', services });
