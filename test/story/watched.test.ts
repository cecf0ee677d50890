// Stories of a call somebody looks at: the feed tells its sound, its words and its interruptions while they happen.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { LiveTold } from '../../src/feed/feed.ts';
import type { StageOptions } from '../conformance/carrier-stage.ts';
import { type LiveStage, onEach } from './live-stage.ts';
import { writing } from './writing-agent.ts';

const LONG =
  'The library opens at nine on weekdays. On Saturdays it opens at ten. On Sundays it is closed all day.';
const TALKS: StageOptions = {
  answer: (turn, { clock }) => writing(clock, turn, turn.turn === 1 ? LONG : `I heard ${turn.words}`),
};

function live(stage: LiveStage): readonly LiveTold[] {
  return stage.feed.flatMap((told) => (told.name === 'live' ? [told.payload] : []));
}

/** Looks at the call from when it begins, and again before it would be let go, as the page does. */
function look(stage: LiveStage): void {
  const [first] = stage.app.phone.list(1);
  if (first) stage.app.watch(first.id);
  stage.clock.at(stage.clock.now() + (first ? 5_000 : 10), () => {
    if (stage.app.openCalls() > 0 || !first) look(stage);
  });
}

describe('a call somebody looks at', () => {
  onEach(
    'is seen with its sound, its unfinished words, and where the caller interrupted us',
    async (open) => {
      const stage = await open(TALKS);
      stage.dialIn((human) =>
        human
          .says('When do you open?')
          .says('Wait a moment please', { afterWords: 5 })
          .hangsUp({ afterMs: 5_000 }),
      );
      look(stage);
      await stage.toTheEndWithoutComplaint();

      const told = live(stage);
      const levels = told.flatMap((one) => (one.kind === 'levels' ? [one] : []));
      const { said } = stage.theirs;
      const [question, interruption] = said;
      assert.ok(question && interruption);
      const peaksIn = (who: 'caller' | 'agent', from: number, to: number): readonly number[] =>
        levels.flatMap((one) =>
          one[who].filter((_, i) => one.at + i * 40 >= from && one.at + (i + 1) * 40 <= to),
        );
      assert.ok(Math.max(...peaksIn('caller', question.from, question.to)) > 60, 'the question is seen');
      assert.ok(Math.max(...peaksIn('agent', question.from, question.to)) === 0, 'and nobody else');
      assert.ok(Math.max(...peaksIn('agent', question.to, interruption.from)) > 60, 'our answer is seen');
      const [clearedAt = Number.NaN] = stage.stream.clears;
      const afterCut = peaksIn('agent', clearedAt + 40, interruption.to);
      assert.ok(afterCut.length > 4 && Math.max(...afterCut) === 0, 'what was taken back is not');
      const steps = levels.map(({ at }) => at);
      assert.deepEqual(
        steps,
        [...new Set(steps)].sort((a, b) => a - b),
        'each once, in order',
      );

      const words = told.flatMap((one) => (one.kind === 'words' ? [one.text] : []));
      assert.ok(words.includes('When do'), words.join(' | '));
      const marks = told.flatMap((one) => (one.kind === 'mark' ? [one.mark] : []));
      assert.ok(marks.indexOf('held') >= 0 && marks.indexOf('cut') > marks.indexOf('held'), marks.join());
    },
  );

  onEach('and nobody looks at tells its steps only', async (open) => {
    const stage = await open(TALKS);
    stage.dialIn((human) => human.says('When do you open?').hangsUp({ afterMs: 8_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(live(stage), []);
    const events = stage.feed.flatMap((told) => (told.name === 'call' ? [told.payload.event.kind] : []));
    for (const kind of ['answered', 'streamOpened', 'callerSaid', 'turnTimed', 'carrierEnded'])
      assert.ok(
        events.some((event) => event === kind),
        `${kind} in ${events.join()}`,
      );
  });
});
