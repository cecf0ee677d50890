// Directory: finds the loop of a call that is not over, by our id or the carrier's.
import type { CallLoop } from './call-loop.ts';

export class Directory {
  readonly #byId = new Map<string, CallLoop>();

  add(loop: CallLoop): void {
    this.#byId.set(loop.call.id, loop);
  }

  remove(callId: string): void {
    this.#byId.delete(callId);
  }

  find(id: string): CallLoop | null {
    const known = this.#byId.get(id);
    if (known) return known;
    for (const loop of this.#byId.values()) if (loop.call.carrierCallId === id) return loop;
    return null;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): readonly CallLoop[] {
    return [...this.#byId.values()];
  }
}
