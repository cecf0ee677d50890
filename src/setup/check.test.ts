// Tests of check.ts: checks run side by side, each within its deadline, and none stops another.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { type Check, type Finding, fine, runChecks } from './check.ts';

const check = (id: Check['id'], run: Check['run']): Check => ({ id, withinMs: 5_000, run });

describe('Checks', () => {
  it('stand in their order, whichever is done first, and one failing fails the whole', async () => {
    const slow = Promise.withResolvers<Finding>();
    const running = runChecks(
      [check('provider', () => slow.promise), check('mode', () => fine('well'))],
      new HandClock(),
    );
    await settle(5);
    slow.resolve({ ok: false, message: 'no carrier', cure: 'Choose one.' });
    assert.deepEqual(await running, {
      ok: false,
      checks: [
        { id: 'provider', ok: false, message: 'no carrier', cure: 'Choose one.' },
        { id: 'mode', ok: true, message: 'well' },
      ],
    });
  });

  it('that throw are found failing, with the cure of what they threw', async () => {
    const clock = new HandClock();
    const { ok, checks } = await runChecks(
      [
        check('store', () => {
          throw new VoiceCallError('VC_STORE_FAILED', { why: 'disk full', path: '/calls' });
        }),
        check('mode', () => Promise.reject(new Error('boom'))),
        check('limits', () => fine('well')),
      ],
      clock,
    );
    assert.equal(ok, false);
    assert.match(checks[0]?.cure ?? '', /Free disk space/);
    assert.match(checks[1]?.message ?? '', /boom/);
    assert.equal(checks[2]?.ok, true);
    assert.equal(clock.pending, 0, 'no deadline is left');
  });

  it('that never end fail at their deadline, and are told to stop', async () => {
    const clock = new HandClock();
    const stopped: unknown[] = [];
    const running = runChecks(
      [
        check('model', (signal) => {
          signal.addEventListener('abort', () => stopped.push(signal.reason));
          return new Promise(() => undefined);
        }),
      ],
      clock,
    );
    await settle(5);
    await clock.advance(5_000);
    const { checks } = await running;
    assert.equal(checks[0]?.message, 'no answer within 5 s');
    assert.equal(stopped.length, 1);
  });
});
