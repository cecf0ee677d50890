// The real clock, with the timers of Node moved by hand: here is the one place where they are read.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { systemClock, wait } from './clock.ts';

describe('The system clock', () => {
  it('runs what is due, once, and never at once', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'], now: 1_000 });
    const ran: number[] = [];
    systemClock.at(1_500, () => ran.push(systemClock.now()));
    systemClock.at(500, () => ran.push(-1));
    assert.deepEqual(ran, []);
    t.mock.timers.tick(1);
    assert.deepEqual(ran, [-1], 'what is past runs as soon as it can');
    t.mock.timers.tick(10_000);
    assert.equal(ran.length, 2);
  });

  it('forgets what is cancelled, also twice', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    let ran = false;
    const cancel = systemClock.at(10, () => {
      ran = true;
    });
    cancel();
    cancel();
    t.mock.timers.tick(20);
    assert.equal(ran, false);
  });

  it('waits longer than one timer can, and can be cancelled on the way', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    const fortyDaysMs = 40 * 24 * 60 * 60_000;
    const ran: string[] = [];
    systemClock.at(fortyDaysMs, () => ran.push('kept'));
    const cancel = systemClock.at(fortyDaysMs, () => ran.push('cancelled'));
    t.mock.timers.tick(2_147_483_647);
    assert.deepEqual(ran, []);
    cancel();
    t.mock.timers.tick(fortyDaysMs - 2_147_483_647);
    assert.deepEqual(ran, ['kept']);
  });
});

describe('Waiting', () => {
  it('ends when the time is there, and leaves nothing behind', async () => {
    const clock = new HandClock();
    const abort = new AbortController();
    const waited = wait(clock, 100, abort.signal);
    await clock.advance(100);
    await waited;
    assert.equal(clock.pending, 0);
  });

  it('ends early with the reason of the signal, and leaves no timer', async () => {
    const clock = new HandClock();
    const abort = new AbortController();
    const waited = wait(clock, 100, abort.signal);
    abort.abort(new RangeError('no more'));
    await assert.rejects(waited, RangeError);
    assert.equal(clock.pending, 0);
    await assert.rejects(wait(clock, 100, abort.signal), RangeError);
    assert.equal(clock.pending, 0);
  });
});
