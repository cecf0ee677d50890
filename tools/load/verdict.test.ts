// The verdict of a load test: each thing that must not happen is found when it is planted, and nothing else is.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppSample, Evidence, RecordedCall } from './evidence.ts';
import { NOBODY, STRIKES, type Story } from './story.ts';
import { faultsOf } from './verdict.ts';
import { LINES } from './wire.ts';

const MINUTE = 60_000;
const PERSON = '+15551000001';
const line = { carrier: 'twilio', mode: 'streaming' } as const;

const calm: AppSample = {
  at: 0,
  rssMb: 400,
  heapMb: 30,
  lineHeapMb: 110,
  mainLoad: 0.3,
  load: 0.9,
  delayP99Ms: 30,
  delayMaxMs: 60,
  resources: { TCPSocketWrap: 2, Timeout: 5 },
  files: 100,
  threads: 13,
  openCalls: 0,
  missedDeadlines: 0,
  warnings: {},
  errors: {},
};

/** Greeted, asks once, is answered at once, hangs up. */
const content: Story = {
  ...line,
  id: 'CA1',
  person: PERSON,
  isInbound: true,
  answeredAt: 1_000,
  endedAt: 20_000,
  endedBy: 'person',
  why: 'the person hung up',
  endAskedAt: null,
  sounds: [
    { from: 1_500, to: 3_000, isLast: true },
    { from: 7_000, to: 12_000, isLast: true },
  ],
  words: [{ from: 4_000, to: 6_000, isInterruption: false }],
};
const record: RecordedCall = {
  ...line,
  id: 'ours-1',
  carrierCallId: 'CA1',
  person: PERSON,
  direction: 'inbound',
  answeredAt: 1_000,
  endedAt: 20_000,
  reason: 'hangup-user',
  cause: 'CallStatus=completed',
};

/** A load test in which nothing went wrong, but for `changes`. */
function evidence(changes: Partial<Evidence> = {}): Evidence {
  const samples = Array.from({ length: 9 }, (_, at) => ({ ...calm, at: at * MINUTE, openCalls: 200 }));
  const wish = { calls: 1, minutes: 1, seed: 1 };
  const told = { wish, stories: [content], records: [record], placed: [], unanswered: [], strikes: [] };
  return { ...told, before: calm, samples, after: calm, ...changes };
}

function withStory(changes: Partial<Story>): Evidence {
  return evidence({ stories: [{ ...content, ...changes }] });
}

function withRecord(changes: Partial<RecordedCall>): Evidence {
  return evidence({ records: [{ ...record, ...changes }] });
}

const outbound = { ...line, to: PERSON, at: 1_000 };
const ours = { ...content, isInbound: false };

