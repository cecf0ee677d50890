// Bench, the corpus: speech from files with what is true of it, noises made by numbers, and both mixed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMulaw, encodeMulaw } from '../src/media/g711.ts';
import { soundReader } from '../src/media/sound.ts';

const RATE = 8_000;
const FRAME = 160;
/** Speech is made that loud, as on a good line: the root mean square of its loud frames. */
const SPEECH_LEVEL = 2_600;
/** What is softer than the loud frames by so much is no speech: the recordings are clean. */
const SILENT_DB = 32;
/** A shorter pause belongs to the sentence: no detector that waits 240 ms can tell. */
const PAUSE_FRAMES = 12;
/** A shorter sound is a click. */
const LEAST_FRAMES = 4;

export interface Track {
  readonly samples: Float32Array;
  /** Per frame of 20 ms. */
  readonly isSpeech: readonly boolean[];
}

/** The same numbers on every machine. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** All sounds of a folder, .ulaw (8 kHz) and .wav, in order of their names. */
export function clipsIn(folder: string): readonly Float32Array[] {
  const files = readdirSync(folder).filter((name) => /\.(?:ulaw|wav)$/.test(name));
  return files.sort().map((name) => {
    const bytes = readFileSync(join(folder, name));
    const reader = soundReader();
    const encoding = name.endsWith('.wav') ? 'wav' : 'mulaw';
    const codes = Buffer.concat([reader.push({ encoding, sampleRate: RATE, bytes }), reader.end()]);
    return levelled(fromMulaw(codes));
  });
}

/** The clips one after another with a second or so between. */
export function speechTrack(clips: readonly Float32Array[]): Track {
  const random = dice(7);
  const parts: Float32Array[] = [new Float32Array(RATE)];
  for (const clip of clips) parts.push(clip, new Float32Array(Math.round((0.6 + 0.9 * random()) * RATE)));
  const length = Math.floor(parts.reduce((sum, part) => sum + part.length, 0) / FRAME) * FRAME;
  const samples = new Float32Array(length + RATE);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return { samples: samples.subarray(0, length), isSpeech: speechIn(samples.subarray(0, length)) };
}

function speechIn(samples: Float32Array): readonly boolean[] {
  const least = SPEECH_LEVEL * 10 ** (-SILENT_DB / 20);
  const isLoud = Array.from(
    { length: samples.length / FRAME },
    (_, i) => rms(samples.subarray(i * FRAME, (i + 1) * FRAME)) > least,
  );
  const bridged = filled(isLoud, true, PAUSE_FRAMES);
  return filled(bridged, false, LEAST_FRAMES);
}

/** Runs of the other value that are shorter than `least`, between two of `value`, become `value`. */
function filled(flags: readonly boolean[], value: boolean, least: number): readonly boolean[] {
  const result = [...flags];
  for (let start = 0; start < result.length; ) {
    let end = start + 1;
    while (end < result.length && result[end] === result[start]) end++;
    const isInside = start > 0 && end < result.length;
    if (isInside && result[start] !== value && end - start < least) result.fill(value, start, end);
    start = end;
  }
  return result;
}

function levelled(samples: Float32Array): Float32Array {
  const levels = Array.from({ length: Math.floor(samples.length / FRAME) }, (_, i) =>
    rms(samples.subarray(i * FRAME, (i + 1) * FRAME)),
  ).sort((a, b) => b - a);
  const loud = levels.slice(0, Math.max(1, Math.floor(levels.length / 2)));
  const level = Math.sqrt(loud.reduce((sum, x) => sum + x * x, 0) / loud.length) || 1;
  return samples.map((x) => (x * SPEECH_LEVEL) / level);
}

export function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

/** Speech with a noise so many dB below it. */
export function mixed({ samples, isSpeech }: Track, noise: Float32Array, snrDb: number): Track {
  const gain = (SPEECH_LEVEL * 10 ** (-snrDb / 20)) / rms(noise);
  return { samples: samples.map((x, i) => x + gain * (noise[i % noise.length] as number)), isSpeech };
}

/** Sounds without a voice, a minute each, of any loudness. */
export const NOISES: Readonly<Record<string, () => Float32Array>> = {
  white: () => made((random) => random() - 0.5),
  office: () => {
    // A fan and the hum of the mains, steps and doors.
    let [slow, slower, thump] = [0, 0, 0];
    return made((random, i) => {
      slow += 0.08 * (random() - 0.5 - slow);
      slower += 0.01 * (random() - 0.5 - slower);
      thump = random() < 1 / 9_000 ? 3 * random() : thump * 0.997;
      return 2 * slow + 8 * slower + 0.04 * Math.sin(i * 0.0785) + 0.12 * thump * (random() - 0.5);
    });
  },
  keyboard: () => {
    let [level, wait] = [0, 0];
    return made((random) => {
      wait -= 1;
      if (wait <= 0) [level, wait] = [0.4 + random(), 600 + 2_500 * random()];
      level *= 0.985;
      return level * (random() - 0.5) + 0.004 * (random() - 0.5);
    });
  },
  tones: () => made((_, i) => (i % 40_000 < 8_000 ? Math.sin(i * 0.3456) + Math.sin(i * 0.377) : 0.001)),
  music: () => {
    const notes = [220, 277, 330, 440, 370, 294, 247, 330];
    return made((random, i) => {
      const time = i / RATE;
      const note = notes[Math.floor(time * 2) % notes.length] as number;
      const fade = Math.exp(-3 * (time * 2 - Math.floor(time * 2)));
      const chord = [1, 1.25, 1.5, 2].reduce(
        (sum, ratio) => sum + Math.sin(2 * Math.PI * note * ratio * time),
        0,
      );
      const beat = Math.exp(-30 * (time * 4 - Math.floor(time * 4)));
      return fade * chord + 0.8 * beat * (random() - 0.5);
    });
  },
};

function made(sample: (random: () => number, i: number) => number): Float32Array {
  const random = dice(3);
  return Float32Array.from({ length: 60 * RATE }, (_, i) => sample(random, i));
}

/** Many people at once: the clips laid over each other, none to be understood. */
export function babble(clips: readonly Float32Array[]): Float32Array {
  const random = dice(11);
  const all = new Float32Array(60 * RATE);
  for (let voice = 0; voice < 12; voice++) {
    for (let at = 0; at < all.length; ) {
      const clip = clips[Math.floor(random() * clips.length)] as Float32Array;
      for (let i = 0; i < clip.length && at < all.length; i++, at++)
        all[at] = (all[at] as number) + (clip[i] as number);
    }
  }
  return all;
}

export function toMulaw(samples: Float32Array): Uint8Array {
  const codes = new Uint8Array(samples.length);
  encodeMulaw(
    Int16Array.from(samples, (x) => Math.max(-32_768, Math.min(32_767, Math.round(x)))),
    codes,
  );
  return codes;
}

function fromMulaw(codes: Uint8Array): Float32Array {
  const samples = new Int16Array(codes.length);
  decodeMulaw(codes, samples);
  return Float32Array.from(samples);
}
