// Faults: the switches that make a twin misbehave the way the real carrier and the network do.
import type { Fields } from './ledger.ts';

export type RestFault =
  /** Answer with this status and nothing done; 429 and 5xx carry Telnyx's bodies. `Retry-After` is in s. */
  | { readonly do: 'status'; readonly status: number; readonly retryAfterS?: number }
  /** Drop the connection without an answer, before or after having done what was asked. */
  | { readonly do: 'reset'; readonly done: boolean }
  /** Never answer, before or after having done what was asked. */
  | { readonly do: 'hang'; readonly done: boolean }
  /** Do it at once, answer later: the way webhooks overtake the dial answer. */
  | { readonly do: 'slow'; readonly ms: number };

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

interface Rule<F, A> {
  readonly fault: F;
  readonly matches: (about: A) => boolean;
  left: number;
}

export class Faults {
  /** Told when one strikes, and on which call, where that is known. */
  onStruck: (fault: RestFault | HookFault, callId: string | undefined) => void = () => undefined;
  readonly #rest: Rule<RestFault, string>[] = [];
  readonly #hooks: Rule<HookFault, HookView>[] = [];

  /** Switches a REST fault on, for `times` requests of that action (default: all). Returns its off switch. */
  rest(fault: RestFault, options: { readonly only?: string; readonly times?: number } = {}): () => void {
    const matches = (action: string): boolean => options.only === undefined || options.only === action;
    return switchOn(this.#rest, { fault, matches, left: options.times ?? Number.POSITIVE_INFINITY });
  }

  /** Switches a webhook fault on, for `times` matching events (default: all). Returns its off switch. */
  hook(
    fault: HookFault,
    options: { readonly only?: (hook: HookView) => boolean; readonly times?: number } = {},
  ): () => void {
    const matches = options.only ?? (() => true);
    return switchOn(this.#hooks, { fault, matches, left: options.times ?? Number.POSITIVE_INFINITY });
  }

  forRest(action: string): RestFault | undefined {
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
