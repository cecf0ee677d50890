// Tests of what the media bench says about its knee.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spreadOf } from './figures.ts';
import { dearestPercent, limitAt, notesOf } from './media-knee.ts';
import type { StepResult, SubjectResult } from './media-run.ts';

const none = spreadOf([]);

function step(calls: number, more: Partial<StepResult & { readonly clientLoad: number }> = {}): StepResult {
  const { clientLoad = 0.3, ...rest } = more;
  return {
    calls,
    isEven: true,
    seen: { offBeat: none, rate: 50, clientLoad, sendLate: none, sent: [], lost: 0 },
    cpuPerCallMinute: 60,
    threadLoad: 0.4,
    mainLoad: 0.1,
    processLoad: 0.5,
    machineLoad: 0.8,
    rssPerCallKb: 300,
    hearing: null,
    ...rest,
  };
}

function result(steps: readonly StepResult[], knee: number): SubjectResult {
  return { name: 'line', steps, knee, isFound: steps.some(({ isEven }) => !isEven), hot: [] };
}

describe('The limit', () => {
  const cases: readonly [string, Partial<StepResult & { readonly clientLoad: number }>, RegExp][] = [
    ['the thread', { threadLoad: 0.9, clientLoad: 0.95 }, /^the thread itself/],
    ['the client', { clientLoad: 0.9 }, /^the client .* the thread would carry more/],
    ['the machine', { machineLoad: 1.85, processLoad: 1, clientLoad: 0.8 }, /^the machine is full: 2 cores/],
    ['others', { machineLoad: 1.2 }, /^other programs .*other programs 40 %/],
    ['a turn', {}, /^nothing is full/],
  ];
  for (const [what, loads, words] of cases)
    it(`is ${what} when the loads say so`, () => assert.match(limitAt(step(500, loads), 2), words));
});

describe('The cost of a call', () => {
  it('is the dearest from 100 calls to the knee, of that at 100', () => {
    const steps = [
      step(1, { cpuPerCallMinute: 900 }),
      step(100),
      step(200, { cpuPerCallMinute: 66 }),
      step(350, { cpuPerCallMinute: 54 }),
      step(500, { cpuPerCallMinute: 600, isEven: false }),
    ];
    assert.equal(Math.round(dearestPercent(result(steps, 350)) ?? 0), 110);
  });

  it('is unknown when nothing above 100 calls was even', () => {
    assert.equal(dearestPercent(result([step(1), step(100)], 100)), null);
  });
});

describe('The words about a knee', () => {
  it('name it, its reason one step above, and what a call costs there', () => {
    const steps = [step(100), step(350), step(500, { isEven: false, threadLoad: 0.95 })];
    assert.deepEqual(notesOf(result(steps, 350), 'ours', 2), [
      'knee of ours: 350 calls',
      'why not 500: the thread itself is at its limit (thread 95 %, main thread 10 %, client 30 % of a core)',
      'at 350 calls: 0.060 s of a core for a minute of a call, 300 KB a call',
    ]);
  });

  it('say that there is none within the steps', () => {
    assert.match(
      notesOf(result([step(1), step(100)], 100), 'ours', 2)[0] ?? '',
      /no knee of ours within the steps: 100/,
    );
  });
});
