// LineCodec: between the sound of a browser and that of a telephone line, in both directions, by the house's own filter.
import { FRAME_BYTES, SILENCE } from '../../media/frame.ts';
import { decodeMulaw, encodeMulaw } from '../../media/g711.ts';
import { type Resampler, resampler } from '../../media/resample.ts';

const LINE_HZ = 8_000;

/** From the microphone to frames of the line. */
export class LineEncoder {
  readonly #resampler: Resampler;
  #rest = new Int16Array(0);

  constructor(sampleRate: number) {
    this.#resampler = resampler(sampleRate, LINE_HZ);
  }

  /** Samples of -1 to 1; gives the frames that are complete. */
  push(samples: Float32Array): readonly Uint8Array<ArrayBuffer>[] {
    const input = Int16Array.from(samples, (sample) => Math.max(-1, Math.min(1, sample)) * 32_767);
    const output = new Int16Array(this.#resampler.most(input.length));
    const count = this.#resampler.push(input, output);
    const all = new Int16Array(this.#rest.length + count);
    all.set(this.#rest);
    all.set(output.subarray(0, count), this.#rest.length);
    const frames = Math.floor(all.length / FRAME_BYTES);
    this.#rest = all.slice(frames * FRAME_BYTES);
    return Array.from({ length: frames }, (_, i) => {
      const codes = new Uint8Array(FRAME_BYTES);
      encodeMulaw(all.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES), codes);
      return codes;
    });
  }
}

/** What a microphone that is switched off sends. */
export function silentFrame(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(FRAME_BYTES).fill(SILENCE);
}

/** From the line to the loudspeaker. */
export class LineDecoder {
  readonly #resampler: Resampler;

  constructor(sampleRate: number) {
    this.#resampler = resampler(LINE_HZ, sampleRate);
  }

  push(codes: Uint8Array): Float32Array<ArrayBuffer> {
    const samples = new Int16Array(codes.length);
    decodeMulaw(codes, samples);
    const output = new Int16Array(this.#resampler.most(samples.length));
    const count = this.#resampler.push(samples, output);
    return Float32Array.from(output.subarray(0, count), (sample) => sample / 32_768);
  }
}
