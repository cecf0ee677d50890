// Phones: all test phones: who may open one, which of them rings, and their sockets.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Call } from '../call/call.ts';
import type { Handsets } from '../carrier/mock/exchange.ts';
import type { MockReport } from '../carrier/mock/index.ts';
import type { Clock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { Handset, type PhoneSocket } from './handset.ts';
import { MAX_SOUND_BYTES, type OpenedPhone, type ReadyMessage, type SpeechInUse } from './protocol.ts';
import { Tickets } from './tickets.ts';

/** Of the numbers that are given to nobody, for films and tests; the last digits spell "test". */
const WITH_SOUND = '+15550008378';
/** Who reads and types has another one, so that a call is known to have no sound before it is picked up. */
const WITHOUT_SOUND = '+15550008379';
export const TEST_PHONE_NUMBERS: readonly string[] = [WITH_SOUND, WITHOUT_SOUND];

/** The Gateway's path of the sockets. Nothing else is beneath it. */
export const PHONE_PATH = '/voice-call-phone';
/** More than the tabs of one person. */
const MAX_PHONES = 16;
/** A frame of text: words of 4000 letters. */
const MAX_FRAME_BYTES = 4 * MAX_SOUND_BYTES;
/** A browser that does not take what it is sent for so long is gone: four minutes of sound. */
const MAX_BUFFERED_BYTES = 2_000_000;
const PING_EVERY_MS = 15_000;
const CLOSE_WITHIN_MS = 1_000;

export interface TestPhonesDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly ourNumber: string;
  /** Who speaks and understands; null: nothing here can, and calls are typed and read. */
  readonly speech: SpeechInUse | null;
  readonly report: (report: MockReport) => Promise<void>;
  /** A phone with sound is about to connect. */
  readonly onOpen: () => void;
}

export class TestPhones implements Handsets {
  readonly #deps: TestPhonesDeps;
  readonly #tickets: Tickets<ReadyMessage>;
  readonly #handsets = new Map<Handset, WebSocket>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });

  constructor(deps: TestPhonesDeps) {
    this.#deps = deps;
    this.#tickets = new Tickets(deps.clock);
  }

  /** Who speaks and understands; null: nobody, calls are typed and read. */
  get speech(): SpeechInUse | null {
    return this.#deps.speech;
  }

