// Tests of verify.ts: the official verifier is the judge, on recorded signatures and on altered ones.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TelnyxWebhook } from 'telnyx/lib/webhooks';
import { event, keys, NOW, publicKey, signed, strangersKeys } from '../../../test/wire/telnyx/samples.ts';
import fixture from '../../../test/wire/telnyx/signature-vectors.json' with { type: 'json' };
import type { WebhookRequest } from '../carrier.ts';
import { readPublicKey, SIGNATURE_HEADER, TIMESTAMP_HEADER, verify } from './verify.ts';

const key = readPublicKey(publicKey.raw);
const accepts = (request: WebhookRequest, now = NOW): boolean => verify(request, key, now).ok;
const keyOf = (request: WebhookRequest): string => {
  const verdict = verify(request, key, NOW);
  return verdict.ok ? verdict.replayKey : assert.fail(verdict.why);
};
const whyOf = (request: WebhookRequest, now = NOW): string => {
  const verdict = verify(request, key, now);
  return verdict.ok ? assert.fail('it is accepted') : verdict.why;
};
const withHeader = (request: WebhookRequest, name: string, value: string | undefined): WebhookRequest => ({
  ...request,
  headers: { ...request.headers, [name]: value },
});

/** The key's form is no property of the signature: DER is one we read and the official library does not. */
const OUR_CHOICE: Readonly<Record<string, boolean>> = { 'telnyx-25': true };

describe('a recorded signature is judged as by the official library:', () => {
  for (const {
    id,
    note,
    method,
    url,
    headers,
    body,
    public_key,
    now_unix_seconds,
    valid,
  } of fixture.vectors) {
    it(`${id}, ${note}`, () => {
      const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      const request = { method, path: '/', headers: Object.fromEntries(lower), body, urls: [url] };
      const judge = (): boolean => verify(request, readPublicKey(public_key), now_unix_seconds * 1_000).ok;
      if (public_key.length === 64) assert.throws(judge, { code: 'VC_CONFIG_INVALID' });
      else assert.equal(judge(), OUR_CHOICE[id] ?? valid);
    });
  }
});

it('the official verifier agrees on any request, genuine or altered', async (test) => {
  test.mock.timers.enable({ apis: ['Date'], now: NOW });
  const official = new TelnyxWebhook(publicKey.raw);
  const skew = fc.constantFrom(-301, -300, -1, 0, 300, 301);
  const alter = fc.constantFrom('nothing', 'body', 'timestamp', 'signature', 'key');
  let valid = 0;
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), skew, alter, async (body, skewS, altered) => {
      const timestamp = String(NOW / 1_000 + skewS);
      const whose = altered === 'key' ? strangersKeys : keys;
      const genuine = signed(body, { key: whose.privateKey, timestamp });
      const signature = genuine.headers[SIGNATURE_HEADER] ?? '';
      const headers = {
        [TIMESTAMP_HEADER]: altered === 'timestamp' ? String(Number(timestamp) + 1) : timestamp,
        [SIGNATURE_HEADER]: altered === 'signature' ? `${signature.slice(1, -2)}A==` : signature,
      };
      const received = altered === 'body' ? `${body} ` : body;
      const judged = await official.verify(received, headers).then(
        () => true,
        () => false,
      );
      assert.equal(accepts({ ...genuine, headers, body: received }), judged);
      if (judged) valid += 1;
    }),
    { numRuns: 300 },
  );
  assert.ok(valid > 20 && valid < 280, `both answers were met: ${valid} of 300 were valid`);
});

it('no byte of what was signed can be changed', () => {
  const { body, headers, ...request } = event('call.answered');
  const place = fc.nat({ max: body.length - 1 });
  fc.assert(
    fc.property(place, fc.constantFrom('x', '0', ' ', '"', '\u00e9', ''), (at, change) => {
      const changed = `${body.slice(0, at)}${change}${body.slice(at + 1)}`;
      fc.pre(changed !== body);
      assert.equal(accepts({ ...request, headers, body: changed }), false);
    }),
  );
});

