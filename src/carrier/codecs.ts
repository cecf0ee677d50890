// Codecs: the media streams of all carriers, by the carrier's name.
import type { MediaCodec } from '../media/codec.ts';
import { mockMedia } from './mock/media.ts';
import { plivoMedia } from './plivo/media.ts';
import { telnyxMedia } from './telnyx/media.ts';
import { twilioMedia } from './twilio/media.ts';

export const mediaCodecs: ReadonlyMap<string, MediaCodec> = new Map(
  [twilioMedia, telnyxMedia, plivoMedia, mockMedia].map((codec) => [codec.carrier, codec]),
);
