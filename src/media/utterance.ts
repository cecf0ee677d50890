// Utterance: the sound of one utterance, and how far it has come: how much of it was sent, how much was heard.
import { FRAME_BYTES, SILENCE } from './frame.ts';
import type { LineUtterance } from './lines.ts';
import type { SoundReader } from './sound.ts';

/** Half a second: what the first piece of a synthesizer often is. */
const FIRST_BYTES = 4_000;

export class Utterance {
  readonly id: string;
  readonly isInterruptible: boolean;
  /** Reads its sound, from the first piece on. */
  reader: SoundReader | null = null;
  /** No more sound will come. */
  isFinished = false;
  /** Where the next frame begins; always a whole number of frames. */
  sentBytes = 0;
  /** How much the caller has surely heard; it never goes back, even when some of it is said again. */
  heardBytes = 0;
  /** Frames that went to the carrier since the last clear or the last connection: it may still have them. */
  framesOut = 0;
  isEndMarked = false;
  hasBegun = false;
  isAudible = false;
  #sound = new Uint8Array(0);
  #length = 0;

  constructor({ id, interruptible }: LineUtterance) {
    this.id = id;
    this.isInterruptible = interruptible;
  }

  get bytes(): number {
    return this.#length;
  }

  get hasFrame(): boolean {
    return this.sentBytes + FRAME_BYTES <= this.#length;
  }

  get isAllSent(): boolean {
    return this.isFinished && this.sentBytes >= this.#length;
  }

  append(mulaw: Uint8Array): void {
    this.#makeRoom(mulaw.length);
    this.#sound.set(mulaw, this.#length);
    this.#length += mulaw.length;
  }

  /** The last frame is filled up with silence, so that all are of one length. */
  finish(): void {
    this.isFinished = true;
    const missing = (FRAME_BYTES - (this.#length % FRAME_BYTES)) % FRAME_BYTES;
    this.#makeRoom(missing);
    this.#sound.fill(SILENCE, this.#length, this.#length + missing);
    this.#length += missing;
  }

  /** The next frame, as a view on our own bytes; ask `hasFrame` first. */
  takeFrame(): Uint8Array {
    const frame = this.#sound.subarray(this.sentBytes, this.sentBytes + FRAME_BYTES);
    this.sentBytes += FRAME_BYTES;
    this.framesOut += 1;
    return frame;
  }

  /** The carrier has nothing of it any more: goes on `backBytes` before what was heard. */
  rewind(backBytes: number): void {
    this.sentBytes = Math.max(0, this.heardBytes - backBytes);
    this.framesOut = 0;
    this.isEndMarked = false;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#sound.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#sound.length * 2, FIRST_BYTES));
    larger.set(this.#sound.subarray(0, this.#length));
    this.#sound = larger;
  }
}
