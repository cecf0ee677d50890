// Stories of a media stream that breaks: it comes back and the sentence goes on, or the carrier speaks for us.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { StageOptions } from '../conformance/carrier-stage.ts';
import { type LiveStage, onEach, WELCOME } from './live-stage.ts';
import { writing } from './writing-agent.ts';

const LONG = 'The library opens at nine on weekdays. On Saturdays it opens at ten.';
const TALKS: StageOptions = {
  answer: (turn, { clock }) => writing(clock, turn, turn.turn === 1 ? LONG : `I heard ${turn.words}`),
};

/** The words that were heard whole, without those of the greeting. */
function wholeWords(stage: LiveStage): readonly string[] {
  const words = stage.ear.words.filter(({ isWhole }) => isWhole).map(({ text }) => text);
  return words.slice(WELCOME.split(' ').length);
}

/** A text without blanks, the marks of a hole, and letters that stand twice. */
function letters(text: string): string {
  return text.replaceAll(/[ …]/g, '').replaceAll(/(.)\1+/g, '$1');
}

describe('a media stream that breaks', () => {
  onEach(
    'in the middle of a sentence: it comes back, the sentence goes on, and nothing is said twice',
    async (open) => {
      const stage = await open(TALKS);
      // The answer begins about 4.2 s after the start.
      stage.exchange.media.next({ dropAfterMs: 5_500 }, { times: 1 });
      stage.dialIn((human) => human.says('When do you open?').says('Thank you.').hangsUp({ afterMs: 4_000 }));
      await stage.toTheEnd();
      assert.equal(stage.theirs.streams.length, 2);
      assert.deepEqual(stage.carrierSpeech, []);
      const [before, after] = stage.theirs.streams;
      const awayMs = (after?.openedAt ?? Number.NaN) - (before?.end?.at ?? Number.NaN);
      assert.ok(awayMs >= 0 && awayMs <= 500, `away for ${awayMs} ms`);
      const wanted = [...LONG.split(' '), 'I', 'heard', 'Thank', 'you.'];
      const heard = wholeWords(stage);
      // A word may be the one it broke in; whole words are never heard a second time but at the seam.
      assert.deepEqual(
        heard.filter((word, at) => word !== heard[at - 1]).filter((word) => wanted.includes(word)),
        heard,
      );
      assert.ok(heard.length >= wanted.length - 1, heard.join(' '));
      assert.deepEqual(stage.outcomes.at(-1), 'I heard Thank you. [heard]');
    },
  );

  onEach('while the caller speaks: what they say afterwards is heard', async (open) => {
    const stage = await open();
    stage.exchange.media.next({ dropAfterMs: 2_000 }, { times: 1 });
    stage.dialIn((human) => human.says('One').says('Two').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEnd();
    assert.deepEqual(stage.carrierSpeech, []);
    assert.ok(stage.said.includes('caller: Two'), stage.said.join());
    assert.equal(stage.heard.at(-1), 'You said: Two');
  });

  onEach(
    'and never comes back: the carrier says the rest within 2.5 s, and the call goes on with it',
    async (open) => {
      const stage = await open(TALKS);
      stage.exchange.media.next({ dropAfterMs: 5_000 }, { times: 1 });
      stage.exchange.media.next({ lateMs: 60_000 });
      stage.dialIn((human) => human.says('When do you open?').says('Thank you.').hangsUp({ afterMs: 8_000 }));
      await stage.toTheEnd();
      const droppedAt = stage.theirs.streams[0]?.end?.at ?? Number.NaN;
      const next = stage.theirs.heard.find(({ from }) => from > droppedAt);
      assert.ok(
        next && next.from - droppedAt <= 2_600,
        `silent for ${(next?.from ?? Number.NaN) - droppedAt} ms`,
      );
      assert.ok(stage.carrierSpeech.length > 0);
      assert.equal(stage.heard.at(-1), 'I heard Thank you.');
      assert.equal(stage.ours.phase, 'ended');
    },
  );

  onEach('again and again: after some times the carrier speaks', async (open) => {
    const stage = await open(TALKS);
    stage.exchange.media.next({ dropAfterMs: 700 });
    stage.dialIn((human) => human.says('When do you open?').hangsUp({ afterMs: 12_000 }));
    await stage.toTheEnd();
    assert.equal(stage.theirs.streams.length, 5);
    assert.ok(stage.carrierSpeech.length > 0);
    assert.ok(
      stage.heard.includes(LONG) || stage.heard.some((text) => text.endsWith('at ten.')),
      stage.heard.join(),
    );
  });

  onEach('a second socket with the same token is refused, and does not talk over the first', async (open) => {
    const stage = await open(TALKS);
    stage.exchange.media.next({ secondAfterMs: 4_500 });
    stage.dialIn((human) => human.says('When do you open?').says('Thank you.').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(
      stage.stream.intruders.map(({ isOpen, code }) => [isOpen, code]),
      [[false, 403]],
    );
    assert.equal(stage.words, `${WELCOME} ${LONG} I heard Thank you.`);
    assert.deepEqual(stage.ear.gaps(), []);
  });

  onEach('a carrier that reads nothing for a second is not flooded, and nothing is lost', async (open) => {
    const stage = await open(TALKS);
    stage.exchange.media.next({ stall: { afterMs: 4_800, forMs: 1_000 } });
    stage.dialIn((human) => human.says('When do you open?').says('Thank you.').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEnd();
    assert.deepEqual(stage.exchange.problems, []);
    assert.ok(stage.exchange.media.streams.every(({ mostBufferedMs }) => mostBufferedMs <= 2_000));
    assert.equal(stage.heard.at(-1), 'I heard Thank you.');
    // Where it stumbled a letter may sound longer; none is missing.
    assert.equal(letters(stage.words), letters(`${WELCOME} ${LONG} I heard Thank you.`));
  });

  onEach(
    'a carrier that reads nothing any more: the call comes to its end, and nothing is left of it',
    async (open) => {
      const stage = await open(TALKS);
      stage.exchange.media.next({ stall: { afterMs: 4_800, forMs: 600_000 } });
      stage.dialIn((human) => human.says('When do you open?'));
      await stage.toTheEnd();
      assert.equal(stage.theirs.end?.by, 'plugin');
      const lastedMs = (stage.theirs.end?.at ?? Number.NaN) - (stage.theirs.answeredAt ?? 0);
      assert.ok(lastedMs <= 70_000, `an open line for ${lastedMs} ms`);
      const sentMs = stage.stream.received.reduce((sum, { ms }) => sum + ms, 0);
      assert.ok(sentMs <= 2_500, `it took ${sentMs} ms of sound before it stalled`);
    },
  );

  onEach('marks that never come back: everything is said once, and the call ends well', async (open) => {
    const stage = await open(TALKS);
    stage.exchange.media.next({ losesMarks: true });
    stage.dialIn((human) => human.says('When do you open?').says('Thank you.').hangsUp({ afterMs: 7_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.words, `${WELCOME} ${LONG} I heard Thank you.`);
    // Time alone tells what was heard; a caller who answers sooner than that has cut us short on the record.
    assert.equal(stage.outcomes.at(-1), 'I heard Thank you. [heard]');
  });

  onEach(
    'frames that overtake each other, or come twice: the caller is understood all the same',
    async (open) => {
      const stage = await open(TALKS);
      stage.exchange.media.next({ reorders: true, duplicates: true });
      stage.dialIn((human) => human.says('When do you open?').says('Thank you.').hangsUp({ afterMs: 4_000 }));
      await stage.toTheEndWithoutComplaint();
      assert.deepEqual(
        stage.agent.turns.map(({ words }) => words),
        ['When do you open?', 'Thank you.'],
      );
    },
    ['telnyx'],
  );
});

describe('our process leaves and comes back in the middle of a media stream', () => {
  onEach('the stream is connected anew, and the conversation goes on', async (open) => {
    const stage = await open();
    stage.dialIn((human) =>
      human.says('One').says('Two', { afterMs: 6_000 }).says('Three').hangsUp({ afterMs: 5_000 }),
    );
    await stage.until(() => stage.heard.includes('You said: One'));
    await stage.until(500);
    await stage.stop();
    await stage.start();
    await stage.toTheEnd();
    assert.deepEqual(
      stage.heard.filter((text) => /^You/.test(text)),
      ['You said: One', 'You said: Two', 'You said: Three'],
    );
    assert.equal(stage.records.length, 1);
    assert.deepEqual(stage.exchange.problems, [], 'somebody was always there to answer the carrier');
  });
});
