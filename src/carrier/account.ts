// Account: what a carrier is asked about our account and our number before anybody calls, and how it is put right.
import type { WireRequest, WireResponse } from './carrier.ts';

/**
 * Questions to a carrier, one after the other: yields requests, is given the answers, returns what they mean. Pure:
 * whoever runs it has the network.
 */
export type Inquiry<Finding> = Generator<WireRequest, Finding, WireResponse>;

/** Something that is wrong, and what a person does about it. */
export interface Trouble {
  readonly why: string;
  readonly cure: string;
}

/** `unknown`: the carrier could not be asked, so nothing is known to be wrong. */
export type AccountFinding =
  | { readonly kind: 'good'; readonly about: string }
  | ({ readonly kind: 'bad' | 'unknown' } & Trouble);

/** One setting of our number at the carrier, by the name the carrier's console gives it. */
export interface ConsoleField {
  readonly name: string;
  /** What it is now; '' when it is empty. */
  readonly now: string;
  readonly wanted: string;
  /** True: calls we place need it too; false: only calls to us do. */
  readonly always: boolean;
}

export interface OurNumber {
  readonly kind: 'ours';
  /** Why it cannot carry calls; null when it can. */
  readonly mute: Trouble | null;
  /** Where in the carrier's console its settings are. */
  readonly place: string;
  /** Every setting we depend on, right or wrong. */
  readonly fields: readonly ConsoleField[];
  /** What else would be changed, or taken from, by putting this right; null when nothing would. */
  readonly bound: string | null;
  /** What we cannot put right by a request, though it is needed. */
  readonly beyondUs: Trouble | null;
  /**
   * Gives every field the value it should have, and nothing else another one; buys nothing. Returns why that was
   * not done, or null when it was.
   */
  readonly repair: () => Inquiry<string | null>;
}

export type NumberFinding = OurNumber | ({ readonly kind: 'foreign' | 'unknown' } & Trouble);

/** What each carrier answers about our account there. */
export interface CarrierAccount {
  /** The carrier as people write it. */
  readonly title: string;
  credentials(): Inquiry<AccountFinding>;
  /** `webhookUrl` is where calls to `number` (E.164) should lead; null when we have no address yet. */
  number(number: string, webhookUrl: string | null): Inquiry<NumberFinding>;
}

/** The fields that are not as they should be; `all` false: only those that calls we place need too. */
export function wrongFields({ fields }: Pick<OurNumber, 'fields'>, all = true): readonly ConsoleField[] {
  return fields.filter(({ now, wanted, always }) => now !== wanted && (all || always));
}

/** A field that matters to calls to us only. */
export function inboundField(name: string, now: string, wanted: string): ConsoleField {
  return { name, now, wanted, always: false };
}

/** The numbers that share a setting with ours; `count` is at least 1. */
export function otherNumbers(count: number): string {
  return count === 1 ? 'another number' : `${count} other numbers`;
}

/** For answers that say nothing about our question: outages, and what we did not foresee. */
export function unanswered(title: string, response: WireResponse): { readonly kind: 'unknown' } & Trouble {
  const why =
    response.kind === 'unreachable'
      ? `${title} could not be asked: ${response.why}`
      : `${title} could not be asked: it answered ${response.status}`;
  return {
    kind: 'unknown',
    why,
    cure: `Try again in a while; if it stays so, check the network of the Gateway and ${title}'s status page.`,
  };
}
