// Tests of verify.ts: the official validator is the judge, on recorded signatures and on mutated ones.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { options, signedForm, statusVisit } from '../../../test/wire/twilio/samples.ts';
import fixture from '../../../test/wire/twilio/signature-vectors.json' with { type: 'json' };
import type { WebhookRequest } from '../carrier.ts';
import { verify } from './verify.ts';

const account = { accountSid: options.accountSid, authToken: options.authToken };
const accepts = (request: WebhookRequest): boolean => verify(request, account).ok;
const keyOf = (request: WebhookRequest): string => {
  const verdict = verify(request, account);
  return verdict.ok ? verdict.replayKey : assert.fail(verdict.why);
};

describe('a recorded signature is judged as by the official library:', () => {
  for (const { id, note, method, url, headers, body, secret, valid } of fixture.vectors) {
    it(`${id}, ${note}`, () => {
      const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      const request = { method, path: '/', headers: Object.fromEntries(lower), body, urls: [url] };
      assert.equal(verify(request, { ...account, authToken: secret }).ok, valid);
    });
  }
});

const url = 'https://voice.example.test/voice/webhook?callId=x&flow=wait';
const fields = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), {
  maxKeys: 6,
});
const host = fc.constantFrom(
  'voice.example.test',
  'VOICE.example.test',
  '[2001:db8::1]',
  'user:pw@voice.example.test',
);
const port = fc.constantFrom('', ':443', ':80', ':8443', ':');
const tail = fc.constantFrom(
  '',
  '/',
  '/a?b=c',
  "/a?b='c'&d=%20+é",
  '/a?',
  '?x',
  '/a b?c=d e',
  '/p:1@q?r=@:9',
);
const scheme = fc.constantFrom('https', 'http', 'HTTPS', 'wss');
/** Half of the time nothing was forged: only the spelling of the address may differ. */
const delivery = fc.record({
  scheme,
  host,
  tail,
  signedPort: port,
  port,
  signed: fields,
  forged: fc.option(fc.record({ scheme, host, tail, fields }, { requiredKeys: [] }), { freq: 1 }),
});

it('the official validator agrees on any form signed for one address and received at any other', () => {
  let valid = 0;
  fc.assert(
    fc.property(delivery, ({ forged, signed, signedPort, ...sent }) => {
      const spell = (part: { scheme: string; host: string; port: string; tail: string }): string =>
        `${part.scheme}://${part.host}${part.port}${part.tail}`;
      const request = signedForm(spell({ ...sent, port: signedPort }), signed);
      const received = spell({ ...sent, ...forged });
      const body = new URLSearchParams(forged?.fields ?? signed).toString();
      const decoded = Object.fromEntries(new URLSearchParams(body));
      const signature = request.headers['x-twilio-signature'] ?? '';
      const judged = webhooks.validateRequest(options.authToken, signature, received, decoded);
      assert.equal(accepts({ ...request, body, urls: [received] }), judged);
      if (judged) valid += 1;
    }),
    { numRuns: 1_500 },
  );
  assert.ok(valid > 100 && valid < 1_400, `both answers were met: ${valid} of 1500 were valid`);
});

it('a query that was escaped otherwise when it was signed is the same query', () => {
  for (const [signedAt, received] of [
    ['https://voice.example.test/?a=b%20c', 'https://voice.example.test/?a=b+c'],
    ['https://voice.example.test:443/?a=b%20c', 'https://voice.example.test/?a=b+c'],
    ['https://voice.example.test/?a=%27b%27', "https://voice.example.test/?a='b'"],
  ] as const) {
    const request = signedForm(signedAt, { x: 'y' });
    const signature = request.headers['x-twilio-signature'] ?? '';
    assert.ok(
      webhooks.validateRequest(options.authToken, signature, received, { x: 'y' }),
      'officially valid',
    );
    assert.ok(accepts({ ...request, urls: [received] }), received);
  }
});

it('the official validator agrees on repeated fields', () => {
  const pair = fc.tuple(fc.constantFrom('a', 'b', 'ab'), fc.constantFrom('', '1', '2', 'b1'));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
      const grouped = Object.fromEntries(
        pairs.map(([name]) => [name, pairs.filter(([other]) => other === name).map(([, value]) => value)]),
      );
      const signature = webhooks.getExpectedTwilioSignature(options.authToken, url, grouped);
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': signature,
      };
      const body = new URLSearchParams(pairs).toString();
      assert.ok(accepts({ method: 'POST', path: '/', headers, body, urls: [url] }));
    }),
  );
});

it('no form that was changed after signing is accepted', () => {
  const { body, ...request } = statusVisit('completed', 3);
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
  const verdict = verify({ ...signedForm(url, {}), headers: {} }, account);
  assert.match(verdict.ok ? '' : verdict.why, /X-Twilio-Signature/);
});

it('a POST that is neither a form nor JSON is refused, and so is any other method', () => {
  const request = signedForm(url, {});
  for (const type of [undefined, '', 'text/plain', 'multipart/form-data; boundary=x', 'application/json5']) {
    assert.equal(accepts({ ...request, headers: { ...request.headers, 'content-type': type } }), false, type);
  }
  for (const method of ['PUT', 'DELETE', 'post', 'HEAD'])
    assert.equal(accepts({ ...request, method }), false);
});

describe('a JSON body', () => {
  const body = '{"a":"é"}';
  const digest = createHash('sha256').update(body).digest('hex');
  const json = (query: string): WebhookRequest => {
    const request = signedForm(`https://voice.example.test/voice/webhook${query}`, {});
    return { ...request, body, headers: { ...request.headers, 'content-type': 'application/json' } };
  };

  it('is accepted when its digest stands in the signed URL', () => {
    assert.ok(accepts(json(`?bodySHA256=${digest}`)));
  });

  it('is refused when its digest is missing, or another one', () => {
    for (const query of ['', '?bodySHA256=', `?bodySHA256=${digest.replace(/./, 'z')}`, `?x=${digest}`]) {
      assert.equal(accepts(json(query)), false);
    }
    assert.equal(accepts({ ...json(`?bodySHA256=${digest}`), body: `${body} ` }), false);
  });
});

it('the replay key is the same however the same request is spelled, and whatever its other headers say', () => {
  const request = statusVisit('completed', 3);
  const [first = ''] = request.urls;
  const reordered = [...new URLSearchParams(request.body)].reverse();
  const repeated = [...reordered, ...reordered];
  for (const again of [
    {
      ...request,
      headers: { ...request.headers, 'i-twilio-idempotency-token': 'another', 'x-forwarded-for': '::1' },
    },
    { ...request, urls: [first.replace('.test/', '.test:443/')] },
    { ...request, urls: [first.replace('voice.', 'VOICE.')] },
    { ...request, body: new URLSearchParams(reordered).toString() },
    { ...request, body: new URLSearchParams(repeated).toString() },
    { ...request, body: request.body.replace('ApiVersion=2', 'ApiVersion=%32') },
  ]) {
    assert.equal(keyOf(again), keyOf(request));
  }
});

it('letters that move between a name and its value leave the replay key as it was', () => {
  const request = signedForm(url, { AccountSid: 'AC1', CallSid: 'CA1' });
  assert.equal(keyOf({ ...request, body: 'AccountSi=dAC1&CallSid=CA1' }), keyOf(request));
});

it('the replay key of another account is another key', () => {
  const request = statusVisit('ringing', 1);
  const other = verify(request, { ...account, accountSid: 'ACother' });
  assert.notEqual(other.ok && other.replayKey, keyOf(request));
});
