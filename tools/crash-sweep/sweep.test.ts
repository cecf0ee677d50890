// The sweep in small: nothing is violated on any carrier. `npm run crash-sweep` tries every point.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sweep } from './sweep.ts';

it('The crash sweep finds nothing wrong', async () => {
  const rows = await sweep({ step: 24, only: '', sin: null });
  const trials = rows.flatMap((row) => row.trials.map((trial) => ({ ...row, ...trial })));
  const bad = trials.filter(({ violations }) => violations.length > 0);
  assert.deepEqual(
    bad.map(({ carrier, scenario, point, violations }) => ({ carrier, scenario, point, violations })),
    [],
  );
  assert.ok(trials.filter(({ hasDied }) => hasDied).length > 50, 'it has not died often enough');
});
