// Tests of the addresses a request may have been sent to: whom we believe, and how far.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ArrivedRequest, isTrustedProxy, urlsOf } from './public-url.ts';

const nobody = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] };
const arrived: ArrivedRequest = {
  publicUrls: null,
  path: '/voice/webhook?callId=1',
  headers: { host: '127.0.0.1:3334', 'x-forwarded-host': 'phone.example.com', 'x-forwarded-proto': 'https' },
  peer: '203.0.113.9',
};

describe('The address a request was sent to', () => {
  it('is the configured one, whatever any header says, with the query of the request', () => {
    const request = {
      ...arrived,
      publicUrls: ['https://phone.example.com/prefix/voice/webhook'],
      path: '/x?callId=1',
    };
    assert.deepEqual(urlsOf(request, nobody), ['https://phone.example.com/prefix/voice/webhook?callId=1']);
  });

  it('may be one of several: the present one, and those it was a while ago', () => {
    const publicUrls = ['https://new.example/v', 'https://old.example/v'];
    assert.deepEqual(urlsOf({ ...arrived, publicUrls }, nobody), [
      'https://new.example/v?callId=1',
      'https://old.example/v?callId=1',
    ]);
  });

  it('may also be what this machine forwards, where it is believed: beside the known one, and for nobody else', () => {
    const near = { ...nobody, trustLoopback: true };
    const publicUrls = ['https://known.example/v'];
    const forwarded = 'https://phone.example.com/voice/webhook?callId=1';
    for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      assert.deepEqual(urlsOf({ ...arrived, publicUrls, peer }, near), [
        'https://known.example/v?callId=1',
        forwarded,
      ]);
      assert.deepEqual(urlsOf({ ...arrived, peer }, near), [forwarded]);
    }
    assert.deepEqual(urlsOf({ ...arrived, publicUrls }, near), ['https://known.example/v?callId=1']);
    assert.match(urlsOf(arrived, near)[0] ?? '', /^http:\/\/127\.0\.0\.1/);
  });

  it('is the Host header when nobody is trusted to forward', () => {
    assert.deepEqual(urlsOf(arrived, nobody), [
      'http://127.0.0.1:3334/voice/webhook?callId=1',
      'https://127.0.0.1:3334/voice/webhook?callId=1',
    ]);
  });

  it('is the forwarded host when the peer is a trusted proxy and the host an allowed one', () => {
    const trusting = { ...nobody, allowedHosts: ['Phone.example.com'], trustedProxyIPs: ['203.0.113.0/24'] };
    assert.deepEqual(urlsOf(arrived, trusting), ['https://phone.example.com/voice/webhook?callId=1']);
  });

  it('ignores forwarding by a stranger, and hosts that are not allowed', () => {
    const onlyProxy = { ...nobody, trustForwardingHeaders: true, trustedProxyIPs: ['10.0.0.1'] };
    assert.match(urlsOf(arrived, onlyProxy)[0] ?? '', /127\.0\.0\.1/);
    const otherHost = { ...nobody, allowedHosts: ['other.example.com'] };
    assert.match(urlsOf(arrived, otherHost)[0] ?? '', /127\.0\.0\.1/);
  });

  for (const host of ['a@b.example', 'exa mple.com', '-x.example', 'x..example', 'a/b', '[::1]', '']) {
    it(`does not take ${JSON.stringify(host)} for a forwarded host`, () => {
      const request = { ...arrived, headers: { host: 'here.example', 'x-forwarded-host': host } };
      const urls = urlsOf(request, { ...nobody, trustForwardingHeaders: true });
      assert.match(urls[0] ?? '', /here\.example/);
    });
  }

  it('is nothing at all when the Host header is malformed', () => {
    assert.deepEqual(urlsOf({ ...arrived, headers: { host: 'a b' } }, nobody), []);
  });
});

describe('A trusted proxy', () => {
  const rows: [string | undefined, string[], boolean][] = [
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['11.1.2.3', ['10.0.0.0/8'], false],
    ['::ffff:10.1.2.3', ['10.1.2.3'], true],
    ['10.1.2.3', ['::ffff:10.1.2.3'], true],
    ['2001:db8::5', ['2001:db8::/32'], true],
    ['2001:db9::5', ['2001:db8::/32'], false],
    ['10.1.2.3', ['nonsense', '10.0.0.0/99'], false],
    [undefined, ['10.0.0.0/8'], false],
    ['10.1.2.3', [], true],
  ];
  for (const [peer, proxies, trusted] of rows) {
    it(`${peer} in ${JSON.stringify(proxies)}: ${trusted}`, () => {
      assert.equal(isTrustedProxy(peer, proxies), trusted);
    });
  }
});
