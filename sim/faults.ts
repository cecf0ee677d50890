// Faults: the switches that make a twin misbehave the way the real carrier and the network do, whichever carrier it is.

/** What may go wrong with a request to any carrier's API. */
export type RequestFault =
  /** Drop the connection without an answer, before or after having done what was asked. */
  | { readonly do: 'reset'; readonly done: boolean }
  /** Never answer, before or after having done what was asked. */
  | { readonly do: 'hang'; readonly done: boolean }
  /** Do it at once, answer after `ms`: the way webhooks overtake the answer to a new call. */
  | { readonly do: 'slow'; readonly ms: number };

interface Rule<Fault, About> {
  readonly fault: Fault;
  readonly matches: (about: About) => boolean;
  left: number;
}

/** `Action`: what a request asks for; `HookView`: what a rule may look at of a webhook. */
export class FaultSwitches<RestFault, Action extends string, HookFault, HookView> {
  /** Told when one strikes, and on which call, where that is known. */
  onStruck: (fault: RestFault | HookFault, callId: string | undefined) => void = () => undefined;
  readonly #rest: Rule<RestFault, Action>[] = [];
  readonly #hooks: Rule<HookFault, HookView>[] = [];

  /** Switches a REST fault on, for `times` matching requests (default: all). Returns its off switch. */
  rest(fault: RestFault, options: { readonly only?: Action; readonly times?: number } = {}): () => void {
    const matches = (action: Action): boolean => options.only === undefined || options.only === action;
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

  forRest(action: Action): RestFault | undefined {
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
