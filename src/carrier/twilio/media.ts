// Media: the frames of a Twilio media stream. Its numbers are written as text.
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
  head: /\{"event":"media","sequenceNumber":"\d{1,15}","media":\{"track":"inbound","chunk":"(\d{1,15})","timestamp":"\d{1,15}","payload":"/y,
  tail: /"\},"streamSid":"\w{1,64}"\}$/y,
};

/** Frames come in order; a clear sends back the marks of what was thrown away. */
export const twilioMedia: MediaCodec = {
  carrier: 'twilio',
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
    case 'mark':
      return markIn(asFields(frame['mark'])['name']);
    case 'stop':
      return { kind: 'stop' };
    default:
      return IGNORED;
  }
}

function start(frame: Fields): MediaMessage | null {
  const { callSid, streamSid, customParameters, mediaFormat } = asFields(frame['start']);
  const carrierCallId = textOf(callSid);
  const streamId = textOf(streamSid) || textOf(frame['streamSid']);
  if (carrierCallId === '' || streamId === '') return null;
  const token = textOf(asFields(customParameters)['token']) || null;
  return {
    kind: 'start',
    carrierCallId,
    streamId,
    token,
    isOurFormat: isMulaw(mediaFormat, 'audio/x-mulaw'),
  };
}

/** Twilio takes no frame without the name of its stream. */
function writer(streamId: string): MediaWriter {
  const name = JSON.stringify(streamId);
  const media = `{"event":"media","streamSid":${name},"media":{"payload":"`;
  const mark = `{"event":"mark","streamSid":${name},"mark":{"name":`;
  const clear = `{"event":"clear","streamSid":${name}}`;
  return {
    audio: (mulaw) => `${media}${base64Of(mulaw)}"}}`,
    mark: (label) => `${mark}${JSON.stringify(label)}}}`,
    clear: () => clear,
  };
}
