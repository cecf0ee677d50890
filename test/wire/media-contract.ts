// MediaContract: the tests every media codec must pass, whatever its carrier calls things. Imported by tests only.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MediaCodec, MediaMessage } from '../../src/media/codec.ts';

/** What we wrote, as somebody reads it who knows the carrier's page and not our code. */
export type Written =
  | { readonly kind: 'audio'; readonly base64: string }
  | { readonly kind: 'mark'; readonly name: unknown }
  | { readonly kind: 'clear' };

export interface MediaSample {
  readonly codec: MediaCodec;
  /** A frame of the caller's voice, letter for letter as the carrier's page shows it. */
  readonly voice: (payload: string, chunk: number) => string;
  /** Every other frame the carrier's page shows. */
  readonly others: readonly string[];
  /** Reads what was written on the stream `streamId`; throws on anything the carrier would not take. */
  readonly written: (frame: Readonly<Record<string, unknown>>, streamId: string) => Written;
}

const STREAM_ID = 'MZ0123456789abcdef0123456789abcdef';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const bytes = fc.uint8Array({ minLength: 1, maxLength: 400 });
const base64Of = (audio: Uint8Array): string => btoa(String.fromCharCode(...audio));
const bytesOf = (base64: string): number[] => [...atob(base64)].map((letter) => letter.charCodeAt(0));

export function mediaContract(name: string, sample: MediaSample): void {
  describe(`${name} keeps the contract of a media codec:`, () => {
    reading(sample);
    shortCut(sample);
    hardening(sample);
    writing(sample);
  });
}

function audioOf(message: MediaMessage | null): { chunk: number | null; bytes: number[] } {
  if (message?.kind !== 'audio') return assert.fail(`no audio but ${JSON.stringify(message)}`);
  return { chunk: message.chunk, bytes: [...message.mulaw] };
}

function reading({ codec, voice, others }: MediaSample): void {
  it('it hears any audio, and counts it', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 1e9 }), (audio, chunk) => {
        const heard = audioOf(codec.read(voice(base64Of(audio), chunk)));
        assert.deepEqual(heard, { chunk, bytes: [...audio] });
      }),
    );
  });

  it('it takes nothing for audio that is not base64', () => {
    const letter = fc.constantFrom(...'AZaz09+/=-_ \n.é\u0141\ud83d');
    fc.assert(
      fc.property(fc.string({ unit: letter, maxLength: 12 }), (payload) => {
        const escaped = JSON.stringify(payload).slice(1, -1);
        const isBase64 = payload !== '' && BASE64.test(payload.replaceAll('-', '+').replaceAll('_', '/'));
        assert.equal(codec.read(voice(escaped, 7))?.kind, isBase64 ? 'audio' : undefined);
      }),
      { numRuns: 2_000 },
    );
  });

  it('it does not hear what we say ourselves', () => {
    const ours = voice('/////w==', 3).replace('"inbound"', '"outbound"');
    assert.deepEqual(codec.read(ours), { kind: 'ignored' });
  });

  it('it knows every frame of the page, and ignores what is new', () => {
    for (const frame of others) assert.notEqual(codec.read(frame), null, frame);
    assert.deepEqual(codec.read('{"event":"invented"}'), { kind: 'ignored' });
  });
}

function shortCut({ codec, voice }: MediaSample): void {
  it('it reads the usual frame of audio without building an object of it', (t) => {
    const parse = t.mock.method(JSON, 'parse');
    assert.equal(codec.read(voice(base64Of(new Uint8Array(160)), 12))?.kind, 'audio');
    assert.equal(parse.mock.callCount(), 0);
  });

  it('the short cut answers as JSON does, whatever became of the frame', () => {
    const letters = fc.constantFrom(...'"\\{}[]:,=+/0123 aZ\n\u0000\u00e9\u0141', '', '"}', '","', '\\u0041');
    const spoilt = fc.tuple(fc.nat(), fc.nat(4), letters);
    fc.assert(
      fc.property(bytes, fc.array(spoilt, { maxLength: 3 }), (audio, changes) => {
        let frame = voice(base64Of(audio), 12);
        for (const [where, length, letter] of changes) {
          const at = where % frame.length;
          frame = `${frame.slice(0, at)}${letter}${frame.slice(at + length)}`;
        }
        // A blank in front means the same to JSON, and is not the usual shape.
        assert.deepEqual(codec.read(frame), codec.read(` ${frame}`));
      }),
      { numRuns: 5_000 },
    );
  });
}

function hardening({ codec, voice, others }: MediaSample): void {
  it('it makes nothing of garbage', () => {
    for (const garbage of ['', ' ', '{', 'null', '[]', '7', '"media"', '{}', '{"event":7}', '{"event":null}'])
      assert.equal(codec.read(garbage), null, garbage);
  });

  it('nothing makes it throw: neither letters nor values nor frames cut short', () => {
    const anyLetters = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.json());
    fc.assert(fc.property(anyLetters, (text) => assert.doesNotThrow(() => codec.read(text))));
    for (const frame of [voice('AAAA', 1), ...others]) {
      for (let at = 0; at <= frame.length; at++) assert.doesNotThrow(() => codec.read(frame.slice(0, at)));
    }
  });

  it('no field of any frame is trusted to be what it should', () => {
    const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom({}, [], null, '', 0, -1, 1e300));
    for (const frame of [voice('AAAA', 1), ...others]) {
      for (const path of pathsOf(JSON.parse(frame))) {
        fc.assert(
          fc.property(odd, (value) => {
            assert.doesNotThrow(() => codec.read(JSON.stringify(changed(JSON.parse(frame), path, value))));
          }),
          { numRuns: 20 },
        );
      }
    }
  });
}

function pathsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...pathsOf(inner).map((rest) => [key, ...rest]),
  ]);
}

function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return to;
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [key]: changed(fields[key], rest, to) };
}

function writing({ codec, written }: MediaSample): void {
  const read = (frame: string, streamId: string): Written => {
    const parsed: unknown = JSON.parse(frame);
    if (typeof parsed !== 'object' || parsed === null) return assert.fail(frame);
    return written({ ...parsed }, streamId);
  };

  it('what it writes arrives as it was meant, on the stream it is for', () => {
    fc.assert(
      fc.property(bytes, fc.string(), fc.string({ unit: 'binary' }), (audio, streamId, mark) => {
        const writer = codec.writer(streamId);
        const said = read(writer.audio(audio), streamId);
        assert.deepEqual(said.kind === 'audio' && bytesOf(said.base64), [...audio]);
        assert.deepEqual(read(writer.mark(mark), streamId), { kind: 'mark', name: mark.toWellFormed() });
        assert.deepEqual(read(writer.clear(), streamId), { kind: 'clear' });
      }),
    );
  });

  it('a part of a larger buffer is written as that part, and seconds of audio are written whole', () => {
    const whole = Uint8Array.from({ length: 480 }, (_, at) => at % 251);
    const writer = codec.writer(STREAM_ID);
    const seconds = new Uint8Array(20_000).fill(0x7f);
    for (const part of [whole.subarray(160, 320), Buffer.from(whole).subarray(7, 11), seconds]) {
      const said = read(writer.audio(part), STREAM_ID);
      assert.deepEqual(said.kind === 'audio' && bytesOf(said.base64), [...part]);
    }
  });
}
