// Tests of handset.ts: a person whose call cannot be begun is told so.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { Handset } from './handset.ts';

it('A call that nobody could take down is no silence: the person hears why, and may call again', async () => {
  const clock = new HandClock();
  const told: { readonly type?: string; readonly code?: string }[] = [];
  const speech = { voice: null, hearing: null, isOffline: true };
  const handset = new Handset({
    clock,
    newId: () => 'id',
    ourNumber: '+15550000000',
    ready: { type: 'ready', number: '+15550008379', sound: false, speech },
    socket: { send: (data) => told.push(JSON.parse(String(data))), close: () => undefined },
    report: () => Promise.reject(new VoiceCallError('VC_STORE_FAILED', { why: 'disk full', path: '/x' })),
  });
  handset.take('{"type":"call"}');
  await clock.advance(1);
  assert.deepEqual(
    told.map(({ type, code }) => code ?? type),
    ['ready', 'VC_STORE_FAILED'],
  );
  assert.equal(handset.isFree, true);
});
