// One clock for all lines.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { type Paced, Pacer } from './pacer.ts';

class Line implements Paced {
  readonly moments: number[] = [];
  whenCalled: () => void = () => undefined;

  pace(moment: number): void {
    this.moments.push(moment);
    this.whenCalled();
  }
}

/** A clock whose timers are as late as a test wants. */
class LateClock implements Clock {
  time = 1_000_000;
  timers = 0;
  due: { readonly at: number; readonly run: () => void } | null = null;

  now(): number {
    return this.time;
  }

  at(at: number, run: () => void): Cancel {
    this.timers += 1;
    this.due = { at, run };
    return () => {
      this.due = null;
    };
  }

  fire(lateMs: number): void {
    const { due } = this;
    this.due = null;
    this.time = Math.max(this.time, due!.at + lateMs);
    due!.run();
  }
}

describe('The pacer', () => {
  it('calls a line every 20 ms exactly, and has no timer when there is none', async () => {
    const clock = new HandClock();
    const pacer = new Pacer(clock);
    const line = new Line();
    await clock.advance(3.7);
    pacer.join(line);
    pacer.join(line);
    await clock.advance(2_000);
    assert.equal(line.moments.length, 100);
    assert.ok(line.moments.every((moment, index) => index === 0 || moment - line.moments[index - 1]! === 20));
    pacer.leave(line);
    pacer.leave(line);
    assert.equal(clock.pending, 0);
    await clock.advance(100);
    assert.equal(line.moments.length, 100);
  });

  it('spreads lines over five slots, 4 ms apart, with one timer', async () => {
    const clock = new HandClock();
    const pacer = new Pacer(clock);
    const lines = Array.from({ length: 10 }, () => new Line());
    for (const line of lines) pacer.join(line);
    assert.equal(clock.pending, 1);
    await clock.advance(20);
    assert.equal(clock.pending, 1);
    const slots = lines.map(({ moments }) => moments[0]! % 20);
    assert.deepEqual(
      [...slots].sort((a, b) => a - b),
      [0, 0, 4, 4, 8, 8, 12, 12, 16, 16],
    );
  });

  it('does not drift when its timers are late, and leaves out what is long past', () => {
    const clock = new LateClock();
    const pacer = new Pacer(clock);
    const line = new Line();
    pacer.join(line);
    for (let turn = 0; turn < 50; turn++) clock.fire(turn % 19);
    assert.equal(line.moments.length, 50);
    assert.equal(line.moments[49]! - line.moments[0]!, 49 * 20);
    clock.fire(310);
    assert.equal(line.moments[50]! - line.moments[49]!, 20 + 300);
  });

  it('takes a timer that is early by a fraction for on time', () => {
    const clock = new LateClock();
    const pacer = new Pacer(clock);
    const line = new Line();
    clock.time += 3;
    pacer.join(line);
    clock.time = clock.due!.at - 0.6;
    const { run } = clock.due!;
    clock.due = null;
    run();
    assert.equal(line.moments.length, 1);
    assert.equal(clock.timers, 2);
  });

  it('lets lines come and go while it is calling them', async () => {
    const clock = new HandClock();
    const pacer = new Pacer(clock);
    const lines = Array.from({ length: 15 }, () => new Line());
    for (const line of lines) pacer.join(line);
    const [first, second, third] = lines as [Line, Line, Line];
    const late = new Line();
    first.whenCalled = () => pacer.leave(first);
    second.whenCalled = () => {
      pacer.leave(third);
      pacer.join(late);
    };
    await clock.advance(60);
    assert.equal(first.moments.length, 1);
    assert.ok(third.moments.length <= 1);
    assert.ok(late.moments.length >= 2);
    for (const line of lines.slice(3)) assert.equal(line.moments.length, 3);
  });
});
