// Stories of a conversation over a media stream: turns, sentences heard while they are written, and what each took.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { latencyReport } from '../../src/operation/latency.ts';
import type { StageOptions } from '../conformance/carrier-stage.ts';
import { ALICE, onEach, STRANGER, WELCOME } from './live-stage.ts';
import { writing } from './writing-agent.ts';

/** Repeats what it was told, written as a model writes. */
const ECHO: StageOptions = {
  answer: (turn, { clock }) => writing(clock, turn, `I heard ${turn.words}`),
};
const HOURS = 'The library is open today. It closes at seven, and tomorrow it opens at nine.';
const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

describe('a conversation over a media stream', () => {
  onEach('ten turns: every word of both is heard once, and each turn is timed once', async (open) => {
    const stage = await open(ECHO);
    stage.dialIn((human) => {
      for (const word of NUMBERS) human.says(`Turn ${word}.`);
      human.hangsUp({ afterMs: 3_000 });
    });
    await stage.toTheEndWithoutComplaint();
    const answers = NUMBERS.map((word) => `I heard Turn ${word}.`);
    assert.deepEqual(stage.heard, [WELCOME, ...answers]);
    assert.deepEqual(
      stage.said.slice(1),
      NUMBERS.flatMap((word) => [`caller: Turn ${word}.`, `agent: I heard Turn ${word}.`]),
    );
    assert.equal(stage.agent.turns.length, 10);
    assert.ok(
      stage.outcomes.every((outcome) => outcome.endsWith('[heard]')),
      stage.outcomes.join(),
    );
    assert.equal(stage.ours.turns.length, 10);
    for (const { stages = {} } of stage.ours.turns) {
      const { speechEndAt, transcriptAt, modelAskedAt, firstTokenAt, firstSentenceAt } = stages;
      const { firstAudioAt, firstFrameAt, heardAt } = stages;
      const times = [
        speechEndAt,
        transcriptAt,
        modelAskedAt,
        firstTokenAt,
        firstSentenceAt,
        firstAudioAt,
        firstFrameAt,
        heardAt,
      ];
      assert.ok(
        times.every((at) => at !== undefined),
        JSON.stringify(stages),
      );
      assert.deepEqual(times, times.toSorted(), 'one after another');
    }
    const { recordsScanned, turnLatency, stages } = latencyReport(stage.app.phone, 10);
    assert.deepEqual([recordsScanned, turnLatency?.count], [1, 10]);
    assert.deepEqual(
      Object.values(stages).map(({ count }) => count),
      Array.from({ length: 8 }, () => 10),
    );
  });

  onEach('the first sentence is heard while the agent still writes the last', async (open) => {
    let writtenAt = 0;
    const stage = await open({
      answer: async (turn, { clock }) => {
        const answer = await writing(clock, turn, HOURS, { tokenMs: 200 });
        writtenAt = clock.now();
        return answer;
      },
    });
    stage.dialIn((human) => human.says('When do you open?').hangsUp({ afterMs: 9_000 }));
    await stage.toTheEndWithoutComplaint();
    const saidAt = stage.theirs.said[0]?.to ?? Number.NaN;
    const heardAt = stage.ear.firstVoiceAfter(saidAt) ?? Number.NaN;
    assert.ok(writtenAt - heardAt > 1_400, `heard ${writtenAt - heardAt} ms before it was written`);
    assert.equal(stage.words, `${WELCOME} ${HOURS}`, 'each word once, none lost between the sentences');
    assert.deepEqual(stage.ear.gaps(), [], 'without a stumble');
  });

  onEach('a question asked by hand: its answer goes to whoever asked, and the agent is not', async (open) => {
    const stage = await open();
    stage.expect((human) =>
      human.staysSilent().says('Blue.', { afterMs: 1_500 }).hangsUp({ afterMs: 4_000 }),
    );
    const { id } = await stage.place();
    await stage.listening();
    assert.deepEqual(await stage.settle(stage.app.phone.ask(id, 'Which colour?')), { transcript: 'Blue.' });
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.agent.turns.length, 0);
    assert.equal(stage.heard[1], 'Which colour?');
  });

  onEach('a sentence and then the end: heard to its last word before the line is down', async (open) => {
    const stage = await open();
    const { id } = await stage.place();
    await stage.listening();
    const farewell = 'That was all I wanted to say. Goodbye.';
    await stage.settle(stage.app.phone.speak(id, farewell));
    await stage.settle(stage.app.phone.end(id, { sessionKey: null }));
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.heard[1], farewell);
    assert.equal(stage.outcomes[1], `${farewell} [heard]`);
    const last = stage.ear.words.at(-1);
    const endedAt = stage.theirs.end?.at ?? Number.NaN;
    assert.ok(last?.isWhole && endedAt >= last.to, 'not before it was heard');
    assert.ok(endedAt - last.to <= 1_500, `${endedAt - last.to} ms of nothing after it`);
    assert.equal(stage.theirs.end?.by, 'plugin');
  });

  onEach('the longest duration: a goodbye, and then the end, within the limit', async (open) => {
    const stage = await open({ settings: { maxDurationMs: 40_000 }, ...ECHO });
    stage.dialIn((human) => {
      for (const word of NUMBERS) human.says(`Turn ${word}.`, { afterMs: 3_000 });
    });
    await stage.toTheEndWithoutComplaint();
    assert.ok(stage.words.endsWith('I am sorry, our time is up. Goodbye.'), stage.words);
    const lastedMs = (stage.theirs.end?.at ?? Number.NaN) - (stage.theirs.answeredAt ?? 0);
    assert.ok(lastedMs <= 40_000, `${lastedMs} ms`);
    assert.equal(stage.ours.end?.reason, 'timeout');
  });

  onEach('a silent caller is asked twice, told goodbye, and let go', async (open) => {
    const stage = await open();
    stage.dialIn((human) => human);
    await stage.toTheEndWithoutComplaint();
    const again = 'Are you still there?';
    assert.deepEqual(stage.heard, [
      WELCOME,
      again,
      again,
      'I cannot hear you, so I will hang up now. Goodbye.',
    ]);
    const pausesMs = stage.theirs.heard
      .slice(1)
      .map(({ from }, at) => from - (stage.theirs.heard[at]?.to ?? 0));
    for (const ms of pausesMs) assert.ok(ms >= 10_000 && ms <= 10_900, `${pausesMs}`);
    assert.equal(stage.theirs.end?.by, 'plugin');
  });

  onEach('a caller who comes back after "Are you still there?" is answered', async (open) => {
    const stage = await open();
    stage.dialIn((human) => human.staysSilent().says('Yes I am').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(stage.heard, [WELCOME, 'Are you still there?', 'You said: Yes I am']);
  });

  onEach('keys the caller presses are told as one message', async (open) => {
    const stage = await open({ answer: () => 'Thank you.' });
    stage.dialIn((human) => human.presses('42').hangsUp({ afterMs: 5_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.said[1], 'caller: (pressed on the keypad: 42)');
    assert.deepEqual(stage.heard, [WELCOME, 'Thank you.']);
  });

  onEach(
    'two callers at once: each hears their own answers, and is heard by themselves alone',
    async (open) => {
      const stage = await open({ settings: { maxInboundCalls: 2 }, ...ECHO });
      stage.dialIn(
        (human) => human.says('I am Alice.').says('Alice again.').hangsUp({ afterMs: 3_000 }),
        ALICE,
      );
      stage.dialIn(
        (human) => human.says('I am Bob.').says('Bob again.').hangsUp({ afterMs: 3_000 }),
        STRANGER,
      );
      await stage.until(() => stage.exchange.calls.every(({ isAlive }) => !isAlive));
      await stage.until(60_000);
      stage.nothingIsLeft();
      const heard = stage.exchange.calls.map(({ ear }) => ear.text);
      assert.deepEqual(heard, [
        `${WELCOME} I heard I am Alice. I heard Alice again.`,
        `${WELCOME} I heard I am Bob. I heard Bob again.`,
      ]);
      assert.deepEqual(stage.exchange.problems, []);
      assert.equal(stage.agent.turns.length, 4);
    },
  );
});
