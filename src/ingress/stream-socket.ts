// StreamSocket: one media stream from its upgrade to its end: the start it must name, then frames for the engine.
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import type { Cancel, Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { isSameSecret } from '../lib/secret.ts';
import type { MediaCodec, MediaMessage } from '../media/codec.ts';
import type { MediaSocket, Outlet } from '../media/playout.ts';
import { FrameBudget, type Place } from './stream-limits.ts';
import type { StreamClaim } from './stream-token.ts';
import { textFrame } from './text-frame.ts';

/** Carriers send less than 1 KB; Plivo names 64 KB as its limit. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** A start with all its parameters takes 2 KB. */
const MAX_EARLY_FRAME_BYTES = 8 * 1024;
/** Before the start a carrier says `connected`, and that is all. */
const MAX_EARLY_FRAMES = 20;
/** What may arrive while we wait to learn the carrier's id of the call: ten seconds of audio. */
const MAX_HELD_FRAMES = 500;
const MAX_MALFORMED_IN_A_ROW = 20;
/** Carriers send audio all the time, silence too: without it the line is dead, whatever TCP thinks. */
const IDLE_MS = 30_000;
/** The other side has this long to answer a close frame. */
const CLOSE_WITHIN_MS = 1_000;

/** What a stream tells the engine, and asks it. */
export interface StreamLines {
  isExpected(callId: string, n: number): boolean;
  /** Null as long as it is not known. */
  carrierCallIdOf(callId: string): string | null;
  /** The stream was accepted; until `detached` it may be written to. */
  attach(callId: string, n: number, outlet: Outlet): void;
  message(callId: string, n: number, message: MediaMessage): void;
  /** Exactly once for each attached stream, and never from within a call of `socket.close`. */
  detached(callId: string, n: number, why: string): void;
}

export interface StreamSocketDeps {
  readonly lines: StreamLines;
  /** Ms since the epoch: the clock of the tokens. */
  readonly clock: Clock;
  readonly log: Log;
}

/** `wire` is the socket that `webSocket` speaks on. */
export interface Connection {
  readonly webSocket: WebSocket;
  readonly wire: Duplex;
}

interface Admitted extends StreamSocketDeps, Connection {
  readonly claim: StreamClaim;
  readonly codec: MediaCodec;
  readonly place: Place;
  readonly preStartTimeoutMs: number;
}

/** Why a stream is closed: the code and reason of the close frame, and what the log is told when it is more. */
type Fault = readonly [code: number, reason: string, why?: string];
type Start = Extract<MediaMessage, { kind: 'start' }>;
type Phase =
  | { readonly kind: 'new' }
  /** The start is here, but not what the carrier calls this call. */
  | { readonly kind: 'waiting'; readonly start: Start; readonly held: MediaMessage[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'ended' };

export class StreamSocket {
  /** Resolves when the socket is down. */
  readonly down: Promise<void>;
  readonly #deps: Admitted;
  readonly #budget: FrameBudget;
  #phase: Phase = { kind: 'new' };
  #isAttached = false;
  #why = '';
  #earlyFrames = 0;
  #malformedInARow = 0;
  #malformed = 0;
  #frameAt: number;
  #cancel: Cancel;

  constructor(deps: Admitted) {
    const { webSocket, clock, preStartTimeoutMs } = deps;
    this.#deps = deps;
    this.#frameAt = clock.now();
    this.#budget = new FrameBudget(clock.now());
    this.#cancel = clock.at(clock.now() + preStartTimeoutMs, () => this.end(1008, 'Start timeout'));
    webSocket.on('message', (data, isBinary) => this.#guarded(() => this.#frame(data, isBinary)));
    // By then the library has sent a close frame with the code that fits; ours is for the case that it has not.
    webSocket.on('error', (error) => this.end(1002, 'Protocol error', reasonOf(error)));
    this.down = new Promise((resolve) => {
      webSocket.on('close', (code) => {
        this.#stop(`the carrier closed the socket (${code})`);
        this.#isDown();
        resolve();
      });
    });
  }

  /** What the carrier calls this call has become known. */
  identified(): void {
    const phase = this.#phase;
    if (phase.kind !== 'waiting') return;
    this.#guarded(() => {
      const fault = this.#begin(phase.start);
      if (fault) this.end(...fault);
      for (const message of phase.held) this.#pass(message);
    });
  }

  /** Closes the socket and tells the engine. Doing it twice does nothing more. */
  end(...[code, reason, why = reason]: Fault): void {
    if (this.#phase.kind === 'ended') return;
    this.#hangUp(code, reason, why);
    this.#detach();
  }

  #hangUp(code: number, reason: string, why: string): void {
    if (this.#phase.kind === 'ended') return;
    const { webSocket, clock } = this.#deps;
    this.#stop(why);
    webSocket.close(code, reason);
    this.#cancel = clock.at(clock.now() + CLOSE_WITHIN_MS, () => webSocket.terminate());
  }

  #stop(why: string): void {
    if (this.#phase.kind === 'ended') return;
    this.#cancel();
    this.#phase = { kind: 'ended' };
    this.#why = why;
  }

  #isDown(): void {
    const { claim, place, log } = this.#deps;
    this.#cancel();
    place.leave();
    const { callId, n } = claim;
    const malformed = this.#malformed || undefined;
    log.info('media stream ended', { callId, n, why: this.#why, malformed });
    this.#detach();
  }

  #detach(): void {
    if (!this.#isAttached) return;
    this.#isAttached = false;
    const { lines, claim } = this.#deps;
    this.#guarded(() => lines.detached(claim.callId, claim.n, this.#why));
  }

  /** A fault while handling one stream ends that stream, not the thread with all others. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#deps.log.error('a media stream met a fault', { error: reasonOf(error) });
      this.end(1011, 'Internal error');
    }
  }

  #frame(data: RawData, isBinary: boolean): void {
    if (this.#phase.kind === 'ended') return;
    const now = this.#deps.clock.now();
    this.#frameAt = now;
    const fault = this.#faultOfFrame(data, isBinary, now) ?? this.#read(data.toString());
    if (fault) this.end(...fault);
  }

  #faultOfFrame(data: RawData, isBinary: boolean, now: number): Fault | null {
    if (isBinary || !Buffer.isBuffer(data)) return [1003, 'Text frames only'];
    if (this.#phase.kind !== 'open') {
      this.#earlyFrames += 1;
      if (data.length > MAX_EARLY_FRAME_BYTES) return [1009, 'Frame too large'];
    }
    return this.#budget.take(now) ? null : [1008, 'Too many frames'];
  }

  #read(frame: string): Fault | null {
    const message = this.#deps.codec.read(frame);
    if (message) {
      this.#malformedInARow = 0;
      return this.#take(message);
    }
    this.#malformed += 1;
    this.#malformedInARow += 1;
    return this.#malformedInARow < MAX_MALFORMED_IN_A_ROW ? null : [1008, 'Malformed frames'];
  }

  #take(message: MediaMessage): Fault | null {
    const phase = this.#phase;
    if (phase.kind === 'new') return this.#takeFirst(message);
    if (message.kind === 'start') return [1008, 'Duplicate start'];
    if (phase.kind !== 'waiting') {
      this.#pass(message);
      return null;
    }
    phase.held.push(message);
    return phase.held.length <= MAX_HELD_FRAMES ? null : [1008, 'Start timeout', 'the call is not known'];
  }

  #takeFirst(message: MediaMessage): Fault | null {
    const { lines, claim } = this.#deps;
    if (message.kind === 'ignored') {
      const isBearable = this.#earlyFrames <= MAX_EARLY_FRAMES;
      return isBearable ? null : [1008, 'Start timeout', 'frames, but no start'];
    }
    if (message.kind !== 'start') return [1008, 'Start expected'];
    if (!message.isOurFormat) return [1003, 'Unsupported media format'];
    if (message.token !== null && !isSameSecret(message.token, claim.token))
      return [1008, 'Unknown call', 'the start brings another token'];
    if (!this.#isExpected || lines.carrierCallIdOf(claim.callId) !== null) return this.#begin(message);
    this.#phase = { kind: 'waiting', start: message, held: [] };
    return null;
  }

  #begin(start: Start): Fault | null {
    const { lines, claim, codec, place, log } = this.#deps;
    const { callId, n } = claim;
    if (!this.#isExpected) return [1008, 'Unknown call', 'the call does not expect it any more'];
    if (start.carrierCallId !== lines.carrierCallIdOf(callId))
      return [1008, 'Unknown call', 'the start names another call'];
    this.#cancel();
    place.accepted();
    this.#phase = { kind: 'open' };
    this.#isAttached = true;
    this.#watch();
    log.info('media stream began', { callId, n });
    lines.attach(callId, n, { writer: codec.writer(start.streamId), socket: this.#mediaSocket() });
    return null;
  }

  /** The call may have ended, or a newer connection begun, since the door was opened. */
  get #isExpected(): boolean {
    const { lines, claim } = this.#deps;
    return lines.isExpected(claim.callId, claim.n);
  }

  #mediaSocket(): MediaSocket {
    const { webSocket, wire } = this.#deps;
    return {
      // Nothing of `ws` is ever half written: it compresses nothing, and writes each of its frames at once.
      send: (frames) => {
        const isOpen = this.#phase.kind === 'open' && webSocket.readyState === WebSocket.OPEN;
        if (isOpen) wire.write(inOnePiece(frames.map(textFrame)));
      },
      get bufferedBytes() {
        return webSocket.bufferedAmount;
      },
      close: (code, reason) => this.#hangUp(code, reason, 'we closed it'),
    };
  }

  #pass(message: MediaMessage): void {
    const { lines, claim } = this.#deps;
    if (this.#phase.kind === 'open') lines.message(claim.callId, claim.n, message);
  }

  /** One timer that looks again, rather than a new one for each of 50 frames a second. */
  #watch(): void {
    const { clock } = this.#deps;
    this.#cancel = clock.at(this.#frameAt + IDLE_MS, () => {
      if (clock.now() - this.#frameAt < IDLE_MS) return this.#watch();
      this.end(1001, 'Idle', 'nothing came for 30 s');
    });
  }
}

function inOnePiece(frames: readonly Buffer[]): Buffer {
  const [first] = frames;
  return first && frames.length === 1 ? first : Buffer.concat(frames);
}
