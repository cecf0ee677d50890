// MediaStreams: whole media streams, up to the sound that is played.
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { HandClock } from '../../../sim/hand-clock.ts';
import { mediaCodecs } from '../../../src/carrier/codecs.ts';
import { Places } from '../../../src/ingress/stream-limits.ts';
import { StreamSocket } from '../../../src/ingress/stream-socket.ts';
import type { StreamClaim } from '../../../src/ingress/stream-token.ts';
import { voiceActivity } from '../../../src/media/activity.ts';
import { energyModel } from '../../../src/media/energy.ts';
import { Engine } from '../../../src/media/engine.ts';
import type { LineEvent } from '../../../src/media/lines.ts';
import { soundReader } from '../../../src/media/sound.ts';
import { keyTones } from '../../../src/media/tones.ts';
import type { Random } from '../../random.ts';
import { otherJson } from '../mutate.ts';
import { forbid, type Outcome, type Subject, type Target, texts } from '../target.ts';
import { anyFrame, bytesOf, CALL, KEYS, objectIn, PAYLOADS, TOKEN, WIRES, type Wire } from './media-wires.ts';

export function streamTarget(name: string): Target {
  return {
    name: `media frames: ${name}, streams`,
    family: 'media frames',
    share: 4_000,
    promise:
      'A stream of any frames (each counts many) never stops the engine; what is sent back is whole frames of 20 ms; a few frames never make a flood of events; nothing is heard before a true start.',
    open: () => streams(name),
  };
}

/** As much of a stream as the socket and the engine see of it. */
class FarEnd extends EventEmitter {
  readonly sent: string[] = [];
  closedWith: number | null = null;
  bufferedAmount = 0;
  /** Open. */
  readonly readyState = 1;
  /** The socket below: takes whole text frames, none of them longer than 64 KB. */
  readonly below = new Duplex({
    read: () => undefined,
    write: (frames: Buffer, _encoding, done) => {
      for (let at = 0; at < frames.length; ) {
        const short = frames[at + 1] ?? 0;
        const from = at + (short === 126 ? 4 : 2);
        const to = from + (short === 126 ? frames.readUInt16BE(at + 2) : short);
        this.sent.push(frames.toString('utf8', from, to));
        at = to;
      }
      done();
    },
  });

  close(code: number): void {
    this.closedWith ??= code;
  }

  terminate(): void {
    this.closedWith ??= 1006;
  }
}

const CLAIM: StreamClaim = { callId: 'call-1', n: 1, expiresAt: 1, token: TOKEN };
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
/** The longest frame that is let in holds about six seconds of sound: each 20 ms of it is heard, and may be a voice. */
const MOST_EVENTS_PER_FRAME = 600;

