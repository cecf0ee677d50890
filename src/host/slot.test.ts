// Tests of the slot: starts and stops in any order, failures half-way, and who asks meanwhile. A hand-moved clock.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { Leaving } from '../app.ts';
import { wait } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { Slot, type Wish } from './slot.ts';

interface Phone {
  readonly name: string;
  greeting: string;
  stop(how: Leaving): Promise<void>;
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const busy = (): VoiceCallError =>
  new VoiceCallError('VC_PORT_IN_USE', { port: 1, bind: 'here', who: 'nginx', cure: 'stop it' });

/** A slot with telephones that are noted: how many run at once, and what became of each. */
function stage() {
  const clock = new HandClock();
  const slot = new Slot<Phone>(clock);
  const notes: string[] = [];
  const alive = new Set<string>();
  let most = 0;
  function made(name: string, stopTakesMs = 0, stopFails = false): Phone {
    alive.add(name);
    most = Math.max(most, alive.size);
    notes.push(`${name} runs`);
    return {
      name,
      greeting: '',
      stop: async (how) => {
        if (stopTakesMs > 0) await wait(clock, stopTakesMs);
        alive.delete(name);
        notes.push(`${name} ${how}`);
        if (stopFails) throw new Error('a step of stopping failed');
      },
    };
  }
  function wish(name: string, changes: Partial<Wish<Phone>> = {}): Wish<Phone> {
    return {
      log: silent,
      keeps: () => false,
      leaving: () => 'handOver',
      make: async () => made(name),
      runs: () => undefined,
      failed: (error, afterMs) => notes.push(`${name} failed ${error.code} ${afterMs}`),
      ...changes,
    };
  }
  return { clock, slot, notes, alive, made, wish, mostAtOnce: () => most };
}

describe('The slot', () => {
  it('holds one telephone at a time through twenty starts and stops in a row', async () => {
    const { slot, wish, alive, mostAtOnce } = stage();
    for (let generation = 1; generation <= 20; generation++) {
      await slot.want(wish(`g${generation}`));
      assert.equal((await slot.current()).name, `g${generation}`);
      await slot.stop('a restart', 'handOver', silent);
    }
    assert.equal(alive.size, 0);
    assert.equal(mostAtOnce(), 1);
  });

  it('never has two at once, and ends with what was wanted last, in whatever order things overlap', async () => {
    const move = fc.record({
      kind: fc.constantFrom('want', 'stop'),
      startMs: fc.nat(50),
      stopMs: fc.nat(50),
      fails: fc.constantFrom('', '', 'start', 'stop'),
      pauseMs: fc.nat(60),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 12 }), async (moves) => {
        const { clock, slot, wish, made, alive, mostAtOnce } = stage();
        for (const [at, { kind, startMs, stopMs, fails, pauseMs }] of moves.entries()) {
          const make = async (): Promise<Phone> => {
            await wait(clock, startMs);
            if (fails === 'start') throw busy();
            return made(`p${at}`, stopMs, fails === 'stop');
          };
          if (kind === 'want') void slot.want(wish(`p${at}`, { make }));
          else void slot.stop('no more', 'handOver', silent);
          await clock.advance(pauseMs);
        }
        const last = moves.at(-1);
        for (let at = 0; at < 60; at++) await clock.advance(50);
        assert.equal(mostAtOnce() <= 1, true);
        if (last?.kind === 'stop') assert.equal(alive.size, 0);
        else if (last?.fails !== 'start') assert.deepEqual([...alive], [`p${moves.length - 1}`]);
        const stopped = slot.stop('the end', 'handOver', silent);
        await clock.advance(200);
        await stopped;
        assert.equal(alive.size, 0);
        assert.equal(clock.pending, 0);
      }),
      { numRuns: 60 },
    );
  });

