// MediaClient: the phone company of the media bench, a process of its own: plain sockets and frames made beforehand.
import { connect, type Socket } from 'node:net';
import { machineMs, spreadOf } from './figures.ts';
import { mediaFrame, startFrame, textFrame, upgradeText, voiceFrames } from './media-frames.ts';
import type { FromClient, Target, ToClient } from './media-wire.ts';

const FRAME_MS = 20;
/** Calls send in turn, so that not all frames come at once: 2 ms apart. */
const SLOTS = 10;
const SLOT_MS = FRAME_MS / SLOTS;
/** A mark comes back when what was before it has been played: we are sent 200 ms ahead. */
const MARK_AFTER_FRAMES = 10;
const MEDIA = 'e'.charCodeAt(0);
/** `{"event":"media"` or `{"event":"mark"`: the letter that tells. */
const TELLS_AT = '{"event":"m'.length;

/** Callers who talk and pause, or only listen: nobody interrupts then. */
const isTalking = process.argv[2] !== 'listening';
const FRAMES = voiceFrames(isTalking).map((payload) => mediaFrame(payload));

class Stream {
  readonly sent: number[] = [];
  readonly #socket: Socket;
  readonly #index: number;
  #rest: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #lastAt = 0;
  readonly #marks: { readonly frame: number; readonly name: string }[] = [];
  #frames = 0;

  constructor(target: Target, index: number, opened: () => void) {
    this.#index = index;
    this.#socket = connect({ host: '127.0.0.1', port: target.port, noDelay: true });
    this.#socket.write(upgradeText(target.path));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.#isOpen = false;
      lost += 1;
    });
    this.#socket.on('data', (data) => {
      if (this.#isOpen) this.#take(data);
      else this.#upgraded(data, target, opened);
    });
  }

  tick(now: number): void {
    if (!this.#isOpen) return;
    this.#frames += 1;
    if (this.#index === 0) this.sent.push(now);
    this.#socket.write(FRAMES[(this.#frames + this.#index * 7) % FRAMES.length] ?? '');
    for (let mark = this.#marks[0]; mark && mark.frame <= this.#frames; mark = this.#marks[0]) {
      this.#marks.shift();
      this.#socket.write(
        textFrame(
          `{"event":"mark","sequenceNumber":"1000","streamSid":"MZ0123456789","mark":{"name":"${mark.name}"}}`,
        ),
      );
    }
  }

  leave(): void {
    this.#socket.destroy();
  }

  #upgraded(data: Buffer, target: Target, opened: () => void): void {
    const head = data.toString('latin1');
    if (!head.startsWith('HTTP/1.1 101'))
      throw new Error(`the upgrade was answered ${head.split('\r\n')[0]}`);
    this.#isOpen = true;
    this.#socket.write(startFrame(target));
    opened();
  }

  #take(data: Buffer): void {
    const now = machineMs();
    const bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    let at = 0;
    while (bytes.length - at >= 2) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const from = at + (short === 126 ? 4 : 2);
      const to = from + (short === 126 && bytes.length - at >= 4 ? bytes.readUInt16BE(at + 2) : short);
      if (bytes.length < to || bytes.length < from) break;
      this.#frame(bytes, from, to, now);
      at = to;
    }
    this.#rest = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
  }

  #frame(bytes: Buffer, from: number, to: number, now: number): void {
    if (bytes[from + TELLS_AT] === MEDIA) {
      if (isMeasuring) {
        frames += 1;
        if (this.#lastAt > 0) offBeat.push(Math.abs(now - this.#lastAt - FRAME_MS));
      }
      this.#lastAt = now;
      return;
    }
    const name = /"name":"([^"]+)"/.exec(bytes.toString('latin1', from, to))?.[1];
    if (name) this.#marks.push({ frame: this.#frames + MARK_AFTER_FRAMES, name });
  }
}

const streams: Stream[] = [];
let isMeasuring = false;
let offBeat: number[] = [];
let sendLate: number[] = [];
let frames = 0;
let lost = 0;

/** The slots, one after the other, counted from the beginning: nothing adds up. */
const beganAt = machineMs();
let slot = 0;
function run(): void {
  // At most a frame of each call at a time: who only ever catches up hears nobody, not even that all others have left.
  const until = slot + SLOTS;
  for (let now = machineMs(); slot < until && beganAt + slot * SLOT_MS <= now; slot++, now = machineMs()) {
    if (isMeasuring) sendLate.push(now - beganAt - slot * SLOT_MS);
    for (let index = slot % SLOTS; index < streams.length; index += SLOTS) streams[index]?.tick(now);
  }
  setTimeout(run, Math.max(0, beganAt + slot * SLOT_MS - machineMs()));
}
run();

const tell = (message: FromClient): boolean => process.send?.(message) ?? false;

async function join(targets: readonly Target[]): Promise<void> {
  for (const target of targets) {
    await new Promise<void>((resolve) => {
      streams.push(new Stream(target, streams.length, resolve));
    });
  }
  tell({ kind: 'connected' });
}

function measure(ms: number): void {
  offBeat = [];
  sendLate = [];
  frames = 0;
  isMeasuring = true;
  const from = machineMs();
  const cpu = process.cpuUsage();
  setTimeout(() => {
    isMeasuring = false;
    const seconds = (machineMs() - from) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const seen = {
      offBeat: spreadOf(offBeat),
      rate: frames / streams.length / seconds,
      clientLoad: (user + system) / 1e6 / seconds,
      sendLate: spreadOf(sendLate),
      sent: streams[0]?.sent ?? [],
      lost,
    };
    tell({ kind: 'seen', seen });
  }, ms);
}

process.on('message', (message: ToClient) => {
  if (message.kind === 'connect') void join(message.targets);
  else if (message.kind === 'measure') measure(message.ms);
  else {
    for (const stream of streams) stream.leave();
    process.exit();
  }
});
process.on('disconnect', () => process.exit());