function streams(name: string): Subject {
  const wire = WIRES[name];
  const codec = mediaCodecs.get(name);
  if (!wire || !codec) throw new Error(`there is no carrier ${name} with media streams`);
  return {
    make: (random) => ({ steps: steps(random, wire) }),
    async check(input): Promise<Outcome> {
      const clock = new HandClock();
      const events: LineEvent[] = [];
      const faults: string[] = [];
      const engine = new Engine({
        clock,
        listen: (event) => events.push(event),
        codecs: mediaCodecs,
        activityFor: (sensitivity) => voiceActivity({ sensitivity, model: energyModel() }),
        soundReader,
        keyTones,
      });
      engine.open({ callId: 'call-1', carrier: name, sensitivity: 'medium' });
      engine.identify('call-1', CALL);
      engine.say('call-1', { id: 'u1', interruptible: true });
      engine.sound('call-1', 'u1', {
        encoding: 'mulaw',
        sampleRate: 8_000,
        bytes: new Uint8Array(2_000).fill(0x31),
      });
      engine.finish('call-1', 'u1');
      const far = new FarEnd();
      const limits = {
        maxPendingConnections: 9,
        maxPendingConnectionsPerIp: 9,
        maxConnections: 9,
        preStartTimeoutMs: 5_000,
      };
      const socket = new StreamSocket({
        lines: engine,
        clock,
        log: { ...SILENT, error: (message, fields) => faults.push(`${message} ${JSON.stringify(fields)}`) },
        webSocket: asWebSocket(far),
        wire: far.below,
        claim: CLAIM,
        codec,
        place: new Places(limits).take('203.0.113.9'),
        preStartTimeoutMs: 5_000,
      });
      for (const step of texts(input, 'steps')) await take(step, far, clock);
      await clock.advance(500);
      far.emit('close', 1_000);
      await socket.down;
      engine.close('call-1');
      forbid(faults.length > 0, 'a stream meets a fault of ours', () => faults.join('; '));
      const frames = checkSent(far.sent, name);
      const count = texts(input, 'steps').length + 1;
      forbid(
        events.length > count * MOST_EVENTS_PER_FRAME,
        'a few frames make too many events',
        () => `${events.length} of ${count}`,
      );
      const isOpen = events.some(({ kind }) => kind === 'opened');
      forbid(
        !isOpen && (events.length > 0 || far.sent.length > 0),
        'something is heard or said before a true start',
        () => JSON.stringify(events[0]),
      );
      const end = far.closedWith === null ? 'to its end' : `closed with ${far.closedWith}`;
      return { kind: `${isOpen ? 'open' : 'not open'}, ${end}`, answer: [frames, events.length] };
    },
  };
}

function asWebSocket(far: FarEnd): WebSocket {
  // The socket uses these few methods of it and no other.
  return Object.assign(Object.create(null), {
    ...far,
    on: far.on.bind(far),
    close: far.close.bind(far),
    terminate: far.terminate.bind(far),
  });
}

/** `wait: ms`, `binary: hex`, or a frame. */
async function take(step: string, far: FarEnd, clock: HandClock): Promise<void> {
  const [, what = '', value = ''] = /^(wait|binary): (.*)$/s.exec(step) ?? [];
  if (what === 'wait') await clock.advance(Math.min(Number(value) || 0, 40_000));
  else if (what === 'binary') far.emit('message', Buffer.from(value, 'hex'), true);
  else far.emit('message', Buffer.from(step), false);
}

function steps(random: Random, wire: Wire): string[] {
  const list: string[] = [];
  if (!random.once(6)) list.push(random.once(8) ? otherJson(random, wire.start, KEYS) : wire.start);
  const spoilt = random.pick([0, 3, 10]);
  let chunk = 1;
  for (let left = random.between(1, 40); left > 0; left -= 1) {
    const isOdd = spoilt > 0 && random.once(spoilt);
    chunk += random.once(15) ? random.pick([-3, 2, 5, 1_000, 999_999_999]) : 1;
    if (isOdd)
      list.push(
        random.pick([
          () => anyFrame(random, wire),
          () => `binary: ${bytesOf(random, 20).toString('hex')}`,
          () => 'x'.repeat(random.pick([1, 9_000, 70_000])),
          () => wire.start,
          () => wire.others.at(-1) ?? '',
        ])(),
      );
    else list.push(wire.voice(random.pick(PAYLOADS)(random), chunk));
    if (random.once(4)) list.push(`wait: ${random.pick([20, 20, 20, 100, 1_000, 31_000])}`);
  }
  return list;
}

/** Everything that was sent is a frame of the carrier's; audio comes in whole frames of 20 ms. */
function checkSent(sent: readonly string[], name: string): number {
  for (const frame of sent) {
    const fields = objectIn(JSON.parse(frame));
    const payload = objectIn(fields['media'])['payload'];
    if (payload === undefined) continue;
    const { length } = Buffer.from(String(payload), 'base64');
    forbid(
      length === 0 || length % 160 !== 0,
      'sound is sent that is no whole frames',
      () => `${length} bytes to ${name}`,
    );
  }
  return sent.length;
}
