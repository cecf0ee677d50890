// Whole calls over a simulated Telnyx: real HTTP, signed webhooks, a person at the other end, no time passing.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Person } from '../../sim/telnyx/person.ts';
import { tell } from '../../sim/telnyx/story.ts';
import {
  ALICE,
  forAlice,
  type LineOptions,
  STRANGER,
  startTelnyxLine,
  type TelnyxLine,
} from './telnyx-line.ts';

const ended = (line: TelnyxLine): boolean => line.twin.calls.length > 0 && line.twin.liveCalls().length === 0;
const endOf = (line: TelnyxLine, id: string) => line.phone.find(id)?.end;
const heardBy = (person: Person) => person.heard.map(({ text, cut }) => (cut ? `${text}…` : text));

async function outbound(test: TestContext, person: Person, options: LineOptions = {}) {
  const line = await startTelnyxLine(test, options);
  line.twin.expect(ALICE, person);
  const { id } = await line.order();
  return { line, id };
}

/** Runs until the call is over; what Telnyx had to complain about is told with the whole story. */
async function toTheEnd(line: TelnyxLine): Promise<void> {
  await line.until(() => ended(line));
  await line.until(10_000);
  const [call] = line.twin.calls;
  assert.ok(call);
  assert.deepEqual(line.twin.problems, [], tell(call, line.twin.problems));
  assert.equal(line.app.openCalls(), 0, tell(call));
}

