// FakeGateway: greets and answers like the real one as far as our client can tell; on 127.0.0.1, any free port.
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Fields = Readonly<Record<string, unknown>>;
/** Answers a request: a payload, or an error to throw. */
export type Answer = (params: Fields) => unknown;

/** Thrown by an Answer to be sent as the error of the response. */
export class Refusal extends Error {
  readonly error: Fields;

  constructor(error: Fields) {
    super('refused');
    this.error = error;
  }
}

export interface FakeGatewayOptions {
  readonly token?: string;
  readonly methods?: Readonly<Record<string, Answer>>;
  /** Instead of greeting: say nothing, or close with this code and reason. */
  readonly door?: 'silent' | { readonly code: number; readonly reason: string } | null;
}

export class FakeGateway {
  readonly #server: WebSocketServer;
  readonly #options: FakeGatewayOptions;
  /** How many have connected so far. */
  knocks = 0;
  readonly requests: { readonly method: string; readonly params: Fields }[] = [];

  constructor(options: FakeGatewayOptions = {}) {
    this.#options = options;
    this.#server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    this.#server.on('connection', (socket) => this.#greet(socket));
  }

  async listening(): Promise<{ readonly url: string; readonly port: number }> {
    if (this.#server.address() === null)
      await new Promise((resolve) => this.#server.once('listening', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return { url: `ws://127.0.0.1:${port}`, port };
  }

  /** Sends an event to everybody who is connected. */
  emit(event: string, payload: unknown): void {
    for (const socket of this.#server.clients) send(socket, { type: 'event', event, payload });
  }

  /** Breaks every connection without a word. */
  drop(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #greet(socket: WebSocket): void {
    this.knocks += 1;
    const { door } = this.#options;
    socket.on('message', (bytes) => this.#receive(socket, JSON.parse(String(bytes)) as Fields));
    if (door === 'silent') return;
    if (door) socket.close(door.code, door.reason);
    else send(socket, { type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: 1 } });
  }

  #receive(socket: WebSocket, frame: Fields): void {
    const method = String(frame['method']);
    const params = (frame['params'] ?? {}) as Fields;
    this.requests.push({ method, params });
    try {
      const payload =
        method === 'connect' ? this.#welcome(params) : this.#options.methods?.[method]?.(params);
      if (payload !== NEVER) send(socket, { type: 'res', id: frame['id'], ok: true, payload });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(socket, { type: 'res', id: frame['id'], ok: false, error: error.error });
      if (method === 'connect') socket.close(1008, 'unauthorized');
    }
  }

  #welcome(params: Fields): Fields {
    const { token, methods = {} } = this.#options;
    const given = (params['auth'] as Fields | undefined)?.['token'];
    if (token !== undefined && given !== token) {
      throw new Refusal({ code: 'INVALID_REQUEST', message: 'unauthorized: gateway token mismatch' });
    }
    return { type: 'hello-ok', protocol: 4, features: { methods: Object.keys(methods), events: [] } };
  }
}

/** An Answer that returns this leaves the request without an answer. */
export const NEVER = Symbol('never');

function send(socket: WebSocket, frame: Fields): void {
  socket.send(JSON.stringify(frame));
}
