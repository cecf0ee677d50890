// Tests of the limits of media streams: places, used tokens, frames, and whose connection it is.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientAddress, FrameBudget, Places, UsedTokens } from './stream-limits.ts';

const limits = {
  maxConnections: 3,
  maxPendingConnections: 2,
  maxPendingConnectionsPerIp: 1,
  preStartTimeoutMs: 5_000,
};

describe('The places for media streams', () => {
  it('are crowded for one address before they are for all', () => {
    const places = new Places(limits);
    places.take('a');
    assert.deepEqual([places.isCrowded('a'), places.isCrowded('b')], [true, false]);
    places.take('b');
    assert.deepEqual([places.isCrowded('c'), places.isFull], [true, false]);
  });

  it('are free again once a stream has started, and full when there are enough', () => {
    const places = new Places(limits);
    const taken = ['a', 'a', 'a'].map((address) => {
      const place = places.take(address);
      place.accepted();
      return place;
    });
    assert.deepEqual([places.isCrowded('a'), places.isFull], [false, true]);
    taken[0]?.leave();
    assert.equal(places.isFull, false);
  });

  it('are given back once, however often somebody says so', () => {
    const places = new Places(limits);
    const place = places.take('a');
    place.leave();
    assert.equal(places.isCrowded('a'), false, 'who leaves is not pending either');
    place.accepted();
    place.leave();
    for (const address of ['a', 'b']) places.take(address);
    assert.equal(places.isCrowded('c'), true);
    assert.equal(places.isFull, false);
    places.take('c');
    assert.equal(places.isFull, true);
  });
});

describe('Used tokens', () => {
  it('are remembered until they expire', () => {
    const used = new UsedTokens();
    used.add('one', 1_000, 0);
    used.add('two', 2_000, 999);
    assert.deepEqual([used.has('one'), used.has('two'), used.has('three')], [true, true, false]);
    used.add('three', 3_000, 1_000);
    assert.deepEqual([used.has('one'), used.has('two')], [false, true]);
  });
});

describe('The budget of frames', () => {
  it('lets a stream through at four times its pace for ever', () => {
    const budget = new FrameBudget(0);
    for (let at = 0; at < 600_000; at += 5) assert.ok(budget.take(at), `at ${at} ms`);
  });

  it('lets twenty seconds through at once after a stall, and no flood', () => {
    const budget = new FrameBudget(0);
    const taken = Array.from({ length: 1_200 }, () => budget.take(20_000)).filter(Boolean).length;
    assert.equal(taken, 1_000);
    assert.equal(budget.take(20_005), true);
    assert.equal(budget.take(20_005), false);
  });
});

describe('Whose connection it is', () => {
  const nobody = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] };
  const proxied = { ...nobody, trustForwardingHeaders: true, trustedProxyIPs: ['10.0.0.0/8'] };
  const rows: [string, string | undefined, typeof nobody | typeof proxied, string][] = [
    ['203.0.113.9', '198.51.100.1', nobody, '203.0.113.9'],
    ['203.0.113.9', '198.51.100.1', proxied, '203.0.113.9'],
    ['10.0.0.1', '198.51.100.1', proxied, '198.51.100.1'],
    ['10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2', proxied, '198.51.100.1'],
    ['10.0.0.1', 'invented', proxied, '10.0.0.1'],
    ['10.0.0.1', undefined, proxied, '10.0.0.1'],
    ['10.0.0.1', '10.0.0.2', proxied, '10.0.0.1'],
  ];
  for (const [peer, forwardedFor, forwarding, client] of rows) {
    const believed = forwarding === proxied ? 'proxies believed' : 'nobody believed';
    it(`is ${client} for ${peer}, forwarded for ${forwardedFor}, ${believed}`, () => {
      assert.equal(clientAddress({ peer, forwardedFor, forwarding }), client);
    });
  }
});
