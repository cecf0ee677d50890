// MediaStream: the carrier's side of one media stream over a real WebSocket: 20 ms frames out, a playout buffer in.
import { type RawData, WebSocket } from 'ws';
import type { Cancel, Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import type { Ear } from './ear.ts';
import type { Mouth } from './mouth.ts';
import { FRAME_MS } from './mulaw.ts';
import { Playout } from './playout.ts';
import type { StreamFault } from './stream-faults.ts';
import type { StreamRoute } from './stream-route.ts';
import type { Order, Wire } from './wire.ts';

export interface StreamPlan {
  readonly clock: Clock;
  readonly activity: Activity;
  readonly route: StreamRoute;
  /** The signature, where the carrier signs. */
  readonly headers: Readonly<Record<string, string>>;
  readonly wire: Wire;
  readonly mouth: Mouth;
  readonly ear: Ear;
  readonly fault: StreamFault;
  /** How often the carrier tries to connect. */
  readonly tries: number;
  /** The plugin sent something the carrier does not take. */
  readonly problem: (code: string | number, why: string) => void;
  /** The plugin pressed keys through the stream. */
  readonly pressed: (digits: string) => void;
  readonly opened: () => void;
  readonly ended: (end: StreamEnd) => void;
}

export interface StreamEnd {
  readonly at: number;
  /** Who ended it; `nobody` when there never was a connection. */
  readonly by: 'plugin' | 'carrier' | 'fault' | 'nobody';
  readonly why: string;
  /** The WebSocket close code, where one came. */
  readonly code: number | undefined;
}

/** One message of the plugin. */
export interface Received {
  readonly at: number;
  readonly kind: Order['kind'];
  /** Of sound, ms. */
  readonly ms: number;
  /** Of a mark. */
  readonly name: string;
}

export interface Mark {
  readonly name: string;
  readonly at: number;
  /** When it was sent back. */
  echoedAt: number | undefined;
  /** It was thrown away by a clear, whether or not it was sent back. */
  wasCleared: boolean;
}

/** A second socket for the same stream. */
export interface Intruder {
  readonly isOpen: boolean;
  /** HTTP status of a refused upgrade, or the close code. */
  readonly code: number | undefined;
}

const HANDSHAKE_MS = 5000;
const BETWEEN_TRIES_MS = 1000;
/** After our `stop` the plugin has so long to close too. */
const LINGER_MS = 2000;
/** A timer later than this lets the sockets speak first: a stall of this process is not the plugin's. */
const LATE_MS = 5;

export class MediaStream {
  readonly received: Received[] = [];
  readonly marks: Mark[] = [];
  /** When the plugin asked for a clear. */
  readonly clears: number[] = [];
  /** The first frame begins here, ms on the clock; undefined until the socket is open. */
  openedAt: number | undefined;
  /** Frames of the caller that were sent. */
  framesSent = 0;
  readonly ended: Promise<StreamEnd>;
  readonly #plan: StreamPlan;
  readonly #playout = new Playout();
  readonly #resolve: (end: StreamEnd) => void;
  readonly #cancels = new Set<Cancel>();
  readonly #intruders: Intruder[] = [];
  readonly #sockets = new Set<WebSocket>();
  #socket: WebSocket | undefined;
  #end: StreamEnd | undefined;
  /** The next frame, counted from the start. */
  #tick = 0;
  #held: string | undefined;
  #isStalled = false;

  constructor(plan: StreamPlan) {
    this.#plan = plan;
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#after(plan.fault.lateMs ?? 0, () => this.#connect(1));
  }

  get id(): string {
    return this.#plan.wire.streamId;
  }

  get isOpen(): boolean {
    return this.openedAt !== undefined && this.#end === undefined;
  }

  /** How it ended, or undefined while it goes on. */
  get end(): StreamEnd | undefined {
    return this.#end;
  }

  get bufferedMs(): number {
    return this.#playout.bufferedMs;
  }

  get mostBufferedMs(): number {
    return this.#playout.mostBufferedMs;
  }

  /** Messages the carrier did not understand. */
  get badMessages(): number {
    return this.received.filter(({ kind }) => kind === 'bad').length;
  }

  /** The sockets that came a second time for this stream. */
  get intruders(): readonly Intruder[] {
    return this.#intruders;
  }

  /** The caller pressed a key. */
  press(digit: string): void {
    if (this.isOpen) this.#send(this.#plan.wire.digit(digit, this.#plan.clock.now()));
  }

  /** The carrier ends it: `stop`, then it closes the socket. */
  stop(why: string): void {
    const stop = this.isOpen ? this.#plan.wire.stop() : undefined;
    if (stop !== undefined) this.#send(stop);
    const socket = this.#socket;
    this.#finish({ by: 'carrier', why, code: undefined });
    socket?.close(1000);
    if (!socket) return;
    const { clock } = this.#plan;
    const cancel = clock.at(clock.now() + LINGER_MS, () => socket.terminate());
    socket.once('close', cancel);
  }

  /** The socket breaks: no `stop`, no closing handshake. */
  drop(why = 'the network broke'): void {
    const socket = this.#socket;
    this.#finish({ by: 'fault', why, code: undefined });
    socket?.terminate();
  }

  /** Ends everything of it at once. */
  destroy(): void {
    this.#finish({ by: 'carrier', why: 'the twin was closed', code: undefined });
    for (const socket of this.#sockets) socket.terminate();
  }

  /** Another socket with the same URL, signature and start, as a thief or a confused carrier would open. */
  intrude(): void {
    const { activity, wire } = this.#plan;
    const transit = activity.begin('a second media socket');
    const intruder: { isOpen: boolean; code: number | undefined } = { isOpen: false, code: undefined };
    this.#intruders.push(intruder);
    const socket = this.#open();
    socket.once('open', () => {
      intruder.isOpen = true;
      for (const message of wire.opening()) socket.send(message);
      transit.settled();
    });
    socket.once('unexpected-response', (_request, response) => {
      intruder.code = response.statusCode;
      transit.settled();
      socket.terminate();
    });
    socket.once('close', (code) => {
      intruder.isOpen = false;
      intruder.code ??= code;
      transit.settled();
      activity.touch();
    });
  }

  #connect(attempt: number): void {
    const { activity, clock, fault } = this.#plan;
    if (attempt <= (fault.failedConnects ?? 0)) {
      this.#failed(attempt, 'the connection failed');
      return;
    }
    const transit = activity.begin(`media stream to ${this.#plan.route.url}`);
    const socket = this.#open();
    this.#socket = socket;
    let why: string | undefined;
    const cancel = clock.at(clock.now() + HANDSHAKE_MS, () => {
      why = 'no answer to the upgrade in time';
      socket.terminate();
    });
    socket.once('unexpected-response', (_request, response) => {
      why = `the upgrade was answered with ${response.statusCode}`;
      socket.terminate();
    });
    socket.on('error', (error) => {
      why ??= error.message;
      if (this.isOpen) this.#plan.problem('protocol', error.message);
    });
    socket.once('open', () => {
      cancel();
      this.#opened(socket);
      transit.settled();
    });
    socket.once('close', (code, reason) => {
      cancel();
      transit.settled();
      if (this.#socket !== socket || this.#end) return;
      const told = `${reason}` || `the socket was closed with ${code}`;
      if (this.openedAt === undefined) this.#failed(attempt, why ?? 'the connection failed');
      else this.#finish({ by: 'plugin', why: told, code });
    });
  }

  #open(): WebSocket {
    const { route, headers } = this.#plan;
    const socket = new WebSocket(route.url, {
      headers: { 'User-Agent': 'carrier-media', ...route.headers, ...headers },
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #failed(attempt: number, why: string): void {
    if (this.#end) return;
    if (attempt >= this.#plan.tries) this.#finish({ by: 'nobody', why, code: undefined });
    else this.#after(BETWEEN_TRIES_MS, () => this.#connect(attempt + 1));
  }

  #opened(socket: WebSocket): void {
    if (this.#end) {
      socket.terminate();
      return;
    }
    const { clock, fault, wire } = this.#plan;
    this.openedAt = clock.now();
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    for (const message of wire.opening()) this.#send(message);
    this.#plan.opened();
    this.#run();
    if (fault.dropAfterMs !== undefined) this.#after(fault.dropAfterMs, () => this.drop());
    if (fault.secondAfterMs !== undefined) this.#after(fault.secondAfterMs, () => this.intrude());
    const { stall } = fault;
    if (!stall) return;
    this.#after(stall.afterMs, () => this.#stall(socket, true));
    this.#after(stall.afterMs + stall.forMs, () => this.#stall(socket, false));
  }

  #stall(socket: WebSocket, isStalled: boolean): void {
    this.#isStalled = isStalled;
    if (isStalled) socket.pause();
    else socket.resume();
  }

  /** Everything due until now, then a timer for the next frame: by deadline, so that no delay adds up. */
  #run(): void {
    const { clock } = this.#plan;
    const start = this.openedAt ?? clock.now();
    while (!this.#end && start + this.#tick * FRAME_MS <= clock.now()) this.#frame(start);
    if (this.#end) return;
    const due = start + this.#tick * FRAME_MS;
    this.#at(due, () => {
      if (clock.now() - due < LATE_MS) this.#run();
      else setImmediate(() => this.#run());
    });
  }

  /** The caller's last 20 ms go out, the next 20 ms of ours are heard. */
  #frame(start: number): void {
    const { ear, mouth, wire } = this.#plan;
    const at = start + this.#tick * FRAME_MS;
    const mulaw = mouth.frame(at - FRAME_MS);
    if (this.#tick > 0) {
      this.framesSent++;
      this.#sendFrame(wire.media(mulaw, { sinceMs: at - FRAME_MS - start, atMs: at }));
    }
    this.#tick++;
    const { due, mulaw: heard } = this.#playout.take();
    for (const name of due) this.#echo(name, false);
    ear.hear(at, heard);
  }

  #sendFrame(frame: string): void {
    const { fault } = this.#plan;
    if (fault.reorders && this.#held === undefined) {
      this.#held = frame;
      return;
    }
    const frames = this.#held === undefined ? [frame] : [frame, this.#held];
    this.#held = undefined;
    for (const one of frames) {
      this.#send(one);
      if (fault.duplicates) this.#send(one);
    }
  }

  #receive(data: RawData, isBinary: boolean): void {
    const { activity, clock, wire } = this.#plan;
    activity.touch();
    if (this.#end) return;
    const order: Order = isBinary
      ? { kind: 'bad', code: 'binary', why: 'a binary message' }
      : wire.read(textOf(data));
    const ms = order.kind === 'media' ? order.mulaw.length / 8 : 0;
    const name = order.kind === 'mark' ? order.name : '';
    this.received.push({ at: clock.now(), kind: order.kind, ms, name });
    this.#obey(order);
  }

  #obey(order: Order): void {
    if (order.kind === 'media') this.#hold(order.mulaw);
    else if (order.kind === 'mark') this.#mark(order.name);
    else if (order.kind === 'clear') this.#clear();
    else if (order.kind === 'digits') this.#plan.pressed(order.digits);
    else {
      this.#plan.problem(order.code, order.why);
      if (order.reply !== undefined) this.#send(order.reply);
    }
  }

  #hold(mulaw: Uint8Array): void {
    const { problem, wire } = this.#plan;
    if (this.#playout.bufferedMs + mulaw.length / 8 > wire.mostBufferedMs) {
      problem('buffer_overflow', `more than ${wire.mostBufferedMs} ms are waiting to be played`);
    } else this.#playout.add(mulaw);
  }

  #mark(name: string): void {
    const { clock } = this.#plan;
    this.marks.push({ name, at: clock.now(), echoedAt: undefined, wasCleared: false });
    if (this.#playout.mark(name)) this.#echo(name, false);
  }

  #clear(): void {
    const { clock, ear, wire } = this.#plan;
    this.clears.push(clock.now());
    const { marks, lost } = this.#playout.clear();
    ear.lose(lost);
    for (const name of marks) this.#echo(name, true);
    const cleared = wire.cleared();
    if (cleared !== undefined) this.#send(cleared);
  }

  #echo(name: string, wasCleared: boolean): void {
    const { clock, fault, wire } = this.#plan;
    const mark = this.marks.find((one) => one.name === name && one.echoedAt === undefined && !one.wasCleared);
    if (mark) mark.wasCleared = wasCleared;
    if (fault.losesMarks || (wasCleared && !wire.clearReturnsMarks)) return;
    if (mark) mark.echoedAt = clock.now();
    this.#send(wire.mark(name));
  }

  /** In transit until the kernel has it; a stalled reader is not waited for. */
  #send(text: string): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    const transit = this.#isStalled ? undefined : this.#plan.activity.begin('a media message');
    socket.send(text, () => transit?.settled());
  }

  #finish(end: Omit<StreamEnd, 'at'>): void {
    if (this.#end) return;
    const { activity, clock, ear } = this.#plan;
    this.#end = { ...end, at: clock.now() };
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    ear.lose(this.#playout.clear().lost);
    ear.close();
    activity.touch();
    this.#plan.ended(this.#end);
    this.#resolve(this.#end);
  }

  #after(ms: number, run: () => void): void {
    this.#at(this.#plan.clock.now() + ms, run);
  }

  #at(atMs: number, run: () => void): void {
    const cancel = this.#plan.clock.at(atMs, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
