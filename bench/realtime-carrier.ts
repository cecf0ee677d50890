// RealtimeCarrier: the phone company of the realtime bench: plain sockets, frames that carry the time they were sent.
import { connect, type Socket } from 'node:net';
import { machineMs } from './figures.ts';
import { mediaFrame, startFrame, textFrame, upgradeText } from './media-frames.ts';
import type { Target } from './media-wire.ts';
import { FIRST, FRAME_MS, LATER, notTooLate, stamped, stampOf } from './realtime-wire.ts';

/** Calls send in turn, so that not all frames come at once: 2 ms apart. */
const SLOTS = 10;
const SLOT_MS = FRAME_MS / SLOTS;
/** A mark comes back when what was before it has been played. */
const MARK_AFTER_FRAMES = 10;
const PAYLOAD = /"payload":"([^"]+)"/;
const NAME = /"name":"([^"]+)"/;

/** What arrived since it was last asked; ms. */
export interface Arrived {
  /** From the voice model to the carrier's socket: the first frame of a reply, and all others. */
  readonly first: number[];
  readonly later: number[];
  /** How late the carrier's own sending was: what the machine does to all of us. */
  readonly late: number[];
}

export function nothingYet(): Arrived {
  return { first: [], later: [], late: [] };
}

export class RealtimeCarrier {
  /** From the start of each stream to its first frame, ms. */
  readonly greeted: number[] = [];
  arrived = nothingYet();
  /** Streams that were refused, or closed by the other side. */
  lost = 0;
  readonly #streams: Stream[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor() {
    const beganAt = machineMs();
    let slot = 0;
    const run = (): void => {
      slot = notTooLate(slot, beganAt, SLOT_MS);
      for (let left = SLOTS; left > 0 && beganAt + slot * SLOT_MS <= machineMs(); left--, slot++) {
        this.arrived.late.push(machineMs() - beganAt - slot * SLOT_MS);
        for (let index = slot % SLOTS; index < this.#streams.length; index += SLOTS) {
          this.#streams[index]?.tick();
        }
      }
      this.#timer = setTimeout(run, Math.max(0, beganAt + slot * SLOT_MS - machineMs()));
    };
    run();
  }

  async join(targets: readonly Target[]): Promise<void> {
    for (const target of targets) {
      await new Promise<void>((resolve) => {
        this.#streams.push(new Stream(target, this, resolve));
      });
    }
  }

  leave(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const stream of this.#streams) stream.leave();
  }
}

class Stream {
  readonly #socket: Socket;
  readonly #carrier: RealtimeCarrier;
  readonly #marks: { readonly frame: number; readonly name: string }[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #startedAt = 0;
  #isGreeted = false;
  #isLeaving = false;
  #frames = 0;

  constructor(target: Target, carrier: RealtimeCarrier, opened: () => void) {
    this.#carrier = carrier;
    this.#socket = connect({ host: '127.0.0.1', port: target.port, noDelay: true });
    this.#socket.write(upgradeText(target.path));
    this.#socket.once('data', (data) => {
      if (!data.toString('latin1').startsWith('HTTP/1.1 101')) return void this.#socket.destroy();
      this.#socket.on('data', (more) => this.#take(more));
      this.#startedAt = machineMs();
      this.#socket.write(startFrame(target));
      opened();
    });
    // What is wrong with it, 'close' tells.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      if (!this.#isLeaving) carrier.lost++;
      this.#isLeaving = true;
      opened();
    });
  }

  leave(): void {
    this.#isLeaving = true;
    this.#socket.destroy();
  }

  tick(): void {
    if (this.#startedAt === 0 || this.#isLeaving) return;
    this.#frames++;
    this.#socket.write(mediaFrame(stamped(machineMs(), 0)));
    for (let [mark] = this.#marks; mark && mark.frame <= this.#frames; [mark] = this.#marks) {
      this.#marks.shift();
      this.#socket.write(
        textFrame(JSON.stringify({ event: 'mark', streamSid: 'MZ1', mark: { name: mark.name } })),
      );
    }
  }

  #take(data: Buffer): void {
    const now = machineMs();
    const bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    let at = 0;
    while (bytes.length - at >= 4) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const from = at + (short === 126 ? 4 : 2);
      const to = from + (short === 126 ? bytes.readUInt16BE(at + 2) : short);
      if (bytes.length < to) break;
      this.#message(bytes.toString('latin1', from, to), now);
      at = to;
    }
    this.#rest = bytes.subarray(at);
  }

  #message(text: string, now: number): void {
    const payload = PAYLOAD.exec(text)?.[1];
    if (payload === undefined) {
      const name = NAME.exec(text)?.[1];
      if (name !== undefined) this.#marks.push({ frame: this.#frames + MARK_AFTER_FRAMES, name });
      return;
    }
    if (!this.#isGreeted) this.#carrier.greeted.push(now - this.#startedAt);
    this.#isGreeted = true;
    const { at, kind } = stampOf(Buffer.from(payload, 'base64'));
    if (kind === FIRST) this.#carrier.arrived.first.push(now - at);
    else if (kind === LATER) this.#carrier.arrived.later.push(now - at);
  }
}
