// mulaw: G.711 mu-law to 16-bit samples and back, by table; the simulators' own, so that ours is tested by another.

/** Samples per millisecond on a telephone line. */
export const PER_MS = 8;
/** Bytes of the 20 ms a carrier sends at a time. */
export const FRAME_BYTES = 160;
export const FRAME_MS = 20;
/** The code of silence. */
export const SILENCE = 0xff;

const BIAS = 0x84;
const LOUDEST = 32_635;

const DECODED = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const size = ((((bits & 0x0f) << 3) + BIAS) << ((bits & 0x70) >> 4)) - BIAS;
  return (bits & 0x80) !== 0 ? -size : size;
});

/** The 16-bit sample of one code. */
export function sampleOf(code: number): number {
  return DECODED[code & 0xff] ?? 0;
}

/** The code of one sample; what is louder than 16 bits is cut. */
export function codeOf(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const size = Math.min(LOUDEST, Math.abs(Math.round(sample))) + BIAS;
  const exponent = Math.max(0, 31 - Math.clz32(size) - 7);
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 0x0f)) & 0xff;
}

export function toSamples(mulaw: Uint8Array): Int16Array {
  return Int16Array.from(mulaw, sampleOf);
}

export function toMulaw(samples: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(samples, codeOf);
}

/** Silence of that many milliseconds. */
export function silence(ms: number): Uint8Array {
  return new Uint8Array(Math.round(ms * PER_MS)).fill(SILENCE);
}

/** Several sounds heard at once, as long as the longest. */
export function mixed(sounds: readonly Uint8Array[]): Uint8Array {
  const [only] = sounds;
  if (only && sounds.length === 1) return only;
  const longest = Math.max(0, ...sounds.map(({ length }) => length));
  return Uint8Array.from({ length: longest }, (_, at) =>
    codeOf(sounds.reduce((sum, sound) => sum + sampleOf(sound[at] ?? SILENCE), 0)),
  );
}

/** Several sounds one after another. */
export function joined(sounds: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(sounds));
}

/** Root mean square of the samples, 0 to 32635. */
export function loudness(mulaw: Uint8Array): number {
  if (mulaw.length === 0) return 0;
  return Math.sqrt(mulaw.reduce((sum, code) => sum + sampleOf(code) ** 2, 0) / mulaw.length);
}

/** The same sound at another rate, Hz, between the samples in a straight line. */
export function resampled(samples: ArrayLike<number>, fromHz: number, toHz: number): Int16Array {
  const length = Math.floor((samples.length * toHz) / fromHz);
  return Int16Array.from({ length }, (_, at) => {
    const place = (at * fromHz) / toHz;
    const left = Math.floor(place);
    const first = samples[left] ?? 0;
    return Math.round(first + ((samples[left + 1] ?? first) - first) * (place - left));
  });
}
