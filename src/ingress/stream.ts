// Stream: who may open a media stream. Path, token, call and limits are checked before the 101.
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { WireReply } from '../carrier/carrier.ts';
import type { MediaCodec } from '../media/codec.ts';
import { answerTo, nonceIn } from './probe.ts';
import type { Upgrade } from './server.ts';
import { clientAddress, Places, type StreamLimits, UsedTokens } from './stream-limits.ts';
import {
  type Connection,
  MAX_FRAME_BYTES,
  type StreamLines,
  StreamSocket,
  type StreamSocketDeps,
} from './stream-socket.ts';
import { checkToken, readClaim, type StreamClaim } from './stream-token.ts';
import { plain } from './webhook.ts';

/** The lines of the engine, and which codec a call's carrier speaks; null: we know no such call. */
export interface DoorLines extends StreamLines {
  /** May connection `n` of this call come now? */
  isExpected(callId: string, n: number): boolean;
  codecOf(callId: string): MediaCodec | null;
}

export interface StreamDoorDeps extends Omit<StreamSocketDeps, 'lines'> {
  readonly lines: DoorLines;
  /** `streaming.streamPath`, and the same behind the prefix of the public address when there is one. */
  readonly paths: readonly string[];
  /** Of the tokens, and of our own probes. */
  readonly secret: Uint8Array;
  readonly limits: StreamLimits;
}

type Verdict =
  | { readonly claim: StreamClaim; readonly codec: MediaCodec; readonly address: string }
  | { readonly refused: WireReply; readonly why: string };

/** What users of other plugins know: closed after the upgrade, so that the reason reaches the carrier's own log. */
const CROWDED = [1013, 'Too many pending media stream connections'] as const;
/** Strangers knock as often as they like; the log is told of them this often. */
const LOG_EVERY_MS = 5_000;
/** A socket that was refused or is closed has this long to take the news. */
const CLOSE_WITHIN_MS = 1_000;

export class StreamDoor {
  readonly #deps: StreamDoorDeps;
  readonly #places: Places;
  readonly #used = new UsedTokens();
  readonly #sockets = new Map<StreamSocket, StreamClaim>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  #isClosing = false;
  #refusals = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: StreamDoorDeps) {
    this.#deps = deps;
    this.#places = new Places(deps.limits);
  }

  /** Takes an upgrade request, or answers it plainly and destroys its socket. */
  upgrade(visit: Upgrade): void {
    const { message, socket, head } = visit;
    // Without a listener an error of the socket would end the thread.
    socket.on('error', () => undefined);
    const answer = this.#probed(visit);
    const verdict = this.#judge(visit);
    if (answer !== null)
      this.#server.handleUpgrade(message, socket, head, (webSocket) => this.#echo(webSocket, answer));
    else if ('refused' in verdict) this.#refuse(socket, verdict);
    else
      this.#server.handleUpgrade(message, socket, head, (webSocket) => {
        if (this.#places.isCrowded(verdict.address)) this.#turnAway(webSocket);
        else this.#enter({ webSocket, wire: socket }, verdict);
      });
  }

  /** The carrier's id of this call is known now: streams that waited for it may begin. */
  identified(callId: string): void {
    for (const [socket, claim] of this.#sockets) if (claim.callId === callId) socket.identified();
  }

  /** Closes every stream; resolves when all sockets are down, within a second. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const down = [...this.#sockets.keys()].map((socket) => {
      socket.end(1001, 'Going away', 'we are closing');
      return socket.down;
    });
    await Promise.all(down);
  }

  /** The answer to a question of our own; null when it is none. */
  #probed({ message, forwarding }: Upgrade): string | null {
    const { paths, secret, clock } = this.#deps;
    const isAsked = message.method === 'GET' && forwarding !== null && !this.#isClosing;
    const nonce = isAsked ? nonceIn(message.url ?? '', paths) : null;
    return nonce === null ? null : answerTo(nonce, secret, clock.now());
  }

  #echo(webSocket: WebSocket, answer: string): void {
    webSocket.send(answer);
    this.#part(webSocket, 1000, 'Probe answered');
  }

  /** From the cheapest question to the dearest, and nothing about calls to who has no token. */
  #judge({ message, forwarding }: Upgrade): Verdict {
    const { lines, clock, paths, secret } = this.#deps;
    const claim = readClaim(message.url ?? '', paths);
    if (!claim) return refused(404, 'Not Found', 'not our path');
    if (message.method !== 'GET') return refused(405, 'Method Not Allowed', 'not a GET');
    if (!forwarding || this.#isClosing) return refused(503, 'Service Unavailable', 'we are not open');
    const verdict = checkToken(claim, secret, clock.now());
    if (verdict === 'forged') return refused(401, 'Unauthorized', 'the token is not ours');
    if (verdict === 'expired') return refused(403, 'Forbidden', 'the token is too old');
    if (this.#used.has(claim.token)) return refused(403, 'Forbidden', 'the token was used before');
    const codec = lines.codecOf(claim.callId);
    if (!codec || !lines.isExpected(claim.callId, claim.n))
      return refused(403, 'Forbidden', 'the call does not expect it');
    if (this.#places.isFull) return refused(503, 'Service Unavailable', 'too many media streams');
    const forwardedFor = message.headers['x-forwarded-for'];
    const address = clientAddress({
      peer: message.socket.remoteAddress,
      forwardedFor: Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor,
      forwarding,
    });
    return { claim, codec, address };
  }

  #enter(connection: Connection, { claim, codec, address }: Exclude<Verdict, { refused: WireReply }>): void {
    const { lines, clock, log, limits } = this.#deps;
    this.#used.add(claim.token, claim.expiresAt, clock.now());
    const place = this.#places.take(address);
    const { preStartTimeoutMs } = limits;
    const socket = new StreamSocket({
      lines,
      clock,
      log,
      ...connection,
      claim,
      codec,
      place,
      preStartTimeoutMs,
    });
    this.#sockets.set(socket, claim);
    void socket.down.then(() => this.#sockets.delete(socket));
  }

  #turnAway(webSocket: WebSocket): void {
    this.#note('too many pending media streams', 1013);
    this.#part(webSocket, ...CROWDED);
  }

  /** Closes a socket that never becomes a media stream. */
  #part(webSocket: WebSocket, code: number, reason: string): void {
    const { clock } = this.#deps;
    webSocket.on('error', () => undefined);
    webSocket.close(code, reason);
    const cancel = clock.at(clock.now() + CLOSE_WITHIN_MS, () => webSocket.terminate());
    webSocket.on('close', cancel);
  }

  #refuse(
    socket: Duplex,
    { refused: { status, contentType, body }, why }: { refused: WireReply; why: string },
  ): void {
    if (status !== 404 && status !== 405) this.#note(why, status);
    const head = [
      `HTTP/1.1 ${status} ${body}`,
      'connection: close',
      `content-type: ${contentType}`,
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  }

  #note(why: string, status: number): void {
    const { clock, log } = this.#deps;
    this.#refusals += 1;
    if (clock.now() - this.#loggedAt < LOG_EVERY_MS) return;
    log.warn('media stream refused', { why, status, refusedSince: this.#refusals });
    this.#loggedAt = clock.now();
    this.#refusals = 0;
  }
}

function refused(status: number, text: string, why: string): Verdict {
  return { refused: plain(status, text), why };
}
