// Media: frames of media streams, one by one against JSON itself, and whole streams up to the sound that is played.
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { HandClock } from '../../../sim/hand-clock.ts';
import { mediaCodecs } from '../../../src/carrier/codecs.ts';
import { Places } from '../../../src/ingress/stream-limits.ts';
import { StreamSocket } from '../../../src/ingress/stream-socket.ts';
import type { StreamClaim } from '../../../src/ingress/stream-token.ts';
import { voiceActivity } from '../../../src/media/activity.ts';
import type { MediaCodec, MediaMessage } from '../../../src/media/codec.ts';
import { energyModel } from '../../../src/media/energy.ts';
import { Engine } from '../../../src/media/engine.ts';
import type { LineEvent } from '../../../src/media/lines.ts';
import { soundReader } from '../../../src/media/sound.ts';
import { keyTones } from '../../../src/media/tones.ts';
import { anyJson, anyText, mutated, otherJson } from '../mutate.ts';
import type { Random } from '../random.ts';
import { forbid, type Outcome, type Subject, type Target, text, texts } from '../target.ts';

const CALL = 'CA0123456789abcdef0123456789abcdef';
const STREAM = 'MZ0123456789abcdef0123456789abcdef';
const TOKEN = 'fuzz-token-of-24-letters';

/** How each carrier writes its frames, as its own page shows them. */
interface Wire {
  readonly voice: (payload: string, chunk: number) => string;
  readonly start: string;
  readonly others: readonly string[];
  /** The name of the frame that carries audio. */
  readonly media: string;
}

const WIRES: Readonly<Record<string, Wire>> = {
  twilio: {
    voice: (payload, chunk) =>
      `{"event":"media","sequenceNumber":"${chunk + 1}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"${chunk * 20}","payload":"${payload}"},"streamSid":"${STREAM}"}`,
    start: `{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC0","streamSid":"${STREAM}","callSid":"${CALL}","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"token":"${TOKEN}"}},"streamSid":"${STREAM}"}`,
    others: [
      '{"event":"connected","protocol":"Call","version":"1.0.0"}',
      `{"event":"dtmf","streamSid":"${STREAM}","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}`,
      `{"event":"mark","sequenceNumber":"4","streamSid":"${STREAM}","mark":{"name":"u1:1"}}`,
      `{"event":"stop","sequenceNumber":"5","streamSid":"${STREAM}","stop":{"accountSid":"AC0","callSid":"${CALL}"}}`,
    ],
    media: 'media',
  },
  telnyx: {
    voice: (payload, chunk) =>
      `{"event":"media","sequence_number":"${chunk + 1}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"${chunk * 20}","payload":"${payload}"},"stream_id":"${STREAM}"}`,
    start: `{"event":"start","sequence_number":"1","start":{"user_id":"u","call_control_id":"${CALL}","client_state":"","custom_parameters":{"token":"${TOKEN}"},"media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}},"stream_id":"${STREAM}"}`,
    others: [
      '{"event":"connected","version":"1.0.0"}',
      `{"event":"dtmf","stream_id":"${STREAM}","occurred_at":"2026-11-21T12:00:00Z","sequence_number":"5","dtmf":{"digit":"1"}}`,
      `{"event":"mark","sequence_number":"4","stream_id":"${STREAM}","mark":{"name":"u1:1"}}`,
      `{"event":"error","payload":{"code":100004,"detail":"x","title":"invalid_media"},"stream_id":"${STREAM}"}`,
      `{"event":"stop","sequence_number":"5","stop":{"call_control_id":"${CALL}"},"stream_id":"${STREAM}"}`,
    ],
    media: 'media',
  },
  plivo: {
    voice: (payload, chunk) =>
      `{"event":"media","sequenceNumber":${chunk + 1},"streamId":"${STREAM}","media":{"track":"inbound","timestamp":"${1_700_000_000_000 + chunk * 20}","chunk":${chunk},"payload":"${payload}"},"extra_headers":"{}"}`,
    start: `{"sequenceNumber":0,"event":"start","start":{"callId":"${CALL}","streamId":"${STREAM}","accountId":"MA0","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}},"extra_headers":"token=${TOKEN}"}`,
    others: [
      `{"event":"dtmf","streamId":"${STREAM}","sequenceNumber":5,"dtmf":{"track":"inbound","digit":"1","timestamp":"1"}}`,
      `{"event":"playedStream","streamId":"${STREAM}","name":"u1:1"}`,
      `{"event":"clearedAudio","streamId":"${STREAM}"}`,
      `{"event":"stop","streamId":"${STREAM}"}`,
    ],
    media: 'media',
  },
  mock: {
    voice: (payload, chunk) =>
      `{"event":"media","media":{"track":"inbound","chunk":${chunk},"payload":"${payload}"}}`,
    start: `{"event":"start","callId":"${CALL}","token":"${TOKEN}"}`,
    others: [
      '{"event":"dtmf","dtmf":{"digit":"1"}}',
      '{"event":"words","text":"Hello there"}',
      '{"event":"mark","name":"u1:1"}',
      '{"event":"alive"}',
      '{"event":"stop"}',
    ],
    media: 'media',
  },
};

