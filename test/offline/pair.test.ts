// The embedded voice and ear as they are: what the one says, the other understands.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemClock, wait } from '../../src/lib/clock.ts';
import { soundReader } from '../../src/media/sound.ts';
import { type OfflinePair, offlinePair, speaksOffline } from '../../src/offline/pair.ts';
import { offlineParts } from '../../tools/offline-parts.ts';

const CALL = { callId: 'c1', agentId: 'main', language: 'en-US' };
const HEARD_WITHIN_MS = 30_000;

describe('the embedded pair', { timeout: 180_000 }, () => {
  let pair: OfflinePair;

  before(async () => {
    pair = offlinePair({ folder: await offlineParts(), clock: systemClock });
    pair.warm();
  });
  after(() => pair.stop());

  async function spoken(text: string, signal = new AbortController().signal): Promise<Uint8Array> {
    const reader = soundReader();
    const parts: Uint8Array[] = [];
    const wanted = { callId: 'c1', text, language: 'en-US', tts: null, numberRoute: null, signal };
    for await (const sound of pair.synthesizer.speak(wanted)) parts.push(reader.push(sound));
    return Buffer.concat([...parts, reader.end()]);
  }

  /** What is understood of it, utterance by utterance. */
  async function understood(mulaw: Uint8Array, count: number): Promise<readonly string[]> {
    const finals: string[] = [];
    const heard = Promise.withResolvers<void>();
    const session = pair.transcriber.open(CALL, {
      onPartial: () => undefined,
      onFinal: (text) => {
        finals.push(text);
        if (finals.length === count) heard.resolve();
      },
      onBroken: (why) => heard.reject(new Error(why)),
    });
    await session.ready;
    for (let at = 0; at < mulaw.length; at += 160) session.hear(mulaw.subarray(at, at + 160));
    const late = new AbortController();
    const deadline = wait(systemClock, HEARD_WITHIN_MS, late.signal).then(
      () => heard.reject(new Error(`only heard ${JSON.stringify(finals)}`)),
      () => undefined,
    );
    await heard.promise.finally(() => late.abort());
    await deadline;
    session.close();
    return finals;
  }

  const pause = new Uint8Array(8_000).fill(0xff);

  it('speaks so that it is understood, sentence by sentence', async () => {
    const sound = await spoken('My name is Robert, and I am calling about my order.');
    assert.ok(sound.length > 8_000, 'a second of sound at least');
    const [words] = await understood(Buffer.concat([pause, sound, pause]), 1);
    assert.match(words ?? '', /my name is robert.* calling about my order/i);
  });

  it('hears two callers at once, each their own words', async () => {
    const [time, name] = [await spoken('I would like to book a table.'), await spoken('My name is Robert.')];
    const [first, second] = await Promise.all([
      understood(Buffer.concat([pause, time, pause]), 1),
      understood(Buffer.concat([pause, name, pause]), 1),
    ]);
    assert.match(first.join(), /book a table/i);
    assert.match(second.join(), /my name/i);
  });

  it('is given up when nobody waits for it any more', async () => {
    const gone = new AbortController();
    gone.abort(new Error('hung up'));
    await assert.rejects(spoken('Hello.', gone.signal), /hung up/);
  });

  it('speaks whatever it is given: odd letters, options, a lot', async () => {
    for (const text of ['-voice kal', '\0', 'ü ß 漢字 🎉', '...', 'word '.repeat(200)])
      assert.ok((await spoken(text)).length > 0, JSON.stringify(text.slice(0, 20)));
  });

  it('is for English', () => {
    assert.deepEqual(['en-US', 'en', 'en-GB', 'de-DE', 'eo'].map(speaksOffline), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('an embedded pair whose parts are missing', () => {
  it('says so, to who wants to speak and to who wants to hear', async (t) => {
    const pair = offlinePair({ folder: '/nowhere', clock: systemClock });
    t.after(() => pair.stop());
    const { signal } = new AbortController();
    const wanted = { callId: 'c1', text: 'Hello.', language: 'en-US', tts: null, numberRoute: null, signal };
    await assert.rejects(async () => {
      for await (const _ of pair.synthesizer.speak(wanted)) assert.fail('it spoke');
    }, /embedded voice failed/);
    const session = pair.transcriber.open(CALL, {
      onPartial: () => undefined,
      onFinal: () => undefined,
      onBroken: () => undefined,
    });
    await assert.rejects(session.ready, /embedded ear failed/);
  });
});
