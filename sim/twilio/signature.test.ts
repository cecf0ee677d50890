// signature: held against the official validator and against recorded vectors.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import twilio from 'twilio';
import { sign, withDefaultPort } from './signature.ts';
import vectors from './signature-vectors.json' with { type: 'json' };

for (const { id, note, url, signed_url, params, secret, valid, signature } of vectors) {
  it(`${id}: ${note}`, () => {
    const made = sign(secret, valid ? signed_url : url, Object.entries(params));
    assert.equal(made === signature, valid);
  });
}

it('the official validator accepts what we sign, whatever the parameters', () => {
  const param = fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(fc.array(param), fc.webUrl({ withQueryParameters: true }), (pairs, url) => {
      const params = Object.entries(Object.fromEntries(pairs));
      const signature = sign('secret', url, params);
      assert.ok(twilio.validateRequest('secret', signature, url, Object.fromEntries(params)));
      assert.ok(!twilio.validateRequest('other', signature, url, Object.fromEntries(params)));
    }),
    { numRuns: 200 },
  );
});

it('a repeated key is signed once per different value, as the validator reads it', () => {
  const url = 'https://voice.example.test/a';
  const params = [
    ['K', 'b'],
    ['K', 'a'],
    ['K', 'b'],
  ] as const;
  assert.ok(twilio.validateRequest('secret', sign('secret', url, params), url, { K: ['b', 'a', 'b'] }));
});

it('the fragment is not signed, and the default port can be', () => {
  const url = 'https://voice.example.test/a?b=1';
  assert.equal(sign('secret', `${url}#rc=2`), sign('secret', url));
  assert.equal(withDefaultPort(url), 'https://voice.example.test:443/a?b=1');
  assert.equal(withDefaultPort('http://voice.example.test/'), 'http://voice.example.test:80/');
  assert.equal(withDefaultPort('https://voice.example.test:8443/'), 'https://voice.example.test:8443/');
});
