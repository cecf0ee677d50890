// Sound: what a synthesizer gives, in any coding and any pieces, made the mu-law of a telephone line.
import { decodeAlaw, decodeMulaw, encodeMulaw } from './g711.ts';
import type { Sound } from './lines.ts';
import { mp3Reader } from './mp3.ts';
import { type Resampler, resampler } from './resample.ts';
import { decodePcm16, joined, type SampleReader, type SampleSink } from './samples.ts';
import { wavReader } from './wav.ts';

/** Reads the sound of one utterance; sentences of it may come in different codings. */
export interface SoundReader {
  /**
   * The next piece, cut anywhere, even inside a sample; gives what of it is ready, mu-law at 8 kHz. Throws an Error
   * whose message is safe to log when the sound is broken.
   */
  push(sound: Sound): Uint8Array;
  /** The rest. Throws an Error when a file was never whole enough to be heard. */
  end(): Uint8Array;
}

const LINE_HZ = 8_000;
/** Samples decoded at a time. */
const BLOCK = 4_096;

export function soundReader(): SoundReader {
  return new Reader();
}

class Reader implements SoundReader {
  readonly #output = new Output();
  #kind: Kind | null = null;
  #reader: SampleReader | null = null;

  push(sound: Sound): Uint8Array {
    if (this.#reader && this.#isAnother(sound)) {
      this.#reader.end();
      this.#output.end();
      this.#reader = null;
    }
    this.#kind = { encoding: sound.encoding, sampleRate: sound.sampleRate };
    this.#reader ??= readerOf(sound, this.#output);
    this.#reader.push(sound.bytes);
    return this.#output.take();
  }

  end(): Uint8Array {
    this.#reader?.end();
    this.#output.end();
    return this.#output.take();
  }

  /** Each sentence of an utterance may come from another provider, or in a file of its own. */
  #isAnother(sound: Sound): boolean {
    return this.#kind !== null && (!isSameKind(sound, this.#kind) || beginsWav(sound));
  }
}

function beginsWav({ encoding, bytes }: Sound): boolean {
  return encoding === 'wav' && Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'RIFF';
}

type Kind = Pick<Sound, 'encoding' | 'sampleRate'>;

/** Of a file the announced rate means nothing. */
function isSameKind(a: Kind, b: Kind): boolean {
  const isFile = a.encoding === 'wav' || a.encoding === 'mp3';
  return a.encoding === b.encoding && (isFile || a.sampleRate === b.sampleRate);
}

function readerOf({ encoding, sampleRate }: Sound, output: Output): SampleReader {
  const sink: SampleSink = (samples, hz) => output.samples(samples, hz);
  if (encoding === 'wav') return wavReader(sink);
  if (encoding === 'mp3') return mp3Reader(sink);
  // What is coded as the line wants it is not touched.
  const isReady = encoding === 'mulaw' && sampleRate === LINE_HZ;
  if (isReady) return { push: (bytes) => output.codes(bytes.slice()), end: () => undefined };
  return new RawReader(encoding, sampleRate, sink);
}

/** Samples without a file around them. */
class RawReader implements SampleReader {
  readonly #encoding: 'mulaw' | 'alaw' | 'pcm16';
  readonly #sampleRate: number;
  readonly #sink: SampleSink;
  readonly #samples = new Int16Array(BLOCK);
  /** Half a sample. */
  #pending = new Uint8Array(0);

  constructor(encoding: 'mulaw' | 'alaw' | 'pcm16', sampleRate: number, sink: SampleSink) {
    this.#encoding = encoding;
    this.#sampleRate = sampleRate;
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    const size = this.#encoding === 'pcm16' ? 2 : 1;
    const all = this.#pending.length === 0 ? bytes : joined(this.#pending, bytes);
    const count = Math.floor(all.length / size);
    for (let at = 0; at < count; at += BLOCK) {
      const samples = this.#samples.subarray(0, Math.min(BLOCK, count - at));
      this.#decode(all.subarray(at * size), samples);
      this.#sink(samples, this.#sampleRate);
    }
    this.#pending = all.slice(count * size);
  }

  end(): void {
    this.#pending = new Uint8Array(0);
  }

  #decode(bytes: Uint8Array, samples: Int16Array): void {
    if (this.#encoding === 'mulaw') decodeMulaw(bytes, samples);
    else if (this.#encoding === 'alaw') decodeAlaw(bytes, samples);
    else decodePcm16(bytes, samples);
  }
}

/** Collects what is ready for the line. */
class Output {
  #ready: Uint8Array[] = [];
  #resampler: Resampler | null = null;
  #sampleRate = 0;
  #scratch = new Int16Array(0);

  codes(codes: Uint8Array): void {
    this.#ready.push(codes);
  }

  samples(samples: Int16Array, sampleRate: number): void {
    const filter = this.#filterFor(sampleRate);
    const room = this.#room(filter.most(samples.length));
    this.#encode(room, filter.push(samples, room));
  }

  end(): void {
    const filter = this.#resampler;
    if (!filter) return;
    this.#resampler = null;
    const room = this.#room(filter.most(0));
    this.#encode(room, filter.end(room));
  }

  take(): Uint8Array {
    const [only] = this.#ready;
    const all = this.#ready.length === 1 && only ? only : new Uint8Array(Buffer.concat(this.#ready));
    this.#ready = [];
    return all;
  }

  /** A file may change its rate between two songs. */
  #filterFor(sampleRate: number): Resampler {
    if (this.#resampler && this.#sampleRate === sampleRate) return this.#resampler;
    this.end();
    this.#sampleRate = sampleRate;
    this.#resampler = resampler(sampleRate, LINE_HZ);
    return this.#resampler;
  }

  #room(length: number): Int16Array {
    if (this.#scratch.length < length) this.#scratch = new Int16Array(length);
    return this.#scratch;
  }

  #encode(samples: Int16Array, count: number): void {
    const codes = new Uint8Array(count);
    encodeMulaw(samples, codes);
    this.#ready.push(codes);
  }
}
