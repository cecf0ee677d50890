// Bench: the embedded voice and ear: how long each takes for a sentence, and how many words arrive right.
//   node bench/offline.ts

import { allClips } from '../sim/media/clips.ts';
import { steadyClock, systemClock } from '../src/lib/clock.ts';
import { MULAW_SAMPLES } from '../src/media/g711.ts';
import { resampler } from '../src/media/resample.ts';
import { soundReader } from '../src/media/sound.ts';
import { flite } from '../src/offline/flite.ts';
import { moonshine } from '../src/offline/moonshine.ts';
import { offlinePair } from '../src/offline/pair.ts';
import { offlineParts } from '../tools/offline-parts.ts';

const SENTENCES = [
  'What time is it, please?',
  'I would like to book a table for two on Friday evening.',
  'Can you tell me when you open tomorrow morning?',
  'My name is Robert, and I am calling about my order.',
  'Thank you very much, that is all I wanted to know.',
  'Please call me back at the office before five.',
];

const folder = await offlineParts();
const speak = flite(folder);
const recognise = moonshine(folder);
speak('Warm.');
recognise(new Float32Array(16_000));

console.log('sentence                                                   sound   voice     ear  words');
let [right, all, soundMs, voiceMs, earMs] = [0, 0, 0, 0, 0];
for (const text of SENTENCES) {
  const before = steadyClock.now();
  const wav = speak(text);
  const spokenMs = steadyClock.now() - before;
  const mulaw = mulawOf(wav);
  row(text, text, mulaw, spokenMs);
}
const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;
console.log(`\n${right} of ${all} words right (${percent(right, all)}).`);
console.log(
  `Of the time the sound takes, the voice took ${percent(voiceMs, soundMs)} and the ear ${percent(earMs, soundMs)}.`,
);
console.log('\nThe clips of sim/media/clips, a robot by espeak-ng:');
for (const { name, text, mulaw } of allClips()) if (name !== 'german') row(name, text, mulaw, 0);
console.log(`\nFirst sound of a sentence through the thread: ${await firstSoundMs()} ms`);

function row(title: string, text: string, mulaw: Uint8Array, spokenMs: number): void {
  const before = steadyClock.now();
  const heard = recognise(samplesOf(mulaw));
  const ms = steadyClock.now() - before;
  const wanted = wordsOf(text);
  const found = new Set(wordsOf(heard));
  const hits = wanted.filter((word) => found.has(word)).length;
  [right, all] = [right + hits, all + wanted.length];
  [soundMs, voiceMs, earMs] = [soundMs + mulaw.length / 8, voiceMs + spokenMs, earMs + ms];
  const times = [mulaw.length / 8, spokenMs, ms].map((one) => `${Math.round(one)}`.padStart(7)).join(' ');
  console.log(`${title.slice(0, 56).padEnd(57)}${times}  ${hits}/${wanted.length}  ${heard}`);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9']+/g) ?? [];
}

function mulawOf(bytes: Uint8Array): Uint8Array {
  const reader = soundReader();
  return Buffer.concat([reader.push({ encoding: 'wav', sampleRate: 16_000, bytes }), reader.end()]);
}

function samplesOf(mulaw: Uint8Array): Float32Array {
  const filter = resampler(8_000, 16_000);
  const input = Int16Array.from(mulaw, (code) => MULAW_SAMPLES[code] ?? 0);
  const output = new Int16Array(filter.most(input.length) + filter.most(0));
  const count = filter.push(input, output);
  const total = count + filter.end(output.subarray(count));
  return Float32Array.from(output.subarray(0, total), (sample) => sample / 32_768);
}

async function firstSoundMs(): Promise<number> {
  const pair = offlinePair({ folder, clock: systemClock });
  const { signal } = new AbortController();
  const times: number[] = [];
  for (const text of ['Warm.', ...SENTENCES]) {
    const before = steadyClock.now();
    const wanted = { callId: 'b', text, language: 'en-US', tts: null, numberRoute: null, signal };
    for await (const _ of pair.synthesizer.speak(wanted)) times.push(steadyClock.now() - before);
  }
  await pair.stop();
  const sorted = times.slice(1).sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
