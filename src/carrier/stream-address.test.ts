// Tests of stream-address.ts: nothing goes to a carrier that it would drop, cut or misread.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { streamUrl } from '../../test/wire/stream-url.ts';
import { liveCall } from '../../test/wire/twilio/samples.ts';
import type { StreamUrl } from './carrier.ts';
import { streamAddress } from './stream-address.ts';

const call = liveCall();
const stream = { kind: 'stream', n: 2, expiresAt: 1_800_000_000_000 } as const;
const giving = (given: Partial<ReturnType<StreamUrl>>): StreamUrl => {
  return (callId, n, expiresAt) => ({ ...streamUrl(callId, n, expiresAt), ...given });
};

it('the address is the one of this stream of this call', () => {
  assert.deepEqual(streamAddress(streamUrl, call, stream), streamUrl(call.id, 2, stream.expiresAt));
  const loopback = giving({ url: 'ws://127.0.0.1:4010/voice/stream/x' });
  assert.equal(streamAddress(loopback, call, stream).url, 'ws://127.0.0.1:4010/voice/stream/x');
});

it('there is none when streaming is off', () => {
  assert.throws(() => streamAddress(null, call, stream), {
    code: 'VC_INTERNAL',
    message: /streaming is off/,
  });
});

it('an address or a token that a carrier would not take goes nowhere', () => {
  const long = 'x'.repeat(401);
  for (const url of [
    '',
    'https://a.test/',
    'wss://a.test/?token=x',
    'wss://a.test/#x',
    'wss://a b',
    `wss://${long.repeat(6)}`,
  ])
    assert.throws(() => streamAddress(giving({ url }), call, stream), { code: 'VC_INTERNAL' }, url);
  for (const token of ['', 'a=b', 'a,b', 'a;b', 'a b', '"', 'é', long]) {
    const attempt = (): unknown => streamAddress(giving({ token }), call, stream);
    assert.throws(attempt, { code: 'VC_INTERNAL', message: /its token is none a carrier takes$/ }, token);
  }
});