export const mediaTargets: readonly Target[] = [
  ...[...mediaCodecs.keys()].filter((name) => Object.hasOwn(WIRES, name)).map((name) => frameTarget(name)),
  ...Object.keys(WIRES).map(
    (name): Target => ({
      name: `media frames: ${name}, streams`,
      family: 'media frames',
      share: 4_000,
      promise:
        'A stream of any frames (each counts many) never stops the engine; what is sent back is whole frames of 20 ms; what is kept of what came is bounded; nothing is heard before a true start.',
      open: () => streams(name),
    }),
  ),
];

export function frameTarget(name: string, planted?: MediaCodec['read']): Target {
  return {
    name: `media frames: ${name}, frames`,
    family: 'media frames',
    share: 90_000,
    promise:
      'A frame means what JSON says it means, whether or not the short cut reads it: audio byte for byte, and nothing where it is not JSON or not base64. Reading never throws.',
    open: () => frames(name, planted),
  };
}

// One frame

function frames(name: string, planted?: MediaCodec['read']): Subject {
  const codec = mediaCodecs.get(name);
  const wire = WIRES[name];
  if (!codec || !wire) throw new Error(`there is no carrier ${name} with media streams`);
  const read = planted ?? ((frame: string) => codec.read(frame));
  return {
    make: (random) => ({ frame: anyFrame(random, wire) }),
    check(input): Outcome {
      const frame = text(input, 'frame');
      const message = read(frame);
      const heard =
        message?.kind === 'audio'
          ? { chunk: message.chunk, bytes: Buffer.from(message.mulaw).toString('hex') }
          : null;
      const meant = meaningOf(frame, wire.media);
      forbid(
        JSON.stringify(heard) !== JSON.stringify(meant.audio),
        'a frame is not heard as JSON says',
        () => `${JSON.stringify(heard)} instead of ${JSON.stringify(meant.audio)} in ${frame.slice(0, 300)}`,
      );
      forbid(!meant.isJson && message !== null, 'what is not JSON means something', () =>
        JSON.stringify(message),
      );
      checkMessage(message);
      return { kind: message?.kind ?? 'malformed', answer: heard ?? message };
    },
  };
}

interface Meaning {
  readonly isJson: boolean;
  readonly audio: { readonly chunk: number | null; readonly bytes: string } | null;
}

