// PlivoWire: audio stream messages as Plivo documents them: numbers are numbers, times are texts, nothing connects.
import { randomUUID } from 'node:crypto';
import { base64, bytesIn, fieldsOf, type Order, objectIn, type Wire } from './wire.ts';

export interface PlivoStreamInit {
  readonly accountId: string;
  readonly callId: string;
  /** `k=v;k2=v2`, or empty. */
  readonly extraHeaders: string;
  readonly isBidirectional: boolean;
  /** Says `stop` before it closes: some of Plivo's pages know that message, the protocol reference does not. */
  readonly saysStop: boolean;
}

const MULAW = 'audio/x-mulaw';
const MOST_CHARACTERS = 65_536;

export class PlivoWire implements Wire {
  readonly streamId: string = randomUUID();
  /** Not documented; the more careful of the two readings. */
  readonly clearReturnsMarks = false;
  readonly mostBufferedMs = 40_000;
  readonly #init: PlivoStreamInit;
  #sequence = 0;
  #chunk = 0;

  constructor(init: PlivoStreamInit) {
    this.#init = init;
  }

  opening(): readonly string[] {
    const { accountId, callId, extraHeaders } = this.#init;
    const start = {
      callId,
      streamId: this.streamId,
      accountId,
      tracks: ['inbound'],
      mediaFormat: { encoding: MULAW, sampleRate: 8000 },
    };
    const message = { event: 'start', sequenceNumber: ++this.#sequence, start, extra_headers: extraHeaders };
    return [JSON.stringify(message)];
  }

  media(mulaw: Uint8Array, { atMs }: { readonly atMs: number }): string {
    const timestamp = `${Math.round(atMs)}`;
    const media = { track: 'inbound', timestamp, chunk: ++this.#chunk, payload: base64(mulaw) };
    return this.#numbered('media', { media, extra_headers: this.#init.extraHeaders });
  }

  digit(digit: string, atMs: number): string {
    const dtmf = { track: 'inbound', digit, timestamp: `${Math.round(atMs)}` };
    return this.#numbered('dtmf', { dtmf, extra_headers: this.#init.extraHeaders });
  }

  mark(name: string): string {
    return this.#numbered('playedStream', { name });
  }

  cleared(): string {
    return this.#numbered('clearedAudio', {});
  }

  stop(): string | undefined {
    if (!this.#init.saysStop) return undefined;
    return JSON.stringify({ event: 'stop', streamId: this.streamId, reason: 'call ended' });
  }

  read(text: string): Order {
    if (text.length > MOST_CHARACTERS) return bad('a message of more than 64 KB');
    const message = objectIn(text);
    if (!message) return bad('it is no JSON object');
    const { event, streamId } = message;
    if (streamId !== undefined && streamId !== this.streamId)
      return bad(`a ${String(event)} for another stream`);
    switch (event) {
      case 'playAudio':
        return this.#audio(fieldsOf(message['media']) ?? {});
      case 'checkpoint': {
        const { name } = message;
        return typeof name === 'string' && name !== ''
          ? { kind: 'mark', name }
          : bad('a checkpoint without name');
      }
      case 'clearAudio':
        return { kind: 'clear' };
      case 'sendDTMF': {
        const digits = String(message['dtmf']);
        return /^[0-9*#wW]+$/.test(digits) ? { kind: 'digits', digits } : bad(`keys "${digits}"`);
      }
      default:
        return bad(`unknown event ${String(event)}`);
    }
  }

  #audio({ contentType, sampleRate, payload }: Readonly<Record<string, unknown>>): Order {
    if (!this.#init.isBidirectional) return bad('audio on a stream that only listens');
    if (contentType !== MULAW || sampleRate !== 8000) {
      return bad(`audio as ${String(contentType)} at ${String(sampleRate)}, not as the Stream element says`);
    }
    const mulaw = bytesIn(payload);
    return mulaw ? { kind: 'media', mulaw } : bad('an audio payload that is no base64');
  }

  #numbered(event: string, more: Readonly<Record<string, unknown>>): string {
    return JSON.stringify({
      event,
      sequenceNumber: ++this.#sequence,
      streamId: this.streamId,
      ...more,
    });
  }
}

function bad(why: string): Order {
  return { kind: 'bad', code: 'stream', why };
}
