// Stories of an agent or a voice that fails on a media stream: the caller always hears something true.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { onEach, WELCOME } from './live-stage.ts';
import { writing } from './writing-agent.ts';

const NOBODY = { sessionKey: null };
/** What is heard when the voice fails: made before, so that it needs no voice. */
const CLIP = '(voice)';
const APOLOGY = 'Sorry, I could not get an answer just now. Could you say that again?';

describe('an agent that is slow or fails, on a media stream', () => {
  onEach('a filler after 1.8 s, another when it goes on, then the answer', async (open) => {
    const stage = await open({
      answer: (turn, { clock }) => writing(clock, turn, 'It is noon.', { firstMs: 12_000 }),
    });
    stage.dialIn((human) => human.says('What time is it?'));
    await stage.until(() => stage.words.endsWith('noon.'));
    await stage.settle(stage.app.phone.end(stage.ours.id, NOBODY));
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.words, `${WELCOME} One moment, please. I am still working on that. It is noon.`);
    const { saidAt = Number.NaN } = stage.ours.turns[0] ?? {};
    const ms = (stage.ear.firstVoiceAfter(saidAt) ?? Number.NaN) - saidAt;
    assert.ok(ms >= 1_800 && ms <= 2_000, `the filler came after ${ms} ms`);
  });

  onEach('one that never answers: an apology, and the caller can say it again', async (open) => {
    const stage = await open({
      settings: { responseTimeoutMs: 10_000 },
      answer: (turn, { clock }) =>
        writing(clock, turn, 'Now it works.', { firstMs: turn.turn === 1 ? 600_000 : 250 }),
    });
    stage.dialIn((human) =>
      human.says('Hello?').staysSilent().says('Again then.').hangsUp({ afterMs: 5_000 }),
    );
    await stage.toTheEndWithoutComplaint();
    assert.equal(stage.heard.at(-2)?.endsWith(APOLOGY), true, stage.heard.join());
    assert.equal(stage.heard.at(-1), 'Now it works.');
    assert.equal(stage.agent.turns[0]?.signal.aborted, true, 'nobody waits for it any more');
  });

  onEach(
    'one that fails: an apology, then we listen, and ask a silent caller whether they are there',
    async (open) => {
      const stage = await open({
        answer: () => {
          throw new Error('no model');
        },
      });
      stage.dialIn((human) => human.says('Hello?').staysSilent().staysSilent().hangsUp({ afterMs: 1_000 }));
      await stage.toTheEndWithoutComplaint();
      assert.deepEqual(stage.heard.slice(0, 3), [WELCOME, APOLOGY, 'Are you still there?']);
    },
  );
});

describe('a voice that fails on a media stream', () => {
  onEach('once: the sentence is made again, and the caller hears nothing of it', async (open) => {
    let asked = 0;
    const stage = await open({ streaming: { isMute: () => ++asked === 2 } });
    stage.dialIn((human) => human.says('It is me').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(stage.heard, [WELCOME, 'You said: It is me']);
    assert.equal(asked, 3);
  });

  onEach(
    'for good: the carrier says the sentence, and the call goes on with its voice and ears',
    async (open) => {
      let isMute = false;
      const stage = await open({
        streaming: { isMute: () => isMute },
        answer: ({ words, turn }) => {
          isMute = turn >= 2;
          return `You said: ${words}`;
        },
      });
      stage.dialIn((human) => human.says('One').says('Two').says('Three').hangsUp({ afterMs: 6_000 }));
      await stage.toTheEnd();
      assert.deepEqual(stage.heard, [WELCOME, 'You said: One', CLIP, 'You said: Two', 'You said: Three']);
      assert.equal(stage.words, `${WELCOME} You said: One`, 'heard over the stream');
      assert.ok(stage.carrierSpeech.some((text) => text.includes('You said: Two')));
      assert.ok(
        stage.outcomes.every((outcome) => outcome.endsWith('[heard]')),
        stage.outcomes.join(),
      );
    },
  );

  onEach('from the first word on: the carrier greets, and nobody hears silence for long', async (open) => {
    const stage = await open({ streaming: { isMute: () => true } });
    stage.dialIn((human) => human.says('It is me').hangsUp({ afterMs: 6_000 }));
    await stage.toTheEnd();
    assert.deepEqual(stage.heard, [CLIP, WELCOME, 'You said: It is me']);
    const ms = (stage.theirs.heard[0]?.from ?? Number.NaN) - (stage.theirs.answeredAt ?? 0);
    assert.ok(ms <= 500, `something is heard after ${ms} ms`);
  });
});
