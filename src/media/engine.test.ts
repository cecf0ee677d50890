// What the engine plays and reports on one line, beside a carrier that plays in real time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  codecOf,
  type Heard,
  LIKE_PLIVO,
  LIKE_TELNYX,
  LIKE_TWILIO,
  type Manners,
  MediaStage,
  soundOf,
} from '../../sim/media-stage.ts';
import { FRAME_MS } from './frame.ts';
import { LEAD_MS } from './playout.ts';

/** The frames of an utterance, in the order in which they were heard. */
const framesOf = (heard: readonly Heard[], utterance: number): readonly number[] =>
  heard.filter((sound) => sound.utterance === utterance).map(({ frame }) => frame);
const upTo = (frames: number, from = 0): readonly number[] =>
  Array.from({ length: frames - from }, (_, index) => from + index);

const styles: readonly (readonly [string, Manners])[] = [
  ['clears return marks', LIKE_TWILIO],
  ['frames may overtake each other', LIKE_TELNYX],
  ['clears swallow marks', LIKE_PLIVO],
];

for (const [style, manners] of styles) {
  describe(`A line where ${style}`, () => {
    it('plays an utterance whole, and says when it began, was audible, and was played', async () => {
      const stage = new MediaStage(manners);
      const stream = stage.connect();
      const startedAt = stage.clock.now();
      stage.say(1, 1_000);
      await stage.clock.advance(2_000);
      assert.deepEqual(framesOf(stream.heard, 1), upTo(50));
      assert.deepEqual(stage.story, ['opened', 'began u1', 'audible u1', 'played u1']);
      assert.equal(stage.event('began')?.at, startedAt);
      // Two frames, and the way there and back.
      assert.equal(stage.event('audible')?.at, startedAt + 2 * FRAME_MS + 2 * manners.delayMs);
      assert.equal(stage.event('played')?.at, startedAt + 1_000 + 2 * manners.delayMs);
    });

    it('lets one utterance follow the other without a gap', async () => {
      const stage = new MediaStage(manners);
      const stream = stage.connect();
      stage.say(1, 500);
      stage.say(2, 500);
      await stage.clock.advance(1_500);
      assert.deepEqual(
        stream.heard.map(({ at }) => at),
        upTo(50).map((frame) => stream.heard[0]!.at + frame * FRAME_MS),
      );
      assert.deepEqual(stage.story.slice(-2), ['audible u2', 'played u2']);
    });

    it('stops at once for a voice and goes on a little earlier when it was none of words', async () => {
      const stage = new MediaStage(manners);
      const stream = stage.connect();
      stage.callerOn();
      stage.say(1, 3_000);
      await stage.clock.advance(1_000);
      await stage.callerSpeaks(200);
      const before = framesOf(stream.heard, 1);
      assert.equal(stream.clears, 1);
      await stage.clock.advance(4_000);
      const all = framesOf(stream.heard, 1);
      assert.deepEqual(before, upTo(before.length));
      const resumedAt = all[before.length]!;
      // 120 ms back, and at most the way of a mark and its distance from the one before.
      assert.ok(resumedAt <= before.length - 6 && resumedAt >= before.length - 6 - 10, `${resumedAt}`);
      assert.deepEqual(all.slice(before.length), upTo(150, resumedAt));
      assert.deepEqual(
        stage.story.filter((line) => !line.startsWith('voice')),
        ['opened', 'began u1', 'audible u1', 'held on', 'held over', 'played u1'],
      );
    });

    it('is cut by a voice that goes on, and says how much was heard', async () => {
      const stage = new MediaStage(manners);
      const stream = stage.connect();
      stage.callerOn();
      stage.say(1, 3_000);
      stage.say(2, 1_000);
      await stage.clock.advance(1_000);
      await stage.callerSpeaks(1_500);
      await stage.clock.advance(3_000);
      const heardMs = framesOf(stream.heard, 1).length * FRAME_MS;
      const cut = stage.event('cut');
      assert.equal(cut?.utteranceId, 'u1');
      assert.ok(cut.heardMs <= heardMs && cut.heardMs >= heardMs - 200, `${cut.heardMs} of ${heardMs}`);
      assert.deepEqual(framesOf(stream.heard, 2), []);
      assert.equal(stage.story.filter((line) => /u2|played/.test(line)).length, 0);
    });

    it('goes on after a lost connection where it was heard last', async () => {
      const stage = new MediaStage(manners);
      const first = stage.connect();
      stage.callerOn();
      stage.say(1, 2_000);
      await stage.clock.advance(700);
      stage.breaks();
      await stage.clock.advance(500);
      const second = stage.connect();
      await stage.clock.advance(3_000);
      const before = framesOf(first.heard, 1);
      const after = framesOf(second.heard, 1);
      assert.ok(after[0]! <= before.length && after[0]! >= before.length - 10, `${after[0]}`);
      assert.deepEqual(after, upTo(100, after[0]));
      assert.deepEqual(stage.story, ['opened', 'began u1', 'audible u1', 'closed', 'opened', 'played u1']);
    });
  });
}

