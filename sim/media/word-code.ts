// word-code: a voice for tests. Text becomes sound in which every letter can be told again, and where it was cut.
//
// A letter is 60 ms of four tones: two name it, one counts its place in the word (modulo 8), one says whether it is
// the first, the last, a capital. All tones are multiples of 100 Hz, so that 10 ms of a letter, wherever they are
// taken from, hold whole waves of each and tell them apart without doubt. 60 ms of silence end each word.
import { PER_MS, toMulaw } from './mulaw.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789.,?!\'-:;()"/&%+*#@=€$_äöüßéñ';
/** Stands for every character the code does not know. */
const STRANGE = '_';
const TYPED: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
};

export const LETTER_MS = 60;
const GAP_MS = 60;
/** Places are counted modulo this. */
export const PLACES = 8;

const LOW_HZ = 300;
const HIGH_HZ = 1100;
const PLACE_HZ = 1900;
const FLAG_HZ = 2700;
const STEP_HZ = 100;
/** Of each tone; four of them stay below the loudest sample. */
const AMPLITUDE = 3500;
/** A letter begins and ends softly, s, so that it does not click. */
const RAMP_S = 0.002;

/** What one letter is made of. */
export interface Letter {
  readonly letter: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Modulo 8. */
  readonly place: number;
}

/** The words of a text as the code says them: what it does not know becomes `_`, white space is one gap. */
export function spelled(text: string): readonly string[] {
  const words = text.normalize('NFC').split(/\s+/);
  return words.filter((word) => word !== '').map((word) => [...word].map(spelledLetter).join(''));
}

function spelledLetter(written: string): string {
  const letter = TYPED[written] ?? written;
  const lower = letter.toLowerCase();
  if (!LETTERS.includes(lower) || lower.length !== 1) return STRANGE;
  return letter === lower || letter === lower.toUpperCase() ? letter : STRANGE;
}

/** How long a text takes to say, ms. */
export function lengthMs(text: string): number {
  return spelled(text).reduce((sum, word) => sum + [...word].length * LETTER_MS + GAP_MS, 0);
}

/** The text as mu-law, 8 kHz. Its length is a whole number of 20 ms frames. */
export function wordSound(text: string): Uint8Array {
  return toMulaw(wordSamples(text, 1000 * PER_MS));
}

/** The text as 16-bit samples at any rate from 8000 Hz. */
export function wordSamples(text: string, rateHz: number): Int16Array {
  const parts = spelled(text).flatMap((word) => {
    const letters = [...word];
    return [
      ...letters.map((written, place) =>
        letterSamples({ written, place, isLast: place === letters.length - 1 }, rateHz),
      ),
      new Int16Array((rateHz * GAP_MS) / 1000),
    ];
  });
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}

const MADE = new Map<string, Int16Array>();

interface Written {
  readonly written: string;
  readonly place: number;
  readonly isLast: boolean;
}

function letterSamples(letter: Written, rateHz: number): Int16Array {
  const { written, place, isLast } = letter;
  const key = `${written} ${place === 0} ${place % PLACES} ${isLast} ${rateHz}`;
  const made = MADE.get(key) ?? tones(tonesOf(letter), rateHz);
  MADE.set(key, made);
  return made;
}

function tonesOf({ written, place, isLast }: Written): readonly number[] {
  const lower = written.toLowerCase();
  const index = LETTERS.indexOf(lower);
  const flag = (place === 0 ? 1 : 0) + (isLast ? 2 : 0) + (written === lower ? 0 : 4);
  return [
    LOW_HZ + (index >> 3) * STEP_HZ,
    HIGH_HZ + (index & 7) * STEP_HZ,
    PLACE_HZ + (place % PLACES) * STEP_HZ,
    FLAG_HZ + flag * STEP_HZ,
  ];
}

function tones(frequencies: readonly number[], rateHz: number): Int16Array {
  const length = (rateHz * LETTER_MS) / 1000;
  return Int16Array.from({ length }, (_, at) => {
    const s = at / rateHz;
    const ramp = Math.min(1, s / RAMP_S, (LETTER_MS / 1000 - s) / RAMP_S);
    return AMPLITUDE * ramp * frequencies.reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * s), 0);
  });
}

const WINDOW = 10 * PER_MS;
const TONES = (FLAG_HZ + 8 * STEP_HZ - LOW_HZ) / STEP_HZ;
/** Cosine and sine of each tone, sample by sample. */
const WAVES = Array.from({ length: TONES }, (_, tone) => {
  const phase = (at: number): number => (2 * Math.PI * (LOW_HZ + tone * STEP_HZ) * at) / (1000 * PER_MS);
  return {
    cos: Float64Array.from({ length: WINDOW }, (_at, at) => Math.cos(phase(at))),
    sin: Float64Array.from({ length: WINDOW }, (_at, at) => Math.sin(phase(at))),
  };
});
/** The weakest amplitude that is taken for a tone. */
const FAINTEST = 400;
/** How much of the sound the four tones must hold: with two letters in it, none of either is strong enough. */
const PURITY = 0.85;

/** The letter that fills 10 ms (80 samples), or null when there is none or more than one. */
export function letterIn(samples: ArrayLike<number>): Letter | null {
  let energy = 0;
  for (let at = 0; at < WINDOW; at++) energy += (samples[at] ?? 0) ** 2;
  if (energy / WINDOW < FAINTEST ** 2) return null;
  const low = strongest(samples, 0, 8);
  const high = low && strongest(samples, 8, 8);
  const place = high && strongest(samples, 16, 8);
  const flag = place && strongest(samples, 24, 8);
  if (!low || !high || !place || !flag) return null;
  const inTones = [low, high, place, flag].reduce((sum, { power }) => sum + power, 0);
  if (inTones < PURITY * energy) return null;
  const lower = LETTERS[low.tone * 8 + high.tone] ?? STRANGE;
  const letter = flag.tone >= 4 ? lower.toUpperCase() : lower;
  return { letter, isFirst: (flag.tone & 1) !== 0, isLast: (flag.tone & 2) !== 0, place: place.tone };
}

interface Tone {
  readonly tone: number;
  /** Its share of the window's energy. */
  readonly power: number;
}

function strongest(samples: ArrayLike<number>, from: number, count: number): Tone | null {
  let best = 0;
  let tone = 0;
  for (let candidate = 0; candidate < count; candidate++) {
    const amplitude = amplitudeOf(samples, from + candidate);
    if (amplitude > best) {
      best = amplitude;
      tone = candidate;
    }
  }
  if (best < FAINTEST) return null;
  return { tone, power: (best ** 2 / 2) * WINDOW };
}

function amplitudeOf(samples: ArrayLike<number>, tone: number): number {
  const wave = WAVES[tone];
  if (!wave) return 0;
  const { cos, sin } = wave;
  let re = 0;
  let im = 0;
  for (let at = 0; at < WINDOW; at++) {
    const sample = samples[at] ?? 0;
    re += sample * (cos[at] ?? 0);
    im += sample * (sin[at] ?? 0);
  }
  return (2 * Math.hypot(re, im)) / WINDOW;
}
