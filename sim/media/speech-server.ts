// SpeechServer: what the stand-ins for synthesizers share: HTTP on loopback, sound in pieces, and switches.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../src/lib/clock.ts';
import { Activity } from '../activity.ts';
import { pause } from '../pause.ts';
import { closeWithAll, openOnLoopback } from './loopback.ts';
import { Planned } from './planned.ts';
import { objectIn } from './wire.ts';
import { wordSamples } from './word-code.ts';

/** What goes wrong with one request; several may at once. */
export interface SpeechFault {
  /** From the request to the first byte, ms. */
  readonly firstByteMs?: number;
  /** Pause after every 100 ms of sound, ms: 100 is real time, more is slower than anybody speaks. */
  readonly pieceMs?: number;
  /** So much sound comes, ms, then nothing more, and the response stays open. */
  readonly stallAfterMs?: number;
  /** So much sound comes, ms, then the connection breaks. */
  readonly breakAfterMs?: number;
  /** An error body with this status. */
  readonly status?: number;
  /** Something else than the sound asked for, under status 200. */
  readonly wrong?: 'json' | 'empty' | 'html';
}

/** One request for speech. */
export interface SpeechRequest {
  readonly at: number;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
  /** What was to be said. */
  readonly text: string;
  /** When the first byte left, and the last. */
  firstByteAt: number | undefined;
  doneAt: number | undefined;
  /** The other side went away before the end. */
  isAborted: boolean;
}

/** How a request is to be answered: sound, or a refusal. */
export type SpeechAnswer =
  | {
      readonly contentType: string;
      readonly bytes: Uint8Array;
      /** To tell how long a piece is. */
      readonly bytesPerMs: number;
    }
  | { readonly status: number; readonly error: unknown };

export interface SpeechOptions {
  readonly clock: Clock;
  readonly apiKey?: string;
  /** From the request to the first byte, ms, when no fault says otherwise. */
  readonly firstByteMs?: number;
  readonly activity?: Activity;
  /** The voice; word-code unless told otherwise. */
  readonly voice?: (text: string, rateHz: number) => Int16Array;
}

const PIECE_MS = 100;

export abstract class SpeechServer {
  readonly requests: SpeechRequest[] = [];
  /** Knows what is on its way here. */
  readonly activity: Activity;
  protected readonly apiKey: string;
  protected readonly voice: (text: string, rateHz: number) => Int16Array;
  readonly #clock: Clock;
  readonly #firstByteMs: number;
  readonly #closing = new AbortController();
  readonly #planned = new Planned<SpeechFault>();
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });
  #port = 0;

  constructor({ clock, apiKey = 'tts-key', firstByteMs = 150, activity, voice }: SpeechOptions) {
    this.#clock = clock;
    this.activity = activity ?? new Activity();
    this.#firstByteMs = firstByteMs;
    this.apiKey = apiKey;
    this.voice = voice ?? wordSamples;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What was asked to be said, in order. */
  get texts(): readonly string[] {
    return this.requests.map(({ text }) => text);
  }

  /** Switches faults on for the next `times` requests (default: all). Returns the off switch. */
  next(fault: SpeechFault, options: { readonly times?: number } = {}): () => void {
    return this.#planned.next(fault, options);
  }

  async listen(): Promise<void> {
    this.#port = await openOnLoopback(this.#server, this.#port);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the stand-in was closed'));
    await closeWithAll(this.#server);
  }

  /** The sound asked for, or why there is none. */
  protected abstract answer(request: SpeechRequest, method: string): SpeechAnswer;
  protected abstract textIn(body: SpeechRequest['body']): string;

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const transit = this.activity.begin(`speech ${incoming.url}`);
    const request = await this.#read(incoming).finally(() => transit.settled());
    this.requests.push(request);
    const fault: SpeechFault = this.#planned.take();
    const gone = new AbortController();
    response.once('close', () => {
      if (request.doneAt === undefined) request.isAborted = true;
      gone.abort(new Error('the other side went away'));
      this.activity.touch();
    });
    const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
    await pause(this.#clock, fault.firstByteMs ?? this.#firstByteMs, signal);
    const answer = spoilt(fault) ?? this.answer(request, incoming.method ?? '');
    request.firstByteAt = this.#clock.now();
    if ('error' in answer) {
      response.writeHead(answer.status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(answer.error));
    } else await this.#speak(response, answer, { fault, signal });
    request.doneAt = this.#clock.now();
    this.activity.touch();
  }

  async #speak(
    response: ServerResponse,
    { contentType, bytes, bytesPerMs }: Extract<SpeechAnswer, { bytes: Uint8Array }>,
    { fault, signal }: { readonly fault: SpeechFault; readonly signal: AbortSignal },
  ): Promise<void> {
    const { pieceMs = 0, stallAfterMs, breakAfterMs } = fault;
    const mostMs = Math.min(
      stallAfterMs ?? Number.POSITIVE_INFINITY,
      breakAfterMs ?? Number.POSITIVE_INFINITY,
    );
    const most = Math.min(bytes.length, Math.floor(mostMs * bytesPerMs));
    const piece = Math.max(2, Math.round(PIECE_MS * bytesPerMs));
    response.writeHead(200, { 'Content-Type': contentType });
    response.flushHeaders();
    for (let at = 0; at < most; at += piece) {
      if (at > 0) await pause(this.#clock, pieceMs, signal);
      response.write(bytes.subarray(at, Math.min(most, at + piece)));
      this.activity.touch();
    }
    if (most === bytes.length) response.end();
    else if (breakAfterMs === mostMs) response.destroy();
    else await pause(this.#clock, Number.POSITIVE_INFINITY, signal);
  }

  async #read(incoming: IncomingMessage): Promise<SpeechRequest> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '', 'http://127.0.0.1');
    const body = objectIn(Buffer.concat(chunks).toString('utf8')) ?? {};
    return {
      at: this.#clock.now(),
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body,
      text: this.textIn(body),
      firstByteAt: undefined,
      doneAt: undefined,
      isAborted: false,
    };
  }
}

function spoilt({ status, wrong }: SpeechFault): SpeechAnswer | undefined {
  if (status !== undefined) return { status, error: { error: { message: 'the stand-in was told to fail' } } };
  const none = { bytes: new Uint8Array(0), bytesPerMs: 1 };
  if (wrong === 'empty') return { ...none, contentType: 'audio/basic' };
  if (wrong === 'json') return { status: 200, error: { detail: 'no sound in here' } };
  if (wrong !== 'html') return undefined;
  return { contentType: 'text/html', bytes: new TextEncoder().encode('<html>busy</html>'), bytesPerMs: 8 };
}
