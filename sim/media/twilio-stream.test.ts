// twilioStream: a media stream on a Twilio call, played on a hand clock over a real socket.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import twilio from 'twilio';
import { play } from '../play.ts';
import { Caller } from '../twilio/caller.ts';
import { ALICE, OURS, openStage, type Stage, TOKEN, twiml } from '../twilio/stage.ts';
import { tell } from '../twilio/story.ts';
import { openStreamServer, type Socket, type StreamServer } from './stage.ts';
import { base64 } from './wire.ts';
import { wordSound } from './word-code.ts';
import { decodeWords, textOf } from './word-decoder.ts';

interface Scene extends Stage {
  readonly streams: StreamServer;
  /** Calls in, and plays until the stream is open. */
  begin(person?: Caller, document?: string): Promise<{ readonly socket: Socket; readonly call: Call }>;
}
type Call = ReturnType<Stage['twin']['dialIn']>;

const STREAM =
  '<Connect><Stream url="wss://voice.example.test/media/t0ken?lost=1"><Parameter name="token" value="t0ken"/></Stream></Connect>';

async function openScene(test: TestContext): Promise<Scene> {
  const stage = await openStage(test);
  const streams = await openStreamServer(test);
  stage.twin.tunnel('https://voice.example.test', `http://${streams.host}`);
  const begin: Scene['begin'] = async (person = new Caller(), document = STREAM) => {
    stage.plugin.answers = ({ path }) => (path === '/voice' ? twiml(document) : twiml('<Say>After</Say>'));
    const voiceUrl = `${stage.plugin.origin}/voice`;
    const call = stage.twin.dialIn({ from: ALICE, to: OURS, voiceUrl, person });
    await play(stage.clock, stage.twin, () => call.stream?.isOpen === true);
    const socket = streams.sockets.at(-1);
    assert.ok(socket, tell(call, stage.twin.problems));
    return { socket, call };
  };
  return { ...stage, streams, begin };
}

/** Sends sound in frames, as fast as possible, then a mark. */
function speak(socket: Socket, text: string, mark?: string): void {
  const streamSid = String(socket.of('start')[0]?.['streamSid']);
  socket.send({ event: 'media', streamSid, media: { payload: base64(wordSound(text)) } });
  if (mark !== undefined) socket.send({ event: 'mark', streamSid, mark: { name: mark } });
}

function clear(socket: Socket): void {
  socket.send({ event: 'clear', streamSid: socket.of('start')[0]?.['streamSid'] });
}

function markNames(socket: Socket): readonly unknown[] {
  return socket.of('mark').map(({ mark }) => (mark as { name: string }).name);
}