  it('says why none runs when one cannot start, tries again, and is there as soon as it can', async () => {
    const { clock, slot, wish, made, notes } = stage();
    let isFree = false;
    const make = async (): Promise<Phone> => {
      if (!isFree) throw busy();
      return made('late');
    };
    await slot.want(wish('late', { make }));
    await assert.rejects(slot.current(), /is already in use by nginx\. To have it, stop it\./);
    for (const ms of [1_000, 2_000, 5_000]) await clock.advance(ms);
    isFree = true;
    await clock.advance(10_000);
    assert.deepEqual(notes, [
      'late failed VC_PORT_IN_USE 1000',
      'late failed VC_PORT_IN_USE 2000',
      'late failed VC_PORT_IN_USE 5000',
      'late failed VC_PORT_IN_USE 10000',
      'late runs',
    ]);
    assert.equal((await slot.current()).name, 'late');
  });

  it('forgets to try again once it is stopped', async () => {
    const { clock, slot, wish } = stage();
    await slot.want(wish('never', { make: () => Promise.reject(busy()) }));
    await slot.stop('it was disabled', 'goodbye', silent);
    assert.equal(clock.pending, 0);
    await assert.rejects(slot.current(), /it was disabled/);
  });

  it('lets who asks during a hand-over wait for the next one', async () => {
    const { clock, slot, wish } = stage();
    await slot.want(wish('old'));
    await slot.stop('a restart', 'handOver', silent);
    const asked = slot.current();
    await clock.advance(4_000);
    await slot.want(wish('new'));
    await clock.advance(50);
    assert.equal((await asked).name, 'new');
  });

  it('does not let them wait for ever', async () => {
    const { clock, slot, wish } = stage();
    await slot.want(wish('old'));
    await slot.stop('a restart', 'handOver', silent);
    const asked = assert.rejects(slot.current(), /a restart/);
    await clock.advance(10_100);
    await asked;
  });

  it('says at once why there is none when none is to come', async () => {
    const { slot, clock } = stage();
    slot.expect();
    const early = assert.rejects(slot.current(), /twilio\.accountSid is missing/);
    await slot.stop('twilio.accountSid is missing', 'goodbye', silent);
    await clock.advance(50);
    await early;
    await assert.rejects(slot.current(), /twilio\.accountSid is missing/);
  });

  it('answers through the one that says goodbye until it is gone', async () => {
    const { clock, slot, wish, made } = stage();
    await slot.want(wish('old', { make: async () => made('old', 3_000) }));
    const stopped = slot.stop('the Gateway stops', 'goodbye', silent);
    await settle(2);
    assert.equal((await slot.current()).name, 'old');
    await clock.advance(3_000);
    await stopped;
    await assert.rejects(slot.current(), /the Gateway stops/);
  });

  it('keeps a telephone that takes up what changed', async () => {
    const { slot, wish, notes } = stage();
    await slot.want(wish('one'));
    const keeps = (running: Phone): boolean => {
      running.greeting = 'Good evening.';
      return true;
    };
    await slot.want(wish('two', { keeps }));
    assert.equal((await slot.current()).greeting, 'Good evening.');
    assert.deepEqual(notes, ['one runs']);
  });

  it('goes on when a telephone does not stop in order, or at all', async () => {
    const { clock, slot, wish, made, notes } = stage();
    await slot.want(wish('clumsy', { make: async () => made('clumsy', 0, true) }));
    await slot.want(wish('stuck', { make: async () => made('stuck', 1e9) }));
    const next = slot.want(wish('next'));
    await clock.advance(10_000);
    await next;
    assert.equal((await slot.current()).name, 'next');
    assert.deepEqual(notes, ['clumsy runs', 'clumsy handOver', 'stuck runs', 'next runs']);
  });

  it('tells a telephone that is starting that something else is wanted', async () => {
    const { slot, wish, alive, notes } = stage();
    const make = (signal: AbortSignal): Promise<Phone> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const starting = slot.want(wish('slow', { make }));
    await settle(2);
    await slot.want(wish('next'));
    await starting;
    assert.deepEqual([...alive], ['next']);
    assert.deepEqual(notes, ['next runs']);
  });
});
