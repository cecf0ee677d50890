// Tests of Latency: one entry per turn, the documented percentiles, every stage that was reached.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCall } from '../../sim/core-call.ts';
import type { Call, TurnTimes } from '../call/call.ts';
import { latencyOf, spreadOf, stageTimes } from './latency.ts';

const turn = (at: number, changes: Partial<TurnTimes> = {}): TurnTimes => ({
  turn: at,
  listenedFromAt: at * 10_000,
  saidAt: at * 10_000 + 1_000,
  repliedAt: at * 10_000 + 1_500,
  ...changes,
});
const withTurns = (...turns: TurnTimes[]): Call => ({ ...newCall(), turns });

describe('The latency of past turns', () => {
  it('has one entry per turn, of every call', () => {
    const report = latencyOf([withTurns(turn(1), turn(2, { repliedAt: 21_900 })), withTurns(turn(3))]);
    assert.equal(report.recordsScanned, 2);
    assert.deepEqual(
      [report.turnLatency?.count, report.turnLatency?.minMs, report.turnLatency?.maxMs],
      [3, 500, 900],
    );
    assert.equal(report.listenWait?.avgMs, 1_000);
  });

  it('leaves out a turn that was never answered, and says nothing of no turns', () => {
    assert.equal(latencyOf([withTurns(turn(1, { repliedAt: null }))]).turnLatency, null);
    assert.deepEqual(latencyOf([]), { recordsScanned: 0, turnLatency: null, listenWait: null, stages: {} });
  });

  it('takes percentiles by nearest rank', () => {
    const spread = spreadOf(Array.from({ length: 100 }, (_, index) => 100 - index));
    assert.deepEqual(spread, {
      count: 100,
      minMs: 1,
      maxMs: 100,
      avgMs: 50.5,
      p50Ms: 50,
      p90Ms: 90,
      p95Ms: 95,
      p99Ms: 99,
    });
    assert.equal(spreadOf([7])?.p50Ms, 7);
  });

  it('tells the stages that were reached, each from one moment to the next', () => {
    const stages = {
      speechEndAt: 0,
      transcriptAt: 200.04,
      firstTokenAt: 700,
      firstFrameAt: 901.26,
      heardAt: 1_000,
    };
    assert.deepEqual(stageTimes(stages), { transcription: 200, carrier: 98.7, whole: 1_000 });
    const report = latencyOf([withTurns(turn(1, { stages }), turn(2))]);
    assert.deepEqual(Object.keys(report.stages), ['transcription', 'carrier', 'whole']);
    assert.equal(report.stages.whole?.count, 1);
  });
});
