// PlayQueue: sound on its way to the ear: a little is gathered first, marks tell what was heard, a clear throws it away.

/** What is gathered before playing begins, so that a late packet is not heard, s. */
const GATHER_S = 0.06;

interface Mark {
  readonly name: string;
  /** How many samples come before it. */
  readonly at: number;
}

export class PlayQueue {
  readonly #gather: number;
  #pieces: Float32Array[] = [];
  /** How much of the first piece was played. */
  #offset = 0;
  #queued = 0;
  #played = 0;
  #waited = 0;
  #isPlaying = false;
  #marks: Mark[] = [];

  constructor(sampleRate: number) {
    this.#gather = Math.round(GATHER_S * sampleRate);
  }

  push(samples: Float32Array): void {
    this.#pieces.push(samples);
    this.#queued += samples.length;
  }

  /** To be told when everything pushed so far was played. */
  mark(name: string): void {
    this.#marks.push({ name, at: this.#played + this.#queued });
  }

  /** Nothing of what waits is wanted any more, and nobody asks for its marks. */
  clear(): void {
    this.#pieces = [];
    this.#offset = 0;
    this.#queued = 0;
    this.#marks = [];
    this.#isPlaying = false;
    this.#waited = 0;
  }

  /** The next sound for the ear, silence where there is none; the marks that are behind us now. */
  fill(output: Float32Array): readonly string[] {
    output.fill(0);
    if (this.#mayPlay(output.length)) this.#play(output);
    const heard = this.#marks.filter(({ at }) => at <= this.#played).map(({ name }) => name);
    if (heard.length > 0) this.#marks = this.#marks.filter(({ at }) => at > this.#played);
    return heard;
  }

  /** A sound shorter than what is gathered is played all the same, after as long. */
  #mayPlay(count: number): boolean {
    if (this.#isPlaying) return true;
    if (this.#queued === 0) return false;
    this.#waited += count;
    this.#isPlaying = this.#queued >= this.#gather || this.#waited >= this.#gather;
    return this.#isPlaying;
  }

  #play(output: Float32Array): void {
    let written = 0;
    for (let piece = this.#pieces[0]; piece && written < output.length; piece = this.#pieces[0]) {
      const part = piece.subarray(this.#offset, this.#offset + output.length - written);
      output.set(part, written);
      written += part.length;
      this.#offset += part.length;
      if (this.#offset === piece.length) {
        this.#pieces.shift();
        this.#offset = 0;
      }
    }
    this.#queued -= written;
    this.#played += written;
    if (this.#queued > 0) return;
    this.#isPlaying = false;
    this.#waited = 0;
  }
}
