// Tests of the beat: what it tells of a thread that is in time, of one that stands still, and of one that slept.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { Beat, type Load } from './beat.ts';

function beating(): { readonly clock: HandClock; readonly beat: Beat; readonly told: number[] } {
  const clock = new HandClock();
  const told: number[] = [];
  const beat = new Beat({ clock, everyMs: 20, tell: ({ lateMs }) => told.push(lateMs) });
  beat.start();
  return { clock, beat, told };
}

describe('A beat', () => {
  it('tells once a second, of a thread in time that it is not late', async () => {
    const { clock, told } = beating();
    await clock.advance(999);
    assert.deepEqual(told, []);
    await clock.advance(1);
    assert.deepEqual(told, [0]);
    await clock.advance(2_000);
    assert.deepEqual(told, [0, 0, 0]);
  });

  it('counts every moment that was missed, each by how late it was noticed', async () => {
    const { clock, told } = beating();
    await clock.advance(500);
    await clock.stall(200);
    await clock.advance(300);
    // Ten of fifty moments, 180 ms late and less: 95 of 100 were noticed within 140 ms.
    assert.deepEqual(told, [140]);
  });

  it('tells of one long block in one reading', async () => {
    const { clock, told } = beating();
    await clock.stall(5_000);
    await clock.advance(2_000);
    assert.deepEqual(told.length, 3);
    assert.ok((told[0] ?? 0) > 4_000);
    assert.deepEqual(told.slice(1), [0, 0]);
  });

  it('takes hours without a beat for sleep', async () => {
    const { clock, told } = beating();
    await clock.stall(3_600_000);
    await clock.advance(1_000);
    assert.deepEqual(told, [0]);
  });

  it('goes on when the clock is set back', async () => {
    const clock = new HandClock();
    let backMs = 0;
    const told: number[] = [];
    const set = {
      now: () => clock.now() - backMs,
      at: (atMs: number, run: () => void) => clock.at(atMs + backMs, run),
    };
    new Beat({ clock: set, everyMs: 20, tell: ({ lateMs }) => told.push(lateMs) }).start();
    await clock.advance(500);
    backMs = 3_600_000;
    await clock.advance(2_100);
    assert.deepEqual(told, [0, 0]);
  });

  it('starts once, and leaves no timer when it stops', async () => {
    const { clock, beat, told } = beating();
    beat.start();
    assert.equal(clock.pending, 1);
    beat.stop();
    beat.stop();
    assert.equal(clock.pending, 0);
    await clock.stall(5_000);
    beat.start();
    await clock.advance(1_000);
    assert.deepEqual(told, [0]);
  });

  it('may be stopped by whoever is told', async () => {
    const clock = new HandClock();
    const beat = new Beat({ clock, everyMs: 20, tell: () => beat.stop() });
    beat.start();
    await clock.advance(5_000);
    assert.equal(clock.pending, 0);
  });

  it('tells how much of its time this very thread worked', async () => {
    const loads: Load[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const beat = new Beat({
      everyMs: 20,
      tell: (load) => {
        loads.push(load);
        if (loads.length === 2) resolve();
      },
    });
    beat.start();
    const until = performance.now() + 950;
    while (performance.now() < until);
    await promise;
    beat.stop();
    const [first, second] = loads;
    assert.ok(first && second);
    assert.ok(first.busy > 0.8 && first.lateMs > 500, JSON.stringify(first));
    assert.ok(second.busy < first.busy, JSON.stringify(second));
  });
});