describe('The pace of a line', () => {
  it('is the lead at once, then one frame every 20 ms', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    await stage.clock.advance(7.5);
    const startedAt = stage.clock.now();
    stage.say(1, 2_000);
    assert.equal(stream.frames.length, LEAD_MS / FRAME_MS);
    await stage.clock.advance(3_000);
    const later = stream.frames.slice(LEAD_MS / FRAME_MS);
    const gaps = later.slice(1).map(({ at }, index) => at - later[index]!.at);
    assert.deepEqual([...new Set(gaps)], [FRAME_MS]);
    for (const [index, { at }] of stream.frames.entries())
      assert.ok((index + 1) * FRAME_MS <= at - startedAt + LEAD_MS, `frame ${index} left too early`);
  });

  it('waits for sound that is not there yet, and goes on when it comes', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.begin(1);
    stage.engine.sound(stage.callId, 'u1', soundOf(1, 300));
    await stage.clock.advance(1_000);
    assert.equal(stream.frames.length, 15);
    stage.engine.sound(stage.callId, 'u1', soundOf(1, 300, 15));
    stage.engine.finish(stage.callId, 'u1');
    assert.equal(stream.frames.length, 25);
    await stage.clock.advance(1_000);
    assert.deepEqual(framesOf(stream.heard, 1), upTo(30));
    assert.equal(stage.story.at(-1), 'played u1');
  });

  it('fills up the last frame with silence, but only at the end', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.begin(1);
    const sound = (bytes: number) => ({ ...soundOf(1, 20), bytes: new Uint8Array(bytes).fill(7) });
    stage.engine.sound(stage.callId, 'u1', sound(200));
    assert.equal(stream.frames.length, 1);
    stage.engine.sound(stage.callId, 'u1', sound(200));
    assert.equal(stream.frames.length, 2);
    stage.engine.finish(stage.callId, 'u1');
    const last = Buffer.from(stream.frames.at(-1)!.text.slice(1), 'latin1');
    assert.equal(stream.frames.length, 3);
    assert.deepEqual([...new Set(last.subarray(0, 80))], [7]);
    assert.deepEqual([...new Set(last.subarray(80))], [0xff]);
  });

  it('keeps no timer when nothing plays', async () => {
    const stage = new MediaStage();
    stage.connect();
    stage.say(1, 400);
    await stage.clock.advance(3_000);
    assert.equal(stage.clock.pending, 0);
  });
});

