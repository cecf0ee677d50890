// Tones: keys of a telephone as sound, for carriers that press none on a media stream.
// Frequencies are ITU-T Q.23; lengths are above the least of Q.24 (40 ms each) and below what a person finds slow.
import { encodeMulaw } from './g711.ts';

const LOW = [697, 770, 852, 941] as const;
const HIGH = [1209, 1336, 1477, 1633] as const;
const ROWS = ['123A', '456B', '789C', '*0#D'] as const;

const RATE = 8_000;
const TONE_MS = 100;
const GAP_MS = 60;
/** Rise and fall of a tone, so that no click is heard or taken for another frequency. */
const EDGE_MS = 3;
const PAUSE_MS = 500;
/** -10 dBm0 for each of the two; a sine that fills the scale of mu-law is +3.17 dBm0. */
const AMPLITUDE = 32_635 * 10 ** ((-10 - 3.17) / 20);

/**
 * The sound of pressing `digits` one after another: mu-law at 8 kHz. `0-9 * # A-D` are keys, `w` is half a second of
 * silence. Throws a RangeError for anything else.
 */
export function keyTones(digits: string): Uint8Array {
  const parts = [...digits].map((key) => (key === 'w' ? silence(PAUSE_MS) : pressed(key)));
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  const codes = new Uint8Array(samples.length);
  encodeMulaw(samples, codes);
  return codes;
}

function pressed(key: string): Int16Array {
  const row = ROWS.findIndex((keys) => keys.includes(key));
  const low = LOW[row];
  const high = HIGH[ROWS[row]?.indexOf(key) ?? -1];
  if (low === undefined || high === undefined) throw new RangeError('a key is one of 0-9, *, #, A-D or w');
  const samples = silence(TONE_MS + GAP_MS);
  const length = ms(TONE_MS);
  for (let i = 0; i < length; i++) {
    const edge = Math.min(1, (i + 1) / ms(EDGE_MS), (length - i) / ms(EDGE_MS));
    const level = AMPLITUDE * Math.sin((edge * Math.PI) / 2) ** 2;
    samples[i] = Math.round(level * (wave(low, i) + wave(high, i)));
  }
  return samples;
}

function wave(hz: number, i: number): number {
  return Math.sin((2 * Math.PI * hz * i) / RATE);
}

function silence(length: number): Int16Array {
  return new Int16Array(ms(length));
}

function ms(length: number): number {
  return (length * RATE) / 1_000;
}
