// A caller who speaks while we do, on a whole line: what the carrier is sent, and what is reported.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Heard, LIKE_TWILIO, MediaStage } from '../../sim/media-stage.ts';
import { FRAME_MS } from './frame.ts';

const framesOf = (heard: readonly Heard[], utterance: number): readonly number[] =>
  heard.filter((sound) => sound.utterance === utterance).map(({ frame }) => frame);
const withoutVoice = (stage: MediaStage): readonly string[] =>
  stage.story.filter((line) => !line.startsWith('voice'));

/** A caller is on the line and hears something that is long. */
async function speaking(interruptible = true): Promise<MediaStage> {
  const stage = new MediaStage();
  stage.connect();
  stage.callerOn();
  stage.say(1, 3_000, interruptible);
  await stage.clock.advance(1_000);
  return stage;
}

describe('A caller who speaks while we do', () => {
  it('makes us clear in the very moment in which the voice is detected', async () => {
    const stage = await speaking();
    await stage.callerSpeaks(100);
    const clear = stage.stream.sent.find(({ text }) => text === 'c');
    const voice = stage.events.findIndex(({ kind }) => kind === 'voice');
    const frame = stage.events[voice - 1];
    assert.equal(frame?.kind, 'audio');
    assert.equal(clear?.at, frame.at);
    assert.deepEqual(stage.events[voice + 1], {
      kind: 'held',
      callId: stage.callId,
      at: clear.at,
      isOver: false,
    });
  });

  it('is sent nothing while we wait what they want', async () => {
    const stage = await speaking();
    await stage.callerSpeaks(300);
    const { length } = stage.stream.sent;
    await stage.clock.advance(600);
    assert.equal(stage.stream.sent.length, length);
    await stage.clock.advance(60);
    assert.ok(stage.stream.sent.length > length);
  });

  it('interrupts us with words, and all that waited is forgotten', async () => {
    const stage = await speaking();
    stage.say(2, 500);
    stage.say(3, 500, false);
    await stage.callerSpeaks(150);
    stage.understood('wait a moment');
    assert.equal(stage.story.at(-1), 'cut u1');
    await stage.clock.advance(3_000);
    assert.deepEqual([...framesOf(stage.heard, 2), ...framesOf(stage.heard, 3)], []);
    stage.say(4, 200);
    await stage.clock.advance(1_000);
    assert.equal(stage.story.at(-1), 'played u4');
  });

  it('does not interrupt us by saying "mhm"', async () => {
    const stage = await speaking();
    await stage.callerSpeaks(300);
    stage.understood('Mhm');
    await stage.clock.advance(4_000);
    assert.deepEqual(withoutVoice(stage).slice(-3), ['held on', 'held over', 'played u1']);
  });

  it('can be understood a little later than we went on', async () => {
    const stage = await speaking();
    await stage.callerSpeaks(200);
    await stage.clock.advance(1_000);
    assert.equal(stage.story.at(-1), 'held over');
    stage.understood('that is wrong');
    assert.equal(stage.story.at(-1), 'cut u1');
    assert.equal(stage.stream.clears, 2);
  });

  it('is only reported while we say what cannot be interrupted', async () => {
    const stage = await speaking(false);
    await stage.callerSpeaks(1_000);
    stage.understood('hello hello');
    await stage.clock.advance(3_000);
    assert.equal(stage.stream.clears, 0);
    assert.deepEqual(stage.story.slice(3), ['voice on', 'voice off', 'played u1']);
    assert.equal(framesOf(stage.heard, 1).length, 150);
  });

  it('hears what cannot be interrupted to its end before we wait with what can be', async () => {
    const stage = new MediaStage();
    stage.connect();
    stage.callerOn();
    stage.say(1, 1_000, false);
    stage.say(2, 500);
    await stage.clock.advance(600);
    await stage.callerSpeaks(700);
    assert.deepEqual(framesOf(stage.heard, 1).length, 50);
    await stage.clock.advance(2_000);
    assert.deepEqual(withoutVoice(stage).slice(3), [
      'played u1',
      'held on',
      'held over',
      'began u2',
      'audible u2',
      'played u2',
    ]);
  });

  it('whose voice is there when the next utterance was already sent ahead stops that one', async () => {
    const stage = new MediaStage();
    stage.connect();
    stage.callerOn();
    stage.say(1, 1_000, false);
    stage.say(2, 1_000);
    // The detector tells of it when the first frames of the second are on their way.
    await stage.clock.advance(840);
    await stage.callerSpeaks(300);
    assert.deepEqual(withoutVoice(stage).slice(3, 6), ['began u2', 'played u1', 'held on']);
    await stage.clock.advance(3_000);
    assert.equal(stage.story.at(-1), 'played u2');
  });
});

