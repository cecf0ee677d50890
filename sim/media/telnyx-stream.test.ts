// telnyxStream: a media stream on a Telnyx call, played on a hand clock over a real socket.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { play } from '../play.ts';
import type { TwinCall } from '../telnyx/call.ts';
import { Person } from '../telnyx/person.ts';
import { ALICE, OURS, openStage, type Stage } from '../telnyx/stage.ts';
import { openStreamServer, type Socket, type StreamServer } from './stage.ts';
import { base64 } from './wire.ts';
import { wordSound } from './word-code.ts';
import { decodeWords, textOf } from './word-decoder.ts';

const URL_OF_OURS = 'wss://voice.example.test/media/t0ken?a=1';
const STREAM = {
  stream_url: URL_OF_OURS,
  stream_bidirectional_mode: 'rtp',
  stream_bidirectional_target_legs: 'both',
} as const;

interface Scene extends Stage {
  readonly call: TwinCall;
  readonly streams: StreamServer;
  readonly actions: Stage['sdk']['calls']['actions'];
  /** Starts streaming, and plays until the socket is open. */
  stream(more?: object): Promise<Socket>;
  step(until: number | (() => boolean)): Promise<number>;
  types(): readonly string[];
}

async function inCall(test: TestContext, person = new Person()): Promise<Scene> {
  const stage = await openStage(test);
  const { clock, plugin, sdk, twin } = stage;
  const streams = await openStreamServer(test);
  twin.tunnel('https://voice.example.test', `http://${streams.host}`);
  twin.expect(ALICE, person);
  const { connectionId } = twin.settings;
  await sdk.calls.dial({ connection_id: connectionId, to: ALICE, from: OURS });
  const call = twin.calls[0] ?? assert.fail('nobody was called');
  const step: Scene['step'] = (until) => play(clock, twin, until);
  await step(() => call.isAnswered);
  const { actions } = sdk.calls;
  const stream: Scene['stream'] = async (more = {}) => {
    await actions.startStreaming(call.id, { ...STREAM, ...more });
    await step(() => call.stream?.isOpen === true);
    return streams.sockets.at(-1) ?? assert.fail('no socket came');
  };
  const types = (): readonly string[] => plugin.told.map(({ type }) => type);
  return { ...stage, call, streams, actions, stream, step, types };
}

function speak(socket: Socket, text: string, mark: string): void {
  socket.send({ event: 'media', media: { payload: base64(wordSound(text)) } });
  socket.send({ event: 'mark', mark: { name: mark } });
}

const chunks = (socket: Socket): readonly unknown[] =>
  socket.of('media').map(({ media }) => (media as { chunk: string }).chunk);

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => JSON.stringify(error).includes(code) || String(error).includes(code);
}

