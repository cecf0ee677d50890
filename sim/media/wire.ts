// Wire: one carrier's language on a media stream, both directions; a wire serves one stream and counts its messages.

/** What one message from the plugin asks for. */
export type Order =
  | { readonly kind: 'media'; readonly mulaw: Uint8Array }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'digits'; readonly digits: string }
  /** Not understood. `reply` is what the carrier sends back, where it says something. */
  | { readonly kind: 'bad'; readonly code: string | number; readonly why: string; readonly reply?: string };

export interface Wire {
  readonly streamId: string;
  /** Sent as soon as the socket is open. */
  opening(): readonly string[];
  /** 20 ms of the caller; `sinceMs` since the stream began, `atMs` on the clock. */
  media(mulaw: Uint8Array, when: { readonly sinceMs: number; readonly atMs: number }): string;
  digit(digit: string, atMs: number): string;
  mark(name: string): string;
  /** What answers a clear, beside marks. */
  cleared(): string | undefined;
  stop(): string | undefined;
  /** A clear sends back the marks that were waiting; otherwise they are forgotten. */
  readonly clearReturnsMarks: boolean;
  /** Sound beyond this is refused, ms. */
  readonly mostBufferedMs: number;
  read(text: string): Order;
}

/** The object a text holds, or undefined. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes a base64 text holds, or undefined when it is none. */
export function bytesIn(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || value === '' || !BASE64.test(value)) return undefined;
  return new Uint8Array(Buffer.from(value, 'base64'));
}

export function base64(mulaw: Uint8Array): string {
  return Buffer.from(mulaw.buffer, mulaw.byteOffset, mulaw.byteLength).toString('base64');
}
