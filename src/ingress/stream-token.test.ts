// Tests of the addresses of media streams: what they look like, and that nobody makes one for another call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { newSecret } from '../lib/ids.ts';
import { checkToken, readClaim, type StreamClaim, streamPrefix, streamUrls } from './stream-token.ts';

const secret = newSecret();
const NOW = Date.UTC(2026, 10, 21, 12);
const at = { base: 'https://phone.example.com/voice/webhook', path: '/voice/stream', secret };

function claimFor(callId: string, n = 1, expiresAt = NOW + 60_000): StreamClaim {
  const { url } = streamUrls(at)(callId, n, expiresAt);
  const claim = readClaim(new URL(url).pathname, [at.path]);
  assert.ok(claim);
  return claim;
}

describe('The address of a media stream', () => {
  it('names the call, the connection and the expiry, and ends with the token', () => {
    const { url, token } = streamUrls(at)('call-1', 2, NOW);
    assert.equal(url, `wss://phone.example.com/voice/stream/call-1/2/${NOW.toString(36)}/${token}`);
    assert.match(token, /^[\w-]{24}$/);
  });

  it('is the same whenever it is asked for, and another one for another connection', () => {
    const address = streamUrls(at);
    assert.deepEqual(address('call-1', 1, NOW), streamUrls(at)('call-1', 1, NOW + 0.4));
    assert.notEqual(address('call-1', 1, NOW).token, address('call-1', 2, NOW).token);
  });

  const bases: [string, string, RegExp][] = [
    ['http://127.0.0.1:3334/voice/webhook', '', /^ws:\/\/127\.0\.0\.1:3334\/voice\/stream\/c\//],
    ['https://phone.example.com:8443/x', '', /^wss:\/\/phone\.example\.com:8443\/voice\/stream\/c\//],
    ['https://phone.example.com', '/prefix', /^wss:\/\/phone\.example\.com\/prefix\/voice\/stream\/c\//],
  ];
  for (const [base, prefix, expected] of bases) {
    it(`for ${base}${prefix === '' ? '' : ` behind ${prefix}`} is ${expected.source}`, () => {
      assert.match(streamUrls({ ...at, base, prefix })('c', 1, NOW).url, expected);
    });
  }

  const prefixes: [string, string, string][] = [
    ['https://h.example/voice/webhook', '/voice/webhook', ''],
    ['https://h.example/prefix/voice/webhook', '/voice/webhook', '/prefix'],
    ['https://h.example/a/b/voice/webhook/', 'voice/webhook/', '/a/b'],
    ['https://h.example/prefix/voice/webhook/more', '/voice/webhook', '/prefix'],
    ['https://h.example/prefix/voice/webhooks', '/voice/webhook', ''],
    ['https://h.example/elsewhere', '/voice/webhook', ''],
    ['https://h.example/prefix', '/', '/prefix'],
    ['https://h.example', '/', ''],
  ];
  for (const [publicUrl, servePath, prefix] of prefixes) {
    it(`has the prefix '${prefix}' when ${publicUrl} leads to ${servePath}`, () => {
      assert.equal(streamPrefix(publicUrl, servePath), prefix);
    });
  }
});

describe('The token of a media stream', () => {
  it('is good for the call, connection and expiry it was made for, whatever they are', () => {
    const callIds = fc.string({ unit: 'binary', minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(callIds, fc.integer({ min: 1, max: 999_999 }), fc.nat(1e9), (callId, n, afterMs) => {
        const claim = claimFor(callId, n, NOW + afterMs);
        assert.deepEqual([claim.callId, claim.n, claim.expiresAt], [callId, n, NOW + afterMs]);
        assert.equal(checkToken(claim, secret, NOW - 1), 'good');
      }),
    );
  });

  const changes: [string, Partial<StreamClaim>][] = [
    ['another call', { callId: 'call-2' }],
    ['another connection', { n: 2 }],
    ['a later expiry', { expiresAt: NOW + 60_001 }],
    ['nothing we made', { token: 'A'.repeat(24) }],
  ];
  for (const [what, change] of changes) {
    it(`is forged when it comes with ${what}`, () => {
      assert.equal(checkToken({ ...claimFor('call-1'), ...change }, secret, NOW), 'forged');
    });
  }

  it('of another process is forged', () => {
    assert.equal(checkToken(claimFor('call-1'), newSecret(), NOW), 'forged');
  });

  it('is too old from the moment it expires', () => {
    const claim = claimFor('call-1', 1, NOW);
    assert.equal(checkToken(claim, secret, NOW - 1), 'good');
    assert.equal(checkToken(claim, secret, NOW), 'expired');
  });
});

describe('The target of an upgrade', () => {
  const { pathname } = new URL(streamUrls(at)('call-1', 1, NOW).url);

  it('is read under each path we have, with or without a slash at the end, and without its query', () => {
    const paths = ['/voice/stream', '/prefix/voice/stream/'];
    for (const target of [pathname, `/prefix${pathname}`, `${pathname}/`, `${pathname}?x=1`])
      assert.equal(readClaim(target, paths)?.callId, 'call-1', target);
  });

  for (const target of [
    `/other${pathname}`,
    pathname.replace('/stream/', '/streams/'),
    pathname.replace('/stream/', '/stream//'),
    pathname.replace('/call-1/', '/%E0%A4%A/'),
    pathname.replace('/1/', '/0/'),
    pathname.replace('/1/', '/1e3/'),
    `${pathname}/more`,
    `${pathname}A`,
    '/voice/stream',
    '',
  ]) {
    it(`is none of ours when it is ${target}`, () => {
      assert.equal(readClaim(target, ['/voice/stream']), null);
    });
  }

  it('may be any text', () => {
    const ours = fc.string().map((text) => `/voice/stream/${text}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), ours), (text) => {
        assert.equal(readClaim(text, ['/voice/stream']), null);
      }),
    );
  });
});
