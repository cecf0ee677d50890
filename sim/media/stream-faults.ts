// StreamFaults: the switches that make a carrier's media streams misbehave, and what a twin keeps of all of them.
import type { EarOptions } from './ear.ts';
import { Planned } from './planned.ts';
import type { MediaStream } from './stream.ts';

/** What goes wrong with one stream; several may at once. */
export interface StreamFault {
  /** The socket breaks that long after the start, without a `stop`, ms. */
  readonly dropAfterMs?: number;
  /** Every second frame of the caller overtakes the one before it. */
  readonly reorders?: boolean;
  /** Every frame of the caller comes twice. */
  readonly duplicates?: boolean;
  /** The carrier stops reading what we send for a while. */
  readonly stall?: { readonly afterMs: number; readonly forMs: number };
  /** Marks are never sent back, not even after a clear. */
  readonly losesMarks?: boolean;
  /** A second socket with the same URL, signature and start comes that long after the first, ms. */
  readonly secondAfterMs?: number;
  /** The carrier connects that much later, ms. */
  readonly lateMs?: number;
  /** So many attempts to connect fail before they reach us. */
  readonly failedConnects?: number;
  /** The upgrade carries no signature, or a wrong one; only where the carrier signs it. */
  readonly signature?: 'none' | 'wrong';
  /** Plivo says `stop` before it closes; its pages disagree whether it does. */
  readonly saysStop?: boolean;
  /** Replaces the parameters we gave along, as a forger's would. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export class StreamFaults extends Planned<StreamFault> {
  /** Every stream the carrier began, in order. */
  readonly streams: MediaStream[] = [];
  /** How callers hear. */
  ear: EarOptions = {};
  /** Lets streams go to `ws://` on loopback without a tunnel; the real carriers take `wss://` only. */
  allowsPlain = false;
  /** Telnyx: on a call of one leg, sound for the `opposite` leg, which is the default, reaches the caller. */
  oppositeIsHeard = false;
  /** Plivo: a transfer waits until the running stream's socket is closed; its pages do not say. */
  transferWaits = false;
}

/** True when a stream that never opened is no surprise. */
export function spoilsConnect({ failedConnects, signature, parameters }: StreamFault): boolean {
  return (failedConnects ?? 0) > 0 || signature !== undefined || parameters !== undefined;
}
