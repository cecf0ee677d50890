// Samples: what the readers of sound have in common: 16-bit mono samples handed on, bytes made samples.

/** Takes mono samples at a rate in Hz. The array is used again: copy what is to be kept. */
export type SampleSink = (samples: Int16Array, sampleRate: number) => void;

/** Reads the bytes of one sound. Throws an Error with a message that is safe to log when they are broken. */
export interface SampleReader {
  /** The next bytes, cut anywhere. */
  push(bytes: Uint8Array): void;
  /** No more will come; half a sample at the end is forgotten. */
  end(): void;
}

/** The rates that are read, Hz. */
export const SAMPLE_RATES = { lowest: 8_000, highest: 48_000 } as const;

/** Two bytes each, the lower first. */
export function decodePcm16(bytes: Uint8Array, samples: Int16Array): void {
  for (let i = 0; i < samples.length; i++) {
    samples[i] = (bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8);
  }
}

/** The mean of left and right, in place. */
export function mixedDown(stereo: Int16Array, frames: number): Int16Array {
  for (let i = 0; i < frames; i++) {
    stereo[i] = ((stereo[2 * i] as number) + (stereo[2 * i + 1] as number)) >> 1;
  }
  return stereo.subarray(0, frames);
}

export function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
