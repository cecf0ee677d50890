// A sweep that finds nothing is worth what it would find: rules of ours are broken on purpose.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sin } from './orders.ts';
import { sweep } from './sweep.ts';
import type { Invariant } from './trial.ts';

const sins: readonly (readonly [Sin, Invariant])[] = [
  ['dial before it is saved', 'I1'],
  ['forget replies', 'I4'],
  ['dial again after a restart', 'I2'],
];

describe('The crash sweep sees when we', () => {
  for (const [sin, invariant] of sins) {
    it(sin, async () => {
      const rows = await sweep({ step: 3, downMs: [1_000], only: 'twilio: we leave a message', sin });
      const found = rows.flatMap(({ trials }) => trials.flatMap(({ violations }) => violations));
      assert.ok(
        found.some((violation) => violation.startsWith(`${invariant}:`)),
        found.join('; '),
      );
    });
  }
});
