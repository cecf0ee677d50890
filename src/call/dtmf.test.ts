// Keys as people write them and as the core keeps them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_DIGITS, parseDtmf } from './dtmf.ts';

describe('Telephone keys', () => {
  it('become keys and half-second pauses only', () => {
    assert.deepEqual(parseDtmf('ww123#'), { ok: true, digits: 'ww123#' });
    assert.deepEqual(parseDtmf('1,2p3W*a'), { ok: true, digits: '1ww2ww3ww*A' });
  });

  it('are refused when they are anything else, with the documented sentence', () => {
    for (const written of ['', '12e', '1 2', '１', '1;2', '+1', '1\n']) {
      const parsed = parseDtmf(written);
      assert.ok(!parsed.ok, written);
      assert.equal(parsed.why, 'digits may only contain digits, *, #, comma, w, p');
    }
  });

  it('are refused when they would take for ever, counted with their pauses', () => {
    assert.ok(parseDtmf('1'.repeat(MAX_DIGITS)).ok);
    assert.ok(!parseDtmf('1'.repeat(MAX_DIGITS + 1)).ok);
    assert.ok(!parseDtmf(','.repeat(MAX_DIGITS / 2 + 1)).ok);
  });

  it('stay as they are when they are canonical already', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-D*#w]{1,40}$/), (digits) => {
        assert.deepEqual(parseDtmf(digits), { ok: true, digits });
      }),
    );
  });
});