describe('a call we place', () => {
  it('is a conversation: greeting, words, answer, words, answer', async (test) => {
    const person = new Person().says('What time is it?').says('Thanks').hangsUp({ afterMs: 4_000 });
    const { line, id } = await outbound(test, person);
    await toTheEnd(line);
    assert.deepEqual(heardBy(person), ['Good morning.', 'You said: What time is it?', 'You said: Thanks']);
    assert.deepEqual(line.said(id), [
      'agent: Good morning.',
      'caller: What time is it?',
      'agent: You said: What time is it?',
      'caller: Thanks',
      'agent: You said: Thanks',
    ]);
    const cause = 'normal_clearing (source callee, sip 200)';
    assert.deepEqual(endOf(line, id), { reason: 'completed', cause });
    assert.equal(line.phone.find(id)?.carrierCallId, line.twin.calls[0]?.id);
  });

  it('says one message, lets it be heard to its end and hangs up', async (test) => {
    const line = await startTelnyxLine(test);
    const { id } = await line.order({ mode: 'notify' });
    await toTheEnd(line);
    assert.deepEqual(heardBy(line.twin.person), ['Good morning.']);
    const [call] = line.twin.calls;
    assert.equal((call?.end?.at ?? 0) - (call?.heard[0]?.to ?? 0), 3_000);
    assert.deepEqual([call?.end?.by, endOf(line, id)?.reason], ['plugin', 'hangup-bot']);
    const actions = call?.requests.map(({ action }) => action);
    assert.deepEqual(actions, ['dial', 'speak', 'hangup'], 'nobody listens to a message');
  });

  it('fills the wait for a slow agent, whose answer does not cut the filler', async (test) => {
    const person = new Person().says('Think hard').hangsUp({ afterMs: 20_000 });
    const line = await startTelnyxLine(test, { answer: () => line.after(2_000, 'Done.') });
    line.twin.expect(ALICE, person);
    await line.order();
    await toTheEnd(line);
    const heard = heardBy(person);
    assert.deepEqual([heard[0], heard[2]], ['Good morning.', 'Done.'], heard.join(' | '));
    assert.ok(heard.every((text) => !text.endsWith('…')));
  });

  it('presses keys first, whole, and then greets', async (test) => {
    const line = await startTelnyxLine(test);
    line.twin.expect(ALICE, new Person().hangsUp({ afterMs: 40_000 }));
    await line.order({ dtmfSequence: '1ww2#' });
    await toTheEnd(line);
    const heard = line.twin.calls[0]?.heard.map(({ kind, text }) => [kind, text]).slice(0, 2);
    assert.deepEqual(heard, [
      ['digits', '1ww2#'],
      ['say', 'Good morning.'],
    ]);
  });

  it('hears keys as one message, equal ones too, though each is reported by itself', async (test) => {
    const person = new Person().presses('1100#').says('Thanks').hangsUp({ afterMs: 4_000 });
    const { line } = await outbound(test, person);
    await toTheEnd(line);
    assert.deepEqual(
      line.agent.turns.map(({ words }) => words),
      ['(pressed on the keypad: 1100)', 'Thanks'],
    );
  });

  it('hears keys that answer a question, whole', async (test) => {
    const { line, id } = await outbound(test, new Person().staysSilent().presses('4422'));
    await line.until(() => line.phone.find(id)?.floor.kind === 'listening');
    const answer = line.phone.ask(id, 'Your number, please?');
    await line.until(() => line.phone.find(id)?.answer !== null);
    assert.deepEqual(await answer, { transcript: '(pressed on the keypad: 4422)' });
    assert.deepEqual(line.agent.turns, []);
  });

  it('hears a person who does not wait, and the answer takes the place of what is being said', async (test) => {
    const person = new Person().says('Stop!', { afterMs: 1_300, over: true }).hangsUp({ afterMs: 5_000 });
    const line = await startTelnyxLine(test, { answer: () => 'All right.' });
    line.twin.expect(ALICE, person);
    const { id } = await line.order({
      message: 'This is a very long greeting. '.repeat(9),
    });
    await toTheEnd(line);
    const heard = line.twin.calls[0]?.heard.map(({ text, cut }) => [text.slice(0, 10), cut]);
    assert.deepEqual(heard, [
      ['This is a ', true],
      ['All right.', false],
    ]);
    assert.equal(line.said(id)[1], 'caller: Stop!');
  });

  it('asks a silent person again, and its goodbye is heard before it leaves', async (test) => {
    const { line, id } = await outbound(test, new Person());
    await toTheEnd(line);
    assert.equal(line.said(id).length, 4);
    assert.ok(heardBy(line.twin.person).length === 0);
    assert.ok(line.twin.calls[0]?.heard.every(({ cut }) => !cut));
    assert.deepEqual(endOf(line, id), { reason: 'completed', cause: 'the caller was silent' });
  });

  const endings = [
    ['busy', new Person().busy(), 'busy'],
    ['declined', new Person().rejects(), 'busy'],
    ['unanswered', new Person().noAnswer(), 'no-answer'],
    ['nowhere', new Person().fails(), 'failed'],
  ] as const;
  for (const [what, person, reason] of endings) {
    it(`that is ${what} ends as ${reason}`, async (test) => {
      const { line, id } = await outbound(test, person);
      await toTheEnd(line);
      assert.equal(endOf(line, id)?.reason, reason);
    });
  }
});

describe('a call that comes in', () => {
  it('is picked up, greeted, heard and answered', async (test) => {
    const line = await startTelnyxLine(test);
    const person = new Person().says('It is me').hangsUp({ afterMs: 4_000 });
    const call = line.dialIn(person);
    await toTheEnd(line);
    assert.deepEqual(heardBy(person), [forAlice.inboundGreeting, 'You said: It is me']);
    const [first] = line.phone.list(1);
    assert.deepEqual([first?.direction, first?.from, first?.carrierCallId], ['inbound', ALICE, call.id]);
    assert.equal(first?.end?.reason, 'completed');
  });

  it('and that the caller gives up before we could answer was hung up by them', async (test) => {
    const line = await startTelnyxLine(test);
    line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'answer' });
    line.dialIn(new Person().givesUpAfter(2_000));
    await toTheEnd(line);
    const [call] = line.phone.list(1);
    assert.deepEqual([call?.end?.reason, call?.answeredAt], ['hangup-user', null]);
    assert.match(call?.end?.cause ?? '', /originator_cancel/);
  });

  it('from a stranger is turned away unanswered', async (test) => {
    const line = await startTelnyxLine(test);
    const call = line.dialIn(new Person(), STRANGER);
    await toTheEnd(line);
    assert.deepEqual([call.end?.cause, call.answeredAt], ['call_rejected', undefined]);
  });
});

