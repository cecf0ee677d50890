// Bench: what the sound of a call costs, and how well a voice is found. All figures are of one core of this machine.
//   node bench/dsp.ts [folder of clean recorded speech: .wav or .ulaw]
// Without a folder the few synthetic clips of sim/media/clips speak, which are too few for fine differences.
import { readFileSync } from 'node:fs';
import { voiceActivity } from '../src/media/activity.ts';
import { energyModel } from '../src/media/energy.ts';
import { decodeMulaw, encodeAlaw, encodeMulaw } from '../src/media/g711.ts';
import { levelOf } from '../src/media/level.ts';
import { resampler } from '../src/media/resample.ts';
import { sileroModel } from '../src/media/silero.ts';
import { soundReader } from '../src/media/sound.ts';
import type { VoiceActivity } from '../src/media/voice.ts';
import { plainNetwork } from '../tools/silero/plain.ts';
import { babble, clipsIn, mixed, NOISES, rms, speechTrack, type Track, toMulaw } from './dsp-corpus.ts';
import { quantile, type Score, scoreOf } from './dsp-detectors.ts';

const FRAME = 160;
const FRAME_MS = 20;
const WINDOW_FRAMES = 1.6;
/** Batches of so many; the fastest batch counts, as the others met other work of the machine. */
const BATCHES = 200;

function nanosOf(step: () => void, count = 200): number {
  let best = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < BATCHES; batch++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) step();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
  }
  return best;
}

function costs(speech: Uint8Array): void {
  const codes = new Uint8Array(FRAME);
  const samples = new Int16Array(FRAME);
  const frame = speech.subarray(16_000, 16_000 + FRAME);
  const rows: [string, number][] = [
    ['mu-law decoded', nanosOf(() => decodeMulaw(frame, samples))],
    ['mu-law coded', nanosOf(() => encodeMulaw(samples, codes))],
    ['A-law coded', nanosOf(() => encodeAlaw(samples, codes))],
    ['level of a frame', nanosOf(() => levelOf(frame))],
  ];
  for (const [from, to] of [
    [24_000, 8_000],
    [16_000, 8_000],
    [44_100, 8_000],
    [48_000, 8_000],
    [8_000, 24_000],
  ] as const) {
    const filter = resampler(from, to);
    const input = Int16Array.from({ length: from / 50 }, (_, i) => 9_000 * Math.sin(i));
    const output = new Int16Array(filter.most(input.length));
    rows.push([`${from} Hz made ${to} Hz`, nanosOf(() => filter.push(input, output), 50)]);
  }
  const reader = soundReader();
  const piece = { encoding: 'pcm16', sampleRate: 24_000, bytes: new Uint8Array(960).fill(3) } as const;
  rows.push(["a synthesizer's 24 kHz made mu-law", nanosOf(() => reader.push(piece), 50)]);
  const model = sileroModel();
  rows.push(['Silero in WebAssembly, per frame', nanosOf(() => model.push(frame), 80)]);
  rows.push(['detector on all of the speech, mean', wholeDetector(speech)]);
  console.log('\nCost per frame of 20 ms');
  for (const [name, ns] of rows) console.log(`  ${name.padEnd(38)}${(ns / 1_000).toFixed(2).padStart(8)} us`);
  const window = (nanosOf(() => model.push(frame), 80) * WINDOW_FRAMES) / 1_000;
  console.log(
    `  Silero per window of 32 ms: ${window.toFixed(1)} us, so at most ${Math.floor(32_000 / window)} calls a core`,
  );
  const network = plainNetwork(new Float32Array(198_017).fill(0.01));
  const input = new Float32Array(320).fill(0.1);
  console.log(
    `  the same as tools/silero/plain.ts has it: ${(nanosOf(() => network(input), 2) / 1_000).toFixed(0)} us`,
  );
}

/** Nanoseconds per frame, with what the gate spares: the best of five passes. */
function wholeDetector(speech: Uint8Array): number {
  const activity = voiceActivity({ sensitivity: 'medium', model: sileroModel() });
  const frames = Math.floor(speech.length / FRAME);
  const passes = Array.from({ length: 5 }, () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < frames; i++) activity.push(nextFrame(speech, i), i * FRAME_MS);
    return Number(process.hrtime.bigint() - start) / frames;
  });
  return Math.min(...passes);
}

function nextFrame(speech: Uint8Array, i: number): Uint8Array {
  const at = (i * FRAME) % (speech.length - FRAME);
  return speech.subarray(at, at + FRAME);
}

/** Bytes that are left to the garbage collector by each frame, about. */
function garbage(speech: Uint8Array): void {
  const activity = voiceActivity({ sensitivity: 'medium', model: sileroModel() });
  const frames = Array.from({ length: 3_000 }, (_, i) => nextFrame(speech, i));
  const run = () => {
    // By number, as an iterator leaves garbage of its own.
    for (let i = 0; i < frames.length; i++) activity.push(frames[i] as Uint8Array, i * FRAME_MS);
  };
  for (let warm = 0; warm < 4; warm++) run();
  const before = process.memoryUsage().heapUsed;
  run();
  console.log(
    `  garbage of the detector: ${((process.memoryUsage().heapUsed - before) / frames.length).toFixed(1)} bytes a frame`,
  );
}

