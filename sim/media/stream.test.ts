// MediaStream: by itself, on the real clock and beside a busy process; its story on the hand clock is with each carrier.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { steadyClock } from '../../src/lib/clock.ts';
import { Activity } from '../activity.ts';
import { clip } from './clips.ts';
import { Ear } from './ear.ts';
import { Mouth } from './mouth.ts';
import { openStreamServer, type StreamServer } from './stage.ts';
import { MediaStream } from './stream.ts';
import type { StreamFault } from './stream-faults.ts';
import { TwilioWire } from './twilio-wire.ts';
import { base64 } from './wire.ts';
import { wordSound } from './word-code.ts';

function streamTo(
  test: TestContext,
  server: StreamServer,
  fault: StreamFault = {},
): MediaStream & { ear: Ear } {
  const ear = new Ear();
  const mouth = new Mouth();
  const stream = new MediaStream({
    clock: steadyClock,
    activity: new Activity(),
    route: { url: `ws://${server.host}/media`, headers: {} },
    headers: {},
    wire: new TwilioWire({ accountSid: 'AC1', callSid: 'CA1', customParameters: {} }),
    mouth,
    ear,
    fault,
    tries: 1,
    problem: () => undefined,
    pressed: () => undefined,
    opened: () => mouth.play(clip('mhm').mulaw, steadyClock.now()),
    ended: () => undefined,
  });
  test.after(() => stream.destroy());
  return Object.assign(stream, { ear });
}

describe('A media stream on the real clock', () => {
  it('keeps its cadence, hears in real time, and sends a mark back when its sound is over', async (test) => {
    const server = await openStreamServer(test);
    const back = Promise.withResolvers<number>();
    let sentAt = 0;
    server.onMessage = (socket, { event }) => {
      const streamSid = socket.of('start')[0]?.['streamSid'];
      if (event === 'start') {
        sentAt = steadyClock.now();
        socket.send({ event: 'media', streamSid, media: { payload: base64(wordSound('one two three')) } });
        socket.send({ event: 'mark', streamSid, mark: { name: 'm1' } });
      }
      if (event === 'mark') back.resolve(steadyClock.now());
    };
    const stream = streamTo(test, server);
    const tookMs = (await back.promise) - sentAt;
    // 840 ms of sound; the first frame waits for the carrier's next 20 ms.
    assert.ok(tookMs >= 838 && tookMs < 1000, `the mark came back after ${tookMs} ms`);
    const frames = Math.floor((steadyClock.now() - (stream.openedAt ?? 0)) / 20);
    assert.ok(Math.abs(stream.framesSent - frames) <= 1, `${stream.framesSent} frames instead of ${frames}`);
    assert.equal(stream.ear.text, 'one two three');
    assert.deepEqual(stream.ear.gaps(), []);
    const [socket] = server.sockets;
    const voice = Buffer.from(clip('mhm').mulaw.subarray(800, 3200));
    assert.ok(Buffer.from(socket?.sound() ?? []).includes(voice), 'the clip arrives byte for byte');
  });
});
