// Reload: what an edit of the configuration needs: nothing but the next call, or the telephone built anew.
import { isDeepStrictEqual } from 'node:util';
import { schemaTree } from './keys.ts';
import type { CarrierSettings, Settings } from './settings.ts';

/** What differs between two configurations, in our words. */
export function changedKeys(before: Settings, after: Settings): readonly (keyof Settings)[] {
  const keys = Object.keys(after) as (keyof Settings)[];
  return keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

/** Whether the telephone must be built anew for these changes; the schema says of which settings it is built. */
export function needsNewHouse(changed: readonly (keyof Settings)[]): boolean {
  const built = new Set(Object.values(schemaTree().properties ?? {}).map(({ rebuilds }) => rebuilds));
  return changed.some((key) => built.has(key));
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
