// Tests of verify.ts: the official validator is the judge, on recorded signatures and on mutated ones.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { validateV3Signature } from 'plivo/dist/utils/v3Security.js';
import { hungUp, options, signedForm, visit } from '../../../test/wire/plivo/samples.ts';
import fixture from '../../../test/wire/plivo/signature-vectors.json' with { type: 'json' };
import type { WebhookRequest } from '../carrier.ts';
import { verify } from './verify.ts';

const account = { authId: options.authId, authToken: options.authToken };
const accepts = (request: WebhookRequest): boolean => verify(request, account).ok;
const keyOf = (request: WebhookRequest): string => {
  const verdict = verify(request, account);
  return verdict.ok ? verdict.replayKey : assert.fail(verdict.why);
};

describe('a recorded signature is judged as by the official library:', () => {
  for (const vector of fixture.vectors) {
    const { id, note, method, url, body, secret, valid, scheme } = vector;
    const given: Record<string, string> = {};
    for (const [name, value] of Object.entries(vector.headers)) given[name.toLowerCase()] = value;
    const request = (headers: Record<string, string>): WebhookRequest => {
      return { method, path: '/', headers, body, urls: [url] };
    };
    it(`${id}, ${note}`, () => {
      // Beside the main account's signature there is always the sub-account's, which is none of ours here.
      const headers = scheme === 'v3-ma' ? { 'x-plivo-signature-v3': 'AAAA', ...given } : given;
      const expected = scheme.startsWith('v3') && valid;
      assert.equal(verify(request(headers), { ...account, authToken: secret }).ok, expected);
    });
  }
});

const url = 'https://voice.example.test/voice/webhook?callId=x&flow=next&n=1';
const over = visit('flow=hangup&n=0', hungUp);

const name = fc.constantFrom('a', 'A', 'b', 'ab', 'Speech', 'CallUUID', 'é');
const value = fc.oneof(fc.constantFrom('', '1', '2', 'b1', ' ', '+', '%'), fc.string({ unit: 'grapheme' }));
const pairs = fc.array(fc.tuple(name, value), { maxLength: 6 });
const base = fc.constantFrom(
  'https://voice.example.test/voice/webhook',
  'https://voice.example.test:8443/voice/webhook',
  'https://voice.example.test:443/w',
  'http://voice.example.test/a/b',
  'https://voice.example.test/',
);

it('the official validator agrees on any form sent to any address, genuine or forged', () => {
  let valid = 0;
  const change = fc.constantFrom('nothing', 'nothing', 'nothing', 'body', 'query', 'nonce', 'host');
  fc.assert(
    fc.property(base, pairs, pairs, change, (address, query, fields, forged) => {
      const asked = new URLSearchParams(query.map(([key, text]): [string, string] => [key, text])).toString();
      const grouped = groupsOf(fields);
      const sent = asked === '' ? address : `${address}?${asked}`;
      const form = new URLSearchParams(fields.map(([key, text]): [string, string] => [key, text])).toString();
      const signed = libraryForm(sent, fields);
      const signature = createHmac('sha256', options.authToken).update(`${signed}.77`).digest('base64');
      const nonce = forged === 'nonce' ? '78' : '77';
      const received = forgedAddress(sent, forged);
      const params = forged === 'body' ? { ...grouped, zz: '1' } : grouped;
      const judged = validateV3Signature('POST', received, nonce, options.authToken, signature, params);
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-plivo-signature-v3': signature,
        'x-plivo-signature-v3-nonce': nonce,
      };
      const body = forged === 'body' ? `${form}&zz=1` : form;
      assert.equal(accepts({ method: 'POST', path: '/', headers, body, urls: [received] }), judged);
      if (judged) valid += 1;
    }),
    { numRuns: 600 },
  );
  assert.ok(valid > 60 && valid < 540, `both answers were met: ${valid} of 600 were valid`);
});

function forgedAddress(sent: string, forged: string): string {
  if (forged === 'host') return sent.replace('voice.', 'other.');
  return forged === 'query' ? `${sent}${sent.includes('?') ? '&' : '?'}zz=1` : sent;
}

function groupsOf(fields: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const all = new Map<string, string[]>();
  for (const [key, text] of fields) all.set(key, [...(all.get(key) ?? []), text]);
  return Object.fromEntries(all);
}

/** The string the library signs, written down a second time. */
function libraryForm(address: string, fields: readonly (readonly [string, string])[]): string {
  const [page = '', query = ''] = address.split('?');
  const compare = (a: readonly [string, string], b: readonly [string, string]): number => {
    const [one, other] = a[0] === b[0] ? [a[1], b[1]] : [a[0], b[0]];
    if (one === other) return 0;
    return one < other ? -1 : 1;
  };
  const asked = [...new URLSearchParams(query)].sort(compare).map((pair) => pair.join('='));
  const given = [...fields].sort(compare).map((pair) => pair.join(''));
  const ask = asked.length > 0 || given.length > 0 ? `?${asked.join('&')}` : '';
  return `${page}${ask}${asked.length > 0 && given.length > 0 ? '.' : ''}${given.join('')}`;
}

