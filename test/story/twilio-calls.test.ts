// Whole calls we place over a simulated Twilio: real HTTP, signed webhooks, a person at the other end, no time passing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TwinCall } from '../../sim/twilio/call.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { answerGaps, tell } from '../../sim/twilio/story.ts';
import { ALICE, GREETING, startTwilioLine } from './twilio-line.ts';

/** Twilio waits so long after the last word before it tells us; on top of it comes what is ours. */
const SPEECH_END_MS = 1_000;
/** The longest Twilio waits for a document. */
const MOST_HELD_MS = 15_000;

/** How long each document was waited for, ms. */
const heldMs = (call: TwinCall): number[] =>
  call.hooks.filter(({ kind }) => kind !== 'status').map(({ at, answer }) => (answer?.at ?? Infinity) - at);

/** The longest time the person heard nothing although it was not their turn, ms; the first words count from the answer. */
function longestSilenceMs(call: TwinCall): number {
  const first = (call.heard[0]?.from ?? Infinity) - (call.answeredAt ?? 0);
  return Math.max(first, ...answerGaps(call).map((gap) => gap - SPEECH_END_MS));
}

describe('A conversation we start', () => {
  it('takes three turns and ends when the person hangs up', async (test) => {
    const line = await startTwilioLine(test);
    const person = new Caller().says('What time is it?').says('And where?').says('Thanks, bye.');
    line.twin.expect(ALICE, person.hangsUp({ afterMs: 4_000 }));
    const { id } = await line.place('conversation');
    await line.toTheEnd();
    assert.deepEqual(line.heard, [
      'Good morning.',
      'You said: What time is it?',
      'You said: And where?',
      'You said: Thanks, bye.',
    ]);
    assert.deepEqual(line.said(id), [
      'agent: Good morning.',
      'caller: What time is it?',
      'agent: You said: What time is it?',
      'caller: And where?',
      'agent: You said: And where?',
      'caller: Thanks, bye.',
      'agent: You said: Thanks, bye.',
    ]);
    const call = line.call(id);
    assert.deepEqual([call.phase, call.end?.reason], ['ended', 'completed']);
    assert.match(call.end?.cause ?? '', /CallStatus=completed/);
    assert.equal(call.carrierCallId, line.theirs.sid);
    assert.equal(line.phone.find(line.theirs.sid)?.id, id, 'found by the carrier’s id as well');
    assert.deepEqual(
      call.turns.map(({ turn }) => turn),
      [1, 2, 3],
    );
    assert.ok(longestSilenceMs(line.theirs) < 100, tell(line.theirs));
    assert.deepEqual(line.requests('update'), [], 'all of it went through the webhooks');
    assert.deepEqual(line.agent.released, [id]);
  });

  it('listens at once when we have nothing to say first', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().says('Hello?').hangsUp({ afterMs: 3_000 }));
    await line.place('conversation', null);
    await line.toTheEnd();
    assert.deepEqual(line.heard, ['You said: Hello?']);
  });

  it('hears the keys a person presses, and the agent is told of them', async (test) => {
    const line = await startTwilioLine(test, { answer: () => 'Thank you.' });
    line.twin.expect(ALICE, new Caller().presses('42#').hangsUp({ afterMs: 3_000 }));
    const { id } = await line.place('conversation', 'Your code, please.');
    await line.toTheEnd();
    assert.deepEqual(line.heard, ['Your code, please.', 'Thank you.']);
    assert.equal(line.said(id)[1], 'caller: (pressed on the keypad: 42)');
    assert.equal(line.agent.turns[0]?.words, '(pressed on the keypad: 42)');
  });

  it('takes words said over the greeting, which the person has cut', async (test) => {
    const line = await startTwilioLine(test);
    const person = new Caller()
      .says('Wrong number', { over: true, afterMs: 1_500 })
      .hangsUp({ afterMs: 6_000 });
    line.twin.expect(ALICE, person);
    await line.place('conversation', 'This is a rather long sentence to listen to until its very end.');
    await line.toTheEnd();
    assert.deepEqual(
      line.theirs.heard.map(({ cut }) => cut),
      [true, false],
    );
    assert.equal(line.heard[1], 'You said: Wrong number');
  });

  it('is over when the person hangs up while the agent still thinks, and nobody speaks to a dead line', async (test) => {
    const line = await startTwilioLine(test, { answer: () => line.after(6_000, 'Too late.') });
    line.twin.expect(ALICE, new Caller().says('Let me see').hangsUp({ afterMs: 1_500 }));
    const { id } = await line.place('conversation');
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING]);
    assert.deepEqual(line.said(id), ['agent: Good morning.', 'caller: Let me see']);
    assert.deepEqual([line.agent.turns[0]?.signal.aborted, line.agent.released], [true, [id]]);
    assert.deepEqual(line.requests('update'), []);
  });

  it('ends with a goodbye when its time is up', async (test) => {
    const line = await startTwilioLine(test, { settings: { maxDurationMs: 40_000 } });
    line.twin.expect(
      ALICE,
      new Caller().decides(() => ({ says: 'And then?', afterMs: 3_000 })),
    );
    const { id } = await line.place('conversation');
    await line.toTheEnd();
    assert.equal(line.heard.at(-1), 'I am sorry, our time is up. Goodbye.');
    assert.equal(line.call(id).end?.reason, 'timeout');
    assert.equal(line.theirs.end?.by, 'plugin');
    assert.ok(line.theirs.durationS < 40, 'before the carrier would have cut it');
    assert.deepEqual(line.requests('create')[0]?.['TimeLimit'], ['40']);
  });
});

