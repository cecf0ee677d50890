// Tests of old records: whatever stands in a line, it is a call our store takes, or none.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { publicView } from '../call/public-view.ts';
import { openJournal } from './journal.ts';
import { OldCallReader } from './old-calls.ts';

const odd = fc.oneof(fc.jsonValue(), fc.double(), fc.string(), fc.integer());
const time = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: 0, max: 4e12 }) },
  { weight: 1, arbitrary: odd },
);
const line = fc
  .record(
    {
      callId: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('a', 'b', '__proto__', "';--") }, odd),
      provider: fc.constantFrom('twilio', 'mock'),
      direction: fc.constantFrom('inbound', 'outbound'),
      state: fc.constantFrom('initiated', 'answered', 'speaking', 'listening', 'busy', 'completed', 'error'),
      startedAt: time,
      answeredAt: time,
      endedAt: time,
      endReason: fc.oneof(fc.constantFrom('busy', 'constructor'), odd),
      from: odd,
      to: odd,
      sessionKey: odd,
      transcript: fc.oneof(fc.array(fc.record({ timestamp: time, speaker: odd, text: odd })), odd),
      metadata: fc.oneof(
        fc.record({ turnCount: time, lastTurnLatencyMs: time, lastTurnCompletedAt: time, mode: odd }),
        odd,
      ),
    },
    { requiredKeys: ['provider', 'direction', 'state'] },
  )
  .map((fields) => JSON.stringify(fields));

describe('Old records', () => {
  it('never throw, and what comes of them can be stored and shown', (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'voice-call-old-'));
    const journal = openJournal(dir);
    t.after(() => {
      journal.close();
      rmSync(dir, { recursive: true });
    });
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 9, arbitrary: line }, fc.string()), { maxLength: 8 }),
        (lines) => {
          const reader = new OldCallReader();
          for (const one of lines) reader.read(one);
          const { calls } = reader.all;
          for (const call of calls) assert.equal(call.phase, 'ended');
          taken += journal.adopt(calls);
          for (const call of journal.list(9)) JSON.stringify(publicView(call));
        },
      ),
      { numRuns: 150 },
    );
    assert.ok(taken >= 4);
    assert.equal(journal.open().length, 0);
  });

  it('of a far future end when they were last heard of: they are not counted for ever', () => {
    const reader = new OldCallReader();
    const who = { callId: 'a', provider: 'twilio', direction: 'outbound', state: 'completed' };
    reader.read(JSON.stringify({ ...who, startedAt: 1_000, answeredAt: 2_000, endedAt: 8.64e15 }));
    assert.deepEqual(
      reader.all.calls.map(({ endedAt }) => endedAt),
      [2_000],
    );
  });
});
