// After a restart the carrier is asked about every open call before anything else is done about it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CoreCall } from '../../sim/core-call.ts';
import { someCall } from '../../sim/fake-phone.ts';
import { HandClock } from '../../sim/hand-clock.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { mockCarrier } from '../../src/carrier/mock/index.ts';
import { Conversation } from '../../src/conversation/conversation.ts';
import { openJournal } from '../../src/record/journal.ts';
import { CallLoop, type LoopDeps } from '../../src/runtime/call-loop.ts';
import { KeptLog, ScriptedAgent, startLine } from './line.ts';
import { ALICE, PUBLIC_URL, startTwilioLine, type TwilioLine } from './twilio-line.ts';

const settings = { publicUrl: PUBLIC_URL };

/** What the carrier was asked since the restart, in order. */
function askedSince(line: TwilioLine, before: number): string[] {
  return line.twin.ledger.requests.slice(before).map(({ method }) => method);
}

describe('A call taken up after a restart', () => {
  it('at a carrier that is not configured any more is told to no other one, and counts for all it may have taken', async (test) => {
    const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-stranded-'));
    test.after(() => rmSync(storeDir, { recursive: true, force: true }));
    const at = new HandClock().now();
    const theirs = { carrier: 'twilio', carrierCallId: 'CA1', createdAt: at, answeredAt: at };
    const seed = openJournal(storeDir);
    seed.save(someCall({ ...theirs, id: 'live', phase: 'live' }), { kind: 'began', at });
    const end = { reason: 'error', cause: 'never confirmed' } as const;
    const left = someCall({ ...theirs, id: 'left', carrierCallId: 'CA2', phase: 'ended', end, endedAt: at });
    const gaveUp = { kind: 'deadlinePassed', name: 'hangup', at };
    seed.save(left, gaveUp);
    seed.close();
    const { app, clock } = await startLine({}, undefined, undefined, storeDir);
    test.after(() => app.stop());
    await clock.advance(120_000);
    const call = app.phone.find('live');
    assert.deepEqual([call?.phase, call?.end?.reason], ['ended', 'error']);
    assert.match(call?.end?.cause ?? '', /twilio, is not configured any more/);
    const steps = app.phone.steps('left', { after: 0, limit: 9 });
    assert.deepEqual(
      steps.map(({ event }) => event),
      [gaveUp],
      'the one that asks again is its own carrier',
    );
  });

  it('that ended meanwhile is over at once, and nobody tells a dead line anything', async (test) => {
    const line = await startTwilioLine(test, { settings });
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'listening');
    await line.stop();
    await line.until(60_000);
    const before = line.twin.ledger.requests.length;
    const said = line.twin.calls[0]?.heard.length;
    await line.start();
    await line.until(() => line.call(id).phase === 'ended');
    assert.deepEqual(line.call(id).end, { reason: 'completed', cause: 'it ended while we were restarted' });
    await line.until(90_000);
    assert.deepEqual(askedSince(line, before), ['GET']);
    assert.equal(line.theirs.heard.length, said);
    line.nothingIsLeft();
  });

  it('that rang out meanwhile was not answered', async (test) => {
    const line = await startTwilioLine(test, { settings });
    line.twin.expect(ALICE, new Caller().answersAfter(200_000));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).phase === 'ringing');
    await line.stop();
    await line.until(120_000);
    await line.start();
    await line.until(() => line.call(id).phase === 'ended');
    assert.equal(line.call(id).end?.reason, 'no-answer');
    await line.until(90_000);
    line.nothingIsLeft();
  });

  it('of which the carrier cannot tell goes on by its own deadlines', async (test) => {
    const line = await startTwilioLine(test, { settings: { ...settings, maxDurationMs: 60_000 } });
    line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'fetch' });
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).floor.kind === 'listening');
    await line.stop();
    await line.until(8_000);
    await line.start();
    await line.until(1_000);
    assert.equal(line.call(id).phase, 'live');
    await line.until(120_000);
    assert.equal(line.call(id).phase, 'ended');
    line.nothingIsLeft();
  });

  it('does nothing about its old deadlines before the carrier has said that it lives', async (test) => {
    const line = await startTwilioLine(test, { settings });
    const { id } = await line.place('notify', 'Your parcel is here.');
    await line.until(() => line.call(id).floor.kind === 'idle' && line.call(id).phase === 'live');
    await line.stop();
    await line.until(4_000);
    const before = line.twin.ledger.requests.length;
    line.twin.faults.rest({ do: 'slow', ms: 3_000 }, { only: 'fetch', times: 1 });
    await line.start();
    await line.until(2_000);
    assert.deepEqual([askedSince(line, before), line.call(id).phase], [['GET'], 'live']);
    await line.until(2_000);
    assert.equal(line.theirs.end?.by, 'plugin');
    await line.until(90_000);
    line.nothingIsLeft();
  });

  it('knows what it lost before it takes the first news, when those come before the carrier’s answer', async (t) => {
    const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-restored-'));
    const journal = openJournal(storeDir);
    t.after(() => {
      journal.close();
      rmSync(storeDir, { recursive: true, force: true });
    });
    const log = new KeptLog();
    const thinking = new CoreCall().play(
      { kind: 'placed', carrierCallId: 'CA1', replaces: null },
      { kind: 'answered' },
      { kind: 'callerSaid', text: 'One', turn: 1 },
    );
    const clock = new HandClock();
    const deps: LoopDeps = {
      clock,
      steady: clock,
      speech: null,
      journal,
      log,
      carrier: mockCarrier({ streamUrl: null }),
      conversation: new Conversation(new ScriptedAgent(() => ''), log),
      transport: async () => ({ kind: 'answered', status: 200, body: '', retryAfterMs: null }),
      observe: () => undefined,
    };
    const loop = new CallLoop(thinking.call, deps, { asleep: true });
    loop.post({ kind: 'callerSaid', at: deps.clock.now(), text: 'Two', turn: null });
    const said = loop.call.transcript.map(({ text }) => text);
    assert.match(said.at(-2) ?? '', /^Sorry/);
    assert.equal(said.at(-1), 'Two');
    assert.equal(loop.isAsleep, false);
    loop.abandon();
  });
});
