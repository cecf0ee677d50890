// Mp3: MPEG audio layer III as it arrives, in pieces of any length: untrusted bytes in, mono 16-bit samples out.
// The frames are cut here, by ISO/IEC 11172-3 section 2.4.1.3 and 13818-3; minimp3 decodes them inside WebAssembly,
// where a broken file can harm nothing. It is free of conditions (CC0) and starts without a wait, which the better
// kept mpg123-decoder (LGPL inside) does not.
import { type Frame, frameAt, isAlike, isInfo } from './mp3-frame.ts';
import { MP3_WASM } from './mp3-wasm.ts';
import { joined, mixedDown, type SampleReader, type SampleSink } from './samples.ts';
import { type WasmMemory, wasmOf } from './wasm.ts';

/** What the WebAssembly module offers. */
interface Exports {
  readonly memory: WasmMemory;
  decoder_init(): void;
  decoder_set_mp3_data_size(bytes: number): void;
  decoder_mp3_data_offset(): number;
  /** Decodes what was put there; a negative time means all of it. */
  decoder_decode(seconds: number): void;
  decoder_pcm_data_offset(): number;
  decode_results_num_channels(): number;
  decode_results_num_samples(): number;
}

/** An ID3v2 tag before the sound: ten bytes, then a length of four times seven bits. */
const TAG_BYTES = 10;
/** That many bytes without one frame, and it is no MP3. Padding of real files is shorter. */
const MOST_GARBAGE = 65_536;
/** The most samples of a frame, both channels. */
const MOST_SAMPLES = 2 * 1_152;

const newModule = wasmOf<Exports>(MP3_WASM);

/** Reads one MP3 file or stream, 8000 to 48000 Hz, mono or stereo; what it cannot understand is left out. */
export function mp3Reader(sink: SampleSink): SampleReader {
  return new Mp3Reader(sink);
}

class Mp3Reader implements SampleReader {
  readonly #sink: SampleSink;
  readonly #decoder = newDecoder();
  #pending = new Uint8Array(0);
  #toSkip = 0;
  /** The tag may only stand before anything else. */
  #isAtStart = true;
  #last: Frame | null = null;
  #frames = 0;
  #garbage = 0;

  constructor(sink: SampleSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    const rest = this.#pending.length === 0 ? bytes : joined(this.#pending, bytes);
    this.#pending = rest.slice(this.#read(rest, false));
  }

  end(): void {
    this.#read(this.#pending, true);
    this.#pending = new Uint8Array(0);
    if (this.#frames === 0) throw new Error('this is no MP3 file');
  }

  /** Takes all whole frames; tells how many bytes are done with. */
  #read(bytes: Uint8Array, isEnd: boolean): number {
    let at = this.#tagEnd(bytes);
    while (at >= 0 && at + 4 <= bytes.length) {
      const frame = this.#frameAt(bytes, at, isEnd);
      if (frame === 'wait') return at;
      if (frame) this.#decode(bytes.subarray(at, at + frame.bytes), frame);
      else this.#count();
      at += frame ? frame.bytes : 1;
    }
    return Math.max(0, at);
  }

  /** The first byte after a tag that is still to be skipped; -1: not known yet. */
  #tagEnd(bytes: Uint8Array): number {
    if (this.#isAtStart) {
      if (bytes.length < TAG_BYTES) return -1;
      this.#isAtStart = false;
      if (bytes[0] === 0x49 && bytes[1] === 0x44 && bytes[2] === 0x33) {
        const length = [6, 7, 8, 9].reduce((sum, i) => (sum << 7) | ((bytes[i] ?? 0) & 0x7f), 0);
        const footer = ((bytes[5] ?? 0) & 0x10) !== 0 ? TAG_BYTES : 0;
        this.#toSkip = TAG_BYTES + length + footer;
      }
    }
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    return skipped;
  }

  /** The frame that begins here, null if none does. Out of step, the next one must be there to prove it. */
  #frameAt(bytes: Uint8Array, at: number, isEnd: boolean): Frame | null | 'wait' {
    const frame = frameAt(bytes, at);
    if (!frame) return null;
    const next = at + frame.bytes;
    if (this.#last && isAlike(frame, this.#last)) {
      if (next <= bytes.length) return frame;
      return isEnd ? null : 'wait';
    }
    if (next + 4 > bytes.length) {
      if (!isEnd) return 'wait';
      return next === bytes.length ? frame : null;
    }
    const following = frameAt(bytes, next);
    return following && isAlike(following, frame) ? frame : null;
  }

  #count(): void {
    this.#garbage += 1;
    if (this.#frames === 0 && this.#garbage > MOST_GARBAGE) throw new Error('this is no MP3 file');
  }

  #decode(bytes: Uint8Array, frame: Frame): void {
    this.#last = frame;
    this.#frames += 1;
    if (this.#frames === 1 && isInfo(bytes, frame)) return;
    const samples = decoded(this.#decoder, bytes);
    const channels = this.#decoder.decode_results_num_channels();
    if (samples.length === 0) return;
    this.#sink(channels === 2 ? mixedDown(samples, samples.length / 2) : samples, frame.sampleRate);
  }
}

/** One whole frame at a time: the module could loop for ever on half a frame behind one it must leave out. */
function decoded(decoder: Exports, frame: Uint8Array): Int16Array {
  // Room for the samples is made and silenced, as a frame that refers to a lost one leaves its samples unwritten.
  const room = frame.length + (frame.length % 2) + 2 * MOST_SAMPLES;
  decoder.decoder_set_mp3_data_size(room);
  const start = decoder.decoder_mp3_data_offset();
  const memory = new Uint8Array(decoder.memory.buffer, start, room).fill(0);
  memory.set(frame);
  decoder.decoder_set_mp3_data_size(frame.length);
  decoder.decoder_decode(-1);
  const count = Math.min(decoder.decode_results_num_samples(), MOST_SAMPLES);
  const bytes = new Uint8Array(decoder.memory.buffer, decoder.decoder_pcm_data_offset(), 2 * count);
  // Behind a frame of odd length the samples stand at an odd place, which no Int16Array can.
  return new Int16Array(bytes.slice().buffer);
}

function newDecoder(): Exports {
  const decoder = newModule();
  decoder.decoder_init();
  return decoder;
}
