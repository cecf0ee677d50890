// Tests of our own questions: who may answer them, how long, and that a stranger's are none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { answerTo, newProbe, nonceIn, PROBE_PARAMETER, probeOfStreams, probeReply } from './probe.ts';

const key = new Uint8Array(32).fill(1);
const NOW = 1_750_000_000_000;
const probe = newProbe(key, 'id-1', NOW + 10_000);
const gate = { path: '/voice/webhook', signatureHeaders: ['x-signature'], probeKey: key };
const get = (path: string, method = 'GET') => ({ method, path, headers: {} });

describe('A question of our own', () => {
  it('is answered by who has the key, until its time is over', () => {
    assert.equal(answerTo(probe.nonce, key, NOW), probe.answer);
    assert.equal(answerTo(probe.nonce, key, NOW + 10_000), null);
    assert.equal(answerTo(probe.nonce, new Uint8Array(32), NOW), null);
  });

  it('does not give its answer away', () => {
    assert.ok(!probe.answer.includes(probe.nonce) && !probe.nonce.includes(probe.answer.slice(11)));
    assert.notEqual(newProbe(key, 'id-2', NOW + 10_000).answer, probe.answer);
  });

  it('is not what a stranger makes up, whatever it looks like', () => {
    fc.assert(fc.property(fc.string(), (text) => answerTo(text, key, NOW) === null));
    const [id, expiry, mac] = probe.nonce.split('.');
    const later = ((NOW + 99_000) as number).toString(36);
    for (const forged of [`${id}.${later}.${mac}`, `other.${expiry}.${mac}`, `${probe.nonce}x`, '']) {
      assert.equal(answerTo(forged, key, NOW), null, forged);
    }
  });

  it('comes as a GET on the path of the webhook', () => {
    const asked = `/voice/webhook?${PROBE_PARAMETER}=${probe.nonce}`;
    assert.equal(probeReply(get(asked), gate, NOW)?.body, probe.answer);
    assert.equal(probeReply(get(asked.replace('?', '/?')), gate, NOW)?.body, probe.answer);
    assert.equal(probeReply(get(asked, 'POST'), gate, NOW), null);
    assert.equal(probeReply(get(asked.replace('/voice', '')), gate, NOW), null);
    assert.equal(probeReply(get('/voice/webhook'), gate, NOW), null);
    assert.equal(probeReply(get(`/voice/webhook?${PROBE_PARAMETER}=x`), gate, NOW), null);
    const { probeKey: _none, ...closed } = gate;
    assert.equal(probeReply(get(asked), closed, NOW), null);
  });

  it('comes as an upgrade below the path of the streams', () => {
    const { pathname } = new URL(probeOfStreams('wss://host/prefix/voice/stream', probe));
    assert.equal(nonceIn(pathname, ['/voice/stream', '/prefix/voice/stream']), probe.nonce);
    assert.equal(nonceIn(`${pathname}?x`, ['/prefix/voice/stream/']), probe.nonce);
    assert.equal(nonceIn(pathname, ['/voice/stream']), null);
    assert.equal(nonceIn('/voice/stream/call/1/z/token', ['/voice/stream']), null);
  });
});
