// Media: the frames of a Telnyx media stream, in rtp mode: base64 of raw mu-law, without any header.
import type { MediaCodec, MediaMessage, MediaWriter } from '../../media/codec.ts';
import { asFields, type Fields, objectOf, textOf } from '../json.ts';
import {
  type AudioShape,
  audioIn,
  audioShaped,
  base64Of,
  IGNORED,
  isMulaw,
  markIn,
  numberIn,
} from '../media-frames.ts';

const AUDIO: AudioShape = {
  head: /\{"event":"media","sequence_number":"\d{1,15}","media":\{"track":"inbound","chunk":"(\d{1,15})","timestamp":"\d{1,15}","payload":"/y,
  tail: /"\},"stream_id":"[\w-]{1,64}"\}$/y,
};

/** Telnyx does not promise the order of frames; a clear sends back the marks of what was thrown away. */
export const telnyxMedia: MediaCodec = {
  carrier: 'telnyx',
  mayReorder: true,
  read: (frame) => audioShaped(frame, AUDIO) ?? parsed(frame),
  writer: () => WRITER,
};

function parsed(text: string): MediaMessage | null {
  const frame = objectOf(text);
  if (typeof frame['event'] !== 'string') return null;
  switch (frame['event']) {
    case 'start':
      return start(frame);
    case 'media':
      return audioIn(frame['media']);
    case 'mark':
      return markIn(asFields(frame['mark'])['name']);
    case 'error':
      return complaint(asFields(frame['payload']));
    case 'stop':
      return { kind: 'stop' };
    default:
      // `dtmf` too: each key comes as a webhook as well, whether or not there is a stream, and must count once.
      return IGNORED;
  }
}

function start(frame: Fields): MediaMessage | null {
  const { call_control_id, custom_parameters, media_format } = asFields(frame['start']);
  const carrierCallId = textOf(call_control_id);
  const streamId = textOf(frame['stream_id']);
  if (carrierCallId === '' || streamId === '') return null;
  const token = tokenIn(custom_parameters);
  return { kind: 'start', carrierCallId, streamId, token, isOurFormat: isMulaw(media_format, 'PCMU') };
}

/** Parameters go out as a list of names and values, and come back as fields. */
function tokenIn(parameters: unknown): string | null {
  const fields = Array.isArray(parameters)
    ? Object.fromEntries(parameters.map(asFields).map(({ name, value }) => [textOf(name), value]))
    : asFields(parameters);
  return textOf(fields['token']) || null;
}

/** The detail may repeat what we sent; code and title say enough. */
function complaint({ code, title }: Fields): MediaMessage {
  const words = [numberIn(code), /^[\w ]{1,60}$/.exec(textOf(title))?.[0]].filter((word) => word != null);
  return { kind: 'complaint', why: words.join(' ') || 'no reason given' };
}

/** One stream a call and a socket, so no frame names it. */
const WRITER: MediaWriter = {
  audio: (mulaw) => `{"event":"media","media":{"payload":"${base64Of(mulaw)}"}}`,
  mark: (name) => `{"event":"mark","mark":{"name":${JSON.stringify(name)}}}`,
  clear: () => '{"event":"clear"}',
};