/** A minute of a noise, as loud as speech or half. */
function alone(noise: Float32Array, gain: number): Track {
  const level = rms(noise);
  const samples = noise.map((x) => (x * gain) / level);
  return { samples, isSpeech: Array.from({ length: Math.floor(samples.length / FRAME) }, () => false) };
}

/** We speak, and an echo so many dB softer comes back. */
function echo(track: Track, db: number): Track {
  return {
    samples: track.samples.map((x) => x * 10 ** (-db / 20)),
    isSpeech: track.isSpeech.map(() => false),
  };
}

function ours(activity: VoiceActivity): VoiceActivity {
  activity.isOurVoiceOn = true;
  return activity;
}

function detectors(clips: readonly Float32Array[], clean: Track): void {
  const noises = new Map(Object.entries(NOISES).map(([name, make]) => [name, make()]));
  const spoken = new Map([...noises, ['babble', babble(clips)] as const]);
  const conditions: [string, Track][] = [['clean', clean]];
  for (const [name, db] of [
    ['white', 20],
    ['white', 10],
    ['white', 5],
    ['office', 15],
    ['office', 5],
    ['keyboard', 10],
    ['music', 10],
    ['babble', 15],
    ['tones', 10],
  ] as const) {
    conditions.push([`${name} ${db} dB`, mixed(clean, spoken.get(name) as Float32Array, db)]);
  }
  const makers: readonly (readonly [string, () => VoiceActivity])[] = [
    ['energy', () => voiceActivity({ sensitivity: 'medium', model: energyModel() })],
    ...(['low', 'medium', 'high'] as const).map(
      (sensitivity) =>
        [`silero, ${sensitivity}`, () => voiceActivity({ sensitivity, model: sileroModel() })] as const,
    ),
  ];
  for (const [name, make] of makers) {
    const scores = conditions.map(([condition, track]) => [condition, scoreOf(make(), track)] as const);
    print(name, scores);
    const starts = [...noises].map(([noise, sound]) => {
      const tracks = [alone(sound, 1_300), alone(sound, 2_600)];
      return `${noise} ${tracks.map((track) => scoreOf(make(), track).falsePerMinute.toFixed(0)).join('/')}`;
    });
    console.log(`  starts in a minute of noise alone, softer/louder: ${starts.join(', ')}`);
    const echoes = [20, 25, 30].map(
      (db) => `${db} dB: ${scoreOf(ours(make()), echo(clean, db)).falsePerMinute.toFixed(1)}`,
    );
    console.log(`  starts a minute by our own echo, so much softer: ${echoes.join(', ')}`);
    const over = scoreOf(ours(make()), clean);
    console.log(
      `  over our voice: onset ${quantile(over.onset, 0.5)} ms, missed ${over.missed} of ${over.segments}`,
    );
  }
}

function print(name: string, scores: readonly (readonly [string, Score])[]): void {
  const mean = scores.reduce((sum, [, { f1 }]) => sum + f1, 0) / scores.length;
  console.log(`\n${name}: mean F1 ${(100 * mean).toFixed(1)}`);
  console.log(
    '  condition        F1   false/min  missed    onset ms    end ms   begin off  end off   (median, 95 %)',
  );
  for (const [condition, score] of scores) {
    const pair = (values: readonly number[]) =>
      `${quantile(values, 0.5)}, ${quantile(values, 0.95)}`.padStart(11);
    console.log(
      `  ${condition.padEnd(14)}${(100 * score.f1).toFixed(1).padStart(6)}${score.falsePerMinute.toFixed(1).padStart(10)}` +
        `${`${score.missed}/${score.segments}`.padStart(10)}${pair(score.onset)}${pair(score.end)}` +
        `${String(quantile(score.onsetError, 0.5)).padStart(10)}${String(quantile(score.endError, 0.5)).padStart(10)}`,
    );
  }
}

const folder = process.argv[2];
const clips = clipsIn(folder ?? new URL('../sim/media/clips', import.meta.url).pathname);
const clean = speechTrack(folder ? clips : Array.from({ length: 12 }, () => clips).flat());
const speech = toMulaw(clean.samples);
console.log(
  `${readFileSync('/proc/cpuinfo', 'utf8').match(/model name\s*: (.*)/)?.[1] ?? 'unknown processor'}, Node ${process.version}`,
);
costs(speech);
garbage(speech);
console.log(
  `\nDetectors, on ${(clean.samples.length / 8_000).toFixed(0)} s of sound with speech from ${clips.length} recordings`,
);
detectors(clips, clean);
