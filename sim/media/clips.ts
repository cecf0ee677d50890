// clips: real voices, kept as mu-law, and noises a telephone brings along, made anew each time and always alike.
import { readFileSync } from 'node:fs';
import { loudness, PER_MS, toMulaw } from './mulaw.ts';

export type ClipName = 'sentence' | 'stop' | 'mhm' | 'yes' | 'german';

/** A recording of a voice; how they were made is told in clips/README.md. */
export interface Clip {
  readonly name: ClipName;
  /** What a transcriber understands. */
  readonly text: string;
  readonly mulaw: Uint8Array;
}

const TEXTS: Readonly<Record<ClipName, string>> = {
  sentence: 'Good morning, I would like to book a table for two on Friday evening.',
  stop: 'Stop, wait a moment.',
  mhm: 'Mhm.',
  yes: 'Yes, please.',
  german: 'Einen Augenblick, ich habe noch eine Frage.',
};

const LOADED = new Map<ClipName, Clip>();

export function clip(name: ClipName): Clip {
  const loaded = LOADED.get(name) ?? {
    name,
    text: TEXTS[name],
    mulaw: new Uint8Array(readFileSync(new URL(`clips/${name}.ulaw`, import.meta.url))),
  };
  LOADED.set(name, loaded);
  return loaded;
}

export function allClips(): readonly Clip[] {
  return (Object.keys(TEXTS) as ClipName[]).map(clip);
}

/** Numbers from -1 to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x8000_0000 - 1;
  };
}

/** The hiss of a quiet room and a line, below any voice. */
export function roomNoise(ms: number, { level = 120, seed = 1 } = {}): Uint8Array {
  const next = random(seed);
  let slow = 0;
  return toMulaw(
    Float64Array.from({ length: ms * PER_MS }, () => {
      slow = 0.7 * slow + 0.3 * next();
      return slow * level * 2;
    }),
  );
}

/** A cough: two bursts of broad noise, 110 and 180 ms, that start hard and die away. */
export function cough({ level = 14_000, seed = 2 } = {}): Uint8Array {
  const next = random(seed);
  const burst = (ms: number): readonly number[] =>
    Array.from({ length: ms * PER_MS }, (_, at) => {
      const share = at / (ms * PER_MS);
      return next() * level * Math.min(1, share * 12) * Math.exp(-4 * share);
    });
  return toMulaw([...burst(110), ...Array.from({ length: 90 * PER_MS }, () => 0), ...burst(180)]);
}

/** Typing: clicks of 8 ms, four to nine in a second. */
export function keyboard(ms: number, { level = 9000, seed = 3 } = {}): Uint8Array {
  const next = random(seed);
  const samples = new Float64Array(ms * PER_MS);
  for (let at = 100 * PER_MS; at < samples.length; at += Math.round((175 + 65 * next()) * PER_MS)) {
    for (let index = 0; index < 8 * PER_MS; index++) {
      samples[at + index] = next() * level * Math.exp(-index / 16);
    }
  }
  return toMulaw(samples);
}

/** Root mean square of the loud half of a sound: its level, whatever pauses it has. */
export function level(mulaw: Uint8Array): number {
  const frames = Array.from({ length: Math.floor(mulaw.length / 160) }, (_, index) =>
    loudness(mulaw.subarray(index * 160, index * 160 + 160)),
  ).sort((a, b) => b - a);
  const loud = frames.slice(0, Math.ceil(frames.length / 2));
  return loud.reduce((sum, one) => sum + one, 0) / Math.max(1, loud.length);
}