describe('a signature', () => {
  const request = event('call.answered');
  const signature = request.headers[SIGNATURE_HEADER] ?? '';
  const bytes = Buffer.from(signature, 'base64');

  it('may be written in the URL form of base64, with or without its padding', () => {
    const url = bytes.toString('base64url');
    for (const form of [url, `${url}==`]) assert.ok(accepts(withHeader(request, SIGNATURE_HEADER, form)));
    assert.equal(keyOf(withHeader(request, SIGNATURE_HEADER, url)), keyOf(request));
  });

  it('has exactly 64 bytes and one way to be written', () => {
    const forms = [
      '',
      ' ',
      bytes.subarray(1).toString('base64'),
      Buffer.concat([bytes, bytes]).toString('base64'),
      bytes.toString('hex'),
      ` ${signature}`,
      `${signature}=`,
      `${signature},${signature}`,
    ];
    for (const form of forms) {
      assert.match(whyOf(withHeader(request, SIGNATURE_HEADER, form)), /telnyx-signature-ed25519/, form);
    }
  });

  it('of somebody else is refused', () => {
    assert.match(
      whyOf(signed('{}', { key: strangersKeys.privateKey })),
      /does not match.*voice\.example\.test/,
    );
  });
});

describe('the time of a request', () => {
  const request = event('call.answered');

  it('may be 300 s off, before or after, and no more', () => {
    for (const off of [-300, 0, 300]) assert.ok(accepts(request, NOW + off * 1_000), String(off));
    for (const off of [-301, 301]) {
      assert.match(whyOf(request, NOW + off * 1_000), /301 s away from our time: check the clock/);
    }
  });

  it('is a whole number of seconds', () => {
    for (const timestamp of ['', ' 1', '1e9', '-1', '1.5', '0x1', '9'.repeat(16), '2026-11-21T12:00:00Z']) {
      assert.match(whyOf(signed('{}', { timestamp })), /telnyx-timestamp/, timestamp);
    }
  });
});

describe('the replay key', () => {
  it('is the same when Telnyx delivers the same event again, later', () => {
    const first = event('call.answered');
    const again = event('call.answered', {}, { attempt: 2, delivered_to: 'https://failover.example.test/' });
    const { body } = again;
    assert.equal(keyOf(signed(body, { timestamp: String(NOW / 1_000 + 7) })), keyOf(first));
  });

  it('is another one for another event', () => {
    const answered = event('call.answered');
    const renamed = signed(
      answered.body.replace('"event_type":"call.answered"', '"event_type":"call.hangup"'),
    );
    const other = signed(answered.body.replace('0ccc', '0ccd'));
    const found = [answered, renamed, other].map(keyOf);
    assert.equal(new Set(found).size, 3);
  });

  it('of a body without an event id is made of all that was signed', () => {
    const at = (timestamp: number): string => keyOf(signed('{}', { timestamp: String(timestamp) }));
    assert.equal(at(NOW / 1_000), at(NOW / 1_000));
    assert.notEqual(at(NOW / 1_000), at(NOW / 1_000 + 1));
    assert.notEqual(keyOf(signed('[]')), keyOf(signed('{"data":{"id":"","event_type":"x"}}')));
  });
});

describe('the public key', () => {
  it('is read as the portal shows it, as DER and as PEM, also on one line', () => {
    const forms = [publicKey.raw, ` ${publicKey.raw}\n`, publicKey.der, publicKey.pem];
    for (const form of [...forms, publicKey.pem.replaceAll('\n', '\\n')]) {
      assert.ok(verify(event('call.answered'), readPublicKey(form), NOW).ok, form);
    }
  });

  it('is refused when it is anything else', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const x = generateKeyPairSync('x25519').publicKey;
    const wrong = [
      '',
      'changeme',
      publicKey.raw.slice(0, -1),
      Buffer.alloc(31).toString('base64'),
      Buffer.alloc(33).toString('base64'),
      Buffer.from(publicKey.raw, 'base64').toString('hex'),
      ec.export({ format: 'pem', type: 'spki' }).toString(),
      x.export({ format: 'der', type: 'spki' }).toString('base64'),
      keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ];
    for (const text of wrong) {
      assert.throws(
        () => readPublicKey(text),
        { code: 'VC_CONFIG_INVALID', message: /telnyx\.publicKey/ },
        text,
      );
    }
  });
});
