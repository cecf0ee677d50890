// Tickets: what opens the socket of a test phone: given to who may, good once, for half a minute.
import type { Clock } from '../lib/clock.ts';
import { newSecret } from '../lib/ids.ts';

/** From asking for it to opening the socket is one round trip; a page that loads slowly needs more. */
const LASTS_MS = 30_000;

export class Tickets<What> {
  readonly #clock: Clock;
  readonly #open = new Map<string, { readonly what: What; readonly expiresAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are out and still good. */
  get size(): number {
    this.#forgetOld();
    return this.#open.size;
  }

  give(what: What): { readonly ticket: string; readonly expiresAt: number } {
    const ticket = Buffer.from(newSecret()).toString('base64url');
    const expiresAt = this.#clock.now() + LASTS_MS;
    this.#open.set(ticket, { what, expiresAt });
    return { ticket, expiresAt };
  }

  /** What it was given for; null when we did not give it, it was used, or it is too old. */
  take(ticket: string): What | null {
    this.#forgetOld();
    const found = this.#open.get(ticket);
    this.#open.delete(ticket);
    return found?.what ?? null;
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [ticket, { expiresAt }] of this.#open) if (expiresAt <= now) this.#open.delete(ticket);
  }
}