describe('What was heard', () => {
  it('is known by time where a carrier returns no marks', async () => {
    const stage = new MediaStage({ ...LIKE_TWILIO, returnsMarks: false });
    stage.connect();
    const startedAt = stage.clock.now();
    stage.say(1, 1_000);
    await stage.clock.advance(5_000);
    assert.deepEqual(stage.story, ['opened', 'began u1', 'played u1']);
    assert.equal(stage.event('played')!.at, startedAt + 1_000 + 2_000);
  });

  it('is told on the next stream when the one before broke after the last word', async () => {
    const stage = new MediaStage({ ...LIKE_TWILIO, returnsMarks: false });
    stage.connect();
    stage.say(1, 200);
    await stage.clock.advance(1_000);
    stage.breaks();
    stage.connect();
    await stage.clock.advance(3_000);
    assert.equal(stage.stream.frames.length, 0);
    assert.equal(stage.story.at(-1), 'played u1');
  });

  it('is never more than time allows, whatever a carrier returns', async () => {
    const stage = new MediaStage({ ...LIKE_TWILIO, delayMs: 0 });
    const stream = stage.connect();
    stage.say(1, 1_000);
    for (const { text } of stream.sent)
      if (text.startsWith('m')) stage.engine.message(stage.callId, 1, { kind: 'mark', name: text.slice(1) });
    assert.equal(stage.event('audible'), undefined);
    await stage.clock.advance(20);
    assert.ok(stage.event('audible'));
    stage.drop(1);
    stage.connect();
    assert.equal(stage.event('played'), undefined);
  });

  it('is not proven by a mark that a clear sent back', async () => {
    const stage = new MediaStage();
    stage.connect();
    stage.say(1, 160);
    stage.drop(1);
    stage.say(2, 160);
    await stage.clock.advance(100);
    assert.deepEqual(stage.story, ['opened', 'began u1', 'began u2']);
    await stage.clock.advance(1_000);
    assert.deepEqual(stage.story.slice(3), ['audible u2', 'played u2']);
  });

  it('still comes when a carrier stops returning marks in the middle', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.callerOn();
    stage.say(1, 4_000);
    await stage.clock.advance(1_000);
    stream.returnsMarks = false;
    await stage.clock.advance(8_000);
    assert.deepEqual(framesOf(stream.heard, 1), upTo(200));
    assert.equal(stage.story.at(-1), 'played u1');
    // Half a second of doubt, once: then we know that marks prove nothing any more.
    const lasted = stream.heard.at(-1)!.at - stream.heard[0]!.at;
    assert.ok(lasted < 4_000 + 800, `${lasted} ms`);
  });
});

describe('Dropping', () => {
  it('what plays clears it in the same moment, and the next begins', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.say(1, 2_000);
    stage.say(2, 300);
    await stage.clock.advance(500);
    stage.drop(1);
    const since = stream.sent.findIndex(({ text }) => text === 'c');
    assert.equal(stream.sent[since]?.at, stage.clock.now());
    assert.equal(stream.sent[since + 1]?.text.charCodeAt(1), 2);
    await stage.clock.advance(1_000);
    assert.deepEqual(framesOf(stream.heard, 2), upTo(15));
    assert.equal(
      stage.story.some((line) => line === 'played u1' || line === 'cut u1'),
      false,
    );
  });

  it('what waits changes nothing of what is heard', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.say(1, 1_000);
    stage.say(2, 300);
    stage.say(3, 300);
    await stage.clock.advance(500);
    stage.drop(2);
    await stage.clock.advance(1_500);
    assert.equal(stream.clears, 0);
    assert.deepEqual(framesOf(stream.heard, 1), upTo(50));
    assert.deepEqual(framesOf(stream.heard, 2), []);
    assert.deepEqual(framesOf(stream.heard, 3), upTo(15));
  });

  it('what was just sent ahead clears it, and the one before it goes on from where it was heard', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.say(1, 1_000);
    stage.say(2, 1_000);
    await stage.clock.advance(950);
    assert.equal(stage.events.at(-1)?.kind, 'began');
    stage.drop(2);
    await stage.clock.advance(1_500);
    assert.equal(stream.clears, 1);
    assert.deepEqual(framesOf(stream.heard, 2), []);
    assert.equal(framesOf(stream.heard, 1).at(-1), 49);
    assert.deepEqual([...new Set(framesOf(stream.heard, 1))], upTo(50));
    assert.equal(stage.story.at(-1), 'played u1');
  });

  it('what is held ends the hold', async () => {
    const stage = new MediaStage();
    stage.connect();
    stage.callerOn();
    stage.say(1, 2_000);
    stage.say(2, 200, false);
    await stage.clock.advance(500);
    await stage.callerSpeaks(200);
    assert.equal(stage.story.at(-1), 'held on');
    stage.drop(1);
    assert.equal(stage.story.at(-1), 'began u2');
  });
});

