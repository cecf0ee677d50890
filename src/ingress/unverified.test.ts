// Tests of Unverified: who needs no signature, and what still counts as the same request.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Carrier } from '../carrier/carrier.ts';
import { mockCarrier } from '../carrier/mock/index.ts';
import { unverified } from './unverified.ts';
import { type Gate, refusalOf } from './webhook.ts';

const request = {
  method: 'POST',
  path: '/voice/webhook?n=1',
  headers: {},
  body: 'a=1',
  urls: ['http://127.0.0.1:3334/voice/webhook?n=1'],
};

function keyOf(changes: Partial<typeof request>): string {
  const verification = unverified(mockCarrier({ streamUrl: null })).verify({ ...request, ...changes }, 0);
  assert.ok(verification.ok);
  return verification.replayKey;
}

describe('a carrier that is believed without a signature', () => {
  it('passes the gate without one; the same carrier as it is does not', () => {
    const head = { method: 'POST', path: '/voice/webhook', headers: {} };
    const gateOf = ({ signatureHeaders }: Carrier): Gate => ({ path: '/voice/webhook', signatureHeaders });
    assert.equal(refusalOf(head, gateOf(unverified(mockCarrier({ streamUrl: null })))), null);
    assert.equal(refusalOf(head, gateOf(mockCarrier({ streamUrl: null })))?.status, 401);
    assert.equal(mockCarrier({ streamUrl: null }).verify(request, 0).ok, false);
  });

  it('is otherwise the same', () => {
    assert.equal(
      unverified(mockCarrier({ streamUrl: null })).decode,
      mockCarrier({ streamUrl: null }).decode,
    );
  });

  it('tells a repeated request from another one', () => {
    assert.equal(keyOf({}), keyOf({}));
    const others = [
      { method: 'PUT' },
      { body: 'a=2' },
      { urls: ['http://127.0.0.1:3334/voice/webhook?n=2'] },
    ];
    const keys = new Set([keyOf({}), ...others.map(keyOf), keyOf({ urls: [] })]);
    assert.equal(keys.size, 5);
  });
});
