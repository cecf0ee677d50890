// Wav: RIFF/WAVE as it arrives, in pieces of any length: untrusted bytes in, mono 16-bit samples out.
// The layout is Microsoft's and IBM's "Multimedia Programming Interface and Data Specifications 1.0", chapter 3, with
// WAVE_FORMAT_EXTENSIBLE. A file that is still being made has a length of zero or of all ones: it lasts to the end.
import { decodeAlaw, decodeMulaw } from './g711.ts';
import {
  decodePcm16,
  joined,
  mixedDown,
  SAMPLE_RATES,
  type SampleReader,
  type SampleSink,
} from './samples.ts';

type Coding = 'pcm8' | 'pcm16' | 'float32' | 'alaw' | 'mulaw';
interface Format {
  readonly coding: Coding;
  readonly channels: number;
  readonly sampleRate: number;
  /** Bytes of one sample of all channels. */
  readonly frameBytes: number;
}

const CODINGS: Readonly<Record<string, Coding>> = {
  '1/8': 'pcm8',
  '1/16': 'pcm16',
  '3/32': 'float32',
  '6/8': 'alaw',
  '7/8': 'mulaw',
};
const EXTENSIBLE = 0xfffe;
const MOST_CHANNELS = 2;
/** The longest format chunk we read; the extensible one has 40 bytes. */
const FORMAT_BYTES = { least: 16, most: 256 } as const;
/** Samples decoded at a time. */
const BLOCK = 1_024;
/** Lengths that mean "not known yet". */
const UNKNOWN = new Set([0, 0x7fff_ffff, 0xffff_ffff, 0xffff_ff00]);

type Part = 'riff' | 'chunk' | 'format' | 'skip' | 'data' | 'over';

/** Reads one WAVE file: PCM of 8 or 16 bits, float of 32, A-law or mu-law; mono or stereo, 8000 to 48000 Hz. */
export function wavReader(sink: SampleSink): SampleReader {
  return new WavReader(sink);
}

class WavReader implements SampleReader {
  readonly #sink: SampleSink;
  readonly #samples = new Int16Array(BLOCK);
  #part: Part = 'riff';
  /** Bytes of a header or of a sample that is not whole yet. */
  #pending = new Uint8Array(0);
  /** Bytes left of the chunk we are in. */
  #left = 0;
  #format: Format | null = null;

  constructor(sink: SampleSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    let rest = this.#pending.length === 0 ? bytes : joined(this.#pending, bytes);
    let used = this.#step(rest);
    while (used > 0) {
      rest = rest.subarray(used);
      used = this.#step(rest);
    }
    this.#pending = rest.slice();
  }

  end(): void {
    if (this.#part !== 'data' && this.#part !== 'over') {
      throw new Error('the WAV file ends before its sound begins');
    }
  }

  /** Uses up what it can of the part we are in; 0: more bytes are needed. */
  #step(bytes: Uint8Array): number {
    switch (this.#part) {
      case 'riff':
        return bytes.length < 12 ? 0 : this.#readRiff(bytes);
      case 'chunk':
        return bytes.length < 8 ? 0 : this.#readChunk(bytes);
      case 'format':
        return bytes.length < this.#left ? 0 : this.#readFormat(bytes);
      case 'skip':
        return this.#skip(bytes);
      case 'data':
        return this.#readData(bytes);
      case 'over':
        return bytes.length;
    }
  }

  #readRiff(bytes: Uint8Array): number {
    if (nameAt(bytes, 0) !== 'RIFF' || nameAt(bytes, 8) !== 'WAVE') throw new Error('this is no WAV file');
    this.#part = 'chunk';
    return 12;
  }

  #readChunk(bytes: Uint8Array): number {
    const name = nameAt(bytes, 0);
    const length = viewOf(bytes).getUint32(4, true);
    if (name === 'data') {
      if (!this.#format) throw new Error('the WAV file has sound before its format');
      this.#left = UNKNOWN.has(length) ? Number.POSITIVE_INFINITY : length;
      this.#part = 'data';
    } else if (name === 'fmt ') {
      if (length < FORMAT_BYTES.least || length > FORMAT_BYTES.most)
        throw new Error('the WAV format is broken');
      this.#left = length;
      this.#part = 'format';
    } else {
      // Chunks begin at even places.
      this.#left = length + (length % 2);
      this.#part = this.#left > 0 ? 'skip' : 'chunk';
    }
    return 8;
  }

  #readFormat(bytes: Uint8Array): number {
    this.#format = formatIn(viewOf(bytes), this.#left);
    const used = this.#left;
    this.#left = used % 2;
    this.#part = this.#left > 0 ? 'skip' : 'chunk';
    return used;
  }

  #skip(bytes: Uint8Array): number {
    const used = Math.min(bytes.length, this.#left);
    this.#left -= used;
    if (this.#left === 0) this.#part = 'chunk';
    return used;
  }

  #readData(bytes: Uint8Array): number {
    const format = this.#format;
    if (!format) return 0;
    if (this.#left < format.frameBytes) {
      this.#part = 'over';
      return bytes.length;
    }
    const frames = Math.min(
      Math.floor(Math.min(bytes.length, this.#left) / format.frameBytes),
      Math.floor(BLOCK / format.channels),
    );
    if (frames === 0) return 0;
    const used = frames * format.frameBytes;
    const samples = this.#samples.subarray(0, frames * format.channels);
    decode(format.coding, bytes.subarray(0, used), samples);
    this.#sink(format.channels === 1 ? samples : mixedDown(samples, frames), format.sampleRate);
    this.#left -= used;
    return used;
  }
}

function formatIn(view: DataView, length: number): Format {
  let kind = view.getUint16(0, true);
  // The first two bytes of the longer name are the old number.
  if (kind === EXTENSIBLE && length >= 26) kind = view.getUint16(24, true);
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const bits = view.getUint16(14, true);
  const coding = CODINGS[`${kind}/${bits}`];
  if (!coding) throw new Error(`WAV coding ${kind} with ${bits} bits is not supported`);
  if (channels < 1 || channels > MOST_CHANNELS)
    throw new Error(`WAV with ${channels} channels is not supported`);
  if (sampleRate < SAMPLE_RATES.lowest || sampleRate > SAMPLE_RATES.highest) {
    throw new Error(`WAV at ${sampleRate} Hz is not supported`);
  }
  return { coding, channels, sampleRate, frameBytes: (channels * bits) / 8 };
}

function decode(coding: Coding, bytes: Uint8Array, samples: Int16Array): void {
  if (coding === 'mulaw') decodeMulaw(bytes, samples);
  else if (coding === 'alaw') decodeAlaw(bytes, samples);
  else if (coding === 'pcm16') decodePcm16(bytes, samples);
  else if (coding === 'pcm8')
    for (let i = 0; i < samples.length; i++) samples[i] = ((bytes[i] ?? 0) - 128) * 256;
  else decodeFloat32(bytes, samples);
}

function decodeFloat32(bytes: Uint8Array, samples: Int16Array): void {
  const view = viewOf(bytes);
  for (let i = 0; i < samples.length; i++) {
    const value = view.getFloat32(4 * i, true) * 32_768;
    // What is no number becomes silence: a typed array stores NaN as 0.
    samples[i] = Math.max(-32_768, Math.min(32_767, Math.round(value)));
  }
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
