// Media: the frames between a test phone and the line of its call: a wire of our own, like the carriers' in kind.
import type { MediaCodec, MediaMessage, MediaWriter } from '../../media/codec.ts';
import { type Fields, objectOf, textOf } from '../json.ts';
import {
  type AudioShape,
  audioIn,
  audioShaped,
  base64Of,
  digitIn,
  IGNORED,
  markIn,
} from '../media-frames.ts';

const AUDIO: AudioShape = {
  head: /\{"event":"media","media":\{"track":"inbound","chunk":([1-9]\d{0,14}),"payload":"/y,
  tail: /"\}\}$/y,
};

/** Frames come in order. After a clear the marks of what was thrown away stay out. */
export const mockMedia: MediaCodec = {
  carrier: 'mock',
  mayReorder: false,
  read: (frame) => audioShaped(frame, AUDIO) ?? parsed(frame),
  writer: () => writer,
};

/** What the phone's end of a stream writes. */
export const mockFrames = {
  start: (carrierCallId: string, token: string): string =>
    JSON.stringify({ event: 'start', callId: carrierCallId, token }),
  audio: (mulaw: Uint8Array, chunk: number): string =>
    `{"event":"media","media":{"track":"inbound","chunk":${chunk},"payload":"${base64Of(mulaw)}"}}`,
  key: (digit: string): string => JSON.stringify({ event: 'dtmf', dtmf: { digit } }),
  words: (text: string): string => JSON.stringify({ event: 'words', text }),
  played: (mark: string): string => JSON.stringify({ event: 'mark', name: mark }),
  /** Says nothing: a line that hears nothing for long takes the phone for dead. */
  alive: '{"event":"alive"}',
  stop: '{"event":"stop"}',
} as const;

/** What the line writes to the phone. */
export type MockSound =
  | { readonly kind: 'audio'; readonly mulaw: Uint8Array }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' };

/** Reads what `mockMedia.writer` wrote; null when it is nothing of that. */
export function readMockSound(text: string): MockSound | null {
  const frame = objectOf(text);
  switch (frame['event']) {
    case 'media':
      return { kind: 'audio', mulaw: Buffer.from(textOf(frame['payload']), 'base64') };
    case 'mark':
      return { kind: 'mark', name: textOf(frame['name']) };
    case 'clear':
      return { kind: 'clear' };
    default:
      return null;
  }
}

function parsed(text: string): MediaMessage | null {
  const frame = objectOf(text);
  if (typeof frame['event'] !== 'string') return null;
  switch (frame['event']) {
    case 'start':
      return start(frame);
    case 'media':
      return audioIn(frame['media']);
    case 'dtmf':
      return digitIn(frame['dtmf']);
    case 'words':
      return wordsIn(frame['text']);
    case 'mark':
      return markIn(frame['name']);
    case 'stop':
      return { kind: 'stop' };
    default:
      return IGNORED;
  }
}

/** There is one format only, so it is not named. */
function start(frame: Fields): MediaMessage | null {
  const carrierCallId = textOf(frame['callId']);
  if (carrierCallId === '') return null;
  const token = textOf(frame['token']) || null;
  return { kind: 'start', carrierCallId, streamId: carrierCallId, token, isOurFormat: true };
}

function wordsIn(text: unknown): MediaMessage | null {
  const words = textOf(text).trim();
  return words === '' ? null : { kind: 'words', text: words };
}

const writer: MediaWriter = {
  audio: (mulaw) => `{"event":"media","payload":"${base64Of(mulaw)}"}`,
  mark: (name) => `{"event":"mark","name":${JSON.stringify(name)}}`,
  clear: () => '{"event":"clear"}',
};
