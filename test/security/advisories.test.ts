// Tests of every advisory on every carrier.
import { describe, it } from 'node:test';
import { CARRIERS } from '../conformance/exchanges.ts';
import { ADVISORIES } from './advisories.ts';

for (const { id, rule, attempt } of ADVISORIES) {
  describe(`${id}: ${rule}`, () => {
    for (const carrier of CARRIERS) {
      it(`holds on ${carrier}`, async () => {
        await attempt(carrier);
      });
    }
  });
}