describe('A message', () => {
  const MESSAGE = 'Your parcel is here.';

  for (const [first, delayed] of [
    ['the status callback', 'nothing'],
    ['the visit after the message', 'answered'],
  ] as const) {
    it(`is said once, heard to its end and hung up after the delay, when ${first} comes first`, async (test) => {
      const line = await startTwilioLine(test);
      line.twin.faults.hook(
        { do: 'delay', ms: 4_000 },
        {
          only: ({ kind, status }) => delayed === 'answered' && kind === 'status' && status === 'in-progress',
        },
      );
      const { id } = await line.place('notify', MESSAGE);
      await line.toTheEnd();
      assert.deepEqual(line.heard, [MESSAGE]);
      const [heard] = line.theirs.heard;
      assert.equal(heard?.from, line.theirs.answeredAt, 'nothing stands between "hello?" and the first word');
      assert.equal((line.theirs.end?.at ?? 0) - (heard?.to ?? 0), 3_000);
      assert.equal(line.theirs.end?.by, 'plugin');
      assert.deepEqual([line.said(id), line.call(id).end?.reason], [[`agent: ${MESSAGE}`], 'hangup-bot']);
      assert.deepEqual(line.requests('update'), [], 'the hang-up is the answer to a visit');
    });
  }

  it('too long to travel with the dialling is fetched, and said whole and once', async (test) => {
    const line = await startTwilioLine(test);
    const message = 'There is a lot to tell about this parcel. '.repeat(98).trim();
    const { id } = await line.place('notify', message);
    await line.toTheEnd();
    const [create] = line.requests('create');
    assert.equal(create?.['Twiml'], undefined);
    assert.match(create?.['Url']?.[0] ?? '', /flow=answer/);
    assert.ok(line.heard.join(' ') === message, 'every word of it');
    assert.equal(line.hooks('voice').length, 1);
    assert.deepEqual([line.said(id).length, line.call(id).end?.reason], [1, 'hangup-bot']);
    assert.equal((line.theirs.end?.at ?? 0) - (line.theirs.heard.at(-1)?.to ?? 0), 3_000);
  });

  it('may be followed by a long pause: Twilio is told to ask again before it gives up waiting', async (test) => {
    const line = await startTwilioLine(test, { settings: { notifyHangupDelayMs: 30_000 } });
    await line.place('notify', MESSAGE);
    await line.toTheEnd();
    assert.deepEqual(line.heard, [MESSAGE]);
    assert.equal((line.theirs.end?.at ?? 0) - (line.theirs.heard[0]?.to ?? 0), 30_000);
    const held = heldMs(line.theirs);
    assert.ok(held.length > 2 && Math.max(...held) < MOST_HELD_MS, String(held));
  });

  it('is cut short when the person leaves, and is on record as such', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().hangsUp({ afterMs: 500 }));
    const { id } = await line.place('notify', MESSAGE);
    await line.toTheEnd();
    assert.deepEqual(line.heard, ['Your pa…']);
    const [entry] = line.call(id).transcript;
    assert.equal(entry?.speaker === 'agent' && entry.outcome, 'cut');
  });
});

