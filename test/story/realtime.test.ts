// Stories of a voice model on the line: it greets, talks, is interrupted, asks the agent and hangs up.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { clip } from '../../sim/media/clips.ts';
import { parrot, type Script } from '../../sim/media/voice-model-script.ts';
import { keysIn } from './dialled-tones.ts';
import { GREETING, WELCOME } from './live-stage.ts';
import { onEach } from './realtime-stage.ts';

const LONG =
  'The library opens at nine on weekdays. On Saturdays it opens at ten. On Sundays it is closed all day.';

/** As the parrot, but for these words of the caller. */
function answering(words: string, reply: ReturnType<Script>): Script {
  return (prompt) => (prompt.from === 'caller' && prompt.words === words ? reply : parrot(prompt));
}

describe('a voice model on the line', () => {
  onEach('greets, and talks for three turns', async (open) => {
    const stage = await open();
    stage.dialIn((human) => human.says('One').says('Two').says('Three').hangsUp({ afterMs: 3_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(stage.heard, [WELCOME, 'You said: One', 'You said: Two', 'You said: Three']);
    assert.deepEqual(stage.said, [
      `agent: ${WELCOME}`,
      'caller: One',
      'agent: You said: One',
      'caller: Two',
      'agent: You said: Two',
      'caller: Three',
      'agent: You said: Three',
    ]);
    assert.deepEqual(stage.agent.turns, [], 'no agent writes its words');
    assert.equal(stage.model.sessions.length, 1);
    assert.equal(stage.model.latest.isClosed, true);
  });

  onEach('says what we called for', async (open) => {
    const stage = await open();
    stage.expect((human) => human.says('Thank you').hangsUp({ afterMs: 4_000 }));
    await stage.place();
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(stage.heard, [GREETING, 'You said: Thank you']);
  });

  onEach('is let go when nobody answers', async (open) => {
    const stage = await open();
    stage.expect((human) => human.noAnswer());
    await stage.place();
    await stage.toTheEnd();
    assert.deepEqual(
      stage.model.sessions.map(({ isClosed, prompts }) => [isClosed, prompts]),
      [[true, []]],
    );
  });

  onEach('is not opened for a caller who may not call, and no stream either', async (open) => {
    const stage = await open({ settings: { inboundPolicy: 'allowlist', allowFrom: ['+15550007777'] } });
    stage.dialIn((human) => human.says('Hello?').hangsUp({ afterMs: 2_000 }));
    await stage.toTheEnd();
    assert.deepEqual(
      [stage.model.sessions.length, stage.exchange.media.streams.length, stage.heard.length],
      [0, 0, 0],
    );
  });

  onEach('is interrupted, and knows how much of it was heard', async (open) => {
    const stage = await open({ model: { script: answering('When do you open?', { say: LONG }) } });
    stage.dialIn((human) =>
      human
        .says('When do you open?')
        .says('Wait a moment please', { afterWords: 5 })
        .hangsUp({ afterMs: 4_000 }),
    );
    await stage.toTheEndWithoutComplaint();
    const cut = stage.outcomes.find((line) => line.endsWith('[cut]'));
    assert.match(cut ?? '', /^The library opens at nine/);
    assert.doesNotMatch(stage.words, /Saturdays|Sundays/);
    assert.equal(stage.heard.at(-1), 'You said: Wait a moment please');
    assert.deepEqual(stage.said.slice(-2), [
      'caller: Wait a moment please',
      'agent: You said: Wait a moment please',
    ]);
  });

  onEach('is interrupted by our own detector when the provider has none', async (open) => {
    const script = answering('When do you open?', { say: LONG });
    const stage = await open({ model: { script, interruptsItself: false } });
    stage.dialIn((human) =>
      human
        .says('When do you open?')
        .says('Wait a moment please', { afterWords: 5 })
        .hangsUp({ afterMs: 4_000 }),
    );
    await stage.toTheEndWithoutComplaint();
    const [heardMs = 0, ...more] = stage.model.latest.truncated;
    assert.deepEqual(more, []);
    const cut = stage.ours.transcript.find((entry) => entry.speaker === 'agent' && entry.outcome === 'cut');
    assert.ok(cut && heardMs > 1_000, `${heardMs} ms`);
    assert.doesNotMatch(stage.words, /Sundays/);
  });

  onEach('asks the agent, and the caller hears that it takes a while', async (open) => {
    const call = { name: 'openclaw_agent_consult', args: { question: 'the order' } };
    const script: Script = (prompt) => {
      if (prompt.from === 'caller') return { call };
      return prompt.from === 'client' && prompt.words.includes('looked up')
        ? { say: 'I am looking.' }
        : parrot(prompt);
    };
    const stage = await open({
      model: { script },
      consult: () => ({ afterMs: 8_000, text: 'It arrives on Friday.' }),
    });
    stage.dialIn((human) => human.says('Where is my order?').hangsUp({ afterMs: 14_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(stage.heard.slice(0, 4), [
      WELCOME,
      'I am looking.',
      'I am looking.',
      'It arrives on Friday.',
    ]);
    const [consult, ...others] = stage.consultant.asked;
    assert.deepEqual(others, []);
    assert.equal(consult?.sessionKey, stage.ours.settings.sessionKey);
    assert.deepEqual(consult?.transcript.at(-1)?.text, 'Where is my order?');
  });

  onEach('stops the agent when the caller hangs up', async (open) => {
    const call = { name: 'openclaw_agent_consult', args: { question: 'the order' } };
    const stage = await open({
      model: { script: answering('Where is my order?', { call }) },
      consult: () => ({ afterMs: 25_000, text: 'Too late.' }),
    });
    stage.dialIn((human) => human.says('Where is my order?').hangsUp({ afterMs: 3_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.consultant.asked[0]?.signal.aborted, true);
    assert.doesNotMatch(stage.words, /late/);
  });

  onEach('hangs up when the goodbye was heard', async (open) => {
    const bye = { say: 'Thank you for calling and goodbye.', call: { name: 'openclaw_end_call', args: {} } };
    const stage = await open({ model: { script: answering('That was all.', bye) } });
    stage.dialIn((human) => human.says('That was all.'));
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(stage.heard, [WELCOME, bye.say]);
    assert.deepEqual(stage.ours.end, { reason: 'hangup-bot', cause: 'the voice model hung up' });
    assert.deepEqual(stage.outcomes.at(-1), `${bye.say} [heard]`);
  });

  onEach('says what others want said, and presses keys, without losing the stream', async (open) => {
    const stage = await open();
    stage.expect((human) => human.hangsUp({ afterMs: 12_000 }));
    const { id } = await stage.place();
    await stage.listening();
    await stage.settle(stage.app.phone.speak(id, 'Your table is ready.'));
    await stage.settle(stage.app.phone.sendDigits(id, '159#'));
    await stage.toTheEndWithoutComplaint();
    assert.equal(keysIn(stage.ear.sound()), '159#');
    assert.ok(stage.outcomes.includes('Your table is ready. [heard]'), stage.outcomes.join());
    assert.equal(stage.theirs.streams.length, 1);
  });

  onEach(
    'joins a meeting: the PIN as tones, the model, and five seconds later the introduction',
    async (open) => {
      const stage = await open();
      stage.expect((human) => human.hangsUp({ afterMs: 40_000 }));
      const { id } = await stage.place({ dtmfSequence: `${'w'.repeat(24)}4711#` });
      await stage.until(5_000);
      await stage.settle(stage.app.phone.speak(id, 'Hello everybody, I am here to take notes.'));
      await stage.toTheEndWithoutComplaint();
      assert.equal(keysIn(stage.ear.sound()), '4711#');
      const [first] = stage.ear.words;
      assert.equal(keysIn(stage.ear.sound(0, first?.from)), '4711#', 'nothing is said before the PIN');
      assert.match(stage.words, /^Good morning\. Hello everybody, I am here to take notes\./);
    },
  );

  onEach('asks a silent caller, then says goodbye', async (open) => {
    const stage = await open();
    stage.dialIn((human) => human.staysSilent());
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(stage.heard, [
      WELCOME,
      'Are you still there?',
      'Are you still there?',
      'I cannot hear you, so I will hang up now. Goodbye.',
    ]);
    assert.equal(stage.ours.phase, 'ended');
  });
});

describe('a voice model that is lost', () => {
  onEach('is back in the same call, and the greeting is not spoken again', async (open) => {
    const stage = await open();
    stage.dialIn((human) => human.says('One').says('Two').says('Three').hangsUp({ afterMs: 3_000 }));
    await stage.until(() => stage.records.length > 0 && stage.said.includes('agent: You said: One'));
    stage.model.latest.drop();
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.model.sessions.length, 2);
    assert.equal(stage.told(/greeting/), 1);
    assert.equal(stage.heard.filter((text) => text === WELCOME).length, 1);
    assert.match(stage.model.latest.call.instructions, /caller: "One"/);
    assert.equal(stage.heard.at(-1), 'You said: Three');
  });

  onEach('behind an answer that has all arrived: nothing is missing, and nobody says sorry', async (open) => {
    const stage = await open({ model: { script: answering('When do you open?', { say: LONG }) } });
    stage.dialIn((human) => human.says('When do you open?').says('Thank you.').hangsUp({ afterMs: 4_000 }));
    await stage.until(() => stage.records.length > 0 && stage.words.includes('Saturdays'));
    stage.model.latest.drop();
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.model.sessions.length, 2);
    assert.equal(stage.told(/interruption/), 0);
    assert.deepEqual(stage.heard.slice(1), [LONG, 'You said: Thank you.']);
  });

  onEach('for good: the carrier speaks, and the agent answers', async (open) => {
    let connected = 0;
    const stage = await open({ model: { connects: () => (connected++ === 0 ? 0 : null) } });
    stage.dialIn((human) => human.says('One').says('Two').hangsUp({ afterMs: 6_000 }));
    await stage.until(() => stage.records.length > 0 && stage.said.includes('agent: You said: One'));
    stage.model.latest.drop();
    await stage.toTheEnd();
    assert.ok(stage.carrierSpeech.length > 0);
    assert.deepEqual(
      stage.agent.turns.map(({ words }) => words),
      ['Two'],
    );
  });

  onEach('for good, while the caller speaks: they are asked to say it again', async (open) => {
    let connected = 0;
    const stage = await open({ model: { connects: () => (connected++ === 0 ? 0 : 60_000) } });
    const sound = clip('sentence').mulaw;
    stage.dialIn((human) =>
      human.says('One').says('Two', { sound }).says('Three').hangsUp({ afterMs: 6_000 }),
    );
    await stage.until(() => stage.records.length > 0 && stage.said.includes('agent: You said: One'));
    stage.model.latest.drop();
    await stage.toTheEnd();
    assert.match(stage.carrierSpeech[0] ?? '', /Could you say that again/);
    assert.deepEqual(
      stage.agent.turns.map(({ words }) => words),
      ['Three'],
    );
  });

  onEach('from the beginning: the carrier greets', async (open) => {
    const stage = await open({ model: { connects: () => null } });
    stage.dialIn((human) => human.says('One').hangsUp({ afterMs: 6_000 }));
    await stage.toTheEnd();
    assert.deepEqual(stage.heard, [WELCOME, 'You said: One']);
    assert.ok(stage.carrierSpeech.length > 0);
  });

  onEach('because its provider ended it: the call ends', async (open) => {
    const stage = await open();
    stage.dialIn((human) => human.says('One').staysSilent());
    await stage.until(() => stage.records.length > 0 && stage.said.includes('agent: You said: One'));
    stage.model.latest.end();
    await stage.toTheEnd();
    assert.deepEqual(stage.ours.end, { reason: 'hangup-bot', cause: 'the voice provider hung up' });
  });

  // Plivo asks us for its next document at once, and hangs up when nobody answers.
  onEach(
    'with our process: the next one opens another, which knows the call',
    async (open) => {
      const stage = await open();
      stage.dialIn((human) => human.says('One').says('Two').says('Three').hangsUp({ afterMs: 3_000 }));
      await stage.until(() => stage.records.length > 0 && stage.said.includes('agent: You said: One'));
      await stage.stop();
      await stage.start();
      await stage.toTheEnd();
      assert.equal(stage.heard.filter((text) => text === WELCOME).length, 1);
      assert.equal(stage.ours.phase, 'ended');
      assert.ok(stage.said.includes('caller: Three'), stage.said.join());
    },
    ['twilio', 'telnyx'],
  );

  onEach('while the stream breaks too: both come back', async (open) => {
    const stage = await open({ model: { script: answering('When do you open?', { say: LONG }) } });
    stage.exchange.media.next({ dropAfterMs: 7_000 }, { times: 1 });
    stage.dialIn((human) => human.says('When do you open?').says('Thank you.').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEnd();
    assert.deepEqual(stage.carrierSpeech, []);
    assert.equal(stage.theirs.streams.length, 2);
    assert.equal(stage.model.sessions.length, 1, 'the session stays');
    assert.equal(stage.told(/greeting/), 1);
    assert.equal(stage.heard.at(-1), 'You said: Thank you.');
  });
});