it('the form of the documentation is accepted where it differs from the one of the libraries', () => {
  const signed = 'https://voice.example.test/w.a1b2.77';
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-plivo-signature-v3': createHmac('sha256', options.authToken).update(signed).digest('base64'),
    'x-plivo-signature-v3-nonce': '77',
  };
  const request = { method: 'POST', path: '/w', headers, urls: ['https://voice.example.test/w'] };
  assert.ok(accepts({ ...request, body: 'b=2&a=1' }));
  assert.equal(accepts({ ...request, body: 'b=2&a=2' }), false);
});

it('no form that was changed after signing is accepted', () => {
  const { body, ...request } = over;
  const place = fc.nat({ max: body.length - 1 });
  fc.assert(
    fc.property(place, fc.constantFrom('x', '7', '&', '=', '%2B', ''), (at, change) => {
      const changed = `${body.slice(0, at)}${change}${body.slice(at + 1)}`;
      const says = (text: string): string =>
        [...new URLSearchParams(text)]
          .map((pair) => pair.join(''))
          .sort()
          .join('');
      fc.pre(says(changed) !== says(body));
      assert.equal(accepts({ ...request, body: changed }), false);
    }),
  );
});

it('any of the addresses we may be known by will do', () => {
  const request = signedForm(url, { a: 'b' });
  assert.ok(accepts({ ...request, urls: ['https://other.example.test/', 'not a url', url] }));
});

it('one of several signatures will do, in either header, but not without the first header', () => {
  const request = signedForm(url, { a: 'b' });
  const { 'x-plivo-signature-v3': good = '', ...others } = request.headers;
  const bad = Buffer.alloc(32).toString('base64');
  const list = { ...others, 'x-plivo-signature-v3': `${bad},${good}` };
  const main = { ...others, 'x-plivo-signature-v3': bad, 'x-plivo-signature-ma-v3': good };
  for (const headers of [list, main]) assert.ok(accepts({ ...request, headers }));
  assert.equal(accepts({ ...request, headers: { ...others, 'x-plivo-signature-ma-v3': good } }), false);
});

it('V2 alone is not enough', () => {
  const signed = `${url.split('?')[0]}77`;
  const signature = createHmac('sha256', options.authToken).update(signed).digest('base64');
  const headers = { 'x-plivo-signature-v2': signature, 'x-plivo-signature-v2-nonce': '77' };
  assert.equal(accepts({ ...signedForm(url, {}), headers }), false);
});

it('a refusal names the first address we expected and no secret', () => {
  const verdict = verify(
    { ...signedForm(url, { a: 'b' }, 'other'), urls: ['https://mine.example.test/x', url] },
    account,
  );
  assert.ok(!verdict.ok);
  assert.match(verdict.why, /does not match.*https:\/\/mine\.example\.test\/x/);
  assert.ok(!verdict.why.includes(options.authToken));
});

it('a refusal says which header is missing', () => {
  const request = signedForm(url, {});
  const why = (headers: WebhookRequest['headers']): string => {
    const verdict = verify({ ...request, headers }, account);
    return verdict.ok ? '' : verdict.why;
  };
  assert.match(why({}), /no X-Plivo-Signature-V3 header/);
  assert.match(why({ 'x-plivo-signature-v3': 'x' }), /no X-Plivo-Signature-V3-Nonce header/);
});

it('the end of the content cannot be moved into the nonce', () => {
  const nonce = '12345678901234567890';
  const request = signedForm(url, { ...hungUp, TotalCost: '0.0085' }, undefined, nonce);
  assert.ok(accepts(request));
  const moved = { ...request.headers, 'x-plivo-signature-v3-nonce': `0085.${nonce}` };
  const body = request.body.replace('TotalCost=0.0085', 'TotalCost=0');
  assert.notEqual(body, request.body);
  // The signed text is letter for letter the same: the official library is fooled.
  const fields = Object.fromEntries(new URLSearchParams(body));
  const signature = request.headers['x-plivo-signature-v3'] ?? '';
  assert.ok(validateV3Signature('POST', url, `0085.${nonce}`, options.authToken, signature, fields));
  assert.equal(accepts({ ...request, headers: moved, body }), false);
});

it('the replay key of a request sent again is the same, though its nonce and signature are not', () => {
  const again = signedForm(
    over.urls[0] ?? '',
    { ...Object.fromEntries(new URLSearchParams(over.body)) },
    undefined,
    '9',
  );
  assert.notEqual(again.headers['x-plivo-signature-v3'], over.headers['x-plivo-signature-v3']);
  assert.equal(keyOf(again), keyOf(over));
  const reordered = new URLSearchParams([...new URLSearchParams(over.body)].reverse()).toString();
  assert.equal(keyOf({ ...over, body: reordered }), keyOf(over));
});

it('the replay key of another account is another key', () => {
  const other = verify(over, { ...account, authId: 'MAother' });
  assert.notEqual(other.ok && other.replayKey, keyOf(over));
});
