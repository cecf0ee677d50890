// SoundCache: sound that was made before it was needed, such as a greeting while the phone rings; kept for the next.
import type { Sound } from '../media/lines.ts';

/** Enough for the greetings of some numbers; a sentence of ten seconds is 80 to 480 KB. */
const MAX_ENTRIES = 32;
const MAX_BYTES = 16 * 1024 * 1024;

interface Entry {
  readonly sounds: Sound[];
  bytes: number;
  isMade: boolean;
  /** Resolves when there is more of it, or it is complete; rejects when it failed. */
  more: PromiseWithResolvers<void>;
}

export class SoundCache {
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();

  /** Makes it unless it is there, or being made; resolves when it is. Never rejects: what failed is forgotten. */
  async prepare(key: string, make: () => AsyncIterable<Sound>): Promise<void> {
    if (this.#entries.has(key)) return;
    const entry: Entry = { sounds: [], bytes: 0, isMade: false, more: handled() };
    this.#entries.set(key, entry);
    try {
      for await (const sound of make()) {
        entry.sounds.push(sound);
        entry.bytes += sound.bytes.length;
        next(entry);
      }
      entry.isMade = true;
      entry.more.resolve();
      this.#shorten();
    } catch (error) {
      this.#entries.delete(key);
      entry.more.reject(error);
    }
  }

  /** Its sound, also while it is still being made; null when it was not prepared. Throws when making it fails. */
  find(key: string): AsyncIterable<Sound> | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return replay(entry);
  }

  /** It turned out to be no good. */
  forget(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  #shorten(): void {
    let bytes = 0;
    let count = 0;
    for (const [key, entry] of [...this.#entries].reverse()) {
      bytes += entry.bytes;
      count++;
      if (entry.isMade && (count > MAX_ENTRIES || bytes > MAX_BYTES)) this.#entries.delete(key);
    }
  }
}

async function* replay(entry: Entry): AsyncGenerator<Sound> {
  for (let index = 0; ; index++) {
    while (index >= entry.sounds.length) {
      if (entry.isMade) return;
      await entry.more.promise;
    }
    const sound = entry.sounds[index];
    if (sound) yield sound;
  }
}

function next(entry: Entry): void {
  const { more } = entry;
  entry.more = handled();
  more.resolve();
}

/** Nobody need be waiting when it fails. */
function handled(): PromiseWithResolvers<void> {
  const more = Promise.withResolvers<void>();
  more.promise.catch(() => undefined);
  return more;
}
