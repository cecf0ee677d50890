// Deepgram: a stand-in for its streaming transcriber on loopback: what the host's own provider speaks, and switches.
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../src/lib/clock.ts';
import { Activity } from '../activity.ts';
import { DeepgramSession } from './deepgram-session.ts';
import { closeWithAll, openOnLoopback } from './loopback.ts';
import { Planned } from './planned.ts';

/** What goes wrong with one connection; several may at once. */
export interface TranscriberFault {
  /** The upgrade is answered with this status. */
  readonly status?: number;
  /** The upgrade is answered that much later, ms; `Infinity`: never. */
  readonly lateMs?: number;
  /** The socket closes with 1011 after so much sound, ms. */
  readonly dropAfterMs?: number;
  /** Nothing is told any more after so much sound, ms. */
  readonly stallAfterMs?: number;
  /** An error message comes after so much sound, ms. */
  readonly errorAfterMs?: number;
}

export interface TranscriberOptions {
  readonly clock: Clock;
  readonly apiKey?: string;
  /** From the sound to the message about it, ms. */
  readonly latencyMs?: number;
  /** An interim result comes after so much sound, ms, if there is anything new. */
  readonly interimMs?: number;
  /** Shares one with a twin, so that its `idle` waits for both. */
  readonly activity?: Activity;
}

export class Deepgram {
  /** What is understood of voices that are neither word-code nor a clip, one utterance each; then nothing. */
  readonly script: string[] = [];
  /** Changes what is understood: for words that are misheard. */
  mishears: (text: string) => string = (text) => text;
  readonly sessions: DeepgramSession[] = [];
  readonly activity: Activity;
  readonly clock: Clock;
  readonly latencyMs: number;
  readonly interimMs: number;
  readonly #apiKey: string;
  readonly #planned = new Planned<TranscriberFault>();
  readonly #http = createServer((_request, response) => response.writeHead(404).end());
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #waiting = new Set<Duplex>();
  #port = 0;

  constructor(options: TranscriberOptions) {
    const { clock, apiKey = 'dg-key', latencyMs = 150, interimMs = 300, activity = new Activity() } = options;
    this.clock = clock;
    this.activity = activity;
    this.latencyMs = latencyMs;
    this.interimMs = interimMs;
    this.#apiKey = apiKey;
    this.#http.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) =>
      this.#upgrade(request, raw, head),
    );
  }

  /** For `baseUrl` of the provider's configuration. */
  get baseUrl(): string {
    return `http://127.0.0.1:${this.#port}/v1`;
  }

  /** Everything that was understood, of all connections. */
  get finals(): readonly string[] {
    return this.sessions.flatMap(({ finals }) => finals);
  }

  next(fault: TranscriberFault, options: { readonly times?: number } = {}): () => void {
    return this.#planned.next(fault, options);
  }

  async listen(): Promise<void> {
    this.#port = await openOnLoopback(this.#http, this.#port);
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    for (const raw of this.#waiting) raw.destroy();
    await closeWithAll(this.#http);
  }

  #upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    const fault: TranscriberFault = this.#planned.take();
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
    { raw, head, fault }: { readonly raw: Duplex; readonly head: Buffer; readonly fault: TranscriberFault },
  ): void {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const status = fault.status ?? this.#refusal(url, request.headers.authorization);
    if (status !== undefined) {
      raw.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, raw, head, (socket) => {
      this.sessions.push(new DeepgramSession(this, { socket, query: url.searchParams, fault }));
      this.activity.touch();
    });
  }

  #refusal(url: URL, authorization: string | undefined): number | undefined {
    if (url.pathname !== '/v1/listen') return 404;
    if (authorization !== `Token ${this.#apiKey}`) return 401;
    const { searchParams: query } = url;
    const isKnown = query.get('encoding') === 'mulaw' && query.get('sample_rate') === '8000';
    return isKnown && (query.get('channels') ?? '1') === '1' ? undefined : 400;
  }
}