describe('A Twilio media stream', () => {
  it('comes without its query, signed over its public wss address', async (test) => {
    const { begin } = await openScene(test);
    const { socket } = await begin();
    assert.equal(socket.path, '/media/t0ken');
    const signature = String(socket.headers['x-twilio-signature']);
    assert.ok(twilio.validateRequest(TOKEN, signature, 'wss://voice.example.test/media/t0ken', {}));
    assert.equal(socket.headers['sec-websocket-extensions'], undefined);
    assert.equal(socket.headers.host, 'voice.example.test');
  });

  it('says connected, start, and a frame every 20 ms, all numbers as texts', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const { socket, call } = await begin();
    await play(clock, twin, 100);
    const [connected, start, ...media] = socket.messages;
    assert.deepEqual(connected, { event: 'connected', protocol: 'Call', version: '1.0.0' });
    const { streamSid } = start as { readonly streamSid?: string };
    assert.match(String(streamSid), /^MZ[0-9a-f]{32}$/);
    assert.deepEqual(start, {
      event: 'start',
      sequenceNumber: '1',
      start: {
        accountSid: twin.settings.accountSid,
        streamSid,
        callSid: call.sid,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: { token: 't0ken' },
      },
      streamSid,
    });
    assert.equal(media.length, 5);
    assert.deepEqual(media[1], {
      event: 'media',
      sequenceNumber: '3',
      media: { track: 'inbound', chunk: '2', timestamp: '20', payload: `${'/'.repeat(213)}w==` },
      streamSid,
    });
  });

  it('plays what we send in real time: marks come back when it was heard, not before', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const { socket, call } = await begin();
    const began = clock.now();
    speak(socket, 'one two', 'm1');
    speak(socket, 'three', 'm2');
    await play(clock, twin, () => socket.of('mark').length === 1);
    assert.equal(clock.now() - began, 500);
    await play(clock, twin, () => socket.of('mark').length === 2);
    assert.equal(clock.now() - began, 860);
    assert.deepEqual(markNames(socket), ['m1', 'm2']);
    assert.equal(call.ear.text, 'one two three');
    speak(socket, '', 'idle');
    await twin.idle();
    assert.deepEqual(markNames(socket), ['m1', 'm2', 'idle']);
  });

  it('forgets what it holds on clear, sends back its marks, and tells what was heard of it', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const { socket, call } = await begin();
    speak(socket, 'one two three four', 'm1');
    await play(clock, twin, 560);
    clear(socket);
    await play(clock, twin, 1000);
    assert.deepEqual(markNames(socket), ['m1']);
    assert.deepEqual(
      call.stream?.marks.map(({ wasCleared }) => wasCleared),
      [true],
    );
    const [heard] = call.heard;
    assert.deepEqual([heard?.text, heard?.cut], ['one two th…', true]);
    assert.equal(heard?.whole, 'one two three four');
    assert.deepEqual(call.stream?.clears.length, 1);
  });

  it('carries what the person says, in its turn and over ours, and the keys they press', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const person = new Caller()
      .says('Stop please', { afterWords: 2 })
      .says('I am well', { afterMs: 300 })
      .presses('5', { afterMs: 100 });
    const { socket, call } = await begin(person);
    speak(socket, 'Hello how are you today');
    await play(clock, twin, () => call.said.length === 1);
    assert.equal(call.ear.text, 'Hello how');
    clear(socket);
    await play(clock, twin, 2000);
    assert.equal(call.said.length, 1, 'to interrupt was a turn of its own');
    speak(socket, 'Sorry');
    await play(clock, twin, () => call.said.length === 2);
    assert.equal(call.said[1]?.from, (call.heard.at(-1)?.to ?? 0) + 500 + 300);
    await play(clock, twin, 1500);
    speak(socket, 'Good. Bye');
    await play(clock, twin, () => socket.of('dtmf').length === 1);
    assert.equal(textOf(decodeWords(socket.sound())), 'Stop please I am well');
    assert.deepEqual(
      call.said.map(({ text, caught }) => [text, caught]),
      [
        ['Stop please', true],
        ['I am well', true],
        ['5', true],
      ],
    );
    assert.deepEqual(socket.of('dtmf')[0]?.['dtmf'], { track: 'inbound_track', digit: '5' });
  });

  it('goes on with the next verb when we close the socket', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const { socket, call } = await begin(new Caller(), `${STREAM}<Say>Goodbye</Say>`);
    socket.wire.close(1000, 'done');
    await play(clock, twin, () => !call.isAlive);
    assert.deepEqual(
      call.heard.map(({ text }) => text),
      ['Goodbye'],
    );
    assert.deepEqual([call.stream?.end?.by, call.stream?.end?.why], ['plugin', 'done']);
    assert.equal(socket.of('stop').length, 0);
    assert.deepEqual(twin.problems, []);
  });

  it('lets the caller hear a stumble when our sound comes late, and knows when', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const { socket, call } = await begin();
    const sound = wordSound('one two');
    const streamSid = socket.of('start')[0]?.['streamSid'];
    const send = (mulaw: Uint8Array): void =>
      socket.send({ event: 'media', streamSid, media: { payload: base64(mulaw) } });
    await play(clock, twin, 100);
    const began = clock.now();
    send(sound.subarray(0, 5 * 160));
    await play(clock, twin, 160);
    send(sound.subarray(5 * 160));
    await play(clock, twin, 1000);
    assert.deepEqual(call.ear.gaps(), [{ from: began + 120, to: began + 180 }]);
    assert.equal(call.ear.firstVoiceAfter(0), began + 20);
    assert.equal(call.ear.text, 'one two', 'a letter with a hole in it is one letter');
    assert.deepEqual(call.ear.sound(began + 20, began + 120), sound.subarray(0, 5 * 160));
  });

  it('can follow another, and everything is heard once', async (test) => {
    const { begin, clock, twin, streams } = await openScene(test);
    const { socket, call } = await begin(new Caller(), STREAM + STREAM);
    socket.wire.close();
    await play(clock, twin, () => call.streams.length === 2 && call.stream?.isOpen === true);
    const next = streams.sockets.at(-1) ?? assert.fail('no second socket');
    speak(next, 'once');
    await play(clock, twin, 1000);
    assert.deepEqual(
      call.heard.map(({ text }) => text),
      ['once'],
    );
  });

  it('says stop and closes when the call ends or is sent elsewhere', async (test) => {
    const { begin, clock, twin, sdk } = await openScene(test);
    const { socket, call } = await begin();
    await sdk.calls(call.sid).update({ twiml: twiml('<Say>Elsewhere</Say>') });
    await play(clock, twin, () => !call.isAlive);
    await play(clock, twin, () => socket.closed !== undefined);
    assert.equal(socket.of('stop').length, 1);
    assert.deepEqual(socket.messages.at(-1)?.['stop'], {
      accountSid: twin.settings.accountSid,
      callSid: call.sid,
    });
    assert.equal(call.heard[0]?.text, 'Elsewhere');
    const second = await begin(new Caller().hangsUp({ afterMs: 500 }));
    await play(clock, twin, () => second.socket.closed !== undefined);
    assert.equal(second.socket.of('stop').length, 1);
  });

  it('warns of what it does not understand, and goes on', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const { socket, call } = await begin();
    const streamSid = socket.of('start')[0]?.['streamSid'];
    socket.wire.send('not json');
    socket.send({ event: 'hello', streamSid });
    socket.send({ event: 'clear', streamSid: 'MZother' });
    socket.send({ event: 'media', streamSid, media: { payload: '***' } });
    await play(clock, twin, 60);
    assert.deepEqual(
      twin.problems.map(({ code }) => code),
      [31951, 31951, 31951, 31951],
    );
    assert.equal(call.stream?.badMessages, 4);
    assert.ok(call.stream?.isOpen);
  });

  it('ends with an error of its own when the WebSocket protocol is broken', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const { socket, call } = await begin();
    // A text frame that claims to be compressed, which was never agreed on.
    socket.raw.write(Buffer.from([0xc1, 0x00]));
    await play(clock, twin, () => call.stream?.end !== undefined);
    assert.deepEqual(
      twin.problems.map(({ code }) => code),
      [31924],
    );
  });

  it('is not opened to plain addresses, and a refused upgrade lets the next verb run', async (test) => {
    const { plugin, twin, clock, streams } = await openScene(test);
    const dial = async (url: string): Promise<Call> => {
      plugin.answers = () => twiml(`<Connect><Stream url="${url}"/></Connect><Say>Next</Say>`);
      const voiceUrl = `${plugin.origin}/voice`;
      const call = twin.dialIn({ from: ALICE, to: OURS, voiceUrl, person: new Caller() });
      await play(clock, twin, () => !call.isAlive);
      assert.equal(call.heard[0]?.text, 'Next');
      return call;
    };
    await dial(`ws://${streams.host}/media`);
    await dial('wss://elsewhere.example.test/media');
    streams.refuses = 401;
    await dial('wss://voice.example.test/media');
    assert.deepEqual(
      twin.problems.map(({ code }) => code),
      [31923, 31923, 31920],
    );
    streams.refuses = undefined;
    twin.media.allowsPlain = true;
    plugin.answers = () => twiml(`<Connect><Stream url="ws://${streams.host}/media"/></Connect>`);
    const voiceUrl = `${plugin.origin}/voice`;
    const call = twin.dialIn({ from: ALICE, to: OURS, voiceUrl, person: new Caller() });
    await play(clock, twin, () => call.stream?.isOpen === true);
  });

  it('reports itself to its status callback', async (test) => {
    const { begin, clock, twin, plugin } = await openScene(test);
    const status = `statusCallback="${plugin.origin}/stream" name="ours"`;
    const { socket } = await begin(new Caller(), STREAM.replace('<Stream ', `<Stream ${status} `));
    socket.wire.close();
    await play(clock, twin, 1000);
    const told = plugin.questions.filter(({ path }) => path === '/stream').map(({ params }) => params);
    assert.deepEqual(
      told.map((params) => [params['StreamEvent'], params['StreamName']]),
      [
        ['stream-started', 'ours'],
        ['stream-stopped', 'ours'],
      ],
    );
  });
});

