// Story: one call as the person on it lived it, and the faults that struck it.
import type { CarrierName, Mode } from './wire.ts';

/** A stretch of our voice that reached the person, ms on the clock. */
export interface Sound {
  readonly from: number;
  readonly to: number;
  /** Nothing more is owed after it: a greeting, the last sentence of an answer, an apology. Not a filler. */
  readonly isLast: boolean;
}

/** What the person said that asks for an answer. */
export interface Words {
  readonly from: number;
  readonly to: number;
  /** They broke in on us. */
  readonly isInterruption: boolean;
}

export interface Story {
  readonly carrier: CarrierName;
  readonly mode: Mode;
  /** The carrier's id of the call. */
  readonly id: string;
  /** Their number: nobody is on two calls. */
  readonly person: string;
  readonly isInbound: boolean;
  readonly answeredAt: number | null;
  readonly endedAt: number;
  readonly endedBy: 'plugin' | 'person' | 'carrier';
  readonly why: string;
  /** When we were asked to end it; null: we were not. From then on nothing is owed. */
  readonly endAskedAt: number | null;
  readonly sounds: readonly Sound[];
  readonly words: readonly Words[];
}

/** Everything that is made to go wrong. */
export const STRIKES = [
  ...(['agent failed', 'slow agent', 'voice failed', 'slow voice model'] as const),
  ...(['transcriber cut off', 'voice model cut off', 'media socket dropped'] as const),
  ...(['transcriber restarted', 'voice restarted', 'agent restarted', 'voice model restarted'] as const),
  ...(['carrier API down', 'carrier API 503', 'carrier API reset', 'carrier API silent'] as const),
  ...(['carrier API slow', 'webhook twice', 'webhook late', 'webhooks out of order'] as const),
  ...(['webhook after the end', 'webhook lost'] as const),
] as const;
export type StrikeKind = (typeof STRIKES)[number];
/** Whom a fault struck that struck no call: a request for a new one. */
export const NOBODY = 'nobody';

/** A fault that was injected, and until when its effects excuse us. */
export interface Strike {
  readonly kind: StrikeKind;
  readonly from: number;
  readonly to: number;
  /** Whom it struck, somebody of `carrier` or not; absent: everybody of `carrier` and `modes`. */
  readonly person?: string;
  readonly carrier?: CarrierName;
  readonly modes?: readonly Mode[];
}

export function strikes(strike: Strike, story: Pick<Story, 'carrier' | 'mode' | 'person'>): boolean {
  if (strike.person !== undefined) return strike.person === story.person;
  if (strike.carrier !== undefined && strike.carrier !== story.carrier) return false;
  return strike.modes === undefined || strike.modes.includes(story.mode);
}

export interface CallersSample {
  readonly carrier: CarrierName;
  readonly live: number;
  /** How late the carrier's own clockwork was since the sample before, ms: what the machine is to blame for. */
  readonly lateMs: number;
  readonly cpuMs: number;
  /** What the carrier noted as wrong with what we sent, by its code. */
  readonly problems: Readonly<Record<string, number>>;
}
