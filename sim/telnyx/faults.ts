// Faults: what a Telnyx twin can be made to do wrong, the way the real carrier and the network do.
import { FaultSwitches, type RequestFault } from '../faults.ts';
import type { Fields } from './ledger.ts';

export type RestFault =
  /** Answer with this status and nothing done; 429 and 5xx carry Telnyx's bodies. `Retry-After` is in s. */
  { readonly do: 'status'; readonly status: number; readonly retryAfterS?: number } | RequestFault;

export type HookFault =
  /** The network loses this many deliveries of the event; without a number, all of them. */
  | { readonly do: 'drop'; readonly attempts?: number }
  | { readonly do: 'delay'; readonly ms: number }
  /** Deliver the event once more after `ms`, as a second attempt. */
  | { readonly do: 'duplicate'; readonly ms?: number }
  /** Hold it until the next event of the call was delivered: out of order. */
  | { readonly do: 'holdUntilNext' }
  /** Hold it until the hang-up of the call was delivered: late. */
  | { readonly do: 'holdUntilEnd' }
  /** Sign with a key that is not the account's. */
  | { readonly do: 'wrongKey' }
  | { readonly do: 'unsigned' }
  /** Sign with a time more than five minutes ago. */
  | { readonly do: 'stale' }
  /** Change the body after signing. */
  | { readonly do: 'tamper' };

/** What a rule may look at. */
export interface HookView {
  readonly type: string;
  readonly callId: string;
  readonly payload: Fields;
}

/** Told apart by the name of the action in the address of a request. */
export class Faults extends FaultSwitches<RestFault, string, HookFault, HookView> {}