describe('A second stream', () => {
  it('takes over when it is newer, and the older is closed and not heard any more', async () => {
    const stage = new MediaStage();
    const first = stage.connect();
    stage.say(1, 1_000);
    await stage.clock.advance(300);
    const second = stage.connect();
    const sentBefore = first.sent.length;
    assert.equal(first.closed, 1000);
    stage.engine.message(stage.callId, 1, { kind: 'digit', digit: '5' });
    stage.engine.detached(stage.callId, 1, 'late');
    await stage.clock.advance(2_000);
    assert.equal(first.sent.length, sentBefore);
    assert.equal(framesOf(second.heard, 1).at(-1), 49);
    assert.deepEqual(stage.story, ['opened', 'began u1', 'audible u1', 'closed', 'opened', 'played u1']);
  });

  it('is turned away when it is not newer', () => {
    const stage = new MediaStage();
    const second = stage.connect(2);
    assert.equal(stage.engine.isExpected(stage.callId, 2), false);
    assert.equal(stage.engine.isExpected(stage.callId, 3), true);
    const again = stage.connect(2);
    const older = stage.connect(1);
    assert.deepEqual([second.closed, again.closed, older.closed], [null, 1008, 1008]);
    stage.say(1, 100);
    assert.equal(second.frames.length, 5);
    assert.deepEqual(stage.story, ['opened', 'began u1']);
  });
});

describe('A socket that takes nothing', () => {
  it('is not filled any further, and the line goes on when it is empty again', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.callerOn();
    stage.say(1, 2_000);
    stream.socket.bufferedBytes = 70_000;
    const sent = stream.sent.length;
    await stage.clock.advance(1_000);
    assert.equal(stream.sent.length, sent);
    stream.socket.bufferedBytes = 0;
    await stage.clock.advance(3_000);
    assert.deepEqual(framesOf(stream.heard, 1), upTo(100));
  });

  it('is given up after five seconds, and what was not heard is kept for the next', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.callerOn();
    stream.returnsMarks = false;
    stage.say(1, 1_000);
    stream.socket.bufferedBytes = 100;
    await stage.clock.advance(7_000);
    assert.equal(stream.closed, 1013);
    assert.deepEqual(stage.event('closed')?.isOver, false);
    assert.equal(stage.event('played'), undefined);
  });

  it('is closed at once above a megabyte', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.say(1, 1_000);
    stream.socket.bufferedBytes = 2 ** 20 + 1;
    await stage.clock.advance(20);
    assert.equal(stream.closed, 1013);
  });
});

describe('The end of a stream', () => {
  it('that the carrier announces is told as such', () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.engine.message(stage.callId, 1, { kind: 'stop' });
    const closed = stage.event('closed');
    assert.deepEqual([closed?.isOver, closed?.n, stream.closed], [true, 1, 1000]);
  });

  it('tells that the voice of the caller is over, too', async () => {
    const stage = new MediaStage();
    stage.connect();
    await stage.callerSpeaks(200);
    stage.breaks();
    assert.deepEqual(stage.story, ['opened', 'voice on', 'voice off', 'closed']);
  });

  it('by us sends nothing more, reports nothing more, and leaves no timer', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.say(1, 1_000);
    await stage.clock.advance(100);
    const sent = stream.sent.length;
    const told = stage.events.length;
    stage.engine.close(stage.callId);
    assert.equal(stream.closed, 1000);
    stage.say(2, 100);
    stage.drop(1);
    stage.understood('hello there');
    stage.engine.message(stage.callId, 1, { kind: 'digit', digit: '1' });
    stage.engine.detached(stage.callId, 1, 'late');
    await stage.clock.advance(5_000);
    assert.deepEqual([stream.sent.length, stage.events.length, stage.clock.pending], [sent, told, 0]);
    assert.equal(stage.connect().closed, 1008);
    assert.equal(stage.engine.carrierCallIdOf(stage.callId), null);
    assert.equal(stage.engine.codecOf(stage.callId), null);
  });
});

