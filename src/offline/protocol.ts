// Protocol: the messages between the Gateway's loop and the threads of the embedded voice and ear. Plain data.

/** What a thread starts with: it speaks or it hears. */
export interface OfflineStart {
  readonly role: 'voice' | 'ear';
  /** Where the parts lie. */
  readonly folder: string;
}

export type ToOffline =
  | { readonly kind: 'speak'; readonly id: number; readonly text: string }
  | { readonly kind: 'open'; readonly id: number }
  | { readonly kind: 'hear'; readonly id: number; readonly mulaw: Uint8Array }
  | { readonly kind: 'close'; readonly id: number };

export type FromOffline =
  | { readonly kind: 'ready' }
  /** A WAV file. */
  | { readonly kind: 'spoken'; readonly id: number; readonly wav: Uint8Array }
  | { readonly kind: 'partial' | 'final'; readonly id: number; readonly text: string }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };
