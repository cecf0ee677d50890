// Server: the listener for carriers. bind() first, so that the address is known; then serve() what comes.
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebhookRequest, WireReply } from '../carrier/carrier.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import { type Identity, identityReply } from './identity.ts';
import { BODY_WITHIN_MS, MAX_BODY_BYTES, Unread } from './limits.ts';
import { probeReply } from './probe.ts';
import { type ArrivedRequest, type Forwarding, urlsOf } from './public-url.ts';
import { type Gate, plain, type RequestHead, refusalOf } from './webhook.ts';

export interface Handler {
  /** By what requests are refused by their head alone, before the body is read. */
  readonly gate: Gate;
  readonly answer: (request: WebhookRequest) => Promise<WireReply>;
  /** See `ArrivedRequest`. */
  readonly publicUrls: ArrivedRequest['publicUrls'];
  readonly forwarding: Forwarding;
}

export interface Listener {
  readonly port: number;
  /** From now on; what it is told again takes the place of what it was told before. */
  serve(handler: Handler): void;
  /** Closes the port at once, and every connection on it once the answers on their way have left. */
  close(): Promise<void>;
}

/** A request that wants to become a WebSocket. */
export interface Upgrade {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  /** What already came after the head. */
  readonly head: Buffer;
  /** Of the handler; null while nobody serves yet. */
  readonly forwarding: Forwarding | null;
}

export interface BindOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly clock: Clock;
  /** Takes the socket. Without it an upgrade is a request like any other. */
  readonly upgrade?: (visit: Upgrade) => void;
  /** Told to who asks on this machine. */
  readonly identity?: Identity | undefined;
  /** Ms a request head may take to arrive; 10 s unless told otherwise. */
  readonly headWithinMs?: number;
}

/** A head is one packet; whoever takes longer holds a connection for nothing. */
const HEAD_WITHIN_MS = 10_000;
/** An answer that is not there by then is not waited for: the process must leave. */
const CLOSE_WITHIN_MS = 1_000;

/** Opens the port. Throws VC_PORT_IN_USE. */
export async function bind(at: BindOptions): Promise<Listener> {
  const unread = new Unread();
  const underway = new Set<Promise<void>>();
  let handler: Handler | null = null;
  const server = createServer(serverOptions(at), (message, response) => {
    const head = headOf(message);
    const known = identityReply(head, message.socket.remoteAddress, at.identity);
    if (known) return write(response, known, true);
    if (!handler) return write(response, plain(503, 'Starting'));
    void handle({ head, message, response, handler, unread, underway, clock: at.clock });
  });
  const { upgrade } = at;
  if (upgrade)
    server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) =>
      upgrade({ message, socket, head, forwarding: handler?.forwarding ?? null }),
    );
  await listen(server, at.host, at.port);
  return {
    port: (server.address() as AddressInfo).port,
    serve(next) {
      handler = next;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await settled(underway, at.clock);
      server.closeAllConnections();
      await closed;
    },
  };
}

function serverOptions({ upgrade, headWithinMs = HEAD_WITHIN_MS }: BindOptions): ServerOptions {
  return {
    maxHeaderSize: 16 * 1024,
    // The body has a deadline of its own, and the answer may be held for seconds.
    requestTimeout: 0,
    headersTimeout: headWithinMs,
    connectionsCheckingInterval: Math.ceil(headWithinMs / 2),
    // HTTP clients offer `Upgrade: h2c` with an ordinary webhook; only a WebSocket is one.
    shouldUpgradeCallback: ({ headers }) =>
      upgrade !== undefined && headers.upgrade?.toLowerCase() === 'websocket',
  };
}

function settled(underway: ReadonlySet<Promise<void>>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.at(clock.now() + CLOSE_WITHIN_MS, resolve);
    void Promise.allSettled(underway).then(() => {
      cancel();
      resolve();
    });
  });
}

/** `portTaken` finds out more. */
const UNNAMED = { who: 'another program', cure: 'stop it, or set serve.port' } as const;

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EADDRINUSE' ? 'VC_PORT_IN_USE' : 'VC_INTERNAL';
      reject(
        new VoiceCallError(code, { port, bind: host, ...UNNAMED, why: reasonOf(error) }, { cause: error }),
      );
    });
    server.listen(port, host, resolve);
  });
}

interface Visit {
  readonly head: RequestHead;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly handler: Handler;
  readonly unread: Unread;
  /** Answers on their way. */
  readonly underway: Set<Promise<void>>;
  readonly clock: Clock;
}

async function handle(visit: Visit): Promise<void> {
  const { head, message, response, handler, unread, clock } = visit;
  try {
    const probed = probeReply(head, handler.gate, clock.now());
    if (probed) return write(response, probed, true);
    const refused = refusalOf(head, handler.gate);
    if (refused) return write(response, refused, true);
    const body = await readBody(message, unread, clock);
    if (typeof body !== 'string') return write(response, body, true);
    const { publicUrls, forwarding } = handler;
    const peer = message.socket.remoteAddress;
    const urls = urlsOf({ publicUrls, path: head.path, headers: head.headers, peer }, forwarding);
    const answering = answer(visit, { ...head, body, urls });
    visit.underway.add(answering);
    await answering.finally(() => visit.underway.delete(answering));
  } catch {
    write(response, plain(500, 'Internal Server Error'), true);
  }
}

/** Resolves once the answer has left, or nobody is there to take it. */
async function answer({ response, handler }: Visit, request: WebhookRequest): Promise<void> {
  write(response, await handler.answer(request));
  if (!response.writableFinished && !response.destroyed) await once(response, 'close');
}

function headOf(message: IncomingMessage): RequestHead {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return { method: message.method ?? '', path: message.url ?? '', headers };
}

/** The body as text, or the refusal: too large, or too slow. */
function readBody(message: IncomingMessage, unread: Unread, clock: Clock): Promise<string | WireReply> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let overdue: Cancel = () => undefined;
    const done = unread.admit(message.socket.remoteAddress ?? 'unknown', () =>
      finish(plain(408, 'Request Timeout')),
    );
    const finish = (result: string | WireReply): void => {
      overdue();
      done();
      message.pause();
      resolve(result);
    };
    overdue = clock.at(clock.now() + BODY_WITHIN_MS, () => finish(plain(408, 'Request Timeout')));
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) return finish(plain(413, 'Payload Too Large'));
      chunks.push(chunk);
    });
    message.on('end', () => finish(Buffer.concat(chunks).toString('utf8')));
    message.on('error', () => finish(plain(400, 'Bad Request')));
  });
}

/** `hangUp`: the rest of the request is not wanted, so the connection goes with the answer. */
function write(response: ServerResponse, reply: WireReply, hangUp = false): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(hangUp ? { connection: 'close' } : {}),
  });
  response.end(reply.body);
}
