// Tests of what a soak is failed for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppSample } from './soak-app.ts';
import type { CallersReport } from './soak-callers.ts';
import { faultsOf, type SoakEvidence } from './soak-verdict.ts';

const MINUTE = 60_000;
const calm: AppSample = {
  at: 0,
  rssMb: 200,
  heapMb: 20,
  lineHeapMb: 20,
  mainLoad: 0.1,
  lineLoad: 0.1,
  delayP99Ms: 30,
  delayMaxMs: 60,
  resources: { PipeWrap: 1, MessagePort: 1, Timeout: 1 },
  files: 34,
  openCalls: 0,
  missedDeadlines: 0,
  warnings: {},
  errors: {},
};
const content: CallersReport = {
  calls: 100,
  live: 0,
  turns: 1_000,
  bargeIns: 100,
  drops: 50,
  unanswered: 1,
  gaps: 2,
  gapMs: 80,
  answers: [1_000],
  lateMs: 5,
  rssMb: 200,
  problems: {},
};

/** A soak of twenty calls for nine minutes in which nothing happened, but for `changes`. */
function soak(changes: Partial<SoakEvidence> = {}): SoakEvidence {
  const samples = Array.from({ length: 9 }, (_, at) => ({ ...calm, at: at * MINUTE, openCalls: 20 }));
  return { before: calm, samples, after: calm, callers: content, ...changes };
}

describe('A soak', () => {
  it('finds no fault where there is none', () => {
    assert.deepEqual(faultsOf(soak()), []);
  });

  it('fails on memory that grows and grows, in either thread', () => {
    const growing = soak().samples.map((sample, at) => ({ ...sample, rssMb: 200 + at * 20 }));
    assert.deepEqual(faultsOf(soak({ samples: growing })), ['memory grew from 280 to 340 MB']);
    const after = { ...calm, heapMb: 33 };
    const samples = soak().samples.map((sample, at) => ({ ...sample, lineHeapMb: 20 + at * 4 }));
    assert.deepEqual(faultsOf(soak({ after, samples })), [
      'the heap kept 13 MB after the last call',
      'the heap of the line thread kept 24 MB',
    ]);
  });

  it('fails on handles, sockets and calls that are left', () => {
    const after = { ...calm, resources: { ...calm.resources, Timeout: 3 }, files: 44, openCalls: 2 };
    assert.deepEqual(faultsOf(soak({ after })), [
      '2 calls were never closed',
      '2 handles of the kind Timeout were left',
      '10 files or sockets were left open',
    ]);
  });

  it('fails on a missed deadline and on an error in the log', () => {
    const after = { ...calm, missedDeadlines: 1, errors: { 'a line event could not be handled': 2 } };
    assert.deepEqual(faultsOf(soak({ after })), [
      '1 deadlines were missed',
      '2 times in the log: a line event could not be handled',
    ]);
  });

  it('fails on callers who were not answered, or heard us stumble, or never spoke', () => {
    const callers = { ...content, unanswered: 6, gapMs: 3_400 };
    assert.deepEqual(faultsOf(soak({ callers })), [
      '6 of 1000 turns were not answered',
      'our speech stumbled for 3400 ms in 160 minutes of calls',
    ]);
    assert.deepEqual(faultsOf(soak({ callers: { ...content, turns: 0 } })), ['nobody said anything']);
  });
});
