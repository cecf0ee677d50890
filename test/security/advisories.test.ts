// Tests of every advisory on every carrier; what belongs to live audio stands in the printed table, with its reason.
import { describe, it } from 'node:test';
import { CARRIERS } from '../conformance/exchanges.ts';
import { ADVISORIES } from './advisories.ts';

for (const { id, rule, attempt } of ADVISORIES) {
  if (typeof attempt !== 'function') continue;
  describe(`${id}: ${rule}`, () => {
    for (const carrier of CARRIERS) {
      it(`holds on ${carrier}`, async () => {
        await attempt(carrier);
      });
    }
  });
}
