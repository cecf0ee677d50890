// MediaWires: how each carrier writes the frames of its media streams, and frames nobody should write.

import type { Random } from '../../random.ts';
import { anyJson, anyText, mutated, otherJson } from '../mutate.ts';

export const CALL = 'CA0123456789abcdef0123456789abcdef';
const STREAM = 'MZ0123456789abcdef0123456789abcdef';
export const TOKEN = 'fuzz-token-of-24-letters';

/** How each carrier writes its frames, as its own page shows them. */
export interface Wire {
  readonly voice: (payload: string, chunk: number) => string;
  readonly start: string;
  readonly others: readonly string[];
  /** The name of the frame that carries audio. */
  readonly media: string;
}

export const WIRES: Readonly<Record<string, Wire>> = {
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

export function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export const KEYS = [
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
export const PAYLOADS: readonly ((random: Random) => string)[] = [
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

export function bytesOf(random: Random, length: number): Buffer {
  const value = random.bits();
  return Buffer.from(Array.from({ length }, (_, at) => (value >>> (at % 25)) + at));
}

function voice(random: Random, wire: Wire, chunk: number): string {
  return wire.voice(random.pick(PAYLOADS)(random), chunk);
}

export function anyFrame(random: Random, wire: Wire): string {
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