  /** A phone is about to connect. Who asks was let in by the Gateway. Throws VC_PHONES_FULL. */
  open({ sound: isWanted }: { readonly sound: boolean }): OpenedPhone {
    const limit = MAX_PHONES;
    if (this.#tickets.size + this.#handsets.size >= limit)
      throw new VoiceCallError('VC_PHONES_FULL', { limit });
    const { speech } = this.#deps;
    const sound = isWanted && speech !== null;
    const ready: ReadyMessage = {
      type: 'ready',
      number: sound ? WITH_SOUND : WITHOUT_SOUND,
      sound,
      speech: speech ?? { voice: null, hearing: null, isOffline: true },
    };
    if (sound) this.#deps.onOpen();
    const { ticket, expiresAt } = this.#tickets.give(ready);
    const { type: _, ...phone } = ready;
    return { url: `${PHONE_PATH}?ticket=${ticket}`, expiresAt, ...phone };
  }

  /** Takes an upgrade request, or answers it with 401 and closes. Its ticket is all that counts. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ready = this.#tickets.take(ticketIn(message.url ?? ''));
    if (!ready) {
      this.#deps.log.warn('a test phone was refused: its ticket is unknown, used or too old');
      refuseUpgrade(socket, 401);
      return;
    }
    socket.on('error', () => undefined);
    this.#server.handleUpgrade(message, socket, head, (webSocket) => this.#enter(webSocket, ready));
  }

  isNumber(number: string): boolean {
    return TEST_PHONE_NUMBERS.includes(number);
  }

  /** Whether who has this number speaks and hears. */
  hasSound(number: string): boolean {
    return number === WITH_SOUND && this.#deps.speech !== null;
  }

  /** The one that was opened last and is free. */
  ring(order: Parameters<Handsets['ring']>[0]): string | null {
    const free = [...this.#handsets.keys()].findLast(
      (handset) => handset.isFree && handset.number === order.to,
    );
    return free?.ring(order) ?? null;
  }

  obey(...asked: Parameters<Handsets['obey']>): boolean {
    return [...this.#handsets.keys()].some((handset) => handset.obey(...asked));
  }

  /** After each step of a call. */
  follow(call: Call): void {
    for (const handset of this.#handsets.keys()) handset.follow(call);
  }

  /** Every phone is hung up. */
  close(): void {
    for (const [handset, webSocket] of this.#handsets) {
      this.#handsets.delete(handset);
      handset.gone();
      webSocket.close(1001, 'Going away');
      this.#terminateLater(webSocket);
    }
  }

  #enter(webSocket: WebSocket, ready: ReadyMessage): void {
    const { clock, newId, ourNumber, report, log } = this.#deps;
    const socket = this.#phoneSocket(webSocket);
    const handset = new Handset({ clock, newId, ourNumber, report, ready, socket });
    this.#handsets.set(handset, webSocket);
    log.info('a test phone was opened', { sound: ready.sound });
    const stopPinging = this.#keepAlive(webSocket);
    webSocket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data) || !this.#handsets.has(handset)) return;
      this.#guarded(webSocket, () => (isBinary ? handset.hear(data) : handset.take(data.toString())));
    });
    webSocket.on('error', (error) => log.warn('a test phone failed', { why: reasonOf(error) }));
    webSocket.on('close', () => {
      stopPinging();
      if (this.#handsets.delete(handset)) handset.gone();
    });
  }

  #phoneSocket(webSocket: WebSocket): PhoneSocket {
    return {
      send: (data) => {
        if (webSocket.readyState !== webSocket.OPEN) return;
        if (webSocket.bufferedAmount > MAX_BUFFERED_BYTES) webSocket.terminate();
        else webSocket.send(data);
      },
      close: (code, reason) => {
        webSocket.close(code, reason);
        this.#terminateLater(webSocket);
      },
    };
  }

  /** A fault in one phone ends that phone. */
  #guarded(webSocket: WebSocket, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#deps.log.error('a test phone met a fault', { error: reasonOf(error) });
      webSocket.close(1011, 'Internal error');
    }
  }

  /** A laptop that was closed says nothing: without an answer to a ping it has hung up. */
  #keepAlive(webSocket: WebSocket): () => void {
    const { clock } = this.#deps;
    let isAlive = true;
    webSocket.on('pong', () => {
      isAlive = true;
    });
    const ping = (): void => {
      if (!isAlive) {
        webSocket.terminate();
        return;
      }
      isAlive = false;
      webSocket.ping();
      cancel = clock.at(clock.now() + PING_EVERY_MS, ping);
    };
    let cancel = clock.at(clock.now() + PING_EVERY_MS, ping);
    return () => cancel();
  }

  #terminateLater(webSocket: WebSocket): void {
    const { clock } = this.#deps;
    const cancel = clock.at(clock.now() + CLOSE_WITHIN_MS, () => webSocket.terminate());
    webSocket.on('close', cancel);
  }
}

/** Answers an upgrade that is not wanted, and closes. */
export function refuseUpgrade(socket: Duplex, status: 401 | 503): void {
  const reason = status === 401 ? 'Unauthorized' : 'Service Unavailable';
  // Without a listener an error of the socket would end the process.
  socket.on('error', () => undefined);
  const head = `HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  socket.end(head, () => socket.destroy());
}

function ticketIn(target: string): string {
  const query = target.split('?')[1] ?? '';
  return new URLSearchParams(query).get('ticket') ?? '';
}
