// Resample: sound at one rate made sound at another, piece by piece, by a polyphase FIR filter (Kaiser-windowed sinc).
import { SAMPLE_RATES } from './samples.ts';

/** Half the reach of the filter, in samples of the slower rate: 32 taps around each output sample there. */
const HALF_TAPS = 16;
/** Shape of the Kaiser window: what is to be rejected is about 70 dB down. */
const KAISER = 7;
/**
 * Where the filter has lost half, as a share of half the slower rate: 3.76 kHz on a telephone line. What would come
 * back mirrored into the band of speech (4.6 kHz becomes 3.4 kHz) is gone, and 3.4 kHz itself still there.
 */
const CUTOFF = 0.94;
/** Input samples taken at a time, so that the working memory does not depend on how long a piece is. */
const BLOCK = 1_024;

export interface Resampler {
  /** The most samples that `push` can give for so many. */
  most(count: number): number;
  /** Takes samples, writes what is ready to `output` (at least `most` long) and tells how many. Any cut is alike. */
  push(input: Int16Array, output: Int16Array): number;
  /** What the filter still holds, as if silence followed: at most `most(0)` samples. */
  end(output: Int16Array): number;
}

interface Filter {
  /** Output samples per `down` input samples. */
  readonly up: number;
  readonly down: number;
  /** Taps of one phase; even. */
  readonly taps: number;
  /** Phase after phase. */
  readonly weights: Float64Array;
}

/** Designing a filter costs a millisecond, and the rates in use are few. */
const designed = new Map<string, Filter>();
const MOST_DESIGNED = 8;

/**
 * From one rate to another, both whole Hz within 8000 to 48000; throws a RangeError otherwise. As many samples come
 * out, with `end`, as the time takes, rounded up; nothing is delayed.
 */
export function resampler(fromHz: number, toHz: number): Resampler {
  for (const hz of [fromHz, toHz]) {
    if (!Number.isInteger(hz) || hz < SAMPLE_RATES.lowest || hz > SAMPLE_RATES.highest) {
      throw new RangeError(`a sample rate must be ${SAMPLE_RATES.lowest} to ${SAMPLE_RATES.highest} Hz`);
    }
  }
  return fromHz === toHz ? new Unchanged() : new Polyphase(filterFor(fromHz, toHz));
}

class Unchanged implements Resampler {
  most(count: number): number {
    return count;
  }

  push(input: Int16Array, output: Int16Array): number {
    output.set(input);
    return input.length;
  }

  end(): number {
    return 0;
  }
}

class Polyphase implements Resampler {
  readonly #filter: Filter;
  /** The last input samples that the next output samples still need, then the block. */
  readonly #samples: Float64Array;
  #held: number;
  /** The first input sample of the next output, counted in `#samples`; it may lie beyond what is there. */
  #first = 0;
  #phase = 0;
  #rest = 0;

  constructor(filter: Filter) {
    this.#filter = filter;
    this.#samples = new Float64Array(filter.taps + filter.down + BLOCK);
    // Silence before the first sample, so that it is the middle of the filter for the first output.
    this.#held = filter.taps / 2 - 1;
  }

  most(count: number): number {
    const { up, down, taps } = this.#filter;
    return Math.ceil(((count + taps) * up) / down) + 1;
  }

  push(input: Int16Array, output: Int16Array): number {
    let written = 0;
    for (let at = 0; at < input.length; at += BLOCK) {
      const end = Math.min(at + BLOCK, input.length);
      for (let i = at; i < end; i++) this.#samples[this.#held++] = input[i] as number;
      written = this.#drain(output, written);
    }
    this.#count(input.length, written);
    return written;
  }

  end(output: Int16Array): number {
    const silence = new Int16Array(this.#filter.taps / 2);
    const owed = Math.ceil(this.#rest / this.#filter.down);
    this.push(silence, output);
    return owed;
  }

  /** What is owed for the input so far, in parts of an output sample. */
  #count(taken: number, written: number): void {
    this.#rest += taken * this.#filter.up - written * this.#filter.down;
  }

  #drain(output: Int16Array, from: number): number {
    const { up, down, taps, weights } = this.#filter;
    let written = from;
    while (this.#first + taps <= this.#held) {
      const value = dot(this.#samples, this.#first, weights, this.#phase * taps, taps);
      output[written++] = Math.max(-32_768, Math.min(32_767, Math.round(value)));
      this.#phase += down;
      this.#first += Math.floor(this.#phase / up);
      this.#phase %= up;
    }
    const gone = Math.min(this.#first, this.#held);
    this.#samples.copyWithin(0, gone, this.#held);
    this.#held -= gone;
    this.#first -= gone;
    return written;
  }
}

// biome-ignore lint/complexity/useMaxParams: called for every sample; an object each time would cost more than the sum.
function dot(a: Float64Array, aFrom: number, b: Float64Array, bFrom: number, count: number): number {
  let even = 0;
  let odd = 0;
  for (let i = 0; i < count; i += 2) {
    even += (a[aFrom + i] as number) * (b[bFrom + i] as number);
    odd += (a[aFrom + i + 1] as number) * (b[bFrom + i + 1] as number);
  }
  return even + odd;
}

function filterFor(fromHz: number, toHz: number): Filter {
  const key = `${fromHz}>${toHz}`;
  const known = designed.get(key);
  if (known) return known;
  if (designed.size >= MOST_DESIGNED) designed.clear();
  const filter = design(fromHz, toHz);
  designed.set(key, filter);
  return filter;
}

function design(fromHz: number, toHz: number): Filter {
  const divisor = greatestDivisor(fromHz, toHz);
  const up = toHz / divisor;
  const down = fromHz / divisor;
  /** Rate of the filter's own time, as a share of the input's: below 1 where the output is slower. */
  const scale = Math.min(1, up / down);
  const taps = 2 * Math.ceil(HALF_TAPS / scale);
  const weights = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    const row = weights.subarray(phase * taps, (phase + 1) * taps);
    for (let i = 0; i < taps; i++) row[i] = weight((i - (taps / 2 - 1) - phase / up) * scale);
    // Each phase lets a constant through unchanged, or it would hum at the rate of the phases.
    const sum = row.reduce((total, value) => total + value, 0);
    for (let i = 0; i < taps; i++) row[i] = (row[i] as number) / sum;
  }
  return { up, down, taps, weights };
}

/** The windowed sinc, `time` in samples of the slower rate. */
function weight(time: number): number {
  const reach = Math.abs(time) / HALF_TAPS;
  if (reach >= 1) return 0;
  const angle = Math.PI * CUTOFF * time;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  return sinc * bessel(KAISER * Math.sqrt(1 - reach * reach));
}

/** The modified Bessel function of order zero, by its series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
