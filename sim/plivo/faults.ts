// Faults: what a Plivo twin can be made to do wrong, the way the real carrier and the network do.
import { FaultSwitches, type RequestFault } from '../faults.ts';
import type { HookKind } from './ledger.ts';
import type { Params } from './signature.ts';

export type RestAction =
  | 'create'
  | 'transfer'
  | 'hangup'
  | 'cancel'
  | 'status'
  | 'dtmf'
  | 'speak'
  | 'account';

export type RestFault =
  /** Answer with this status and nothing done. */
  | {
      readonly do: 'status';
      readonly status: number;
      readonly error?: string;
      /** Told in `Retry-After`, s. */
      readonly retryAfterS?: number;
    }
  | RequestFault;

export type HookFault =
  /** Lose it: a notification is gone, a document request runs into the deadline. */
  | { readonly do: 'drop' }
  | { readonly do: 'delay'; readonly ms: number }
  /** Send the same content once more after `ms`, under a new nonce; the answer to the copy is ignored. */
  | { readonly do: 'duplicate'; readonly ms?: number }
  /** Hold it until the hang-up notification of the call was answered: late. */
  | { readonly do: 'holdUntilEnd' }
  | { readonly do: 'wrongToken' }
  | { readonly do: 'unsigned' }
  /** Only the deprecated V2 headers. */
  | { readonly do: 'onlyV2' }
  /** Change the caller's number after signing. */
  | { readonly do: 'tamper' };

/** What a rule may look at. */
export interface HookView {
  readonly kind: HookKind;
  readonly callUuid: string;
  readonly url: string;
  readonly params: Params;
}

export class Faults extends FaultSwitches<RestFault, RestAction, HookFault, HookView> {}
