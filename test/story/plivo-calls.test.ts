// Whole calls over a simulated Plivo: real HTTP, signed webhooks, a person at the other end, no time passing.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Person } from '../../sim/plivo/person.ts';
import { ALICE, forAlice, type LineOptions, type PlivoLine, STRANGER, startPlivoLine } from './plivo-line.ts';

const ended = (line: PlivoLine): boolean => line.twin.calls.length > 0 && line.twin.liveCalls().length === 0;
const endOf = (line: PlivoLine, id: string) => line.phone.find(id)?.end;

async function outbound(test: TestContext, person: Person, options: LineOptions = {}) {
  const line = await startPlivoLine(test, options);
  line.twin.expect(ALICE, person);
  const { id } = await line.order();
  return { line, id };
}

describe('a call we place', () => {
  it('refuses keys Plivo would silently not press, before and during the call', async (test) => {
    const person = new Person().says('Hello?').hangsUp({ afterMs: 4_000 });
    const { line, id } = await outbound(test, person, { settings: { maxConcurrentCalls: 2 } });
    await line.until(() => line.phone.find(id)?.phase === 'live');
    const refusal = { code: 'VC_NOT_SUPPORTED', message: /press the keys A to D/ };
    await assert.rejects(line.phone.sendDigits(id, '1A'), refusal);
    await assert.rejects(line.order({ dtmfSequence: '1A' }), refusal);
    await line.until(() => ended(line));
    assert.equal(line.twin.calls.length, 1);
  });

  it('is a conversation: greeting, words, answer, words, answer', async (test) => {
    const person = new Person().says('What time is it?').says('Thanks').hangsUp({ afterMs: 4_000 });
    const { line, id } = await outbound(test, person);
    await line.until(() => ended(line));
    assert.deepEqual(
      person.heard.map(({ text, cut }) => [text, cut]),
      [
        ['Good morning.', false],
        ['You said: What time is it?', false],
        ['You said: Thanks', false],
      ],
    );
    assert.deepEqual(line.said(id), [
      'agent: Good morning.',
      'caller: What time is it?',
      'agent: You said: What time is it?',
      'caller: Thanks',
      'agent: You said: Thanks',
    ]);
    assert.deepEqual(endOf(line, id), {
      reason: 'completed',
      cause: 'NORMAL_CLEARING 4000 Normal Hangup (Callee)',
    });
    assert.equal(line.phone.find(id)?.carrierCallId, line.twin.calls[0]?.uuid);
    assert.deepEqual(line.twin.problems, []);
    assert.equal(line.twin.calls[0]?.transfers, 0, 'every answer went out as a reply');
  });

  it('says one message and hangs up', async (test) => {
    const line = await startPlivoLine(test);
    const { id } = await line.order({ mode: 'notify' });
    await line.until(() => ended(line));
    assert.deepEqual(
      line.twin.person.heard.map(({ text }) => text),
      ['Good morning.'],
    );
    const [call] = line.twin.calls;
    assert.equal((call?.end?.at ?? 0) - (call?.heard[0]?.to ?? 0), 3_000);
    assert.equal(endOf(line, id)?.reason, 'hangup-bot');
    assert.deepEqual(line.twin.problems, []);
  });

  it('fills the wait for a slow agent, and the answer arrives in the held reply', async (test) => {
    const person = new Person().says('Think hard').hangsUp({ afterMs: 20_000 });
    const line = await startPlivoLine(test, {
      answer: () => line.after(4_000, 'Done.'),
    });
    line.twin.expect(ALICE, person);
    await line.order();
    await line.until(() => ended(line));
    const heard = person.heard.map(({ text }) => text);
    assert.equal(heard[0], 'Good morning.');
    assert.equal(heard[2], 'Done.');
    assert.equal(line.twin.calls[0]?.transfers, 0);
    assert.deepEqual(line.twin.problems, []);
  });

  it('presses keys first, whole, and then greets', async (test) => {
    const person = new Person().hangsUp({ afterMs: 6_000 });
    const line = await startPlivoLine(test);
    line.twin.expect(ALICE, person);
    await line.order({ dtmfSequence: '1ww2#' });
    await line.until(() => ended(line));
    assert.deepEqual(
      person.heard.map(({ kind, text }) => [kind, text]),
      [
        ['digits', '1ww2#'],
        ['say', 'Good morning.'],
      ],
    );
    assert.deepEqual(line.twin.problems, []);
  });

  it('hears keys', async (test) => {
    const person = new Person().presses('42#').hangsUp({ afterMs: 5_000 });
    const { line, id } = await outbound(test, person);
    await line.until(() => ended(line));
    assert.equal(line.said(id)[1], 'caller: (pressed on the keypad: 42)');
  });

  it('asks a silent person again, and at last says goodbye', async (test) => {
    const { line, id } = await outbound(test, new Person());
    await line.until(() => ended(line));
    assert.equal(line.said(id).length, 4);
    assert.deepEqual(endOf(line, id), { reason: 'completed', cause: 'the caller was silent' });
    assert.deepEqual(line.twin.problems, []);
  });

  it('stops listening to say what we are asked to say: one transfer, whose document is fetched once', async (test) => {
    const { line, id } = await outbound(test, new Person().hangsUp({ afterMs: 9_000 }));
    await line.until(() => line.phone.find(id)?.floor.kind === 'listening');
    const speaking = line.phone.speak(id, 'One more thing.');
    await line.until(() => ended(line));
    await speaking;
    const [call] = line.twin.calls;
    assert.deepEqual(
      call?.heard.map(({ text, cut }) => [text, cut]),
      [
        ['Good morning.', false],
        ['One more thing.', false],
      ],
    );
    assert.deepEqual([call?.transfers, call?.hooks.filter(({ kind }) => kind === 'transfer').length], [1, 1]);
    assert.deepEqual(line.twin.problems, []);
  });

  it('ends as the other side has it', async (test) => {
    const reasons: unknown[] = [];
    for (const person of [
      new Person().busy(),
      new Person().declines(),
      new Person().noAnswer(),
      new Person().fails(),
    ]) {
      const { line, id } = await outbound(test, person);
      await line.until(() => ended(line));
      reasons.push(endOf(line, id)?.reason);
    }
    assert.deepEqual(reasons, ['busy', 'busy', 'no-answer', 'failed']);
  });

  it('is taken back while Plivo has only the request', async (test) => {
    const { line, id } = await outbound(test, new Person().answersAfter(9_000), {
      twin: { dialDelayMs: 5_000 },
    });
    assert.match(line.phone.find(id)?.carrierCallId ?? '', /^request:/);
    const leaving = line.phone.end(id, { sessionKey: null });
    await line.until(() => ended(line));
    await leaving;
    assert.equal(line.twin.calls[0]?.end?.why, 'DELETE Request');
    assert.equal(endOf(line, id)?.reason, 'hangup-bot');
  });

  it('outlives our process: while Plivo waits for us it is told to, and the next one takes it up', async (test) => {
    const line = await startPlivoLine(test, {
      answer: ({ words }) => (words === 'One' ? line.after(9_000, '') : 'Yes.'),
    });
    line.twin.expect(ALICE, new Person().says('One').says('Two').hangsUp({ afterMs: 4_000 }));
    const { id } = await line.order();
    await line.until(() => line.call(id).floor.kind === 'thinking');
    await line.until(500);
    await line.stop();
    const asked = line.twin.ledger.hooks.length;
    assert.match(line.twin.ledger.hooks.at(-1)?.answer?.body ?? '', /<Wait length="15"\/><Redirect/);
    await line.until(5_000);
    assert.equal(line.twin.ledger.hooks.length, asked, 'nobody is asked while nobody is there');
    await line.start();
    await line.until(() => ended(line));
    const [, apology, answer] = line.twin.calls[0]?.heard.map(({ text }) => text) ?? [];
    assert.deepEqual([apology?.slice(0, 5), answer], ['Sorry', 'Yes.']);
    assert.deepEqual(line.twin.problems, []);
  });

  it('is hung up when we are asked to', async (test) => {
    const { line, id } = await outbound(test, new Person());
    await line.until(() => line.phone.find(id)?.floor.kind === 'listening');
    const leaving = line.phone.end(id, { sessionKey: null });
    await line.until(() => ended(line));
    await leaving;
    assert.equal(endOf(line, id)?.reason, 'hangup-bot');
    assert.equal(line.twin.calls[0]?.end?.cause.source, 'API Request');
  });

  it('is no zombie when the webhooks overtake the answer to the dialling', async (test) => {
    const line = await startPlivoLine(test);
    line.twin.faults.rest({ do: 'slow', ms: 3_000 }, { only: 'create' });
    line.twin.expect(ALICE, new Person().says('Hi').hangsUp({ afterMs: 3_000 }));
    const placing = line.order();
    await line.until(() => ended(line));
    const { id } = await placing;
    assert.equal(line.said(id)[1], 'caller: Hi');
    assert.equal(line.phone.find(id)?.carrierCallId, line.twin.calls[0]?.uuid);
    assert.equal(line.app.openCalls(), 0);
  });

  it('does nothing twice when Plivo says everything twice', async (test) => {
    const person = new Person().says('Hello').hangsUp({ afterMs: 4_000 });
    const line = await startPlivoLine(test);
    line.twin.faults.hook({ do: 'duplicate', ms: 5 });
    line.twin.expect(ALICE, person);
    const { id } = await line.order();
    await line.until(() => ended(line));
    assert.deepEqual(line.said(id), ['agent: Good morning.', 'caller: Hello', 'agent: You said: Hello']);
    assert.equal(line.agent.turns.length, 1);
    assert.deepEqual(
      person.heard.map(({ text }) => text),
      ['Good morning.', 'You said: Hello'],
    );
  });

  it('believes nothing that is not signed', async (test) => {
    for (const fault of ['wrongToken', 'unsigned', 'onlyV2', 'tamper'] as const) {
      const line = await startPlivoLine(test);
      line.twin.faults.hook({ do: fault });
      const { id } = await line.order();
      await line.until(() => ended(line));
      assert.deepEqual(line.said(id), [], fault);
      const answers = line.twin.ledger.hooks.map(({ answer }) => answer?.status);
      assert.deepEqual(new Set(answers), new Set([401]), fault);
    }
  });

  it('outlives a busy API: the hang-up is repeated until it is taken', async (test) => {
    const { line, id } = await outbound(test, new Person());
    await line.until(() => line.phone.find(id)?.floor.kind === 'listening');
    line.twin.faults.rest({ do: 'status', status: 503 }, { only: 'hangup', times: 2 });
    const leaving = line.phone.end(id, { sessionKey: null });
    await line.until(() => ended(line));
    await leaving;
    assert.equal(line.twin.calls[0]?.requests.filter(({ method }) => method === 'DELETE').length, 3);
  });
});

describe('a call that comes in', () => {
  it('is answered with the greeting, and talks', async (test) => {
    const line = await startPlivoLine(test);
    const person = new Person().says('It is me').hangsUp({ afterMs: 3_000 });
    line.dialIn(person);
    await line.until(() => ended(line));
    assert.deepEqual(
      person.heard.map(({ text }) => text),
      [forAlice.inboundGreeting, 'You said: It is me'],
    );
    const [call] = line.phone.list(1);
    assert.deepEqual([call?.direction, call?.from, call?.end?.reason], ['inbound', ALICE, 'completed']);
    assert.deepEqual(line.twin.problems, []);
  });

  it('from a stranger is turned away before it is picked up', async (test) => {
    const line = await startPlivoLine(test);
    const person = new Person();
    line.dialIn(person, STRANGER);
    await line.until(() => ended(line));
    assert.deepEqual(
      line.twin.calls[0]?.states.map(({ status }) => status),
      ['ringing', 'failed'],
    );
    assert.equal(line.twin.calls[0]?.end?.cause.code, 3020);
    assert.deepEqual([person.heard, line.twin.problems], [[], []]);
    assert.equal(line.app.openCalls(), 0);
  });
});
