// Listening: one caller's sound made words: an utterance is recognised when it ends, and now and then while it lasts.
import { FRAME_BYTES, FRAME_MS } from '../media/frame.ts';
import { decodeMulaw } from '../media/g711.ts';
import { resampler } from '../media/resample.ts';
import type { VoiceActivity } from '../media/voice.ts';

export interface ListeningDeps {
  readonly activity: VoiceActivity;
  /** Samples of 16 kHz from -1 to 1 made text. */
  readonly recognise: (samples: Float32Array) => string;
  readonly onPartial: (text: string) => void;
  readonly onFinal: (text: string) => void;
  /** More sound waits to be heard: what is only provisional is left out then. */
  readonly isBehind: () => boolean;
}

/** A first syllable begins before anybody is sure of it. */
const BEFORE_MS = 400;
/** Words over our voice stop us, so the first are looked for soon; each look takes longer than the one before. */
const FIRST_PARTIAL_MS = 900;
const PARTIAL_FACTOR = 2;
/** Longer takes the model too long, and it was made for sentences: what was said so far is one. */
const LONGEST_MS = 20_000;
/** A click is no word. */
const SHORTEST_MS = 120;

const OUT_HZ = 16_000;
const IN_HZ = 8_000;

export class Listening {
  readonly #deps: ListeningDeps;
  /** The utterance; before it begins, the last moments. */
  #frames: Uint8Array[] = [];
  /** When the voice began, ms of sound. */
  #beganAt = 0;
  #nextPartialMs = FIRST_PARTIAL_MS;
  #atMs = 0;
  #rest = new Uint8Array(0);

  constructor(deps: ListeningDeps) {
    this.#deps = deps;
  }

  /** The caller's sound in order, mu-law at 8 kHz. */
  hear(mulaw: Uint8Array): void {
    const all = Buffer.concat([this.#rest, mulaw]);
    let at = 0;
    for (; at + FRAME_BYTES <= all.length; at += FRAME_BYTES) this.#frame(all.subarray(at, at + FRAME_BYTES));
    this.#rest = new Uint8Array(all.subarray(at));
  }

  #frame(frame: Uint8Array): void {
    const { activity } = this.#deps;
    this.#atMs += FRAME_MS;
    this.#frames.push(frame);
    const change = activity.push(frame, this.#atMs);
    if (change?.isSpeaking) this.#beganAt = change.at;
    else if (change) this.#ended(change.at);
    else if (activity.isSpeaking) this.#goesOn();
    else this.#forgetEarlier();
  }

  #goesOn(): void {
    const spokenMs = this.#atMs - this.#beganAt;
    if (this.#frames.length * FRAME_MS >= LONGEST_MS) this.#ended(this.#atMs);
    else if (spokenMs >= this.#nextPartialMs && !this.#deps.isBehind()) this.#partial();
  }

  #partial(): void {
    this.#nextPartialMs *= PARTIAL_FACTOR;
    const text = this.#understood();
    if (text !== '') this.#deps.onPartial(text);
  }

  #ended(at: number): void {
    const text = at - this.#beganAt < SHORTEST_MS ? '' : this.#understood();
    this.#frames = [];
    this.#beganAt = at;
    this.#nextPartialMs = FIRST_PARTIAL_MS;
    if (text !== '') this.#deps.onFinal(text);
  }

  #forgetEarlier(): void {
    if (this.#frames.length * FRAME_MS > BEFORE_MS) this.#frames.shift();
  }

  /** A model that has nothing to go on makes up a word of greeting; without a letter it is nothing. */
  #understood(): string {
    const text = this.#deps.recognise(samplesOf(this.#frames));
    return /\p{L}|\p{N}/u.test(text) ? text : '';
  }
}

function samplesOf(frames: readonly Uint8Array[]): Float32Array {
  const mulaw = Buffer.concat(frames);
  const input = new Int16Array(mulaw.length);
  decodeMulaw(mulaw, input);
  const filter = resampler(IN_HZ, OUT_HZ);
  const output = new Int16Array(filter.most(input.length) + filter.most(0));
  const count = filter.push(input, output);
  const total = count + filter.end(output.subarray(count));
  return Float32Array.from(output.subarray(0, total), (sample) => sample / 32_768);
}
