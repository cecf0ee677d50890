// Knock: raw bytes at the door, for what no polite HTTP client would send.
import { connect } from 'node:net';
import type { CarrierStage } from '../conformance/carrier-stage.ts';
import type { Letter } from '../conformance/exchange.ts';

export interface Answer {
  /** 0 when the connection was closed without a word. */
  readonly status: number;
  readonly body: string;
}

/** Writes the bytes and reads until the connection ends. */
export function knockRaw(port: number, bytes: string | Buffer): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const done = (): void => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      resolve({ status: statusOf(head) ?? 0, body: rest.join('\r\n\r\n') });
    };
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.on('error', () => undefined).on('close', done);
    socket.on('connect', () => socket.end(bytes));
  });
}

/** The status an answer begins with; null when there is none. */
export function statusOf(answer: string): number | null {
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
  return status === undefined ? null : Number(status);
}

export interface Changes {
  readonly body?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a webhook again, with changes; plays the story on until it was answered. */
export async function knock(stage: CarrierStage, letter: Letter, changes: Changes = {}): Promise<Answer> {
  return stage.settle(knockRaw(stage.port, bytesOf(letter, changes)));
}

/** The webhook as an HTTP request on a connection of its own. */
export function bytesOf(letter: Letter, changes: Changes = {}): string {
  const { pathname, search } = new URL(letter.url);
  const body = changes.body ?? letter.body;
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...letter.headers, ...changes.headers }))
    headers.set(name.toLowerCase(), value);
  headers.set('content-length', `${Buffer.byteLength(body)}`);
  headers.set('connection', 'close');
  if (!headers.has('host')) headers.set('host', 'voice.example.test');
  const head = [`POST ${changes.target ?? `${pathname}${search}`} HTTP/1.1`];
  for (const [name, value] of headers) head.push(`${name}: ${value}`);
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