describe('A Twilio media stream that goes wrong', () => {
  it('breaks without stop, and the document goes on', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    twin.media.next({ dropAfterMs: 200 }, { times: 1 });
    const { socket, call } = await begin();
    await play(clock, twin, () => socket.closed !== undefined);
    assert.deepEqual([socket.closed, socket.of('stop').length], [1006, 0]);
    assert.equal(call.stream?.end?.by, 'fault');
    await play(clock, twin, () => !call.isAlive);
  });

  it('swaps frames, or sends them twice', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    const chunks = (socket: Socket): readonly unknown[] =>
      socket.of('media').map(({ media }) => (media as { chunk: string }).chunk);
    twin.media.next({ reorders: true }, { times: 1 });
    const { socket } = await begin();
    await play(clock, twin, 80);
    assert.deepEqual(chunks(socket), ['2', '1', '4', '3']);
    twin.media.next({ duplicates: true }, { times: 1 });
    const second = await begin();
    await play(clock, twin, 40);
    assert.deepEqual(chunks(second.socket), ['1', '1', '2', '2']);
  });

  it('never sends marks back', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    twin.media.next({ losesMarks: true });
    const { socket } = await begin();
    speak(socket, 'one', 'm1');
    await play(clock, twin, 500);
    clear(socket);
    await play(clock, twin, 100);
    assert.deepEqual(markNames(socket), []);
  });

  it('stops reading for a while', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    twin.media.next({ stall: { afterMs: 100, forMs: 1000 } });
    const { socket, call } = await begin();
    await play(clock, twin, 200);
    speak(socket, 'late');
    await play(clock, twin, 800);
    assert.equal(call.stream?.received.length, 0);
    await play(clock, twin, 600);
    assert.equal(call.ear.text, 'late');
  });

  it('comes a second time with the same signature and start', async (test) => {
    const { begin, clock, twin, streams } = await openScene(test);
    twin.media.next({ secondAfterMs: 100 });
    const { call } = await begin();
    await play(clock, twin, 200);
    assert.equal(streams.sockets.length, 2);
    assert.deepEqual(call.stream?.intruders, [{ isOpen: true, code: undefined }]);
    const [first, second] = streams.sockets;
    assert.deepEqual(second?.of('start')[0]?.['start'], first?.of('start')[0]?.['start']);
    second?.wire.close(1008);
    await play(clock, twin, 100);
    assert.deepEqual(call.stream?.intruders, [{ isOpen: false, code: 1008 }]);
  });

  it('connects late, or not at all, or with a forged signature and parameters', async (test) => {
    const { begin, clock, twin } = await openScene(test);
    twin.media.next({ lateMs: 700, signature: 'wrong', parameters: { token: 'guess' } }, { times: 1 });
    const began = clock.now();
    const { socket } = await begin();
    assert.ok(clock.now() - began >= 700);
    const signature = String(socket.headers['x-twilio-signature']);
    assert.ok(!twilio.validateRequest(TOKEN, signature, 'wss://voice.example.test/media/t0ken', {}));
    const start = socket.of('start')[0]?.['start'] as { readonly customParameters: unknown } | undefined;
    assert.deepEqual(start?.customParameters, { token: 'guess' });
  });

  it('does not connect at all, which is no fault of ours', async (test) => {
    const { clock, twin, plugin, streams } = await openScene(test);
    twin.media.next({ failedConnects: 1 });
    plugin.answers = () => twiml(`${STREAM}<Say>Next</Say>`);
    const voiceUrl = `${plugin.origin}/voice`;
    const call = twin.dialIn({ from: ALICE, to: OURS, voiceUrl, person: new Caller() });
    await play(clock, twin, () => !call.isAlive);
    assert.equal(call.heard[0]?.text, 'Next');
    assert.deepEqual([streams.sockets.length, twin.problems.length], [0, 0]);
  });
});
