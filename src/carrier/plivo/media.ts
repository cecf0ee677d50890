// Media: the frames of a Plivo audio stream. Its numbers are numbers, and it has words of its own for marks.
import type { MediaCodec, MediaMessage, MediaWriter } from '../../media/codec.ts';
import { asFields, type Fields, objectOf, textOf } from '../json.ts';
import {
  type AudioShape,
  audioIn,
  audioShaped,
  base64Of,
  digitIn,
  IGNORED,
  isMulaw,
  markIn,
} from '../media-frames.ts';

const AUDIO: AudioShape = {
  head: /\{"event":"media","sequenceNumber":(?:0|[1-9]\d{0,14}),"streamId":"[\w-]{1,64}","media":\{"track":"inbound","timestamp":"\d{1,20}","chunk":(0|[1-9]\d{0,14}),"payload":"/y,
  tail: /"\}(?:,"extra_headers":"[ !#-[\]-~]{0,600}")?\}$/y,
};

/** Frames come in order. After a clear the marks of what was thrown away stay out; `clearedAudio` comes instead. */
export const plivoMedia: MediaCodec = {
  carrier: 'plivo',
  mayReorder: false,
  read: (frame) => audioShaped(frame, AUDIO) ?? parsed(frame),
  writer,
};

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
    // An older page of Plivo's calls it `played`.
    case 'playedStream':
    case 'played':
      return markIn(frame['name']);
    case 'clearedAudio':
      return { kind: 'cleared' };
    case 'stop':
      return { kind: 'stop' };
    default:
      return IGNORED;
  }
}

function start(frame: Fields): MediaMessage | null {
  const { callId, streamId: named, mediaFormat, extra_headers } = asFields(frame['start']);
  const carrierCallId = textOf(callId);
  const streamId = textOf(named) || textOf(frame['streamId']);
  if (carrierCallId === '' || streamId === '') return null;
  const token = tokenIn(frame['extra_headers']) ?? tokenIn(extra_headers);
  return {
    kind: 'start',
    carrierCallId,
    streamId,
    token,
    isOurFormat: isMulaw(mediaFormat, 'audio/x-mulaw'),
  };
}

/** Headers go out as `a=1,b=2` and come back as `a=1;b=2`; either way is read, and fields are as well. */
function tokenIn(headers: unknown): string | null {
  if (typeof headers !== 'string') return textOf(asFields(headers)['token']) || null;
  const pairs = headers.split(/[;,]/).map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith('token='))?.slice('token='.length) || null;
}

function writer(streamId: string): MediaWriter {
  const name = JSON.stringify(streamId);
  const media = `{"event":"playAudio","streamId":${name},"media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"`;
  const checkpoint = `{"event":"checkpoint","streamId":${name},"name":`;
  const clear = `{"event":"clearAudio","streamId":${name}}`;
  return {
    audio: (mulaw) => `${media}${base64Of(mulaw)}"}}`,
    mark: (label) => `${checkpoint}${JSON.stringify(label)}}`,
    clear: () => clear,
  };
}
