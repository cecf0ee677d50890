// Faults: what a Twilio twin can be made to do wrong, the way the real carrier and the network do.
import { FaultSwitches, type RequestFault } from '../faults.ts';
import type { HookKind } from './ledger.ts';
import type { Params } from './signature.ts';

export type RestAction = 'create' | 'update' | 'fetch' | 'delete' | 'account';

export type RestFault =
  /** Answer with this status and nothing done; 429 and 503 carry Twilio's bodies. */
  | {
      readonly do: 'status';
      readonly status: number;
      readonly code?: number;
      /** Told in `Retry-After`, s. */
      readonly retryAfterS?: number;
    }
  | RequestFault;

export type HookFault =
  /** Lose it: a status callback is gone, a document request runs into the deadline. */
  | { readonly do: 'drop' }
  | { readonly do: 'delay'; readonly ms: number }
  /** Send the identical request once more after `ms`; the answer to the copy is ignored. */
  | { readonly do: 'duplicate'; readonly ms?: number }
  /** Hold it until the next status callback of the call was answered: out of order. */
  | { readonly do: 'holdUntilNext' }
  /** Hold it until the final status callback of the call was answered: late. */
  | { readonly do: 'holdUntilEnd' }
  | { readonly do: 'wrongToken' }
  | { readonly do: 'unsigned' }
  /** Change the caller's number after signing. */
  | { readonly do: 'tamper' };

/** What a rule may look at. */
export interface HookView {
  readonly kind: HookKind;
  readonly callSid: string;
  /** The CallStatus parameter. */
  readonly status: string;
  readonly url: string;
  readonly params: Params;
}

export class Faults extends FaultSwitches<RestFault, RestAction, HookFault, HookView> {}
