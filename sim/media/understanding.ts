// Understanding: what a transcriber makes of a caller's sound: word-code, the clips, or a script for any other voice.
import { allClips, type Clip } from './clips.ts';
import { loudness, PER_MS } from './mulaw.ts';
import { WordDecoder } from './word-decoder.ts';

/** One understood word; ms since the sound began. */
export interface Understood {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

export interface Hearing {
  /** A voice, or at least a noise, begins; ms since the sound began. */
  began(at: number): void;
  word(word: Understood): void;
  /** It was quiet for the time asked for; `last` is when the sound stopped. */
  ended(last: number): void;
}

/** Quieter than this, of 32635, is silence. */
const FAINTEST = 500;
const FRAME = 20 * PER_MS;
/** Bytes of a clip that are looked for, and how many such places it has. */
const PRINT_BYTES = 48;
const PRINTS = 6;

interface Print {
  readonly clip: Clip;
  /** Where in the clip. */
  readonly at: number;
  readonly bytes: Buffer;
}

/** Follows one caller's sound, in order; times are counted in sound, not on a clock. */
export class Understanding {
  readonly #hearing: Hearing;
  readonly #endMs: number;
  readonly #decoder: WordDecoder;
  #pending = Buffer.alloc(0);
  /** The last second, for the clips. */
  #tail = Buffer.alloc(0);
  #ms = 0;
  #isOn = false;
  #lastVoice = 0;
  /** Words of a clip that is being heard, not yet reached. */
  #clipWords: Understood[] = [];
  #clip: Clip | undefined;

  constructor(hearing: Hearing, { endMs }: { readonly endMs: number }) {
    this.#hearing = hearing;
    this.#endMs = endMs;
    this.#decoder = new WordDecoder((word) => hearing.word(word));
  }

  /** How much sound came, ms. */
  get ms(): number {
    return this.#ms;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  push(mulaw: Uint8Array): void {
    const all = Buffer.concat([this.#pending, mulaw]);
    let at = 0;
    for (; at + FRAME <= all.length; at += FRAME) this.#frame(all.subarray(at, at + FRAME));
    this.#pending = Buffer.from(all.subarray(at));
  }

  #frame(frame: Buffer): void {
    const from = this.#ms;
    this.#ms += 20;
    if (loudness(frame) >= FAINTEST) {
      this.#lastVoice = this.#ms;
      if (!this.#isOn) this.#hearing.began(from);
      this.#isOn = true;
    }
    this.#decoder.push(from, frame);
    if (this.#isOn) this.#lookForClips(frame);
    this.#sayClipWords();
    if (this.#isOn && this.#ms - this.#lastVoice >= this.#endMs) this.#end();
  }

  #end(): void {
    this.#decoder.flush();
    this.#isOn = false;
    this.#clip = undefined;
    this.#clipWords = [];
    this.#tail = Buffer.alloc(0);
    this.#hearing.ended(this.#lastVoice);
  }

  #lookForClips(frame: Buffer): void {
    this.#tail = Buffer.concat([this.#tail, frame]).subarray(-FRAME - PRINT_BYTES);
    if (this.#clip) return;
    for (const { clip, at, bytes } of prints()) {
      const found = this.#tail.indexOf(bytes);
      if (found === -1) continue;
      this.#clip = clip;
      const start = this.#ms - (this.#tail.length - found + at) / PER_MS;
      this.#clipWords = wordsOf(clip, start);
      return;
    }
  }

  /** A word counts when its end was heard, and only while the clip goes on sounding. */
  #sayClipWords(): void {
    for (let [word] = this.#clipWords; word && word.to <= this.#lastVoice; [word] = this.#clipWords) {
      this.#clipWords.shift();
      this.#hearing.word(word);
    }
  }
}

/** The words of a clip, each as long as its letters ask for. */
function wordsOf({ text, mulaw }: Clip, start: number): Understood[] {
  const words = text.split(' ');
  const voiced = voicedMs(mulaw);
  const letters = words.reduce((sum, { length }) => sum + length, 0);
  let at = start + voiced.from;
  return words.map((word, index) => {
    const from = at;
    at += ((voiced.to - voiced.from) * word.length) / letters;
    // The last one is over with the sound, to the frame.
    return { text: word, from, to: index === words.length - 1 ? at - 20 : at };
  });
}

function voicedMs(mulaw: Uint8Array): { readonly from: number; readonly to: number } {
  const loud = Array.from({ length: Math.floor(mulaw.length / FRAME) }, (_, at) => at).filter(
    (at) => loudness(mulaw.subarray(at * FRAME, at * FRAME + FRAME)) >= FAINTEST,
  );
  return { from: (loud[0] ?? 0) * 20, to: ((loud.at(-1) ?? 0) + 1) * 20 };
}

let made: readonly Print[] | undefined;

/** A few places of each clip, early ones first, each found nowhere else. */
function prints(): readonly Print[] {
  made ??= allClips().flatMap((clip) => {
    const sound = Buffer.from(clip.mulaw);
    const { from, to } = voicedMs(clip.mulaw);
    const step = ((to - from) * PER_MS) / PRINTS;
    return Array.from({ length: PRINTS }, (_, index) => {
      const at = Math.round(from * PER_MS + step * (index + 0.3));
      return { clip, at, bytes: sound.subarray(at, at + PRINT_BYTES) };
    }).filter(({ bytes }) => loudness(bytes) >= FAINTEST);
  });
  return made;
}
