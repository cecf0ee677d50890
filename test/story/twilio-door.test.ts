// Who is believed at the door: forged, repeated and stale webhooks of a simulated Twilio, and the proxies before us.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import type { HookView } from '../../sim/twilio/faults.ts';
import type { HookRecord } from '../../sim/twilio/ledger.ts';
import { ALICE, GREETING, PUBLIC_URL, startTwilioLine, type TwilioLine } from './twilio-line.ts';

const talker = (): Caller => new Caller().says('One').says('Two').hangsUp({ afterMs: 4_000 });
const TALK = [GREETING, 'You said: One', 'You said: Two'];

const isKind =
  (kind: HookRecord['kind']) =>
  (hook: HookView): boolean =>
    hook.kind === kind;

/** Sends every webhook again: the same answers to the byte, and nothing happens. */
async function replayAll(line: TwilioLine, hooks: readonly HookRecord[]): Promise<void> {
  const before = JSON.stringify([
    line.phone.list(9),
    line.agent.turns.length,
    line.twin.ledger.requests.length,
  ]);
  for (const hook of hooks) {
    const { answer } = await line.twin.replay(hook);
    assert.ok(answer, `${hook.kind} ${hook.url}`);
    const { status, contentType, body } = answer;
    const { answer: first } = hook;
    assert.deepEqual(
      { status, contentType, body },
      { status: first?.status, contentType: first?.contentType, body: first?.body },
    );
  }
  assert.equal(
    JSON.stringify([line.phone.list(9), line.agent.turns.length, line.twin.ledger.requests.length]),
    before,
  );
}

describe('A webhook that is not from Twilio', () => {
  for (const fault of ['wrongToken', 'unsigned', 'tamper'] as const) {
    it(`cannot bring in a call (${fault})`, async (test) => {
      const line = await startTwilioLine(test, { settings: { inboundPolicy: 'open' } });
      line.twin.faults.hook({ do: fault });
      const { voiceUrl } = line;
      line.twin.dialIn({ from: ALICE, to: '+15550005678', voiceUrl, person: new Caller() });
      await line.over();
      assert.deepEqual(
        line.hooks('voice').map(({ answer }) => answer?.status),
        [401],
      );
      assert.deepEqual([line.phone.list(9), line.agent.turns], [[], []]);
    });

    it(`cannot put words into a caller’s mouth (${fault})`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.faults.hook({ do: fault }, { only: isKind('action') });
      line.twin.expect(ALICE, talker());
      const { id } = await line.place('conversation');
      await line.over();
      assert.deepEqual(
        line.hooks('action').map(({ answer }) => answer?.status),
        [401],
      );
      assert.deepEqual([line.said(id), line.agent.turns], [[`agent: ${GREETING}`], []]);
      line.nothingIsLeft();
    });

    it(`cannot end a call (${fault})`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.faults.hook({ do: fault }, { only: isKind('status') });
      line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 3_000 }));
      const { id } = await line.place('conversation');
      await line.until(() => !line.theirs.isAlive);
      await line.until(5_000);
      assert.ok(line.hooks('status').every(({ answer }) => answer?.status === 401));
      assert.equal(line.call(id).phase, 'live');
    });
  }
});

describe('Behind a tunnel', () => {
  for (const signsDefaultPort of [false, true]) {
    it(`a conversation is what it always is (port spelled out: ${signsDefaultPort})`, async (test) => {
      const line = await startTwilioLine(test, {
        settings: { publicUrl: PUBLIC_URL },
        twin: { signsDefaultPort },
      });
      line.twin.expect(ALICE, talker());
      await line.place('conversation');
      await line.toTheEnd();
      assert.deepEqual(line.heard, TALK);
      assert.ok(line.theirs.hooks.every(({ url }) => url.startsWith(`${PUBLIC_URL}?`)));
    });
  }
});

describe('A webhook sent again, byte for byte', () => {
  it('in the middle of the call gets the same answer, and nothing happens', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, talker());
    await line.place('conversation');
    await line.until(() => line.theirs.heard.length === 2);
    await replayAll(line, [...line.theirs.hooks]);
    await line.toTheEnd();
    assert.deepEqual(line.heard, TALK);
  });

  it('after the call gets the same answer, and nothing happens', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, talker());
    await line.place('conversation');
    await line.toTheEnd();
    await replayAll(line, [...line.theirs.hooks]);
    line.nothingIsLeft();
  });

  it('even after we came back in between', async (test) => {
    const line = await startTwilioLine(test, { settings: { publicUrl: PUBLIC_URL } });
    line.twin.expect(ALICE, talker());
    await line.place('conversation');
    await line.toTheEnd();
    await line.restart();
    await replayAll(line, [...line.theirs.hooks]);
    line.nothingIsLeft();
  });

  it('about a caller who was turned away brings nobody in', async (test) => {
    const line = await startTwilioLine(test);
    line.dialIn(new Caller());
    await line.toTheEnd();
    await replayAll(line, [...line.theirs.hooks]);
    assert.equal(line.phone.list(9).length, 1);
  });

  it('while the first is still held gets the answer of the first', async (test) => {
    const line = await startTwilioLine(test, { answer: () => line.after(1_000, 'Here you are.') });
    line.twin.faults.hook({ do: 'duplicate', ms: 400 }, { only: isKind('action') });
    line.twin.expect(ALICE, new Caller().says('One').hangsUp({ afterMs: 6_000 }));
    await line.place('conversation');
    await line.toTheEnd();
    const bodies = line.hooks('action').map(({ answer }) => answer?.body);
    assert.equal(bodies.length, 2);
    assert.equal(bodies[0], bodies[1]);
    assert.deepEqual([line.heard, line.agent.turns.length], [[GREETING, 'Here you are.'], 1]);
  });
});

describe('Words for an older turn', () => {
  it('that arrive late are no answer to a newer question', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.faults.hook({ do: 'delay', ms: 5_000 }, { only: isKind('action'), times: 1 });
    const person = new Caller()
      .says('Meant for the greeting')
      .says('Blue', { afterMs: 8_000 })
      .hangsUp({ afterMs: 4_000 });
    line.twin.expect(ALICE, person);
    const { id } = await line.place('conversation');
    await line.until(() => line.theirs.said.some(({ caught }) => caught));
    const colour = line.phone.ask(id, 'Which colour?');
    await line.toTheEnd();
    assert.deepEqual(await colour, { transcript: 'Blue' });
    assert.deepEqual(line.said(id), [`agent: ${GREETING}`, 'agent: Which colour?', 'caller: Blue']);
    assert.deepEqual([line.heard, line.agent.turns], [[GREETING, 'Which colour?'], []]);
    const late = line
      .hooks('action')
      .find(({ params }) => params.some(([, value]) => value.startsWith('Meant')));
    assert.equal(late?.answer?.status, 200, 'it did arrive');
  });
});
