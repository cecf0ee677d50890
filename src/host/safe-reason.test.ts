// Tests of SafeReason: what a provider says went wrong reaches the log without its keys.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { safeReason } from './safe-reason.ts';

describe('what a provider says went wrong', () => {
  it('keeps its words', () => {
    assert.equal(
      safeReason(new Error('model not found: gpt-realtime-9'), {}),
      'model not found: gpt-realtime-9',
    );
    assert.equal(safeReason('socket hang up', null), 'socket hang up');
  });

  it('loses every key there is in the options, however deep', () => {
    const options = {
      openai: { apiKey: 'my-own-secret', nested: { headers: { 'x-token': 'other-secret' } } },
    };
    const text = safeReason(new Error('my-own-secret and other-secret were refused'), options);
    assert.equal(text, '*** and *** were refused');
  });

  it('keeps what only looks like an option', () => {
    assert.equal(
      safeReason('voice cedar is unknown', { voice: 'cedar', apiKey: 'voice' }),
      'voice cedar is unknown',
    );
  });

  it('loses keys it does not know, whole or half hidden, and what addresses carry behind a question mark', () => {
    const cases: readonly [text: string, expected: string][] = [
      ['Incorrect API key provided: sk-proj-abcdefgh.', 'Incorrect API key provided: ***'],
      ['Incorrect API key provided: sk-ab********wxyz.', 'Incorrect API key provided: ***'],
      ['API key AIzaSyA1234567890 not valid', 'API key *** not valid'],
      ['refused Authorization: Bearer eyJhbGciOi.abc', 'refused Authorization: ***'],
      ['wss://host/v1/live?key=abc&x=1 closed', 'wss://host/v1/live*** closed'],
    ];
    for (const [text, expected] of cases) assert.equal(safeReason(text, {}), expected);
  });

  it('is one short line, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const safe = safeReason(text, {});
        assert.ok(safe.length <= 200);
        assert.doesNotMatch(safe, /\p{Cc}/u);
      }),
    );
  });
});
