// Reorder: puts the caller's audio back in order, for carriers whose frames may overtake each other.

/** So many wait for one that is missing; what is later than this the caller would hear as a delay of ours. */
const WAITING_CHUNKS = 5;
const WAITING_MS = 100;
/** So many in a row that are too late: the carrier has begun to count anew. */
const LATE_IN_A_ROW = 25;

interface Waiting {
  readonly chunk: number;
  readonly mulaw: Uint8Array;
  readonly at: number;
}

export class Reorder {
  readonly #emit: (mulaw: Uint8Array) => void;
  /** Sorted by chunk. */
  readonly #waiting: Waiting[] = [];
  #next = 1;
  #late = 0;

  constructor(emit: (mulaw: Uint8Array) => void) {
    this.#emit = emit;
  }

  /** Audio that arrived at `at` (ms). `chunk` counts from 1; null is passed on as it comes. */
  push(chunk: number | null, mulaw: Uint8Array, at: number): void {
    if (chunk === null) this.#emit(mulaw);
    else if (chunk === this.#next) this.#take(mulaw);
    else if (chunk > this.#next) this.#keep({ chunk, mulaw, at });
    else this.#tooLate(chunk, mulaw);
    this.#release(at);
  }

  #take(mulaw: Uint8Array): void {
    this.#next += 1;
    this.#late = 0;
    this.#emit(mulaw);
  }

  #keep(arrived: Waiting): void {
    const place = this.#waiting.findIndex(({ chunk }) => chunk >= arrived.chunk);
    if (place === -1) this.#waiting.push(arrived);
    else if (this.#waiting[place]?.chunk !== arrived.chunk) this.#waiting.splice(place, 0, arrived);
  }

  /** Twice, or given up before. */
  #tooLate(chunk: number, mulaw: Uint8Array): void {
    this.#late += 1;
    if (this.#late < LATE_IN_A_ROW) return;
    this.#waiting.length = 0;
    this.#next = chunk;
    this.#take(mulaw);
  }

  #release(now: number): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const isDue =
        first.chunk === this.#next ||
        this.#waiting.length > WAITING_CHUNKS ||
        this.#waiting.some(({ at }) => now - at >= WAITING_MS);
      if (!isDue) return;
      this.#waiting.shift();
      this.#next = first.chunk;
      this.#take(first.mulaw);
    }
  }
}
