// Mouth: what the caller says, as sound: words, clips and noise, each from its own moment on, mixed when they overlap.
import { FRAME_BYTES, mixed, PER_MS, SILENCE } from './mulaw.ts';
import { wordSound } from './word-code.ts';

interface Playing {
  /** ms on the clock. */
  readonly from: number;
  readonly mulaw: Uint8Array;
}

const SILENT_FRAME = new Uint8Array(FRAME_BYTES).fill(SILENCE);

export class Mouth {
  #playing: Playing[] = [];

  /** Plays mu-law from `from` on, ms on the clock; returns when it ends. */
  play(mulaw: Uint8Array, from: number): number {
    this.#playing.push({ from, mulaw });
    return from + mulaw.length / PER_MS;
  }

  /** Says words that a word-code transcriber understands; returns when they end. */
  say(text: string, from: number): number {
    return this.play(wordSound(text), from);
  }

  /** Falls silent at once. */
  stop(): void {
    this.#playing = [];
  }

  /** The 20 ms of mu-law that begin at `from`; silence when nothing is said. Asked for in order of time. */
  frame(from: number): Uint8Array {
    if (this.#playing.length === 0) return SILENT_FRAME;
    this.#playing = this.#playing.filter((sound) => sound.from + sound.mulaw.length / PER_MS > from);
    const slices = this.#playing.flatMap((sound) => sliceOf(sound, from));
    return slices.length === 0 ? SILENT_FRAME : mixed(slices);
  }
}

/** A frame of one sound, silence around it; nothing when it has not begun. */
function sliceOf({ from, mulaw }: Playing, at: number): readonly Uint8Array[] {
  const first = Math.round((at - from) * PER_MS);
  if (first <= -FRAME_BYTES) return [];
  const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE);
  frame.set(mulaw.subarray(Math.max(0, first), first + FRAME_BYTES), Math.max(0, -first));
  return [frame];
}