describe('A line', () => {
  it('knows what the carrier calls the call, and its codec', () => {
    const stage = new MediaStage();
    assert.equal(stage.engine.carrierCallIdOf(stage.callId), null);
    stage.engine.identify(stage.callId, 'CA1');
    assert.equal(stage.engine.carrierCallIdOf(stage.callId), 'CA1');
    assert.equal(stage.engine.codecOf(stage.callId)?.carrier, codecOf(LIKE_TWILIO).carrier);
    assert.throws(
      () => stage.engine.open({ callId: 'c2', carrier: 'other', sensitivity: 'low' }),
      /no codec/,
    );
  });

  it('plays keys like sound', async () => {
    const stage = new MediaStage();
    const stream = stage.connect();
    stage.begin(1, false);
    stage.engine.keys(stage.callId, 'u1', '12');
    stage.engine.finish(stage.callId, 'u1');
    await stage.clock.advance(1_000);
    assert.deepEqual(framesOf(stream.heard, 99), upTo(10));
    assert.equal(stage.story.at(-1), 'played u1');
  });

  it('says of sound that is broken, missing or without end that it cannot be played', async () => {
    const stage = new MediaStage();
    stage.connect();
    stage.begin(1);
    stage.engine.sound(stage.callId, 'u1', { ...soundOf(1, 100), encoding: 'mp3' });
    stage.begin(2);
    stage.engine.finish(stage.callId, 'u2');
    stage.begin(3);
    for (let minute = 0; minute < 11; minute++) stage.engine.sound(stage.callId, 'u3', soundOf(3, 60_000));
    const whys = stage.events.flatMap((event) => (event.kind === 'unplayable' ? [event.why] : []));
    assert.deepEqual(whys, [
      'not an mp3 file',
      'there is no sound in it',
      'more than ten minutes of sound wait',
    ]);
    stage.say(4, 200);
    await stage.clock.advance(1_000);
    assert.equal(stage.story.at(-1), 'played u4');
  });

  it('keeps no more than 200 utterances, each of them once', () => {
    const stage = new MediaStage();
    for (let id = 1; id <= 201; id++) stage.begin(id);
    stage.begin(5);
    assert.deepEqual(stage.story, ['unplayable u201']);
    stage.drop(5);
    stage.begin(202);
    assert.deepEqual(stage.story, ['unplayable u201']);
  });

  it('hands on the audio of the caller in frames of 20 ms that are its own, in order', async () => {
    const stage = new MediaStage(LIKE_TELNYX);
    stage.connect();
    const audio = (chunk: number, bytes: number): void => {
      const mulaw = new Uint8Array(bytes).fill(chunk);
      stage.engine.message(stage.callId, 1, { kind: 'audio', chunk, mulaw });
      mulaw.fill(0);
    };
    audio(1, 160);
    audio(3, 160);
    audio(2, 240);
    audio(4, 80);
    const frames = stage.events.flatMap((event) => (event.kind === 'audio' ? [event.mulaw] : []));
    assert.deepEqual(
      frames.map((frame) => [frame.length, frame[0], frame[159]]),
      [
        [160, 1, 1],
        [160, 2, 2],
        [160, 2, 0],
        [160, 0, 4],
      ],
    );
  });
});
