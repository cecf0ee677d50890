// Tests of the waterfall: bars on one axis, the same numbers as the report, and the trend.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spreadOf, stageTimes } from '../record/latency.ts';
import { axisEnd, fallsOf, percentile, rolling } from './waterfall.ts';

const stages = {
  speechEndAt: 10_000,
  transcriptAt: 10_420.5,
  modelAskedAt: 10_500,
  firstTokenAt: 10_900,
  firstSentenceAt: 10_950,
  firstAudioAt: 11_100,
  firstFrameAt: 11_101,
  heardAt: 11_200,
};

describe('The waterfall', () => {
  it('has a bar for each stage, one after the other, with the numbers of the report', () => {
    const [fall] = fallsOf([{ turn: 3, listenWaitMs: 1, latencyMs: 480, stages }]);
    assert.ok(fall);
    const times = stageTimes(stages);
    for (const { id, ms } of fall.bars) {
      assert.ok(Math.abs(ms - (times[id as keyof typeof times] ?? Number.NaN)) < 0.06, id);
    }
    assert.equal(fall.bars.length, 7);
    assert.deepEqual([fall.turn, fall.totalMs, fall.wasInterrupted], [3, times.whole, false]);
    fall.bars.slice(1).forEach((bar, i) => {
      const before = fall.bars[i];
      assert.equal(bar.fromMs, (before?.fromMs ?? 0) + (before?.ms ?? 0));
    });
  });

  it('bridges a stage that was not reached, and says when the answer was interrupted', () => {
    const { modelAskedAt: _, heardAt: __, ...some } = stages;
    const [fall] = fallsOf([{ turn: 1, listenWaitMs: 1, stages: { ...some, interruptedAt: 11_150 } }]);
    assert.deepEqual(
      fall?.bars.map(({ id }) => id),
      ['transcription', 'model', 'firstSentence', 'voice', 'sending'],
    );
    assert.equal(fall?.bars[1]?.ms, 479.5);
    assert.equal(fall?.wasInterrupted, true);
  });

  it('has one bar where the carrier speaks, and none for a turn without an answer', () => {
    assert.deepEqual(fallsOf([{ turn: 1, listenWaitMs: 5 }]), []);
    const [fall] = fallsOf([{ turn: 1, listenWaitMs: 5, latencyMs: 900 }]);
    assert.deepEqual(fall?.bars, [{ id: 'reply', label: 'Reply', fromMs: 0, ms: 900 }]);
  });

  it('is never shorter than nothing, whatever came first', () => {
    const odd = { speechEndAt: 100, transcriptAt: 300, firstAudioAt: 250 };
    const [fall] = fallsOf([{ turn: 1, listenWaitMs: 1, stages: odd }]);
    assert.ok(fall?.bars.every(({ ms }) => ms >= 0));
    assert.deepEqual(fallsOf([{ turn: 1, listenWaitMs: 1, stages: {} }])[0]?.bars, []);
  });

  it('ends its axis at a round number', () => {
    assert.deepEqual(
      [0, 480, 900, 2_100, 3_900, 9_000, 70_000].map(axisEnd),
      [500, 500, 1_000, 3_000, 4_000, 10_000, 70_000],
    );
  });
});

describe('The trend', () => {
  it('has the percentiles of the report', () => {
    const values = [900, 100, 500, 700, 300];
    const report = spreadOf(values);
    assert.deepEqual([percentile(values, 0.5), percentile(values, 0.95)], [report?.p50Ms, report?.p95Ms]);
    assert.equal(percentile([], 0.5), null);
  });

  it('looks back on the latest turns only', () => {
    const points = [1, 9, 1, 1].map((ms, at) => ({ at, ms }));
    assert.deepEqual(
      rolling(points, 0.95, 2).map(({ ms }) => ms),
      [1, 9, 9, 1],
    );
  });
});
