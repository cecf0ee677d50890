// Tests of Nearest.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from './nearest.ts';

describe('the nearest word', () => {
  it('is the one with the fewest letters to change', () => {
    assert.equal(nearest('languge', ['voice', 'language', 'store']), 'language');
    assert.equal(nearest('PROVIDER', ['publicUrl', 'provider']), 'provider');
  });

  it('the distance is zero only for equal words, and the same in both directions', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(editDistance(a, b), editDistance(b, a));
        assert.equal(editDistance(a, b) === 0, a === b);
        assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
      }),
    );
  });

  it('counts insertions, removals and replacements', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('', 'abc'), 3);
  });
});
