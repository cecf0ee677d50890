// TwilioWire: Media Streams messages of a bidirectional stream, as Twilio documents them: all numbers are texts.
import { randomBytes } from 'node:crypto';
import { base64, bytesIn, fieldsOf, type Order, objectIn, type Wire } from './wire.ts';

export interface TwilioStreamInit {
  readonly accountSid: string;
  readonly callSid: string;
  readonly customParameters: Readonly<Record<string, string>>;
}

/** "Invalid message": bad JSON, an unknown event, a wrong streamSid. A warning, the stream goes on. */
const INVALID_MESSAGE = 31951;

export class TwilioWire implements Wire {
  readonly streamId = `MZ${randomBytes(16).toString('hex')}`;
  readonly clearReturnsMarks = true;
  /** Not documented; far beyond what is sent ahead by anybody who paces. */
  readonly mostBufferedMs = Number.POSITIVE_INFINITY;
  readonly #init: TwilioStreamInit;
  #sequence = 0;
  #chunk = 0;

  constructor(init: TwilioStreamInit) {
    this.#init = init;
  }

  opening(): readonly string[] {
    const { accountSid, callSid, customParameters } = this.#init;
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    const start = {
      accountSid,
      streamSid: this.streamId,
      callSid,
      tracks: ['inbound'],
      mediaFormat,
      customParameters,
    };
    return [
      JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
      this.#numbered({ event: 'start', start }),
    ];
  }

  media(mulaw: Uint8Array, { sinceMs }: { readonly sinceMs: number }): string {
    const timestamp = `${Math.round(sinceMs)}`;
    const media = { track: 'inbound', chunk: `${++this.#chunk}`, timestamp, payload: base64(mulaw) };
    return this.#numbered({ event: 'media', media });
  }

  digit(digit: string): string {
    return this.#numbered({ event: 'dtmf', dtmf: { track: 'inbound_track', digit } });
  }

  mark(name: string): string {
    return this.#numbered({ event: 'mark', mark: { name } });
  }

  cleared(): undefined {
    return undefined;
  }

  stop(): string {
    const { accountSid, callSid } = this.#init;
    return this.#numbered({ event: 'stop', stop: { accountSid, callSid } });
  }

  read(text: string): Order {
    const message = objectIn(text);
    if (!message) return bad('it is no JSON object');
    const { event, streamSid } = message;
    if (event !== 'media' && event !== 'mark' && event !== 'clear')
      return bad(`unknown event ${String(event)}`);
    if (streamSid !== this.streamId) return bad(`the streamSid of a ${event} is not the stream's`);
    if (event === 'clear') return { kind: 'clear' };
    if (event === 'mark') {
      const name = fieldsOf(message['mark'])?.['name'];
      return typeof name === 'string' && name !== '' ? { kind: 'mark', name } : bad('a mark without a name');
    }
    const mulaw = bytesIn(fieldsOf(message['media'])?.['payload']);
    return mulaw ? { kind: 'media', mulaw } : bad('a media payload that is no base64');
  }

  #numbered(message: Readonly<Record<string, unknown>>): string {
    const { event, ...rest } = message;
    return JSON.stringify({
      event,
      sequenceNumber: `${++this.#sequence}`,
      ...rest,
      streamSid: this.streamId,
    });
  }
}

function bad(why: string): Order {
  return { kind: 'bad', code: INVALID_MESSAGE, why };
}
