// DialledTones: which keys a sound presses, found by their two frequencies, as an exchange finds them.
import { sampleOf } from '../../sim/media/mulaw.ts';

const LOW = [697, 770, 852, 941];
const HIGH = [1_209, 1_336, 1_477, 1_633];
const ROWS = ['123A', '456B', '789C', '*0#D'];
/** ITU-T Q.24: a tone of 40 ms must be taken; two windows of 20 ms are that. */
const WINDOW = 160;
const LEAST_WINDOWS = 2;
const FAINTEST = 1_000;

/** The keys in mu-law at 8 kHz, in order. */
export function keysIn(mulaw: Uint8Array): string {
  let keys = '';
  let current = '';
  let windows = 0;
  for (let at = 0; at + WINDOW <= mulaw.length; at += WINDOW) {
    const key = keyIn(Array.from(mulaw.subarray(at, at + WINDOW), sampleOf));
    windows = key === current ? windows + 1 : 1;
    current = key;
    if (key !== '' && windows === LEAST_WINDOWS) keys += key;
  }
  return keys;
}

/** The two tones together are nearly all there is: that tells them from a voice. */
const PURITY = 0.8;

function keyIn(samples: readonly number[]): string {
  const [row, column] = [strongest(samples, LOW), strongest(samples, HIGH)];
  if (row.amplitude < FAINTEST || column.amplitude < FAINTEST) return '';
  const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length;
  const inTones = (row.amplitude ** 2 + column.amplitude ** 2) / 2;
  return inTones < PURITY * power ? '' : (ROWS[row.index]?.[column.index] ?? '');
}

function strongest(
  samples: readonly number[],
  group: readonly number[],
): { readonly index: number; readonly amplitude: number } {
  const amplitudes = group.map((hz) => amplitudeOf(samples, hz));
  const amplitude = Math.max(...amplitudes);
  return { index: amplitudes.indexOf(amplitude), amplitude };
}

/** By Goertzel's method. */
function amplitudeOf(samples: readonly number[], hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / 8_000);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + turn * last - before];
  return (2 * Math.sqrt(last * last + before * before - turn * last * before)) / samples.length;
}