describe('A caller is not left in silence', () => {
  it('while the agent thinks for 4 s: a filler, then the answer, in a held reply', async (test) => {
    const line = await startTwilioLine(test, { answer: () => line.after(4_000, 'It is noon.') });
    line.twin.expect(ALICE, new Caller().says('What time is it?').hangsUp({ afterMs: 9_000 }));
    await line.place('conversation');
    await line.toTheEnd();
    assert.deepEqual(line.heard, [GREETING, 'One moment, please.', 'It is noon.']);
    assert.ok(longestSilenceMs(line.theirs) <= 2_500, tell(line.theirs));
    assert.ok(Math.max(...heldMs(line.theirs)) < MOST_HELD_MS);
    assert.deepEqual(line.requests('update'), [], 'nothing had to be interrupted');
  });

  it('while it thinks for 25 s: fillers, and Twilio never waits longer than it can', async (test) => {
    const line = await startTwilioLine(test, { answer: () => line.after(25_000, 'It is noon.') });
    line.twin.expect(ALICE, new Caller().says('What time is it?').hangsUp({ afterMs: 35_000 }));
    await line.place('conversation');
    await line.toTheEnd();
    const working = 'I am still working on that.';
    assert.deepEqual(line.heard, [GREETING, 'One moment, please.', working, working, working, 'It is noon.']);
    assert.ok(longestSilenceMs(line.theirs) <= 2_500, tell(line.theirs));
    const pauses = line.theirs.heard
      .slice(2)
      .map(({ from }, index) => from - (line.theirs.heard[index + 1]?.to ?? 0));
    assert.ok(Math.max(...pauses) <= 6_100, tell(line.theirs));
    assert.ok(Math.max(...heldMs(line.theirs)) < MOST_HELD_MS);
  });

  it('when the agent fails: an apology, then it listens again', async (test) => {
    const answer = ({ turn }: { readonly turn: number }): string => {
      if (turn === 1) throw new Error('no model');
      return 'Now it works.';
    };
    const line = await startTwilioLine(test, { answer });
    line.twin.expect(ALICE, new Caller().says('Hello?').says('Again then').hangsUp({ afterMs: 3_000 }));
    await line.place('conversation');
    await line.toTheEnd();
    const apology = 'Sorry, I could not get an answer just now. Could you say that again?';
    assert.deepEqual(line.heard, [GREETING, apology, 'Now it works.']);
    assert.ok(longestSilenceMs(line.theirs) < 100);
  });

  it('when the agent never answers: the same, after responseTimeoutMs', async (test) => {
    const line = await startTwilioLine(test, {
      settings: { responseTimeoutMs: 12_000 },
      answer: () => new Promise(() => undefined),
    });
    line.twin.expect(ALICE, new Caller().says('Hello?').hangsUp({ afterMs: 20_000 }));
    await line.place('conversation');
    await line.toTheEnd();
    assert.match(line.heard.join(' '), /One moment.*still working.*Sorry, I could not/);
  });

  it('when it says nothing itself: it is asked twice, and hears our goodbye before we hang up', async (test) => {
    const line = await startTwilioLine(test);
    const { id } = await line.place('conversation');
    await line.toTheEnd();
    const again = 'Are you still there?';
    const goodbye = 'I cannot hear you, so I will hang up now. Goodbye.';
    assert.deepEqual(line.heard, [GREETING, again, again, goodbye]);
    assert.deepEqual(line.call(id).end, { reason: 'completed', cause: 'the caller was silent' });
    assert.deepEqual([line.theirs.end?.by, line.agent.turns.length], ['plugin', 0]);
  });
});

describe('A call nobody takes', () => {
  const endings = [
    ['busy', new Caller().busy(), 'busy', /CallStatus=busy SipResponseCode=486/],
    ['not answered', new Caller().noAnswer(), 'no-answer', /CallStatus=no-answer SipResponseCode=487/],
    ['to nowhere', new Caller().fails(), 'failed', /CallStatus=failed SipResponseCode=404/],
  ] as const;
  for (const mode of ['conversation', 'notify'] as const) {
    for (const [what, person, reason, cause] of endings) {
      it(`and that is ${what} is a ${mode} call that ends as ${reason}`, async (test) => {
        const line = await startTwilioLine(test);
        line.twin.expect(ALICE, person);
        const { id } = await line.place(mode);
        await line.toTheEnd();
        const { end, transcript, answeredAt } = line.call(id);
        assert.deepEqual([end?.reason, answeredAt, transcript], [reason, null, []]);
        assert.match(end?.cause ?? '', cause);
      });
    }
  }

  it('because we cancel it while it rings is our own hang-up', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, new Caller().answersAfter(20_000));
    const { id } = await line.place('conversation');
    await line.until(() => line.call(id).phase === 'ringing');
    const ended = line.phone.end(id, { sessionKey: null });
    await line.toTheEnd();
    await ended;
    assert.equal(line.theirs.status, 'canceled');
    assert.equal(line.call(id).end?.reason, 'hangup-bot');
  });
});
