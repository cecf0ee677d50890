// Faults: the switches that make a Plivo twin misbehave the way the real carrier and the network do.
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
  /** Drop the connection without an answer, before or after having done what was asked. */
  | { readonly do: 'reset'; readonly done: boolean }
  /** Never answer, before or after having done what was asked. */
  | { readonly do: 'hang'; readonly done: boolean }
  /** Do it at once, answer later: the way webhooks overtake the create answer. */
  | { readonly do: 'slow'; readonly ms: number };

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

interface Rule<F, A> {
  readonly fault: F;
  readonly matches: (about: A) => boolean;
  left: number;
}

export class Faults {
  /** Told when one strikes, and on which call, where that is known. */
  onStruck: (fault: RestFault | HookFault, callId: string | undefined) => void = () => undefined;
  readonly #rest: Rule<RestFault, RestAction>[] = [];
  readonly #hooks: Rule<HookFault, HookView>[] = [];

  /** Switches a REST fault on, for `times` matching requests (default: all). Returns its off switch. */
  rest(fault: RestFault, options: { readonly only?: RestAction; readonly times?: number } = {}): () => void {
    const matches = (action: RestAction): boolean => options.only === undefined || options.only === action;
    return switchOn(this.#rest, { fault, matches, left: options.times ?? Number.POSITIVE_INFINITY });
  }

  /** Switches a webhook fault on, for `times` matching webhooks (default: all). Returns its off switch. */
  hook(
    fault: HookFault,
    options: { readonly only?: (hook: HookView) => boolean; readonly times?: number } = {},
  ): () => void {
    const matches = options.only ?? (() => true);
    return switchOn(this.#hooks, { fault, matches, left: options.times ?? Number.POSITIVE_INFINITY });
  }

  forRest(action: RestAction): RestFault | undefined {
    return take(this.#rest, action);
  }

  forHook(hook: HookView): HookFault | undefined {
    return take(this.#hooks, hook);
  }
}

function switchOn<F, A>(rules: Rule<F, A>[], rule: Rule<F, A>): () => void {
  rules.push(rule);
  return () => {
    rule.left = 0;
  };
}

function take<F, A>(rules: readonly Rule<F, A>[], about: A): F | undefined {
  const rule = rules.find((candidate) => candidate.left > 0 && candidate.matches(about));
  if (rule) rule.left--;
  return rule?.fault;
}
