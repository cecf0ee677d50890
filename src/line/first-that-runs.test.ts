// Tests of the choice between what is best and what always runs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstThatRuns } from './first-that-runs.ts';

describe('Of two ways to make something', () => {
  it('the best is used where it runs', () => {
    const make = firstThatRuns(
      () => 'best',
      () => 'other',
      () => assert.fail('nothing to complain of'),
    );
    assert.equal(make(), 'best');
  });

  it('the other is used where it does not, and somebody is told', () => {
    const complaints: unknown[] = [];
    const broken = (): string => {
      throw new Error('not on this machine');
    };
    const make = firstThatRuns(
      broken,
      () => 'other',
      (error) => complaints.push(error),
    );
    assert.equal(make(), 'other');
    assert.match(String(complaints), /not on this machine/);
  });
});