describe('A load test', () => {
  it('finds no fault where there is none', () => {
    assert.deepEqual(faultsOf(evidence()), []);
  });

  it('finds a call that is not on record, twice, as another, or without an end', () => {
    assert.match(faultsOf(evidence({ records: [] })).join(), /^lost call: not on record/);
    assert.match(faultsOf(evidence({ records: [record, record] })).join(), /on record twice/);
    assert.match(faultsOf(withRecord({ carrierCallId: 'CA2' })).join(), /on record as another call/);
    assert.match(faultsOf(withRecord({ endedAt: null })).join(), /without an end.*open after the end/);
    assert.match(faultsOf(withRecord({ endedAt: 90_000 })).join(), /its ends are 70 s apart/);
    assert.match(faultsOf(withRecord({ answeredAt: null })).join(), /answered by the carrier only/);
    assert.match(faultsOf(evidence({ stories: [] })).join(), /on record, but nobody called/);
  });

  it('finds a call that somebody cut', () => {
    assert.match(faultsOf(withStory({ endedBy: 'carrier', why: 'HTTP 503' })).join(), /the carrier ended it/);
    assert.match(faultsOf(withStory({ endedBy: 'plugin' })).join(), /we hung up: hangup-user/);
    assert.deepEqual(faultsOf(withStory({ endedBy: 'plugin', endAskedAt: 0 })), []);
    assert.match(faultsOf(withRecord({ reason: 'error' })).join(), /hung up, but on record it is error/);
  });

  it('finds a telephone that rang twice, or never', () => {
    const placed = [{ ...outbound, why: null }];
    assert.match(faultsOf(evidence({ placed, stories: [ours, ours] })).join(), /dialled 2 times/);
    const never = faultsOf(
      evidence({ placed, stories: [], records: [{ ...record, direction: 'outbound' }] }),
    );
    assert.match(never.join(), /^placed, but never dialled/);
    assert.deepEqual(faultsOf(evidence({ unanswered: ['+15551000002'] })), [
      'nobody was told what became of the call to +15551000002',
    ]);
    const ghost = { ...record, id: 'ours-2', person: '+15551000003', direction: 'outbound' } as const;
    assert.match(faultsOf(evidence({ records: [record, ghost] })).join(), /^on record, but nobody called/);
  });

  it('lets a dialling nobody confirmed be closed, but not be left', () => {
    const placed = [{ ...outbound, why: 'the connection was reset' }];
    const unsure = { ...record, carrierCallId: null, reason: 'failed' } as const;
    const stories = [{ ...ours, endedBy: 'plugin' } as const];
    const reset = {
      kind: 'carrier API reset',
      from: 900,
      to: 3_900,
      carrier: 'twilio',
      person: NOBODY,
    } as const;
    const dialling = { placed, stories, strikes: [reset] };
    assert.deepEqual(faultsOf(evidence({ ...dialling, records: [unsure] })), []);
    const left = faultsOf(evidence({ ...dialling, records: [{ ...unsure, endedAt: null }] }));
    assert.match(left.join(), /never closed/);
    const down = { kind: 'carrier API down', from: 0, to: 500, carrier: 'twilio' } as const;
    assert.deepEqual(faultsOf(evidence({ ...dialling, strikes: [down], records: [unsure] })), []);
    for (const strikes of [[], [{ ...reset, carrier: 'plivo' } as const], [{ ...reset, person: PERSON }]])
      assert.match(
        faultsOf(evidence({ ...dialling, strikes, records: [unsure] })).join(),
        /^1 calls were refused, though twilio failed 0 times: the connection was reset/,
      );
  });

  it('finds a silence that nobody injected', () => {
    const late = [content.sounds[0]!, { from: 8_500, to: 12_000, isLast: true }];
    assert.match(faultsOf(withStory({ sounds: late })).join(), /^2.5 s of silence after their words/);
    const broken = [
      content.sounds[0]!,
      { from: 7_000, to: 8_000, isLast: false },
      { from: 11_000, to: 12_000, isLast: true },
    ];
    assert.match(faultsOf(withStory({ sounds: broken })).join(), /^3 s of silence after our voice/);
    const noGreeting = faultsOf(withStory({ sounds: [content.sounds[1]!] }));
    assert.match(noGreeting.join(), /^3 s of silence after the answer/);
  });

  it('excuses it where a fault was injected, but only there, and not for ever', () => {
    const sounds = [content.sounds[0]!, { from: 10_000, to: 12_000, isLast: true }];
    const strike = { kind: 'slow agent', from: 6_000, to: 9_000, person: PERSON } as const;
    const struck = { stories: [{ ...content, sounds }] };
    assert.deepEqual(faultsOf(evidence({ ...struck, strikes: [strike] })), []);
    const others = evidence({ ...struck, strikes: [{ ...strike, person: '+15551000002' }] });
    assert.match(faultsOf(others).join(), /^4 s of silence/);
    const early = evidence({ ...struck, strikes: [{ ...strike, to: 7_500 }] });
    assert.match(faultsOf(early).join(), /^4 s of silence after their words.*\(slow agent\)/);
    const never = { ...content, endedAt: 60_000, sounds: [content.sounds[0]!] };
    const whole = { ...strike, to: 60_000 };
    const long = evidence({ stories: [never], strikes: [whole], records: [{ ...record, endedAt: 60_000 }] });
    assert.match(faultsOf(long).join(), /^54 s of silence/);
  });

  it('finds what was not tried: a line without an answer, fewer calls than asked for, a fault that never struck', () => {
    const [first, ...others] = LINES;
    const stories = others.map((one, nth) => ({ ...content, ...one, id: `CA${nth}`, person: `+1555${nth}` }));
    const records = stories.map(({ id, person }) => ({ ...record, carrierCallId: id, person }));
    const wish = { calls: 200, minutes: 10, seed: 1 };
    const [spared, ...struck] = STRIKES;
    const strikes = struck.map((kind) => ({ kind, from: 0, to: 0 }));
    assert.deepEqual(faultsOf(evidence({ wish, stories, records, strikes })), [
      `nobody had an answer on ${first?.carrier} ${first?.mode}`,
      `never injected: ${spared}`,
    ]);
    const samples = evidence().samples.map((one) => ({ ...one, openCalls: 150 }));
    const few = { ...wish, calls: 8 };
    assert.deepEqual(faultsOf(evidence({ wish: few, samples })), []);
    assert.match(faultsOf(evidence({ wish, samples })).join(), /150 calls were on at a time, not 200/);
  });

  it('finds handles, sockets, threads and calls that are left', () => {
    const after = {
      ...calm,
      resources: { ...calm.resources, Timeout: 7 },
      files: 120,
      threads: 14,
      openCalls: 2,
    };
    assert.deepEqual(faultsOf(evidence({ after })), [
      '2 calls were never closed',
      '2 handles of the kind Timeout were left',
      '20 files or sockets were left open',
      '1 threads were left',
    ]);
  });

  it('finds memory that grows, of the process and of each kind of thread', () => {
    const growing = (figure: 'rssMb' | 'heapMb' | 'lineHeapMb', mb: number): Evidence =>
      evidence({
        samples: evidence().samples.map((one, at) => ({ ...one, [figure]: one[figure] + at * mb })),
      });
    assert.deepEqual(faultsOf(growing('rssMb', 20)), ['memory grew from 400 to 520 MB']);
    assert.deepEqual(faultsOf(growing('heapMb', 3)), ['the heap grew from 30 to 48 MB']);
    assert.deepEqual(faultsOf(growing('lineHeapMb', 3)), [
      'the heap of the line threads grew from 110 to 128 MB',
    ]);
    assert.deepEqual(faultsOf(evidence({ samples: [] })), ['nothing was measured']);
  });

  it('finds missed deadlines, errors in the log, and callers who were turned away', () => {
    const after = { ...calm, missedDeadlines: 1, errors: { 'a line event could not be handled': 2 } };
    assert.deepEqual(faultsOf(evidence({ after })), [
      '1 deadlines were missed',
      '2 times in the log: a line event could not be handled',
    ]);
    const away = withRecord({
      cause: 'refused: this machine is at its limit',
      reason: 'failed',
      answeredAt: null,
    });
    assert.deepEqual(faultsOf(away), ['1 callers were turned away: refused: this machine is at its limit']);
  });
});
