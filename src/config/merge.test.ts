// Tests of Merge: what wins, what stays, and that no prototype is ever touched.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { merged, type Options } from './merge.ts';

describe('options laid over options', () => {
  it('are merged all the way down; lists and values are replaced', () => {
    const base = { a: { b: 1, c: [1, 2], d: { e: 1 } }, f: 1 };
    const over = { a: { c: [3], d: { g: 2 } }, f: { h: 1 } };
    assert.deepEqual(merged(base, over), { a: { b: 1, c: [3], d: { e: 1, g: 2 } }, f: { h: 1 } });
  });

  it('keep what is there where nothing is said', () => {
    assert.deepEqual(merged({ a: 1 }, { a: undefined }), { a: 1 });
    assert.deepEqual(merged({ a: 1 }, { a: null }), { a: null });
  });

  it('never reach a prototype, at any depth', () => {
    const evil = JSON.parse(
      '{"__proto__": {"p": 1}, "a": {"__proto__": {"p": 1}, "constructor": 2}, "prototype": 3}',
    );
    for (const result of [merged(evil, {}), merged({}, evil), merged({ a: { x: 1 } }, evil)]) {
      const inner = result['a'] as Options;
      assert.equal(Reflect.get({}, 'p'), undefined);
      assert.equal(inner['p'], undefined);
      assert.equal(Object.getPrototypeOf(inner), Object.prototype);
      for (const key of ['__proto__', 'prototype', 'constructor']) {
        assert.equal(Object.hasOwn(result, key), false);
        assert.equal(Object.hasOwn(inner, key), false);
      }
    }
  });

  it('leave both as they were, and laid over twice are laid over once', () => {
    const options = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(options, options, (base, over) => {
        const before = JSON.stringify([base, over]);
        const once = merged(base, over);
        assert.deepEqual(merged(once, over), once);
        assert.equal(JSON.stringify([base, over]), before);
      }),
    );
  });
});
