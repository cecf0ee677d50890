// Reload: what an edit of the configuration needs: nothing but the next call, or the telephone built anew.
import { isDeepStrictEqual } from 'node:util';
import type { CarrierSettings, Settings } from './settings.ts';

/**
 * `call`: read anew for every call, so an edit is there with the next one and the telephone is not touched.
 * `house`: the telephone is built from it; an edit builds another one, and calls in progress move there.
 */
type Needs = 'call' | 'house';

const NEEDS: Readonly<Record<keyof Settings, Needs>> = {
  enabled: 'house',
  carrier: 'house',
  fromNumber: 'call',
  toNumber: 'call',
  inboundPolicy: 'call',
  allowFrom: 'call',
  inboundGreeting: 'call',
  numbers: 'call',
  defaultMode: 'call',
  notifyHangupDelayMs: 'call',
  maxDurationMs: 'call',
  ringTimeoutMs: 'call',
  transcriptTimeoutMs: 'call',
  maxConcurrentCalls: 'call',
  maxInboundCalls: 'call',
  staleAfterMs: 'call',
  outbound: 'call',
  retentionMs: 'call',
  serve: 'house',
  publicUrl: 'house',
  tunnel: 'house',
  forwarding: 'house',
  skipSignatureVerification: 'house',
  shutdownDrainMs: 'call',
  agentId: 'call',
  sessionScope: 'call',
  responseModel: 'call',
  responseSystemPrompt: 'call',
  responseTimeoutMs: 'call',
  language: 'call',
  voice: 'call',
  tts: 'call',
  streaming: 'house',
  realtime: 'house',
  silenceTimeoutMs: 'call',
  store: 'house',
};

const KEYS = Object.keys(NEEDS) as (keyof Settings)[];

/** What differs between two configurations, in our words. */
export function changedKeys(before: Settings, after: Settings): readonly (keyof Settings)[] {
  return KEYS.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

/** Whether the telephone must be built anew for these changes. */
export function needsNewHouse(changed: readonly (keyof Settings)[]): boolean {
  return changed.some((key) => NEEDS[key] === 'house');
}

/** Whether the calls of one can go on in the other: it is the same customer of the same carrier, and the same store. */
export function keepsCalls(before: Settings, after: Settings): boolean {
  return before.store === after.store && accountOf(before.carrier) === accountOf(after.carrier);
}

function accountOf(carrier: CarrierSettings): string {
  switch (carrier.name) {
    case 'twilio':
      return `${carrier.name} ${carrier.accountSid}`;
    case 'telnyx':
      return `${carrier.name} ${carrier.connectionId}`;
    case 'plivo':
      return `${carrier.name} ${carrier.authId}`;
    case 'mock':
      // Its people live in the exchange of one telephone and go with it.
      return 'mock';
  }
}
