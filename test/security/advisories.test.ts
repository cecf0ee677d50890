// Tests of every advisory on every carrier; what belongs to live audio is skipped with its reason.
import { describe, it } from 'node:test';
import { CARRIERS } from '../conformance/exchanges.ts';
import { ADVISORIES } from './advisories.ts';

for (const { id, rule, attempt } of ADVISORIES) {
  describe(`${id}: ${rule}`, () => {
    for (const carrier of CARRIERS) {
      const skip = typeof attempt === 'function' ? false : attempt.later;
      it(`holds on ${carrier}`, { skip }, async () => {
        if (typeof attempt === 'function') await attempt(carrier);
      });
    }
  });
}
