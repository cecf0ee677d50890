// Stories of a transcriber that is late, breaks, or is gone: no word of the caller is lost.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { phrasesFor } from '../../src/call/phrases.ts';
import { type LiveStage, onEach, WELCOME } from './live-stage.ts';

const LONG = 'Please tell me when you open tomorrow';
const callerWords = ({ said }: LiveStage): readonly string[] =>
  said.filter((line) => line.startsWith('caller'));

describe('a transcriber on a media stream', () => {
  onEach('that connects 3 s late has heard the first word all the same', async (open) => {
    const stage = await open({ streaming: { connectsAfterMs: () => 3_000 } });
    stage.dialIn((human) =>
      human.says('Good evening to you', { over: true, afterMs: 100 }).hangsUp({ afterMs: 7_000 }),
    );
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(callerWords(stage), ['caller: Good evening to you']);
  });

  onEach(
    'that breaks in the middle of a word and comes back half a second later misses none',
    async (open) => {
      let isDeaf = false;
      const stage = await open({ streaming: { isDeaf: () => isDeaf } });
      stage.dialIn((human) =>
        human.says('Please tell me when you open tomorrow').hangsUp({ afterMs: 8_000 }),
      );
      await stage.until(() => stage.theirs.said.length > 0);
      await stage.until(1_000);
      isDeaf = true;
      await stage.until(500);
      isDeaf = false;
      await stage.toTheEndWithoutComplaint();
      assert.deepEqual(callerWords(stage), ['caller: Please tell me when you open tomorrow']);
      assert.equal(stage.words, `${WELCOME} You said: Please tell me when you open tomorrow`);
    },
  );

  onEach('that is slow to come back is waited for, also between two turns', async (open) => {
    let opened = 0;
    let isDeaf = false;
    const stage = await open({
      streaming: { isDeaf: () => isDeaf, connectsAfterMs: () => (++opened === 1 ? 0 : 1_000) },
    });
    stage.dialIn((human) => human.says('One').says('Two three four').hangsUp({ afterMs: 8_000 }));
    await stage.until(() => stage.theirs.said.length === 2);
    isDeaf = true;
    await stage.until(100);
    isDeaf = false;
    await stage.toTheEndWithoutComplaint();
    assert.deepEqual(callerWords(stage), ['caller: One', 'caller: Two three four']);
  });

  onEach('that is gone for good: the carrier listens, and the call goes on', async (open) => {
    let isDeaf = false;
    const stage = await open({ streaming: { isDeaf: () => isDeaf } });
    stage.dialIn((human) => human.says('One').says('Two', { afterMs: 8_000 }).hangsUp({ afterMs: 6_000 }));
    await stage.until(() => stage.theirs.heard.length === 2);
    isDeaf = true;
    await stage.toTheEnd();
    assert.deepEqual(callerWords(stage), ['caller: One', 'caller: Two']);
    assert.deepEqual(
      stage.heard.filter((text) => text !== ''),
      [WELCOME, 'You said: One', 'You said: Two'],
    );
    assert.equal(stage.exchange.media.streams.length, 1);
  });

  for (const [how, wordsMs] of [
    ['before a word', 0],
    ['after a word', 900],
  ] as const) {
    onEach(`that is lost while the caller speaks, ${how}: they are asked to say it again`, async (open) => {
      let isDeaf = false;
      const stage = await open({ streaming: { isDeaf: () => isDeaf } });
      stage.dialIn((human) =>
        human.says('One').says(LONG).says('Two', { afterMs: 8_000 }).hangsUp({ afterMs: 6_000 }),
      );
      await stage.until(() => stage.theirs.said.length === 2);
      await stage.until(wordsMs);
      isDeaf = true;
      const lostAt = stage.clock.now();
      await stage.until(() => stage.heard.includes(phrasesFor('en').apology));
      const apologyMs = stage.clock.now() - lostAt;
      assert.ok(apologyMs < 8_000, `heard to its end after ${apologyMs} ms`);
      await stage.toTheEnd();
      assert.deepEqual(callerWords(stage), ['caller: One', 'caller: Two']);
      assert.deepEqual(
        stage.heard.filter((text) => text !== ''),
        [WELCOME, 'You said: One', phrasesFor('en').apology, 'You said: Two'],
      );
    });
  }
});
