// CallStatus: one call or the latest ones as the outside sees them, from the running telephone or from its store.
import type { Call } from '../call/call.ts';
import { type PublicCall, publicView } from '../call/public-view.ts';

export type { PublicCall, PublicEntry } from '../call/public-view.ts';

/** Where calls can be looked up; the running telephone and its journal both are one. */
export interface CallSource {
  /** By our id or the carrier's. */
  find(id: string): Call | null;
  /** Open calls first, then the latest ended. */
  list(limit: number): readonly Call[];
}

export type CallStatus =
  | { readonly found: false }
  | { readonly found: true; readonly call: PublicCall }
  | { readonly found: true; readonly calls: readonly PublicCall[] };

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 200;

export function statusOf(source: CallSource, callId: string | undefined, limit = DEFAULT_LIMIT): CallStatus {
  if (callId === undefined) return { found: true, calls: source.list(limit).map(publicView) };
  const call = source.find(callId);
  return call ? { found: true, call: publicView(call) } : { found: false };
}