describe('when the wire misbehaves', () => {
  const talker = (): Person => new Person().says('One').says('Two').hangsUp({ afterMs: 4_000 });
  const expected = ['Good morning.', 'You said: One', 'You said: Two'];

  it('events that come twice, late and newly signed happen once', async (test) => {
    const person = talker();
    const { line } = await outbound(test, person, { twin: { duplicates: true } });
    await toTheEnd(line);
    assert.deepEqual(heardBy(person), expected);
    assert.equal(line.agent.turns.length, 2);
  });

  it('events that overtake the answer to the dialling are known by what they carry', async (test) => {
    const line = await startTelnyxLine(test);
    const person = line.twin.expect(ALICE, talker());
    line.twin.faults.rest({ do: 'slow', ms: 6_000 }, { only: 'dial' });
    const placing = line.order();
    await toTheEnd(line);
    await placing;
    assert.deepEqual(heardBy(person), expected);
  });

  it('events that come out of order lose nothing', async (test) => {
    const person = talker();
    const line = await startTelnyxLine(test);
    line.twin.expect(ALICE, person);
    line.twin.faults.hook({ do: 'holdUntilNext' }, { only: ({ type }) => type === 'call.initiated' });
    await line.order();
    await toTheEnd(line);
    assert.deepEqual(heardBy(person), expected);
  });

  it('a busy or broken API is asked again, and no word is said twice', async (test) => {
    for (const fault of [
      { do: 'status', status: 429 },
      { do: 'status', status: 503 },
      { do: 'reset', done: true },
      { do: 'reset', done: false },
    ] as const) {
      const line = await startTelnyxLine(test);
      const person = line.twin.expect(ALICE, talker());
      for (const only of ['speak', 'transcription_start']) line.twin.faults.rest(fault, { only, times: 1 });
      await line.order();
      await toTheEnd(line);
      assert.deepEqual(heardBy(person), expected, JSON.stringify(fault));
    }
  });

  it('an API that is too busy for each command twice loses no call', async (test) => {
    const line = await startTelnyxLine(test);
    const person = line.twin.expect(ALICE, talker());
    for (const only of ['speak', 'transcription_start']) {
      line.twin.faults.rest({ do: 'status', status: 429 }, { only, times: 2 });
    }
    await line.order();
    await toTheEnd(line);
    assert.deepEqual(heardBy(person), expected);
  });

  it('a hang-up that got lost is repeated until it is done', async (test) => {
    const line = await startTelnyxLine(test);
    line.twin.faults.rest({ do: 'status', status: 500 }, { only: 'hangup', times: 2 });
    await line.order({ mode: 'notify' });
    await toTheEnd(line);
    assert.equal(line.twin.calls[0]?.end?.by, 'plugin');
  });

  it('forged events change nothing', async (test) => {
    const line = await startTelnyxLine(test);
    line.twin.faults.hook({ do: 'wrongKey' });
    line.dialIn(new Person().givesUpAfter(5_000));
    await line.until(20_000);
    assert.deepEqual(line.phone.list(10), []);
    assert.ok(line.twin.problems.every(({ code }) => code === 'webhook-refused'));
  });

  it('a refusal to dial is told with its cure', async (test) => {
    const line = await startTelnyxLine(test, { twin: { channels: 0 } });
    await assert.rejects(line.order(), {
      code: 'VC_DIAL_FAILED',
      message: /telnyx refused the call.*90041.*two after/,
    });
  });
});
