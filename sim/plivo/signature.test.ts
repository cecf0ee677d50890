// signature: the twin signs as the recorded vectors, the official validator and our own verifier expect.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { validateV3Signature } from 'plivo/dist/utils/v3Security.js';
import fixture from '../../test/wire/plivo/signature-vectors.json' with { type: 'json' };
import { type Params, signV2, signV3 } from './signature.ts';

const TOKEN = 'throw-away-token';

it('the recorded genuine signatures are made again', () => {
  let made = 0;
  for (const { id, scheme, valid, url, headers, body, secret, method } of fixture.vectors) {
    if (!valid) continue;
    const given = new Map(Object.entries(headers));
    const main = scheme.endsWith('-ma') ? 'Ma-' : '';
    const version = scheme.startsWith('v2') ? 'V2' : 'V3';
    const nonce = given.get(`X-Plivo-Signature-${version}-Nonce`) ?? '';
    const expected = given.get(`X-Plivo-Signature-${main}${version}`) ?? '';
    const params: Params = method === 'POST' ? [...new URLSearchParams(body)] : [];
    const signature =
      version === 'V2'
        ? signV2(secret, url, nonce)
        : signV3(secret, { url, nonce, params, signsAs: 'library' });
    assert.ok(expected.split(',').includes(signature), id);
    made += 1;
  }
  assert.ok(made > 10);
});

it('the official validator accepts forms with and without a query, and not when they change', () => {
  const params: Params = [
    ['Speech', 'Zürich & 1+1'],
    ['CallUUID', 'x'],
    ['k', 'b'],
    ['k', 'a'],
  ];
  const grouped = { Speech: 'Zürich & 1+1', CallUUID: 'x', k: ['b', 'a'] };
  for (const url of ['https://voice.example.test/w', 'https://voice.example.test/w?b=%C3%A4+1&a=2#rc=1']) {
    const signature = signV3(TOKEN, { url, nonce: '7', params, signsAs: 'library' });
    assert.equal(validateV3Signature('POST', url, '7', TOKEN, signature, grouped), true);
    assert.equal(validateV3Signature('POST', url, '8', TOKEN, signature, grouped), false);
    assert.equal(validateV3Signature('POST', url, '7', TOKEN, signature, { ...grouped, k: 'a' }), false);
  }
});

it('the documentation differs only for a form to an address without a query', () => {
  const params: Params = [['a', '1']];
  const both = (url: string, fields = params): readonly string[] =>
    (['library', 'documentation'] as const).map((signsAs) =>
      signV3(TOKEN, { url, nonce: '7', params: fields, signsAs }),
    );
  const [library, documented] = both('https://voice.example.test/w');
  assert.notEqual(library, documented);
  for (const [one, other] of [
    both('https://voice.example.test/w?b=1'),
    both('https://voice.example.test/w', []),
  ]) {
    assert.equal(one, other);
  }
});
