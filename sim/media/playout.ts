// Playout: what the carrier holds for the caller's ear, drained 20 ms at a time, with the marks that stand in it.
import { FRAME_BYTES, joined, PER_MS } from './mulaw.ts';

type Part =
  | { readonly kind: 'sound'; readonly mulaw: Uint8Array }
  | { readonly kind: 'mark'; readonly name: string };

export class Playout {
  #parts: Part[] = [];
  /** Marks that lie within the frame that is being heard. */
  #passing: string[] = [];
  #bytes = 0;
  #isSounding = false;
  #mostBytes = 0;

  get bufferedMs(): number {
    return this.#bytes / PER_MS;
  }

  /** The most it ever held, ms. */
  get mostBufferedMs(): number {
    return this.#mostBytes / PER_MS;
  }

  add(mulaw: Uint8Array): void {
    if (mulaw.length === 0) return;
    this.#parts.push({ kind: 'sound', mulaw });
    this.#bytes += mulaw.length;
    this.#mostBytes = Math.max(this.#mostBytes, this.#bytes);
  }

  /** True when everything before the mark was heard already, so that it is due at once. */
  mark(name: string): boolean {
    if (this.#bytes === 0 && !this.#isSounding && this.#parts.length === 0) return true;
    this.#parts.push({ kind: 'mark', name });
    return false;
  }

  /** The next 20 ms, or less when there is no more, and the marks that are due before them. */
  take(): { readonly due: readonly string[]; readonly mulaw: Uint8Array } {
    const due = this.#passing;
    this.#passing = [];
    this.#skipMarks(due);
    const taken: Uint8Array[] = [];
    let missing = FRAME_BYTES;
    while (missing > 0) {
      const [part] = this.#parts;
      if (part?.kind !== 'sound') break;
      const piece = part.mulaw.subarray(0, missing);
      const rest = part.mulaw.subarray(piece.length);
      this.#parts.splice(0, 1, ...(rest.length > 0 ? [{ kind: 'sound', mulaw: rest } as const] : []));
      taken.push(piece);
      missing -= piece.length;
      if (missing > 0) this.#skipMarks(this.#passing);
    }
    const mulaw = taken.length === 1 && taken[0] ? taken[0] : joined(taken);
    this.#bytes -= mulaw.length;
    this.#isSounding = mulaw.length > 0;
    return { due, mulaw };
  }

  /** Throws everything away: the marks that stood in it, in order, and the sound nobody heard. */
  clear(): { readonly marks: readonly string[]; readonly lost: Uint8Array } {
    const marks = this.#passing;
    const lost: Uint8Array[] = [];
    for (const part of this.#parts) {
      if (part.kind === 'mark') marks.push(part.name);
      else lost.push(part.mulaw);
    }
    this.#parts = [];
    this.#passing = [];
    this.#bytes = 0;
    return { marks, lost: joined(lost) };
  }

  #skipMarks(into: string[]): void {
    for (let [part] = this.#parts; part?.kind === 'mark'; [part] = this.#parts) {
      into.push(part.name);
      this.#parts.shift();
    }
  }
}
