// Tests of the watch over a line thread, with a hand-moved clock.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { Watch } from './watch.ts';

describe('The watch over a thread', () => {
  it('lets one alone that answers, however late', async () => {
    const clock = new HandClock();
    let hung = 0;
    const watch = new Watch({ clock, ask: () => undefined, onHung: () => hung++ });
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(9_000);
      watch.answered();
    }
    assert.equal(hung, 0);
    watch.stop();
    assert.equal(clock.pending, 0);
  });

  it('tells once of one that has not answered for ten seconds', async () => {
    const clock = new HandClock();
    let asked = 0;
    let hung = 0;
    new Watch({ clock, ask: () => asked++, onHung: () => hung++ });
    await clock.advance(9_999);
    assert.deepEqual([asked, hung], [5, 0]);
    await clock.advance(60_000);
    assert.deepEqual([asked, hung, clock.pending], [5, 1, 0]);
  });
});