describe('A Telnyx media stream', () => {
  it('comes with its query and without a signature, and says connected, start, media', async (test) => {
    const there = await inCall(test);
    const socket = await there.stream({ custom_parameters: [{ name: 'token', value: 't0ken' }] });
    await there.step(60);
    assert.equal(socket.path, '/media/t0ken?a=1');
    const [connected, start, first, second] = socket.messages;
    assert.deepEqual(connected, { event: 'connected', version: '1.0.0' });
    assert.deepEqual(start, {
      event: 'start',
      sequence_number: '1',
      start: {
        user_id: there.twin.settings.connectionId,
        call_control_id: there.call.id,
        call_session_id: there.call.sessionId,
        from: OURS,
        to: ALICE,
        tags: [],
        custom_parameters: { token: 't0ken' },
        media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
      },
      stream_id: there.call.stream?.id,
    });
    assert.deepEqual((first?.['media'] as { chunk: string } | undefined)?.chunk, '1');
    assert.deepEqual(second, {
      event: 'media',
      sequence_number: '3',
      media: { track: 'inbound', chunk: '2', timestamp: '20', payload: `${'/'.repeat(213)}w==` },
      stream_id: there.call.stream?.id,
    });
    await there.step(() => there.types().includes('streaming.started'));
    assert.equal(there.plugin.told.at(-1)?.payload['stream_url'], URL_OF_OURS);
  });

  it('begins with the answer of an incoming call, when the answer asks for it', async (test) => {
    const there = await inCall(test);
    const call = there.twin.dialIn({ from: ALICE, to: OURS, person: new Person() });
    await there.actions.answer(call.id, STREAM);
    await there.step(() => call.stream?.isOpen === true);
    assert.equal(call.stream?.end, undefined);
  });

  it('plays in real time, sends marks back, and all of them on clear', async (test) => {
    const there = await inCall(test);
    const socket = await there.stream();
    speak(socket, 'one', 'm1');
    speak(socket, 'two three four', 'm2');
    await there.step(() => socket.of('mark').length === 1);
    assert.equal(there.call.stream?.marks[0]?.echoedAt, there.clock.now());
    await there.step(300);
    socket.send({ event: 'clear' });
    await there.step(1000);
    assert.equal(socket.of('mark').length, 2);
    assert.deepEqual(
      there.call.heard.map(({ text, cut }) => [text, cut]),
      [['one two th…', true]],
    );
  });

  it('carries what the person says, and their keys as message and as event', async (test) => {
    const there = await inCall(test, new Person().says('fine thanks').presses('7'));
    const socket = await there.stream();
    speak(socket, 'How are you?', 'm1');
    await there.step(() => there.call.said.length === 1);
    await there.step(1500);
    speak(socket, 'And now?', 'm2');
    await there.step(() => socket.of('dtmf').length === 1);
    assert.equal(textOf(decodeWords(socket.sound())), 'fine thanks');
    assert.deepEqual(socket.of('dtmf')[0]?.['dtmf'], { digit: '7' });
    await there.step(() => there.types().includes('call.dtmf.received'));
  });

  it('does not end the call when it ends, and can be started again', async (test) => {
    const there = await inCall(test);
    const socket = await there.stream();
    await assert.rejects(there.actions.startStreaming(there.call.id, STREAM), refusedWith('90045'));
    await there.actions.stopStreaming(there.call.id, {});
    await there.step(() => socket.closed !== undefined);
    assert.equal(socket.of('stop').length, 1);
    await there.step(() => there.types().includes('streaming.stopped'));
    await assert.rejects(there.actions.stopStreaming(there.call.id, {}), refusedWith('90048'));
    assert.ok(there.call.isAlive);
    const again = await there.stream();
    again.wire.close();
    await there.step(() => there.types().filter((type) => type === 'streaming.stopped').length === 2);
    assert.ok(there.call.isAlive);
    const last = await there.stream();
    await there.actions.hangup(there.call.id, {});
    await there.step(() => last.closed !== undefined);
    assert.equal(last.of('stop').length, 1);
  });

  it('is silent for the caller where the legs are not named, and takes no raw sound in mp3 mode', async (test) => {
    const there = await inCall(test);
    const socket = await there.stream({ stream_bidirectional_target_legs: 'opposite' });
    speak(socket, 'hello', 'm1');
    await there.step(1000);
    assert.equal(socket.of('mark').length, 1);
    assert.equal(there.call.ear.text, '');
    await there.actions.stopStreaming(there.call.id, {});
    const second = await there.stream({ stream_bidirectional_mode: 'mp3' });
    speak(second, 'hello', 'm1');
    await there.step(100);
    const complaint = second.of('error')[0]?.['payload'] as { code: number; title: string } | undefined;
    assert.deepEqual([complaint?.code, complaint?.title], [100004, 'invalid_media']);
  });

  it('complains of what it does not understand', async (test) => {
    const there = await inCall(test);
    const socket = await there.stream();
    socket.wire.send('{');
    socket.send({ event: 'hello' });
    socket.send({ event: 'media', media: { payload: '?' } });
    socket.send({ event: 'media', media: { payload: base64(new Uint8Array(80)) } });
    await there.step(60);
    assert.deepEqual(
      socket.of('error').map(({ payload }) => (payload as { code: number }).code),
      [100003, 100002, 100004, 100003],
    );
    assert.equal(there.call.stream?.badMessages, 4);
  });

  it('is refused without wss, with a wrong word, before the answer', async (test) => {
    const there = await inCall(test);
    const start = (more: object): Promise<unknown> =>
      there.actions.startStreaming(there.call.id, { ...STREAM, ...more });
    await assert.rejects(start({ stream_url: `ws://${there.streams.host}/x` }), refusedWith('10015'));
    await assert.rejects(start({ stream_bidirectional_codec: 'pcmu' }), refusedWith('10032'));
    await assert.rejects(start({ stream_url: undefined }), refusedWith('10004'));
    const call = there.twin.dialIn({ from: ALICE, to: OURS, person: new Person() });
    await assert.rejects(there.actions.startStreaming(call.id, STREAM), refusedWith('90034'));
    there.twin.media.allowsPlain = true;
    await start({ stream_url: `ws://${there.streams.host}/x` });
    await there.step(() => there.call.stream?.isOpen === true);
  });
});

describe('A Telnyx media stream that goes wrong', () => {
  it('fails to connect, is told of, and can be started again', async (test) => {
    const there = await inCall(test);
    there.twin.media.next({ failedConnects: 1 }, { times: 1 });
    await there.actions.startStreaming(there.call.id, STREAM);
    await there.step(() => there.types().includes('streaming.failed'));
    const { payload } = there.plugin.told.at(-1) ?? assert.fail();
    assert.match(String(payload['failure_reason']), /^connection_failed/);
    assert.deepEqual(payload['stream_params'], { stream_url: URL_OF_OURS, track: 'inbound_track' });
    assert.deepEqual(there.twin.problems, []);
    await there.stream();
    there.streams.refuses = 403;
    await there.actions.stopStreaming(there.call.id, {});
    await there.actions.startStreaming(there.call.id, STREAM);
    await there.step(() => there.types().filter((type) => type === 'streaming.failed').length === 2);
    assert.deepEqual(
      there.twin.problems.map(({ code }) => code),
      ['90046'],
    );
  });

  it('sends frames in another order, or breaks', async (test) => {
    const there = await inCall(test);
    there.twin.media.next({ reorders: true, dropAfterMs: 90 });
    const socket = await there.stream();
    await there.step(() => socket.closed !== undefined);
    assert.deepEqual(chunks(socket), ['2', '1', '4', '3']);
    assert.deepEqual([socket.closed, socket.of('stop').length], [1006, 0]);
    await there.step(() => there.types().includes('streaming.stopped'));
  });
});