/** What a frame of audio says, as somebody reads it who knows JSON and base64 and not our code. */
function meaningOf(frame: string, event: string): Meaning {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return { isJson: false, audio: null };
  }
  const fields = objectIn(value);
  const media = objectIn(fields['media']);
  if (fields['event'] !== event || !(media['track'] === undefined || media['track'] === 'inbound'))
    return { isJson: true, audio: null };
  const payload = media['payload'];
  const isBase64 =
    typeof payload === 'string' &&
    payload !== '' &&
    /^(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?$/.test(payload);
  if (!isBase64) return { isJson: true, audio: null };
  const bytes = Buffer.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), 'latin1').toString(
    'hex',
  );
  const { chunk } = media;
  const count = typeof chunk === 'string' && /^\d{1,15}$/.test(chunk) ? Number(chunk) : chunk;
  return {
    isJson: true,
    audio: {
      chunk: typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : null,
      bytes,
    },
  };
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function checkMessage(message: MediaMessage | null): void {
  if (message?.kind === 'start')
    forbid(message.carrierCallId === '' || message.streamId === '', 'a start names nothing');
  if (message?.kind === 'digit')
    forbid(!/^[0-9A-D*#]$/.test(message.digit), 'a key no telephone has', () => message.digit);
  if (message?.kind === 'mark') forbid(message.name === '', 'a mark has no name');
  if (message?.kind === 'complaint')
    forbid(message.why.length > 200, 'a complaint is not safe to log', () => message.why);
}

const KEYS = [
  'event',
  'media',
  'payload',
  'track',
  'chunk',
  'start',
  'mark',
  'name',
  'dtmf',
  'digit',
  'token',
  'inbound',
];
const PAYLOADS: readonly ((random: Random) => string)[] = [
  (random) => bytesOf(random, 160).toString('base64'),
  (random) => bytesOf(random, random.below(400)).toString('base64'),
  (random) => bytesOf(random, random.below(64)).toString('base64url'),
  (random) => bytesOf(random, random.below(64)).toString('base64').replace(/=+$/, ''),
  (random) => mutated(random, bytesOf(random, random.below(64)).toString('base64')),
  (random) =>
    `${bytesOf(random, random.below(9)).toString('base64')}${random.pick(['=', '==', '===', '\\n', ' ', 'A', '\\u0041', '=A', 'é'])}`,
  (random) => anyText(random, 30),
  (random) => (random.once(50) ? bytesOf(random, random.between(10_000, 40_000)).toString('base64') : ''),
];

function bytesOf(random: Random, length: number): Buffer {
  const value = random.bits();
  return Buffer.from(Array.from({ length }, (_, at) => (value >>> (at % 25)) + at));
}

function voice(random: Random, wire: Wire, chunk: number): string {
  return wire.voice(random.pick(PAYLOADS)(random), chunk);
}

function anyFrame(random: Random, wire: Wire): string {
  const chunk = random.pick([1, 2, 3, 0, -1, 999_999_999_999_999, 1.5, random.below(10_000)]);
  const known = random.pick([
    () => voice(random, wire, chunk),
    () => wire.start,
    () => random.pick(wire.others),
  ])();
  return random.pick([
    () => voice(random, wire, chunk),
    () => mutated(random, voice(random, wire, chunk)),
    () => mutated(random, voice(random, wire, chunk)),
    () => mutated(random, known),
    () => otherJson(random, known, KEYS),
    () => repeatedKey(random, known),
    () => anyJson(random, KEYS),
    () => anyText(random, 100),
  ])();
}

/** JSON takes the last of two keys alike. */
function repeatedKey(random: Random, frame: string): string {
  const key = random.pick(['event', 'media', 'payload', 'chunk', 'track']);
  const place = random.pick([...frame.matchAll(/[{,]/g)]);
  const put = `"${key}":${random.pick(['"media"', '"inbound"', '"AAAA"', '{}', 'null', '7', '{"payload":"AAAA"}'])},`;
  const at = place.index + 1;
  return frame.slice(0, at) + put + frame.slice(at);
}

// Whole streams

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
/** Frames held for order, and pieces of voice: what one call may keep of what a stranger sends. */
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
