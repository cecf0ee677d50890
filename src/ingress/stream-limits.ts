// StreamLimits: how many media streams there may be, how much one may send, and which tokens were used.
import { isIP } from 'node:net';
import { type Forwarding, isTrustedProxy } from './public-url.ts';

/** The settings `streaming.*` of the same names. */
export interface StreamLimits {
  /** Connections in all; one more is refused with 503. */
  readonly maxConnections: number;
  /** Connections that were not yet told which call they are of; one more is closed with 1013. */
  readonly maxPendingConnections: number;
  readonly maxPendingConnectionsPerIp: number;
  /** From the upgrade to an accepted start, ms. */
  readonly preStartTimeoutMs: number;
}

/** What one connection occupies. Each method may be called more than once. */
export interface Place {
  /** Its start was accepted: it is not pending any more. */
  accepted(): void;
  leave(): void;
}

export class Places {
  readonly #limits: StreamLimits;
  readonly #pending = new Map<string, number>();
  #pendingInAll = 0;
  #taken = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#taken >= this.#limits.maxConnections;
  }

  /** Is there no room for one more that has not started, from this address? */
  isCrowded(address: string): boolean {
    const { maxPendingConnections, maxPendingConnectionsPerIp } = this.#limits;
    const here = this.#pending.get(address) ?? 0;
    return this.#pendingInAll >= maxPendingConnections || here >= maxPendingConnectionsPerIp;
  }

  take(address: string): Place {
    this.#taken += 1;
    this.#pendingInAll += 1;
    this.#pending.set(address, (this.#pending.get(address) ?? 0) + 1);
    const accepted = once(() => {
      this.#pendingInAll -= 1;
      const left = (this.#pending.get(address) ?? 1) - 1;
      if (left === 0) this.#pending.delete(address);
      else this.#pending.set(address, left);
    });
    const leave = once(() => {
      accepted();
      this.#taken -= 1;
    });
    return { accepted, leave };
  }
}

/** Tokens that let somebody in, until they expire: each lets in one connection. */
export class UsedTokens {
  readonly #until = new Map<string, number>();

  has(token: string): boolean {
    return this.#until.has(token);
  }

  /** Times in ms since the epoch; an expired token is refused for that, so it need not be remembered. */
  add(token: string, expiresAt: number, now: number): void {
    for (const [old, until] of this.#until) if (until <= now) this.#until.delete(old);
    this.#until.set(token, expiresAt);
  }

  get size(): number {
    return this.#until.size;
  }
}

/** A carrier sends 50 frames a second; after a stall of its network it sends many at once. */
const BURST_FRAMES = 1_000;
const FRAMES_PER_MS = 0.2;

/** Counts the frames of one connection, so that nobody can bury us in them. */
export class FrameBudget {
  #left = BURST_FRAMES;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** False: there are too many of them. `now` in ms. */
  take(now: number): boolean {
    this.#left = Math.min(BURST_FRAMES, this.#left + Math.max(0, now - this.#at) * FRAMES_PER_MS);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

/**
 * Whose connection it is: the peer, or who a proxy says it is for, when the proxy is believed by the same rules as
 * about the address of a webhook. Of a chain of proxies the last one that is not ours counts: what stands before it
 * may be invented.
 */
export function clientAddress(visit: {
  readonly peer: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly forwarding: Forwarding;
}): string {
  const { peer = 'unknown', forwardedFor, forwarding } = visit;
  const { allowedHosts, trustForwardingHeaders, trustedProxyIPs } = forwarding;
  const believes = allowedHosts.length > 0 || trustForwardingHeaders;
  if (forwardedFor === undefined || !believes || !isTrustedProxy(peer, trustedProxyIPs)) return peer;
  const named = forwardedFor.split(',').map((entry) => entry.trim());
  const isOurs = (address: string): boolean =>
    trustedProxyIPs.length > 0 && isTrustedProxy(address, trustedProxyIPs);
  const client = named.findLast((entry) => !isOurs(entry));
  return client !== undefined && isIP(client) !== 0 ? client : peer;
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    run();
  };
}
