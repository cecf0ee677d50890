// Stories of a caller who makes a sound while we speak: an interruption stops us at once, anything else does not.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { cough } from '../../sim/media/clips.ts';
import type { StageOptions } from '../conformance/carrier-stage.ts';
import type { Human } from '../conformance/exchange.ts';
import { type LiveStage, onEach, WELCOME } from './live-stage.ts';
import { writing } from './writing-agent.ts';

const LONG =
  'The library opens at nine on weekdays. On Saturdays it opens at ten. On Sundays it is closed all day.';
/** A long answer to the first words, a short one to all others. */
const TALKS: StageOptions = {
  answer: (turn, { clock }) => writing(clock, turn, turn.turn === 1 ? LONG : `I heard ${turn.words}`),
};

/** The words of a text that an ear had whole. */
function wholeWords(stage: LiveStage, from: number, to: number): string {
  return stage.ear.words
    .filter((word) => word.from >= from && word.from < to && word.isWhole)
    .map(({ text }) => text)
    .join(' ');
}

describe('a caller who interrupts us on a media stream', () => {
  onEach(
    'we stop at once, say nothing more of it, and keep exactly the words that were heard',
    async (open) => {
      const stage = await open(TALKS);
      stage.dialIn((human) =>
        human
          .says('When do you open?')
          .says('Wait a moment please', { afterWords: 5 })
          .hangsUp({ afterMs: 5_000 }),
      );
      await stage.toTheEndWithoutComplaint();
      const [question, interruption] = stage.theirs.said;
      assert.ok(question && interruption);
      const [clearedAt = Number.NaN, ...more] = stage.stream.clears;
      assert.deepEqual(more, [], 'taken back once');
      assert.ok(clearedAt - interruption.from <= 200, `${clearedAt - interruption.from} ms until we stopped`);
      const late = stage.stream.received.filter(
        ({ kind, at }) => kind === 'media' && at > clearedAt && at < interruption.to,
      );
      assert.deepEqual(late, [], 'nothing is sent after it');
      // The twin's ear and our record agree to the word.
      const heard = wholeWords(stage, question.to, interruption.to);
      assert.ok(heard.startsWith('The library opens at nine'), heard);
      const answers = stage.ours.transcript.filter(
        (entry) => entry.speaker === 'agent' && entry.text !== WELCOME,
      );
      const ours = answers
        .slice(0, -1)
        .map(({ text }) => text)
        .join(' ');
      assert.equal(ours, heard);
      assert.equal(answers.at(-1)?.text, 'I heard Wait a moment please');
      assert.ok(stage.outcomes.includes(`${answers.at(-2)?.text} [cut]`), stage.outcomes.join());
      assert.deepEqual(stage.said.slice(-2), [
        'caller: Wait a moment please',
        'agent: I heard Wait a moment please',
      ]);
    },
  );

  onEach('an agent that still writes is stopped, and what it wrote is never heard', async (open) => {
    const stage = await open({
      answer: (turn, { clock }) =>
        turn.turn === 1
          ? writing(clock, turn, LONG, { tokenMs: 400 })
          : writing(clock, turn, `I heard ${turn.words}`),
    });
    stage.dialIn((human) =>
      human
        .says('When do you open?')
        .says('Wait a moment please', { afterWords: 4 })
        .hangsUp({ afterMs: 5_000 }),
    );
    await stage.toTheEndWithoutComplaint();
    const [first, second, ...others] = stage.agent.turns;
    assert.equal(first?.signal.aborted, true, 'its run was aborted');
    assert.deepEqual([second?.words, others], ['Wait a moment please', []]);
    assert.doesNotMatch(stage.words, /Saturdays|Sundays/);
    assert.doesNotMatch(stage.said.join(), /Saturdays|Sundays/);
  });

  onEach('a cough is none: we pause, go on from there, and no word is lost', async (open) => {
    const stage = await open(TALKS);
    stage.dialIn((human) =>
      human
        .says('When do you open?')
        .says('(cough)', { afterWords: 5, sound: cough() })
        .hangsUp({ afterMs: 9_000 }),
    );
    await stage.toTheEndWithoutComplaint();
    assertSaidWhole(stage, LONG);
    assert.deepEqual(
      stage.said.filter((line) => line.startsWith('caller')),
      ['caller: When do you open?'],
    );
    assert.equal(stage.agent.turns.length, 1);
  });

  onEach('"mhm" is none either: somebody is listening', async (open) => {
    const stage = await open(TALKS);
    stage.dialIn((human) =>
      human.says('When do you open?').says('mhm', { afterWords: 5 }).hangsUp({ afterMs: 9_000 }),
    );
    await stage.toTheEndWithoutComplaint();
    assertSaidWhole(stage, LONG);
    assert.equal(stage.agent.turns.length, 1);
  });

  onEach('a caller who goes on while the agent thinks is answered as a whole', async (open) => {
    const stage = await open(slow(2_000));
    stage.dialIn(resumes);
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(
      stage.agent.turns.map(({ words, signal }) => [words, signal.aborted]),
      [
        ['I want a table.', true],
        ['I want a table. For two people.', false],
      ],
    );
    assert.deepEqual(stage.heard, [WELCOME, 'I heard I want a table. For two people.']);
  });

  onEach(
    'an answer that was ready while they went on is not begun: they are answered on what they added',
    async (open) => {
      const stage = await open(slow(800));
      stage.dialIn(resumes);
      await stage.toTheEndWithoutComplaint();
      assert.deepEqual(stage.heard, [WELCOME, 'I heard For two people.'], 'nobody talks over the caller');
      assert.deepEqual(
        stage.said.filter((line) => line.startsWith('caller')),
        ['caller: I want a table.', 'caller: For two people.'],
      );
    },
  );
});

/** Goes on after a breath, when we take them to be over. */
function resumes(human: Human): void {
  human
    .says('I want a table.')
    .says('For two people.', { over: true, afterMs: 900 })
    .hangsUp({ afterMs: 6_000 });
}

/** Takes so long for the first answer, and is quick then. */
function slow(firstMs: number): StageOptions {
  let asked = 0;
  return {
    answer: (turn, { clock }) =>
      writing(clock, turn, `I heard ${turn.words}`, { firstMs: asked++ === 0 ? firstMs : 300 }),
  };
}

/** Every word was heard, in order; what was said a second time is the small overlap after a pause. */
function assertSaidWhole(stage: LiveStage, text: string): void {
  const wanted = text.split(' ');
  const heard = stage.ear.words.map((word) => word.text).slice(WELCOME.split(' ').length);
  const whole = heard.filter((word) => !word.includes('…'));
  assert.deepEqual(
    whole.filter((word, at) => word !== whole[at - 1]),
    wanted,
    heard.join(' '),
  );
  assert.ok(heard.length <= wanted.length + 2, `said again: ${heard.join(' ')}`);
  assert.ok(stage.stream.clears.length <= 1);
}
