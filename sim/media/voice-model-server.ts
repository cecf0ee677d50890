// VoiceModelServer: the port of a stand-in voice model: who may connect, what is planned to go wrong, who is connected.
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../src/lib/clock.ts';
import { Activity } from '../activity.ts';
import { closeWithAll, openOnLoopback } from './loopback.ts';
import { Planned } from './planned.ts';
import { parrot, type Script } from './voice-model-script.ts';
import type { VoiceModelSession } from './voice-model-session.ts';

/** What goes wrong with one connection; several may at once. Times count from the open socket, ms. */
export interface VoiceModelFault {
  /** The upgrade is answered with this status. */
  readonly status?: number;
  /** The upgrade is answered that much later, ms; `Infinity`: never. */
  readonly lateMs?: number;
  /** The socket breaks, without a close. */
  readonly dropAfterMs?: number;
  /** The first sound of each reply comes after so long instead of `latencyMs`. */
  readonly firstSoundMs?: number;
  /** The provider reports a fault of its own. */
  readonly errorAfterMs?: number;
  /** The provider ends the session on purpose. */
  readonly endAfterMs?: number;
  /** Nothing is told for `stallMs` (default 5000); then everything that was held back comes at once. */
  readonly stallAfterMs?: number;
  readonly stallMs?: number;
}

export interface VoiceModelOptions {
  readonly clock: Clock;
  readonly apiKey?: string;
  /** Default: it repeats what it hears. */
  readonly script?: Script;
  /** From a prompt to the first sound of the reply, ms. Default 300. */
  readonly latencyMs?: number;
  /** How many times as fast as it sounds a reply is sent. Default 4. */
  readonly speed?: number;
  /** Sound in one message, ms. Default 100. */
  readonly pieceMs?: number;
  /** Shares one with a twin, so that its `idle` waits for both. */
  readonly activity?: Activity;
}

export interface Connected {
  readonly socket: WebSocket;
  readonly url: URL;
  readonly fault: VoiceModelFault;
}

export abstract class VoiceModelServer<Session extends VoiceModelSession> {
  readonly sessions: Session[] = [];
  readonly clock: Clock;
  readonly activity: Activity;
  readonly apiKey: string;
  readonly latencyMs: number;
  readonly speed: number;
  readonly pieceMs: number;
  /** May be replaced at any time. */
  script: Script;
  readonly #planned = new Planned<VoiceModelFault>();
  readonly #http = createServer((_request, response) => response.writeHead(404).end());
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #waiting = new Set<Duplex>();
  #port = 0;
  #ids = 0;

  constructor(options: VoiceModelOptions) {
    this.clock = options.clock;
    this.activity = options.activity ?? new Activity();
    this.apiKey = options.apiKey ?? 'model-key';
    this.script = options.script ?? parrot;
    this.latencyMs = options.latencyMs ?? 300;
    this.speed = options.speed ?? 4;
    this.pieceMs = options.pieceMs ?? 100;
    this.#http.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) =>
      this.#upgrade(request, raw, head),
    );
  }

  /** What the provider's configuration is pointed at. */
  get baseUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The status that turns a request away, or undefined. */
  protected abstract refusal(url: URL, headers: IncomingMessage['headers']): number | undefined;

  protected abstract connected(about: Connected): Session;

  /** An id nothing else has. */
  newId(kind: string): string {
    this.#ids++;
    return `${kind}_${String(this.#ids).padStart(4, '0')}`;
  }

  /** Plans a fault for the coming connections, until the returned function is called. */
  next(fault: VoiceModelFault, options: { readonly times?: number } = {}): () => void {
    return this.#planned.next(fault, options);
  }

  async listen(): Promise<void> {
    this.#port = await openOnLoopback(this.#http, this.#port);
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.drop();
    for (const raw of this.#waiting) raw.destroy();
    await closeWithAll(this.#http);
  }

  #upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    const fault: VoiceModelFault = this.#planned.take();
    const { lateMs = 0 } = fault;
    this.#waiting.add(raw);
    raw.once('close', () => this.#waiting.delete(raw));
    raw.on('error', () => undefined);
    const go = (): void => this.#answer(request, { raw, head, fault });
    if (lateMs === 0) go();
    else if (Number.isFinite(lateMs)) this.clock.at(this.clock.now() + lateMs, go);
  }

  #answer(
    request: IncomingMessage,
    { raw, head, fault }: { readonly raw: Duplex; readonly head: Buffer; readonly fault: VoiceModelFault },
  ): void {
    // A base URL that ends in a slash makes paths that begin with two, which would read as a host.
    const url = new URL((request.url ?? '').replace(/^\/+/, '/'), 'http://127.0.0.1');
    const status = fault.status ?? this.refusal(url, request.headers);
    if (status !== undefined) {
      raw.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, raw, head, (socket) => {
      this.sessions.push(this.connected({ socket, url, fault }));
      this.activity.touch();
    });
  }
}
