// WorkletMessages: what the page and the thread of its sound tell each other.

export type ToWorklet =
  | { readonly kind: 'sound'; readonly samples: Float32Array }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' };

export type FromWorklet =
  | { readonly kind: 'heard'; readonly samples: Float32Array }
  | { readonly kind: 'played'; readonly mark: string };
