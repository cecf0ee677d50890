// MediaFrames: frames of media streams, one by one, against JSON itself.
import { mediaCodecs } from '../../../src/carrier/codecs.ts';
import type { MediaCodec, MediaMessage } from '../../../src/media/codec.ts';
import { forbid, type Outcome, type Subject, type Target, text } from '../target.ts';
import { anyFrame, objectIn, WIRES } from './media-wires.ts';

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

function checkMessage(message: MediaMessage | null): void {
  if (message?.kind === 'start')
    forbid(message.carrierCallId === '' || message.streamId === '', 'a start names nothing');
  if (message?.kind === 'digit')
    forbid(!/^[0-9A-D*#]$/.test(message.digit), 'a key no telephone has', () => message.digit);
  if (message?.kind === 'mark') forbid(message.name === '', 'a mark has no name');
  if (message?.kind === 'complaint')
    forbid(message.why.length > 200, 'a complaint is not safe to log', () => message.why);
}
