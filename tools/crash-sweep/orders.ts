// Orders: what the sweep tells the process it is going to kill, and what that answers.

import type { Mode } from '../../src/call/call.ts';
import type { Settings } from '../../src/config/settings.ts';

/** A rule of ours broken on purpose, to see that the sweep would notice. */
export const SINS = ['dial before it is saved', 'forget replies', 'dial again after a restart'] as const;
export type Sin = (typeof SINS)[number];

export interface Start {
  readonly kind: 'start';
  readonly settings: Settings;
  readonly storeDir: string;
  /** What its clock says; from then on the sweep moves it. */
  readonly nowMs: number;
  /** The point, counted from 1, at which it dies; null: never. */
  readonly dieAt: number | null;
  readonly streams: boolean;
  readonly sin: Sin | null;
}

export type ToVictim =
  | Start
  | { readonly kind: 'settle' }
  | { readonly kind: 'advance'; readonly toMs: number }
  | { readonly kind: 'place'; readonly mode: Mode; readonly to: string }
  | { readonly kind: 'end' };

/** The answer to every order, once the process has come to rest. */
export interface FromVictim {
  readonly port: number;
  /** When its next timer is due; null when it waits for nothing. */
  readonly nextAt: number | null;
  /** Grows with everything it does. */
  readonly moves: number;
  /** The points it has passed, in order. */
  readonly points: readonly string[];
  /** What went wrong that nobody should see: errors in its log. */
  readonly faults: readonly string[];
  /** What its health says, by code. */
  readonly troubles: readonly string[];
}
