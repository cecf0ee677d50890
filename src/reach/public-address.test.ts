// Tests of the public address: one for webhooks, streams and signatures, also while it changes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { PublicAddress } from './public-address.ts';

const LOCAL = 'http://127.0.0.1:3334/voice/webhook';
const A = 'https://a.example/voice/webhook';
const B = 'https://b.example/voice/webhook';

function address(streamPath: string | null = '/voice/stream') {
  const clock = new HandClock();
  const secret = new Uint8Array(32).fill(5);
  const deps = { clock, localUrl: LOCAL, servePath: '/voice/webhook', streamPath, secret, graceMs: 60_000 };
  return { clock, address: new PublicAddress(deps) };
}

describe('The public address', () => {
  it('is the local one as long as there is no other, and then no signature is bound to it', () => {
    const { address: ours } = address();
    assert.equal(ours.webhookUrl, LOCAL);
    assert.equal(ours.signed, null);
    assert.equal(ours.streamBase, 'ws://127.0.0.1:3334/voice/stream');
    ours.assertOpen();
  });

  it('is the same for webhooks, streams and signatures, whatever stands before our paths', () => {
    const { address: ours } = address();
    ours.moveTo('https://h.example:8443/prefix/voice/webhook');
    assert.deepEqual(ours.signed, ['https://h.example:8443/prefix/voice/webhook']);
    assert.equal(ours.streamBase, 'wss://h.example:8443/prefix/voice/stream');
    const { url } = ours.streamUrl?.('call-1', 1, 1_000) ?? { url: '' };
    assert.ok(url.startsWith(`${ours.streamBase}/call-1/1/`), url);
    assert.equal(address(null).address.streamUrl, null);
    assert.equal(address(null).address.streamBase, null);
  });

  it('changes for what is asked next; signatures for the old one are good for a while', async () => {
    const { clock, address: ours } = address();
    ours.moveTo(A);
    const before = ours.streamUrl?.('call-1', 1, 1_000);
    ours.moveTo(B);
    const after = ours.streamUrl?.('call-1', 1, 1_000);
    assert.match(before?.url ?? '', /^wss:\/\/a\.example\//);
    assert.match(after?.url ?? '', /^wss:\/\/b\.example\//);
    assert.equal(before?.token, after?.token, 'a token says which call and stream, not where');
    assert.deepEqual(ours.signed, [B, A]);
    await clock.advance(59_999);
    assert.deepEqual(ours.signed, [B, A]);
    await clock.advance(1);
    assert.deepEqual(ours.signed, [B]);
  });

  it('may come back to where it was, and remembers only the latest', () => {
    const { address: ours } = address();
    for (const url of [A, B, A]) ours.moveTo(url);
    assert.deepEqual(ours.signed, [A, B]);
    for (let n = 0; n < 10; n += 1) ours.moveTo(`https://${n}.example/voice/webhook`);
    assert.equal(ours.signed.length, 5);
  });

  it('is lost with a reason, keeps what calls were told, and is found again', () => {
    const { address: ours } = address();
    const told: string[] = [];
    const stop = ours.follow(({ trouble, webhookUrl }) => told.push(trouble?.code ?? webhookUrl));
    ours.moveTo(A);
    ours.moveTo(A);
    ours.lose(new VoiceCallError('VC_TUNNEL_DOWN', { tunnel: 'ngrok', why: 'it ended', cure: 'wait' }));
    assert.throws(() => ours.assertOpen(), { code: 'VC_TUNNEL_DOWN' });
    assert.equal(ours.webhookUrl, A);
    assert.deepEqual(ours.signed, [A]);
    ours.moveTo(A);
    ours.assertOpen();
    stop();
    ours.moveTo(B);
    assert.deepEqual(told, [A, 'VC_TUNNEL_DOWN', A]);
  });
});
