// wav: sound files to telephone sound and back: RIFF headers, a low pass, another rate, mu-law.
import { resampled, toMulaw } from './mulaw.ts';

const HEADER_BYTES = 44;

/** 16-bit mono samples as a WAV file. */
export function wavOf(samples: Int16Array, rateHz: number): Uint8Array {
  const file = Buffer.alloc(HEADER_BYTES + samples.length * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rateHz, 24);
  file.writeUInt32LE(rateHz * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples.length * 2, 40);
  file.set(pcmOf(samples), HEADER_BYTES);
  return new Uint8Array(file);
}

/** 16-bit little-endian bytes. */
export function pcmOf(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [index, sample] of samples.entries()) view.setInt16(index * 2, sample, true);
  return bytes;
}

export function samplesOf(pcm: Uint8Array): Int16Array {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return Int16Array.from({ length: Math.floor(pcm.length / 2) }, (_, index) =>
    view.getInt16(index * 2, true),
  );
}

/** A 16-bit mono WAV file as mu-law, 8 kHz, as loud as a voice on the telephone. */
export function telephoneSound(wav: Uint8Array): Uint8Array {
  const file = Buffer.from(wav);
  const rateHz = file.readUInt32LE(24);
  const samples = samplesOf(wav.subarray(file.indexOf('data') + 8));
  const narrow = lowPassed(samples, rateHz, 3400);
  const loudest = narrow.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  return toMulaw(resampled(narrow, rateHz, 8000).map((sample) => (sample * VOICE_PEAK) / loudest));
}

const VOICE_PEAK = 16_000;
const TAPS = 63;

/** A windowed sinc: what lies above `cutHz` would come back as noise at a lower rate. */
function lowPassed(samples: Int16Array, rateHz: number, cutHz: number): Float64Array {
  const middle = (TAPS - 1) / 2;
  const taps = Array.from({ length: TAPS }, (_, at) => {
    const x = ((2 * cutHz) / rateHz) * (at - middle);
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * at) / (TAPS - 1)));
  });
  const whole = taps.reduce((sum, tap) => sum + tap, 0);
  return Float64Array.from({ length: samples.length }, (_, at) =>
    taps.reduce((sum, tap, index) => sum + (tap / whole) * (samples[at + index - middle] ?? 0), 0),
  );
}
