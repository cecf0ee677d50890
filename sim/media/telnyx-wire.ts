// TelnyxWire: media streaming messages as Telnyx documents them: numbers are texts, names have underscores.
import { randomUUID } from 'node:crypto';
import { base64, bytesIn, fieldsOf, type Order, objectIn, type Wire } from './wire.ts';

export interface TelnyxStreamInit {
  readonly userId: string;
  readonly callControlId: string;
  readonly callSessionId: string;
  readonly from: string;
  readonly to: string;
  readonly clientState: string | undefined;
  readonly customParameters: Readonly<Record<string, string>>;
  /** `rtp` takes raw frames; in `mp3`, which is the default, raw mu-law is noise. */
  readonly mode: 'rtp' | 'mp3';
}

const UNKNOWN_ERROR = 100002;
const MALFORMED_FRAME = 100003;
const INVALID_MEDIA = 100004;
/** One message carries 20 ms to 30 s. */
const LEAST_BYTES = 160;
const MOST_BYTES = 240_000;

export class TelnyxWire implements Wire {
  readonly streamId = randomUUID().toUpperCase();
  readonly clearReturnsMarks = true;
  /** Not documented. */
  readonly mostBufferedMs = Number.POSITIVE_INFINITY;
  readonly #init: TelnyxStreamInit;
  #sequence = 0;
  #chunk = 0;

  constructor(init: TelnyxStreamInit) {
    this.#init = init;
  }

  opening(): readonly string[] {
    const { userId, callControlId, callSessionId, from, to, clientState, customParameters } = this.#init;
    const start = {
      user_id: userId,
      call_control_id: callControlId,
      call_session_id: callSessionId,
      from,
      to,
      tags: [],
      ...(clientState === undefined ? {} : { client_state: clientState }),
      custom_parameters: customParameters,
      media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
    };
    return [JSON.stringify({ event: 'connected', version: '1.0.0' }), this.#numbered('start', { start })];
  }

  media(mulaw: Uint8Array, { sinceMs }: { readonly sinceMs: number }): string {
    const timestamp = `${Math.round(sinceMs)}`;
    const media = { track: 'inbound', chunk: `${++this.#chunk}`, timestamp, payload: base64(mulaw) };
    return this.#numbered('media', { media });
  }

  digit(digit: string, atMs: number): string {
    const occurred = new Date(atMs).toISOString().replace('Z', '000Z');
    return this.#numbered('dtmf', { occurred_at: occurred, dtmf: { digit } });
  }

  mark(name: string): string {
    return this.#numbered('mark', { mark: { name } });
  }

  cleared(): undefined {
    return undefined;
  }

  stop(): string {
    const { userId, callControlId } = this.#init;
    return this.#numbered('stop', { stop: { user_id: userId, call_control_id: callControlId } });
  }

  read(text: string): Order {
    const message = objectIn(text);
    if (!message) return this.#bad(MALFORMED_FRAME, 'it is no JSON object');
    switch (message['event']) {
      case 'clear':
        return { kind: 'clear' };
      case 'mark': {
        const name = fieldsOf(message['mark'])?.['name'];
        const isNamed = typeof name === 'string' && name !== '';
        return isNamed ? { kind: 'mark', name } : this.#bad(MALFORMED_FRAME, 'a mark without a name');
      }
      case 'media':
        return this.#media(bytesIn(fieldsOf(message['media'])?.['payload']));
      default:
        return this.#bad(UNKNOWN_ERROR, `unknown event ${String(message['event'])}`);
    }
  }

  #media(mulaw: Uint8Array | undefined): Order {
    if (!mulaw) return this.#bad(INVALID_MEDIA, 'a media payload that is no base64');
    if (this.#init.mode === 'mp3') return this.#bad(INVALID_MEDIA, 'raw audio on a stream in mp3 mode');
    if (mulaw.length >= LEAST_BYTES && mulaw.length <= MOST_BYTES) return { kind: 'media', mulaw };
    return this.#bad(MALFORMED_FRAME, `${mulaw.length} bytes are not 20 ms to 30 s`);
  }

  #bad(code: number, why: string): Order {
    const titles: Readonly<Record<number, string>> = {
      [UNKNOWN_ERROR]: 'unknown_error',
      [MALFORMED_FRAME]: 'malformed_frame',
      [INVALID_MEDIA]: 'invalid_media',
    };
    const payload = { code, title: titles[code], detail: why };
    const reply = JSON.stringify({ event: 'error', payload, stream_id: this.streamId });
    return { kind: 'bad', code, why, reply };
  }

  #numbered(event: string, more: Readonly<Record<string, unknown>>): string {
    return JSON.stringify({
      event,
      sequence_number: `${++this.#sequence}`,
      ...more,
      stream_id: this.streamId,
    });
  }
}
