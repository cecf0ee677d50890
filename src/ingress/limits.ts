// Limits: how much a stranger may cost us before we know who they are.

/** A webhook is small: Twilio's largest is a few KB. */
export const MAX_BODY_BYTES = 64 * 1024;
/** Carriers send a webhook in one packet or two; whoever takes longer is not one. */
export const BODY_WITHIN_MS = 5_000;
/** Requests one address may have half-sent at a time. */
export const MAX_UNREAD_PER_ADDRESS = 8;
/** Addresses with half-sent requests at a time. */
const MAX_ADDRESSES = 4_096;

/**
 * Counts requests whose body has not arrived, per address. Everybody behind one proxy shares an address, so the
 * newcomer is always let in: over the limit the oldest unfinished request is cut instead. An honest webhook is
 * whole within milliseconds and never the oldest; half-sent ones only push out each other.
 */
export class Unread {
  readonly #byAddress = new Map<string, Set<() => void>>();

  /** Registers a request; `cut` ends it. Returns what to call once its body is there or it failed. */
  admit(address: string, cut: () => void): () => void {
    const requests = this.#byAddress.get(address) ?? new Set();
    requests.add(cut);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, requests);
    if (requests.size > MAX_UNREAD_PER_ADDRESS) this.#cutOldest(requests);
    if (this.#byAddress.size > MAX_ADDRESSES) this.#cutOldestAddress();
    return () => {
      requests.delete(cut);
      if (requests.size === 0) this.#byAddress.delete(address);
    };
  }

  #cutOldest(requests: Set<() => void>): void {
    const [oldest] = requests;
    if (!oldest) return;
    requests.delete(oldest);
    oldest();
  }

  #cutOldestAddress(): void {
    const [oldest] = this.#byAddress;
    if (!oldest) return;
    const [address, requests] = oldest;
    this.#byAddress.delete(address);
    for (const cut of requests) cut();
  }
}
