// stage: the plugin's side of a media stream for the simulators' own tests: a WebSocket server that notes everything.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';

export type Message = Readonly<Record<string, unknown>> & { readonly event: string };

/** One socket a carrier opened. */
export interface Socket {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly wire: WebSocket;
  /** Below the WebSocket, for bytes it would not send. */
  readonly raw: Duplex;
  readonly messages: Message[];
  /** The close code, once closed. */
  closed: number | undefined;
  send(message: Readonly<Record<string, unknown>>): void;
  /** Messages of one event. */
  of(event: string): readonly Message[];
  /** The bytes of all media messages, in order of arrival. */
  sound(): Uint8Array;
}

export interface StreamServer {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly sockets: Socket[];
  /** What an upgrade is refused with, or undefined to let it in. */
  refuses: number | undefined;
  /** Called for every message, before tests look. */
  onMessage: (socket: Socket, message: Message) => void;
}

export async function openStreamServer(test: TestContext): Promise<StreamServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  const server: StreamServer & { host: string } = {
    host: '',
    sockets: [],
    refuses: undefined,
    onMessage: () => undefined,
  };
  http.on('upgrade', (request, raw, head) => {
    if (server.refuses !== undefined) {
      raw.end(`HTTP/1.1 ${server.refuses} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, raw, head, (wire) => {
      const socket = socketOf(wire, raw, request);
      server.sockets.push(socket);
      wire.on('message', (data) => {
        const message = JSON.parse(`${data}`) as Message;
        socket.messages.push(message);
        server.onMessage(socket, message);
      });
      wire.on('close', (code) => {
        socket.closed = code;
      });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  test.after(() => {
    for (const { wire } of server.sockets) wire.terminate();
    http.closeAllConnections();
    http.close();
  });
  server.host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  return server;
}

function socketOf(wire: WebSocket, raw: Duplex, { url: path = '', headers }: IncomingMessage): Socket {
  const messages: Message[] = [];
  const of = (event: string): readonly Message[] => messages.filter((message) => message.event === event);
  return {
    path,
    headers,
    wire,
    raw,
    messages,
    closed: undefined,
    send: (message) => wire.send(JSON.stringify(message)),
    of,
    sound: () =>
      new Uint8Array(
        Buffer.concat(
          of('media').map(({ media }) => Buffer.from((media as { payload: string }).payload, 'base64')),
        ),
      ),
  };
}
