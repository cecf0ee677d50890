// G.711: mu-law and A-law, the two ways a telephone line codes a sample in a byte, by table.
// ITU-T G.711 gives the decision and output values; the tables below follow them on all 65536 samples and 256 codes.

const MULAW_BIAS = 0x84;
const MULAW_LOUDEST = 32_635;

/** 16-bit samples of the 256 mu-law codes. */
export const MULAW_SAMPLES = Int16Array.from({ length: 256 }, (_, code) => sampleOfMulaw(code));
const ALAW_SAMPLES = Int16Array.from({ length: 256 }, (_, code) => sampleOfAlaw(code));
/** The mu-law code of every sample, at the sample as an unsigned number. */
const MULAW_CODES = new Uint8Array(65_536).map((_, bits) => mulawOf((bits << 16) >> 16));
const ALAW_CODES = new Uint8Array(65_536).map((_, bits) => alawOf((bits << 16) >> 16));

/** Decodes as many codes as fit into `samples`; tells how many. */
export function decodeMulaw(codes: Uint8Array, samples: Int16Array): number {
  return decode(codes, samples, MULAW_SAMPLES);
}

/** Decodes as many codes as fit into `samples`; tells how many. */
export function decodeAlaw(codes: Uint8Array, samples: Int16Array): number {
  return decode(codes, samples, ALAW_SAMPLES);
}

/** Encodes as many samples as fit into `codes`; tells how many. */
export function encodeMulaw(samples: Int16Array, codes: Uint8Array): number {
  return encode(samples, codes, MULAW_CODES);
}

/** Encodes as many samples as fit into `codes`; tells how many. */
export function encodeAlaw(samples: Int16Array, codes: Uint8Array): number {
  return encode(samples, codes, ALAW_CODES);
}

function decode(codes: Uint8Array, samples: Int16Array, table: Int16Array): number {
  const count = Math.min(codes.length, samples.length);
  for (let i = 0; i < count; i++) samples[i] = table[codes[i] as number] as number;
  return count;
}

function encode(samples: Int16Array, codes: Uint8Array, table: Uint8Array): number {
  const count = Math.min(samples.length, codes.length);
  for (let i = 0; i < count; i++) codes[i] = table[(samples[i] as number) & 0xffff] as number;
  return count;
}

/** Sign, 3 bits of segment, 4 bits of step; all bits are sent inverted. */
function sampleOfMulaw(code: number): number {
  const bits = ~code & 0xff;
  const size = ((((bits & 0x0f) << 3) + MULAW_BIAS) << ((bits >> 4) & 7)) - MULAW_BIAS;
  return bits & 0x80 ? -size : size;
}

function mulawOf(sample: number): number {
  const size = Math.min(Math.abs(sample), MULAW_LOUDEST) + MULAW_BIAS;
  const segment = 24 - Math.clz32(size);
  const step = (size >> (segment + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}

/** Every second bit is sent inverted; a set sign bit means positive. */
function sampleOfAlaw(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const size = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return bits & 0x80 ? size : -size;
}

function alawOf(sample: number): number {
  // The standard works on 13 bits; a negative number's lower bits round away from zero, as in its one's complement.
  const size = (sample < 0 ? ~sample : sample) >> 4;
  const segment = Math.max(0, 28 - Math.clz32(size));
  const step = segment === 0 ? size : (size >> (segment - 1)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | (step & 0x0f)) ^ 0x55;
}