describe('A caller who speaks already when we are about to', () => {
  it('is not spoken over: we begin as soon as they are silent', async () => {
    const stage = new MediaStage();
    stage.connect();
    await stage.callerSpeaks(500);
    stage.say(1, 500);
    assert.equal(stage.stream.sent.length, 0);
    await stage.clock.advance(240);
    assert.equal(stage.stream.sent.length > 0, true);
    assert.deepEqual(stage.story, ['opened', 'voice on', 'held on', 'voice off', 'held over', 'began u1']);
  });

  it('and goes on speaking is listened to, and nothing of ours was heard', async () => {
    const stage = new MediaStage();
    stage.connect();
    await stage.callerSpeaks(500);
    stage.say(1, 500);
    await stage.callerSpeaks(1_000);
    const cut = stage.event('cut');
    assert.deepEqual([cut?.utteranceId, cut?.heardMs], ['u1', 0]);
    assert.equal(stage.stream.sent.length, 0);
  });

  it('does not hold up what cannot be interrupted', async () => {
    const stage = new MediaStage();
    stage.connect();
    await stage.callerSpeaks(500);
    stage.say(1, 500, false);
    assert.equal(stage.story.at(-1), 'began u1');
  });
});

describe('A hold', () => {
  it('outlives a lost stream, and we go on from the same place on the next', async () => {
    const stage = await speaking();
    await stage.callerSpeaks(200);
    const heardBefore = framesOf(stage.heard, 1).length;
    stage.breaks();
    stage.connect();
    assert.equal(stage.stream.sent.length, 0);
    await stage.clock.advance(4_000);
    const again = framesOf(stage.stream.heard, 1);
    assert.ok(again[0]! < heardBefore && again[0]! >= heardBefore - 16, `${again[0]} of ${heardBefore}`);
    assert.equal(again.at(-1), 149);
  });

  it('that comes again and again never makes us go back', async () => {
    const stage = await speaking();
    let furthest = 0;
    for (let times = 0; times < 4; times++) {
      await stage.callerSpeaks(100);
      await stage.clock.advance(700);
      const resumedAt = framesOf(stage.heard, 1).at(-1)!;
      assert.ok(resumedAt >= furthest - 120 / FRAME_MS, `${resumedAt} after ${furthest}`);
      furthest = Math.max(furthest, resumedAt);
      await stage.clock.advance(300);
    }
  });
});

describe('A caller who types while we speak', () => {
  const types = (stage: MediaStage, text: string): void =>
    stage.engine.message(stage.callId, 1, { kind: 'words', text });

  it('cuts it at once, and it is told what was heard before the words are', async () => {
    const stage = await speaking();
    types(stage, 'stop');
    assert.equal(stage.stream.sent.at(-1)?.text, 'c');
    assert.deepEqual(withoutVoice(stage).slice(-2), ['cut u1', 'words']);
    const heardMs = stage.event('cut', 1)?.heardMs ?? 0;
    assert.ok(heardMs > 700 && heardMs <= 1_000, `${heardMs}`);
    await stage.clock.advance(2_000);
    assert.equal(stage.stream.sent.at(-1)?.text, 'c', 'nothing more of it is sent');
  });

  it('cuts what is held for a voice as well, and what has not begun', async () => {
    const stage = await speaking();
    await stage.callerSpeaks(100);
    types(stage, 'stop');
    assert.ok(withoutVoice(stage).includes('cut u1'));
  });

  it('does not cut what cannot be interrupted, nor silence', async () => {
    const firm = await speaking(false);
    types(firm, 'stop');
    assert.deepEqual(withoutVoice(firm).slice(-1), ['words']);
    assert.equal(firm.event('cut', 1), undefined);
    const quiet = new MediaStage();
    quiet.connect();
    types(quiet, 'hello');
    assert.deepEqual(withoutVoice(quiet), ['opened', 'words']);
  });
});

describe('The detector', () => {
  it('is told while our voice can come back as an echo', async () => {
    const heard: boolean[] = [];
    const stage = new MediaStage(LIKE_TWILIO, 'medium', (isOurVoiceOn) => heard.push(isOurVoiceOn));
    stage.connect();
    stage.callerOn();
    await stage.clock.advance(100);
    stage.say(1, 200);
    await stage.clock.advance(1_000);
    const during = heard.filter(Boolean).length;
    // 200 ms of sound and 300 ms of echo.
    assert.deepEqual([heard[0], heard.at(-1)], [false, false]);
    assert.ok(during >= 24 && during <= 25, `${during}`);
  });
});
