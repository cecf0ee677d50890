// Stories of how a call over a media stream begins: when the first word is heard, and what if there is no stream.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { GREETING, LET_IN, type LiveStage, OURS, onEach, WELCOME } from './live-stage.ts';

/** From the first frame of the stream to the first sound of us, ms. */
function silenceMs({ ear, stream }: LiveStage): number {
  const openedAt = stream.openedAt ?? Number.NaN;
  return (ear.firstVoiceAfter(0) ?? Number.NaN) - openedAt;
}

describe('the beginning of a call over a media stream', () => {
  onEach('a caller hears the greeting within 100 ms of the stream, and not before', async (open) => {
    // As far away as a carrier is; the greeting is made meanwhile.
    const stage = await open({ streaming: { speaksAfterMs: 150 } });
    stage.exchange.media.next({ lateMs: 150 });
    stage.dialIn((human) => human.says('It is me').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEndWithoutComplaint();
    const ms = silenceMs(stage);
    assert.ok(ms >= 0 && ms <= 100, `${ms} ms`);
    assert.deepEqual(stage.heard, [WELCOME, 'You said: It is me']);
    assert.equal(stage.theirs.streams.length, 1);
  });

  onEach('a slow voice has made the greeting before the phone is picked up', async (open) => {
    const stage = await open({ streaming: { speaksAfterMs: 900 } });
    stage.expect((human) => human.hangsUp({ afterMs: 4_000 }));
    await stage.place();
    await stage.toTheEndWithoutComplaint();
    const ms = silenceMs(stage);
    assert.ok(ms >= 0 && ms <= 100, `${ms} ms`);
    assert.deepEqual(stage.heard, [GREETING]);
  });

  onEach(
    'what we called to say is said to its end, whoever talks over it; they are answered then',
    async (open) => {
      const stage = await open();
      const message = 'This is the library, your two books are waiting.';
      stage.expect((human) =>
        human.says('Hello hello who is this', { afterWords: 2 }).hangsUp({ afterMs: 9_000 }),
      );
      await stage.place({ message });
      await stage.toTheEndWithoutComplaint();
      assert.equal(stage.words, `${message} You said: Hello hello who is this`);
      assert.deepEqual(stage.stream.clears, [], 'nothing was taken back');
      assert.deepEqual(stage.said.slice(0, 2), [`agent: ${message}`, 'caller: Hello hello who is this']);
      assert.equal(stage.outcomes[0], `${message} [heard]`);
    },
  );

  onEach(
    'a stream that never comes: the carrier greets after 5 s, and the call goes on with it',
    async (open) => {
      const stage = await open();
      stage.exchange.media.next({ lateMs: 30_000 });
      stage.dialIn((human) => human.says('It is me').hangsUp({ afterMs: 8_000 }));
      await stage.until(() => stage.theirs.heard.length > 0);
      const [first] = stage.theirs.heard;
      assert.equal(first?.text, WELCOME);
      const ms = (first?.from ?? Number.NaN) - (stage.theirs.answeredAt ?? 0);
      assert.ok(ms >= 5_000 && ms <= 5_600, `${ms} ms`);
      await stage.toTheEnd();
      assert.deepEqual(stage.heard, [WELCOME, 'You said: It is me']);
      assert.deepEqual(stage.ear.words, []);
    },
  );

  onEach('a stream that fails at once: the carrier need not wait 5 s to greet', async (open) => {
    const stage = await open();
    stage.exchange.media.next({ failedConnects: 99 });
    stage.dialIn((human) => human.says('It is me').hangsUp({ afterMs: 9_000 }));
    await stage.toTheEnd();
    assert.deepEqual(stage.heard, [WELCOME, 'You said: It is me'], 'said once');
    const ms = (stage.theirs.heard[0]?.from ?? Number.NaN) - (stage.theirs.answeredAt ?? 0);
    assert.ok(ms <= 5_600, `${ms} ms`);
  });

  onEach('a number’s own voice reaches the synthesizer, and no other caller’s', async (open) => {
    const wanted: unknown[] = [];
    const tts = { provider: 'openai', providers: { openai: { voice: 'coral' } } };
    const route = {
      inboundGreeting: 'Good evening.',
      agentId: null,
      responseModel: null,
      responseSystemPrompt: null,
      responseTimeoutMs: null,
      language: 'en-GB',
      voice: null,
      tts,
    };
    const stage = await open({
      settings: { ...LET_IN, numbers: new Map([[OURS, route]]) },
      streaming: {
        onSpeak: ({ text, language, tts: asked, numberRoute }) =>
          wanted.push({ text, language, tts: asked, numberRoute }),
      },
    });
    stage.dialIn((human) => human.says('It is me').hangsUp({ afterMs: 4_000 }));
    await stage.toTheEndWithoutComplaint();
    const shared = { language: 'en-GB', tts, numberRoute: OURS };
    assert.deepEqual(wanted, [
      { text: 'Good evening.', ...shared },
      // Prepared while it rings, for a caller who has to wait.
      { text: 'One moment, please.', ...shared },
      { text: 'You said: It is me', ...shared },
    ]);
  });
});
