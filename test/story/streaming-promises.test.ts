// Stories of what telephone plugins got wrong before us: silence, lost words, a stranger's socket, a lost caller.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { ALICE, onEach, STRANGER, WELCOME } from './live-stage.ts';
import { writing } from './writing-agent.ts';

/** Longer than that and a caller asks whether anybody is there. */
const DEAD_AIR_MS = 2_500;
const WORDS = 'alpha bravo charlie delta echo';

describe('what callers of telephone plugins complain of', () => {
  onEach(
    '"it fell silent": model and voice both fail, and something true is heard each time',
    async (open) => {
      let isMute = false;
      const stage = await open({
        streaming: { isMute: () => isMute },
        answer: ({ words, turn }) => {
          if (turn === 1) throw new Error('the model is overloaded');
          isMute = true;
          return `You said: ${words}`;
        },
      });
      stage.dialIn((human) => human.says('One').says('Two').says('Three').hangsUp({ afterMs: 6_000 }));
      await stage.toTheEnd();
      assert.deepEqual(stage.heard.slice(-2), ['You said: Two', 'You said: Three']);
      assert.match(stage.heard[1] ?? '', /^Sorry, I could not get an answer/);
      for (const { to } of stage.theirs.said) {
        const next = stage.theirs.heard.find(({ from }) => from >= to);
        assert.ok(next && next.from - to <= DEAD_AIR_MS, `nothing for ${(next?.from ?? Number.NaN) - to} ms`);
      }
    },
  );

  onEach(
    '"it missed my first words": transcription connects a second after the caller began',
    async (open) => {
      const stage = await open({ streaming: { connectsAfterMs: () => 1_200 } });
      stage.dialIn((human) => human.says(WORDS, { over: true, afterMs: 100 }).hangsUp({ afterMs: 5_000 }));
      await stage.toTheEndWithoutComplaint();
      assert.deepEqual(
        stage.agent.turns.map(({ words }) => words),
        [WORDS],
      );
    },
  );

  onEach(
    '"it missed a word": transcription is lost in the middle of a sentence and takes 0.9 s to return',
    async (open) => {
      let isDeaf = false;
      let opened = 0;
      const stage = await open({
        streaming: { isDeaf: () => isDeaf, connectsAfterMs: () => (opened++ === 0 ? 0 : 900) },
      });
      stage.dialIn((human) => human.says(WORDS).hangsUp({ afterMs: 6_000 }));
      await stage.until(() => stage.theirs.said.length > 0);
      await stage.until(900);
      isDeaf = true;
      await stage.until(40);
      isDeaf = false;
      await stage.toTheEndWithoutComplaint();
      assert.ok(opened >= 2, 'it was opened again');
      assert.deepEqual(
        stage.agent.turns.map(({ words }) => words),
        [WORDS],
      );
    },
  );

  onEach('"somebody else was on my call": the token of a stream lets in one socket', async (open) => {
    const stage = await open();
    stage.exchange.media.next({ secondAfterMs: 300 });
    stage.dialIn((human) => human.says('It is me').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(stage.stream.intruders, [{ isOpen: false, code: 403 }]);
    assert.equal(stage.words, `${WELCOME} You said: It is me`);
  });

  onEach('"it never answered me": two call at the same moment and talk at the same time', async (open) => {
    const stage = await open({
      settings: { maxInboundCalls: 2 },
      answer: (turn, { clock }) => writing(clock, turn, `Hello ${turn.words}`),
    });
    const names = ['Alice', 'Bob'];
    for (const [at, name] of names.entries())
      stage.dialIn((human) => human.says(name).hangsUp({ afterMs: 4_000 }), [ALICE, STRANGER][at]);
    await stage.until(
      () => stage.exchange.calls.length === 2 && stage.exchange.calls.every(({ isAlive }) => !isAlive),
    );
    await stage.until(60_000);
    stage.nothingIsLeft();
    assert.deepEqual(
      stage.exchange.calls.map(({ ear }) => ear.text),
      names.map((name) => `${WELCOME} Hello ${name}`),
    );
  });

  onEach('"there was nobody there": the greeting is on the line with the stream', async (open) => {
    const stage = await open({ streaming: { speaksAfterMs: 400 } });
    stage.exchange.media.next({ lateMs: 450 });
    stage.dialIn((human) => human.hangsUp({ afterMs: 3_000 }));
    await stage.toTheEndWithoutComplaint();
    const ms = (stage.ear.firstVoiceAfter(0) ?? Number.NaN) - (stage.stream.openedAt ?? 0);
    assert.ok(ms >= 0 && ms <= 100, `${ms} ms`);
  });
});
