// OverloadWire: what the bench of a full machine and the telephone it fills tell each other.

export const OUR_NUMBER = '+15550000001';
export const ORIGIN = 'https://voice.example.test';
export const PUBLIC_URL = `${ORIGIN}/voice/webhook`;
export const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-bench' } as const;

export type ToHouse = { readonly kind: 'look' } | { readonly kind: 'leave' };

export type FromHouse =
  | { readonly kind: 'ready'; readonly port: number }
  /** Why it takes no more calls; null: it does. */
  | { readonly kind: 'looked'; readonly full: string | null };
