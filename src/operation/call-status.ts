// CallStatus: one call or the latest ones as the outside sees them, from the running telephone or from its store.
import { type PublicCall, publicView } from '../call/public-view.ts';

import type { CallQuery } from '../record/history.ts';
import type { CallSource } from '../record/source.ts';

export type { PublicCall, PublicEntry } from '../call/public-view.ts';
export type { CallQuery } from '../record/history.ts';
export type { CallSource } from '../record/source.ts';

export type CallStatus =
  | { readonly found: false }
  | { readonly found: true; readonly call: PublicCall }
  | {
      readonly found: true;
      readonly calls: readonly PublicCall[];
      /** Given as `before`, it lists the calls after these; absent when there are none. */
      readonly next?: string;
    };

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 200;

export function statusOf(source: CallSource, callId: string | undefined, query: CallQuery): CallStatus {
  if (callId === undefined) {
    const { calls, next } = source.page(query);
    return { found: true, calls: calls.map(publicView), ...(next !== null && { next }) };
  }
  const call = source.find(callId);
  return call ? { found: true, call: publicView(call) } : { found: false };
}
