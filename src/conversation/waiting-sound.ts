// WaitingSound: sound of a caller that waits to be heard: bounded; the oldest gives way, and is counted.
import { BYTES_PER_MS } from '../media/frame.ts';

export class WaitingSound {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #lostBytes = 0;

  constructor(maxMs: number) {
    this.#maxBytes = maxMs * BYTES_PER_MS;
  }

  /** What gave way, since the beginning, ms. */
  get lostMs(): number {
    return this.#lostBytes / BYTES_PER_MS;
  }

  push(mulaw: Uint8Array): void {
    this.#pieces.push(mulaw);
    this.#bytes += mulaw.length;
    this.#lostBytes += this.#shorten(this.#maxBytes);
  }

  /** Puts older sound in front of what waits. */
  putBack(older: readonly Uint8Array[]): void {
    this.#pieces.unshift(...older);
    for (const { length } of older) this.#bytes += length;
    this.#lostBytes += this.#shorten(this.#maxBytes);
  }

  /** Forgets all but the latest; that is not counted. */
  keepLast(ms: number): void {
    this.#shorten(ms * BYTES_PER_MS);
  }

  /** Gives everything, oldest first. */
  take(): readonly Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    return pieces;
  }

  #shorten(maxBytes: number): number {
    let gone = 0;
    let count = 0;
    while (this.#bytes > maxBytes && count < this.#pieces.length) {
      const { length } = this.#pieces[count] ?? { length: 0 };
      this.#bytes -= length;
      gone += length;
      count++;
    }
    if (count > 0) this.#pieces.splice(0, count);
    return gone;
  }
}
