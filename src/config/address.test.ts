// Tests of Address: who can reach a host, however its address is written.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpUrl, isLocalHost, isLoopbackHost } from './address.ts';

describe('a host', () => {
  it('on this machine or network is local, in every spelling', () => {
    for (const host of [
      ...[
        '127.0.0.1',
        '127.1',
        '0x7f.1',
        '2130706433',
        '0.0.0.0',
        '10.1.2.3',
        '172.16.0.1',
        '172.31.255.255',
      ],
      ...['192.168.1.1', '169.254.1.1', '100.64.0.1', '100.127.255.255', '[::1]', '[::]', '[fe80::1]'],
      ...[
        '[fc00::1]',
        '[fdab::1]',
        '[::ffff:10.0.0.1]',
        'localhost',
        'LOCALHOST',
        'localhost.',
        'a.localhost',
      ],
      ...['box.local', 'svc.internal', 'nas.home.arpa'],
    ]) {
      assert.equal(isLocalHost(new URL(`https://${host}/x`)), true, host);
    }
  });

  it('on the internet is not, even when its name begins like a private address', () => {
    for (const host of [
      ...['8.8.8.8', '172.32.0.1', '100.128.0.1', '[2001:db8::1]', 'fd-voice.example.com', 'fc.example.com'],
      ...['10.example.com', 'localhost.example.com', 'mylocalhost', 'host.tail.ts.net'],
    ]) {
      assert.equal(isLocalHost(new URL(`https://${host}/x`)), false, host);
    }
  });

  it('is loopback only when it is this machine', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '[::1]', 'localhost']) {
      assert.equal(isLoopbackHost(new URL(`http://${host}`)), true, host);
    }
    for (const host of ['10.0.0.1', '0.0.0.0', 'localhost.example.com']) {
      assert.equal(isLoopbackHost(new URL(`http://${host}`)), false, host);
    }
  });
});

describe('a web address', () => {
  it('is http or https', () => {
    assert.equal(httpUrl('https://voice.example.com/x')?.hostname, 'voice.example.com');
    for (const text of ['', 'voice.example.com', 'ftp://a.example', 'javascript:1'])
      assert.equal(httpUrl(text), null);
  });
});
