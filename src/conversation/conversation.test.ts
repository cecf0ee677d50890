// One turn of the agent: whole, or sentence by sentence while it is being written.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCall } from '../../sim/core-call.ts';
import { FakeAgent } from '../../sim/fake-voices.ts';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { Call } from '../call/call.ts';
import type { Log } from '../lib/log.ts';
import { type Answer, Conversation } from './conversation.ts';
import type { AnswerStages } from './live-answer.ts';

const quiet = (): void => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

interface Asked {
  readonly clock: HandClock;
  readonly agent: FakeAgent;
  readonly conversation: Conversation;
  readonly said: string[];
  readonly stages: AnswerStages[];
  readonly answer: Promise<Answer | null>;
  readonly ask: (call: Call) => Promise<Answer | null>;
}

function ask(): Asked {
  const clock = new HandClock(1_000);
  const agent = new FakeAgent();
  const conversation = new Conversation(agent, log);
  const said: string[] = [];
  const stages: AnswerStages[] = [];
  const onSentence = (text: string, so: AnswerStages): void => {
    said.push(text);
    stages.push(so);
  };
  const once = (call: Call): Promise<Answer | null> =>
    conversation.answer(call, 1, 'Hello?', { clock, onSentence });
  return { clock, agent, conversation, said, stages, answer: once(newCall()), ask: once };
}

describe('An answer that is spoken while it is written', () => {
  it('is given sentence by sentence, with the times of its stages', async () => {
    const { clock, agent, said, stages, answer } = ask();
    await clock.advance(50);
    agent.latest.turn.onModelAsked?.();
    await clock.advance(200);
    agent.latest.write('{"spoken":"');
    await clock.advance(100);
    agent.latest.write('It is noon.');
    assert.deepEqual(said, [], 'the sentence may go on');
    agent.latest.write(' An');
    assert.deepEqual(said, ['It is noon.'], 'the first letter of the next one is enough');
    agent.latest.write('d the sun');
    assert.deepEqual(stages[0], { modelAskedAt: 1_050, firstTokenAt: 1_250, firstSentenceAt: 1_350 });
    agent.latest.write(' shines on us."');
    assert.deepEqual(
      said,
      ['It is noon.', 'And the sun shines on us.'],
      'the string is closed: no more will come',
    );
    agent.latest.write('}');
    agent.latest.end();
    const answered = await answer;
    assert.deepEqual(answered, { ok: true, text: '', stages: stages[0] });
    assert.equal(clock.pending, 0);
  });

  it('is what is left of it when it was not all spoken', async () => {
    const { agent, said, answer } = ask();
    agent.latest.write('It is noon now in the city of Paris. The sun shines there. Not in');
    agent.latest.end('It is noon now in the city of Paris. The sun shines there. Not in Rome.');
    const answered = await answer;
    assert.ok(answered?.ok);
    assert.equal(
      [...said, answered.text].join(' '),
      'It is noon now in the city of Paris. The sun shines there. Not in Rome.',
    );
    assert.ok(said.length > 0);
  });

  it('may begin with a sentence before the agent works', async () => {
    const { clock, agent, said, answer } = ask();
    agent.latest.write('Let me check.');
    await clock.advance(399);
    assert.deepEqual(said, []);
    await clock.advance(1);
    assert.deepEqual(said, ['Let me check.']);
    agent.latest.write('{"spoken":"It is noon."', true);
    assert.deepEqual(said, ['Let me check.', 'It is noon.']);
    agent.latest.end('{"spoken":"It is noon."}');
    const answered = await answer;
    assert.ok(answered?.ok);
    assert.equal(answered.text, '');
  });

  it('does not break a sentence in two when the agent pauses in it', async () => {
    const { clock, agent, said, answer } = ask();
    agent.latest.write('{"spoken":"It is noon, in');
    await clock.advance(5_000);
    assert.deepEqual(said, []);
    agent.latest.write(' Paris."}');
    assert.deepEqual(said, ['It is noon, in Paris.']);
    agent.latest.end();
    await answer;
  });

  it('that does not stream is given whole', async () => {
    const { agent, said, answer } = ask();
    agent.latest.end('{"spoken":"It is noon. Bye."}');
    const answered = await answer;
    assert.deepEqual(said, []);
    assert.deepEqual(answered, { ok: true, text: 'It is noon. Bye.', stages: { firstSentenceAt: 1_000 } });
  });

  it('ends with its turn: nothing is said after it was dropped', async () => {
    const { clock, agent, conversation, said, answer } = ask();
    agent.latest.write('{"spoken":"It is noon. And the');
    conversation.drop('call-1');
    agent.latest.write(' sun shines. Really."');
    await clock.advance(1_000);
    assert.deepEqual(said, ['It is noon.']);
    assert.equal(await answer, null);
    assert.equal(clock.pending, 0);
  });

  it('that fails says so, whatever was said of it', async () => {
    const { agent, answer, said, clock } = ask();
    agent.latest.write('{"spoken":"It is noon. And the');
    agent.latest.fail(new Error('402'));
    assert.deepEqual(await answer, { ok: false, why: '402' });
    assert.deepEqual(said, ['It is noon.']);
    assert.equal(clock.pending, 0);
  });

  it('is not told to the agent again, sentence by sentence', async () => {
    const { agent, answer, ask: again } = ask();
    agent.latest.write('{"spoken":"It is noon. The sun shines."}');
    agent.latest.end();
    await answer;
    const entry = { at: 1, speaker: 'agent', utteranceId: 'u', requestId: null, outcome: 'heard' } as const;
    const transcript = [
      { ...entry, text: 'It is noon.' },
      { ...entry, text: 'The sun shines.' },
      { ...entry, text: 'Somebody else said this.' },
      { at: 2, speaker: 'caller', text: 'Thanks.', turn: 2 },
    ] as const;
    const second = again({ ...newCall(), transcript });
    await settle();
    const { instructions } = agent.latest.turn;
    assert.match(instructions, /Somebody else said this/);
    assert.doesNotMatch(instructions, /It is noon|The sun shines|Thanks/);
    agent.latest.end();
    await second;
  });
});

describe('An answer without a speaker', () => {
  it('is asked for as before: nothing is streamed', async () => {
    const agent = new FakeAgent();
    const answer = new Conversation(agent, log).answer(newCall(), 1, 'Hello?');
    assert.equal(agent.latest.turn.onText, undefined);
    agent.latest.end('{"spoken":"It is noon."}');
    assert.deepEqual(await answer, { ok: true, text: 'It is noon.' });
  });
});
