// Wire: what the processes of a load test tell each other; who is called, and on which of the telephones under test.
import type { Step } from '../../src/record/journal.ts';
import type { AppSample, RecordedCall } from './evidence.ts';
import type { CallersSample, Story, Strike } from './story.ts';

export const CARRIERS = ['twilio', 'telnyx', 'plivo'] as const;
export const MODES = ['speech', 'streaming', 'realtime'] as const;
export type CarrierName = (typeof CARRIERS)[number];
/** Who hears and speaks: the carrier; we, over a media stream; a voice model, over one too. */
export type Mode = (typeof MODES)[number];

/** One telephone: one carrier, one mode. */
export interface Line {
  readonly carrier: CarrierName;
  readonly mode: Mode;
}

export const LINES: readonly Line[] = CARRIERS.flatMap((carrier) => MODES.map((mode) => ({ carrier, mode })));

export function nameOf({ carrier, mode }: Line): string {
  return `${carrier} ${mode}`;
}

/** The number of ours that people call. */
export function ourNumber(line: Line): string {
  return `+1555900000${LINES.findIndex((one) => nameOf(one) === nameOf(line))}`;
}

/** A number for somebody nobody has spoken to yet. */
export function theirNumber(carrier: CarrierName, nth: number): string {
  return `+1555${CARRIERS.indexOf(carrier) + 1}${String(nth).padStart(6, '0')}`;
}

export function publicOrigin({ carrier, mode }: Line): string {
  return `https://${carrier}-${mode}.example.test`;
}

export const WEBHOOK_PATH = '/voice/webhook';

export const ACCOUNTS = {
  twilio: { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-load-test' },
  telnyx: { apiKey: 'KEY-of-a-load-test', connectionId: '7267000000000000001' },
  plivo: { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: 'auth-token-of-a-load-test' },
} as const;

/** Where a carrier's API is; Telnyx signs with a key of its own. */
export interface CarrierAt {
  readonly apiBaseUrl: string;
  readonly publicKey: string;
}

/** Ports of the services behind the voices. */
export interface Services {
  readonly ear: number;
  readonly voice: number;
  readonly agent: number;
  readonly model: number;
}

export interface HouseStart {
  readonly carriers: Readonly<Record<CarrierName, CarrierAt>>;
  readonly services: Services;
}

export type ToHouse =
  | { readonly kind: 'place'; readonly line: Line; readonly to: string }
  | { readonly kind: 'end'; readonly line: Line; readonly id: string }
  | { readonly kind: 'sample' }
  | { readonly kind: 'records' }
  /** What the journal has of these calls, by the ids of the carrier. */
  | { readonly kind: 'steps'; readonly of: readonly (Line & { readonly id: string })[] }
  | { readonly kind: 'stop' };
export type FromHouse =
  | { readonly kind: 'ready'; readonly ports: Readonly<Record<string, number>> }
  | { readonly kind: 'placed'; readonly to: string; readonly why: string | null }
  | { readonly kind: 'sample'; readonly sample: AppSample }
  | { readonly kind: 'records'; readonly records: readonly RecordedCall[] }
  | { readonly kind: 'steps'; readonly steps: readonly (readonly Step[])[] };

export type ToCallers =
  | { readonly kind: 'ports'; readonly ports: Readonly<Record<string, number>> }
  /** So many calls at a time on each line from now on; none ends those that are on. */
  | { readonly kind: 'keep'; readonly calls: Readonly<Record<string, number>>; readonly faults: boolean }
  | { readonly kind: 'sample' }
  | { readonly kind: 'stop' };
export type FromCallers =
  | ({ readonly kind: 'ready' } & CarrierAt)
  | { readonly kind: 'place'; readonly line: Line; readonly to: string }
  | { readonly kind: 'end'; readonly line: Line; readonly id: string }
  | { readonly kind: 'over'; readonly story: Story }
  | { readonly kind: 'struck'; readonly strike: Strike }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'sample'; readonly sample: CallersSample };

export type ToServices =
  | { readonly kind: 'faults'; readonly on: boolean }
  | { readonly kind: 'sample' }
  | { readonly kind: 'stop' };
export type FromServices =
  | { readonly kind: 'ready'; readonly services: Services }
  | { readonly kind: 'struck'; readonly strike: Strike }
  | { readonly kind: 'sample'; readonly cpuMs: number };
