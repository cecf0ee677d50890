// The schedule of a playout when our own loop is late, and when the way to the carrier is jammed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FRAME_BYTES, FRAME_MS } from './frame.ts';
import { LEAD_MS, Playout } from './playout.ts';
import { Utterance } from './utterance.ts';

const LEAD_FRAMES = LEAD_MS / FRAME_MS;

class Bench {
  readonly reports: string[] = [];
  readonly sent: string[] = [];
  readonly playout = new Playout((kind, id) => this.reports.push(`${kind} ${id}`));
  readonly socket = {
    send: (frames: readonly string[]) => this.sent.push(...frames),
    bufferedBytes: 0,
    close: () => undefined,
  };

  constructor(frames: number) {
    const writer = { audio: () => 'a', mark: (name: string) => `m${name}`, clear: () => 'c' };
    this.playout.connect({ writer, socket: this.socket });
    this.say('u1', frames);
  }

  say(id: string, frames: number): void {
    const utterance = new Utterance({ id, interruptible: true });
    utterance.append(new Uint8Array(frames * FRAME_BYTES));
    utterance.finish();
    this.playout.add(utterance);
  }

  /** Plays from `from` until just before `until`, in steps of the pacer. */
  play(from: number, until: number): void {
    for (let moment = from; moment < until; moment += FRAME_MS) this.frames(moment);
  }

  /** The mark sent as number `n`, from 1, comes back. */
  returns(n: number, now: number): void {
    this.playout.returned(`m${n}`, now);
  }

  /** How many frames a moment of the pacer sends; the carrier was heard of just before. */
  frames(moment: number, lateMs = 0): number {
    const before = this.sent.length;
    this.playout.news(moment);
    this.playout.pump(moment + lateMs, moment);
    return this.sent.slice(before).filter((text) => text === 'a').length;
  }

  /** The first so many, or all. */
  returnMarks(now: number, most = Number.POSITIVE_INFINITY): void {
    const marks = this.sent.filter((text) => text.startsWith('m')).slice(0, most);
    for (const mark of marks) this.playout.returned(mark.slice(1), now);
  }
}

describe('A playout whose loop is late', () => {
  it('sends what it owes at once, and is on time again', () => {
    const bench = new Bench(200);
    assert.equal(bench.frames(0), LEAD_FRAMES);
    assert.equal(bench.frames(20), 1);
    assert.equal(bench.frames(40, 19), 1);
    assert.equal(bench.frames(140), 5);
    assert.equal(bench.frames(160), 1);
  });

  it('does not catch up what the carrier could not play in the meantime', () => {
    const bench = new Bench(200);
    bench.frames(0);
    assert.equal(bench.frames(1_000), LEAD_FRAMES);
    assert.equal(bench.frames(1_020), 1);
  });
});

describe('A playout whose marks come late', () => {
  it('waits after 1.5 s for a carrier that used to return them, and goes on when they come', () => {
    const bench = new Bench(400);
    bench.frames(0);
    bench.returnMarks(60);
    let moment = 20;
    while (bench.frames(moment) > 0) moment += FRAME_MS;
    // The first mark that is still out was sent with the lead.
    assert.equal(moment, 240 + 1_500 + FRAME_MS);
    bench.returnMarks(moment + 1_000);
    assert.equal(bench.frames(moment + 1_000), LEAD_FRAMES);
  });

  it('settles them by time when the carrier is there, but not while nothing comes from it at all', () => {
    const alive = new Bench(10);
    alive.frames(0);
    alive.returnMarks(40, 1);
    alive.playout.news(2_200);
    alive.playout.settle(2_200);
    assert.deepEqual(alive.reports, ['began u1', 'audible u1', 'played u1']);
    const dead = new Bench(10);
    dead.frames(0);
    dead.returnMarks(40, 1);
    dead.playout.settle(4_000);
    assert.deepEqual(dead.reports, ['began u1', 'audible u1']);
    assert.equal(dead.playout.isHopeless(4_000), false);
    assert.equal(dead.playout.isHopeless(5_300), true);
  });
});

describe('What was heard of an utterance', () => {
  const heardMs = (bench: Bench, now: number): number | undefined => bench.playout.cut(now)?.heardMs;

  it('is what the last mark proves, and the time since then, in whole frames', () => {
    const bench = new Bench(100);
    bench.play(0, 500);
    // After 2 frames, 12, and 22.
    bench.returns(2, 340);
    assert.equal(heardMs(bench, 415), 240 + 60);
  });

  it('does not reach the next mark before that one has returned', () => {
    const bench = new Bench(100);
    bench.play(0, 1_000);
    bench.returns(2, 340);
    assert.equal(heardMs(bench, 1_000), 440 - 20);
  });

  it('is nothing new after a pause until a mark of after the pause returns', () => {
    const paused = new Bench(100);
    paused.play(0, 200);
    paused.returns(2, 340);
    paused.play(2_000, 2_100);
    assert.equal(heardMs(paused, 2_100), 240);
    const cleared = new Bench(100);
    cleared.play(0, 400);
    cleared.returns(2, 340);
    cleared.playout.hold(400);
    cleared.playout.resume();
    cleared.play(1_000, 1_100);
    assert.equal(heardMs(cleared, 1_100), 300);
  });

  it('is nothing new after a clear, either, when the rest is sent again at once', () => {
    const bench = new Bench(30);
    bench.say('u2', 50);
    bench.play(0, 500);
    bench.returns(2, 340);
    bench.playout.drop(['u2'], 480);
    bench.play(480, 560);
    assert.deepEqual(bench.playout.cut(560), { utteranceId: 'u1', heardMs: 380 });
  });

  it('is reckoned from its own beginning when the one before it was played', () => {
    const bench = new Bench(20);
    bench.say('u2', 50);
    bench.play(0, 600);
    // The end mark of the first, then the clock.
    bench.returns(3, 500);
    assert.deepEqual(bench.playout.cut(510), { utteranceId: 'u2', heardMs: 0 });
  });

  it('of one that has its last frames out is not counted down by those of the next', () => {
    const bench = new Bench(20);
    bench.say('u2', 50);
    bench.play(0, 400);
    bench.returns(2, 260);
    assert.deepEqual(bench.playout.cut(390), { utteranceId: 'u1', heardMs: 360 });
  });

  it('is reckoned by time, less 300 ms, for a carrier that returns nothing', () => {
    const bench = new Bench(100);
    bench.play(0, 1_000);
    assert.equal(heardMs(bench, 1_000), 700);
  });

  it('is proven by a later mark, too', () => {
    const bench = new Bench(22);
    bench.play(0, 500);
    bench.returns(3, 600);
    assert.deepEqual(bench.reports, ['began u1', 'audible u1', 'played u1']);
  });
});

describe('The marks of an utterance', () => {
  it('follow its first two frames, then every ten, and its last', () => {
    const bench = new Bench(25);
    bench.say('u2', 12);
    bench.play(0, 2_000);
    const marksAfter = bench.sent.flatMap((text, index) =>
      text.startsWith('m') ? [bench.sent.slice(0, index).filter((other) => other === 'a').length] : [],
    );
    assert.deepEqual(marksAfter, [2, 12, 22, 25, 27, 37]);
  });
});
