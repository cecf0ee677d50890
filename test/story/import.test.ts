// Stories of the calls an earlier version left in our folder: they are history, and nothing is done about them.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { publicView } from '../../src/call/public-view.ts';
import { latencyReport } from '../../src/operation/latency.ts';
import { startLine, type TestLine } from './line.ts';

const AT = 1_790_000_000_000;
type Fields = Readonly<Record<string, unknown>>;

const record = (callId: string, changes: Fields = {}): Fields => ({
  callId,
  providerCallId: `CA-${callId}`,
  provider: 'twilio',
  direction: 'outbound',
  state: 'completed',
  from: '+15550002222',
  to: '+15550001111',
  sessionKey: 'voice:15550001111',
  startedAt: AT,
  transcript: [],
  processedEventIds: ['e1'],
  metadata: { mode: 'conversation' },
  ...changes,
});

const turn = (turnCount: number, lastTurnLatencyMs: number, lastTurnListenWaitMs: number): Fields => ({
  metadata: {
    turnCount,
    lastTurnLatencyMs,
    lastTurnListenWaitMs,
    lastTurnCompletedAt: AT + turnCount * 10_000,
  },
});

const OLD = [
  record('talk', { state: 'answered', answeredAt: AT + 5_000 }),
  record('talk', { state: 'listening', answeredAt: AT + 5_000, ...turn(1, 3_000, 1_000) }),
  '{ "callId": "broken',
  record('busy', { state: 'busy', endReason: 'busy', endedAt: AT + 9_000, startedAt: AT + 1 }),
  record('talk', {
    state: 'hangup-user',
    endReason: 'hangup-user',
    answeredAt: AT + 5_000,
    endedAt: AT + 60_000,
    transcript: [
      { timestamp: AT + 6_000, speaker: 'bot', text: 'Hello.', isFinal: true },
      { timestamp: AT + 9_000, speaker: 'user', text: 'Good morning.', isFinal: true },
    ],
    ...turn(2, 5_000, 2_000),
  }),
  record('open', { state: 'listening', answeredAt: AT + 5_000, startedAt: AT + 2 }),
  { callId: 7 },
  [],
];
const text = (lines: readonly unknown[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

/** A telephone that finds this file in its folder. */
async function phoneWith(
  t: TestContext,
  lines: readonly unknown[],
): Promise<TestLine & { readonly file: string }> {
  const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-import-'));
  t.after(() => rmSync(storeDir, { recursive: true, force: true }));
  mkdirSync(storeDir, { recursive: true });
  const file = join(storeDir, 'calls.jsonl');
  writeFileSync(file, text(lines));
  const line = await startLine({}, undefined, undefined, storeDir);
  t.after(() => line.app.stop());
  return { ...line, file };
}

describe('Calls of an earlier version', () => {
  it('are history: the last record of each counts, what is no record is skipped', async (t) => {
    const { app, log, file } = await phoneWith(t, OLD);
    assert.deepEqual(
      app.phone.list(9).map(({ id, phase, end }) => [id, phase, end?.reason]),
      [
        ['open', 'ended', 'error'],
        ['busy', 'ended', 'busy'],
        ['talk', 'ended', 'hangup-user'],
      ],
    );
    const view = publicView(app.phone.find('CA-talk') ?? assert.fail('not found'));
    assert.deepEqual(
      view.transcript.map(({ speaker, text: words }) => `${speaker}: ${words}`),
      ['bot: Hello.', 'user: Good morning.'],
    );
    assert.deepEqual([view.state, view.endedAt, view.answeredAt], ['hangup-user', AT + 60_000, AT + 5_000]);
    const imported = log.lines.filter(({ text: words }) => words.includes('imported'));
    assert.deepEqual(
      imported.map(({ fields }) => fields),
      [{ imported: 3, known: 0, skipped: 3 }],
    );
    assert.equal(readFileSync(file, 'utf8'), text(OLD), 'the file stays as it is');
  });

  it('count in the latency, turn by turn', async (t) => {
    const { app } = await phoneWith(t, OLD);
    const { turnLatency, listenWait } = latencyReport(app.phone, 99);
    assert.deepEqual([turnLatency?.count, turnLatency?.minMs, turnLatency?.maxMs], [2, 3_000, 5_000]);
    assert.deepEqual([listenWait?.count, listenWait?.avgMs], [2, 1_500]);
  });

  it('that were open are over: never dialled, never hung up, and it is said why', async (t) => {
    const { app, clock } = await phoneWith(t, OLD);
    await clock.advance(60_000);
    assert.equal(app.openCalls(), 0);
    assert.equal(
      app.phone.find('open')?.end?.cause,
      'open when it was imported: neither taken over nor hung up',
    );
    await assert.rejects(app.phone.speak('open', 'Hello?'), { code: 'VC_CALL_NOT_ACTIVE' });
  });

  it('are taken once, also when the file has grown', async (t) => {
    const first = await phoneWith(t, OLD);
    const again = await first.restart();
    assert.deepEqual(
      again.log.lines.filter(({ text: words }) => words.includes('imported')),
      [],
    );
    appendFileSync(first.file, text([record('late', { state: 'failed' })]));
    const grown = await again.restart();
    t.after(() => grown.app.stop());
    assert.deepEqual(
      grown.log.lines.filter(({ text: words }) => words.includes('imported')).map(({ fields }) => fields),
      [{ imported: 1, known: 3, skipped: 3 }],
    );
    assert.equal(grown.app.phone.list(9).length, 4);
  });

  it('that were placed a moment ago count for the day', async (t) => {
    const { app, clock } = await phoneWith(t, []);
    assert.equal(app.phone.spending()?.calls, 0);
    const now = clock.now();
    const recent = await phoneWith(t, [
      record('now', { startedAt: now, answeredAt: now, endedAt: now + 60_000 }),
    ]);
    assert.equal(recent.app.phone.spending()?.calls, 0, 'the mock carrier has a day of its own');
    const mock = { provider: 'mock', startedAt: now, answeredAt: now, endedAt: now + 60_000 };
    const played = await phoneWith(t, [record('now', mock)]);
    assert.deepEqual(played.app.phone.spending(), { calls: 1, minutes: 1 });
  });
});
