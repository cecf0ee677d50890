// plivoStream: an audio stream on a Plivo call, played on a hand clock over a real socket.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import plivo from 'plivo';
import { play } from '../play.ts';
import type { PlivoCall } from '../plivo/call.ts';
import { Person } from '../plivo/person.ts';
import { ALICE, OURS, openStage, plivoXml, type Stage, TOKEN } from '../plivo/stage.ts';
import { openStreamServer, type Socket, type StreamServer } from './stage.ts';
import { base64 } from './wire.ts';
import { wordSound } from './word-code.ts';
import { decodeWords, textOf } from './word-decoder.ts';

const URL_OF_OURS = 'wss://voice.example.test/media/t0ken?a=1';
const TALKS = 'bidirectional="true" contentType="audio/x-mulaw;rate=8000"';
const STREAM = `<Stream ${TALKS} keepCallAlive="true" extraHeaders="userId=1,token=t0ken">${URL_OF_OURS}</Stream>`;

interface Scene extends Stage {
  readonly call: PlivoCall;
  readonly streams: StreamServer;
  /** Plays until the socket is open. */
  socket(): Promise<Socket>;
  step(until: number | (() => boolean)): Promise<number>;
}

/** A person calls in. */
async function ring(test: TestContext, elements = STREAM, person = new Person()): Promise<Scene> {
  const stage = await openStage(test);
  const { clock, plugin, twin } = stage;
  const streams = await openStreamServer(test);
  twin.tunnel('https://voice.example.test', `http://${streams.host}`);
  const isFirst = (path: string): boolean => path === '/answer';
  plugin.answers = ({ path }) => plivoXml(isFirst(path) ? elements : '<Speak>Elsewhere</Speak>');
  const call = twin.dialIn({ from: ALICE, to: OURS, answerUrl: `${plugin.origin}/answer`, person });
  const step: Scene['step'] = (until) => play(clock, twin, until);
  const socket: Scene['socket'] = async () => {
    await step(() => call.stream?.isOpen === true);
    return streams.sockets.at(-1) ?? assert.fail('no socket came');
  };
  return { ...stage, call, streams, socket, step };
}

const MEDIA = { contentType: 'audio/x-mulaw', sampleRate: 8000 };

function speak(socket: Socket, text: string, name: string): void {
  socket.send({ event: 'playAudio', media: { ...MEDIA, payload: base64(wordSound(text)) } });
  socket.send({ event: 'checkpoint', name });
}

const texts = (call: PlivoCall): readonly string[] => call.heard.map(({ text }) => text);

describe('A Plivo audio stream', () => {
  it('comes with its query, signed over the whole address', async (test) => {
    const there = await ring(test);
    const { headers, path } = await there.socket();
    assert.equal(path, '/media/t0ken?a=1');
    const nonce = String(headers['x-plivo-signature-v3-nonce']);
    const signature = String(headers['x-plivo-signature-v3']);
    assert.ok(plivo.validateV3Signature('GET', URL_OF_OURS, nonce, TOKEN, signature));
    assert.ok(!plivo.validateV3Signature('GET', URL_OF_OURS, `${nonce}1`, TOKEN, signature));
  });

  it('begins with start, and counts in numbers', async (test) => {
    const there = await ring(test);
    const socket = await there.socket();
    const openedAt = there.clock.now();
    await there.step(40);
    const streamId = there.call.stream?.id;
    const extra = 'userId=1;token=t0ken';
    assert.deepEqual(socket.messages[0], {
      event: 'start',
      sequenceNumber: 1,
      start: {
        callId: there.call.uuid,
        streamId,
        accountId: there.twin.settings.authId,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 },
      },
      extra_headers: extra,
    });
    assert.deepEqual(socket.messages[2], {
      event: 'media',
      sequenceNumber: 3,
      streamId,
      media: { track: 'inbound', timestamp: `${openedAt + 40}`, chunk: 2, payload: `${'/'.repeat(213)}w==` },
      extra_headers: extra,
    });
  });

  it('plays in real time, and forgets checkpoints on clearAudio', async (test) => {
    const there = await ring(test);
    const socket = await there.socket();
    speak(socket, 'one', 'c1');
    speak(socket, 'two three four', 'c2');
    await there.step(() => socket.of('playedStream').length === 1);
    assert.equal(socket.of('playedStream')[0]?.['name'], 'c1');
    await there.step(300);
    socket.send({ event: 'clearAudio', streamId: there.call.stream?.id });
    await there.step(1000);
    assert.deepEqual([socket.of('playedStream').length, socket.of('clearedAudio').length], [1, 1]);
    assert.deepEqual(texts(there.call), ['one two th…']);
    assert.deepEqual(
      there.call.stream?.marks.map(({ wasCleared }) => wasCleared),
      [false, true],
    );
  });

  it('carries the person and their keys, and presses ours', async (test) => {
    const person = new Person()
      .says('fine thanks', { afterWords: 3 })
      .presses('7', { afterMs: 100, over: true });
    const there = await ring(test, STREAM, person);
    const socket = await there.socket();
    speak(socket, 'How are you?', 'c1');
    await there.step(() => socket.of('dtmf').length === 1);
    assert.equal(textOf(decodeWords(socket.sound())), 'fine thanks');
    assert.equal((socket.of('dtmf')[0]?.['dtmf'] as { digit: string } | undefined)?.digit, '7');
    socket.send({ event: 'sendDTMF', dtmf: '12#' });
    await there.step(() => texts(there.call).includes('12#'));
  });

  it('keeps the call alive while it lasts, if told to; otherwise the document goes on', async (test) => {
    const kept = await ring(test, `${STREAM}<Speak>After</Speak>`);
    const socket = await kept.socket();
    await kept.step(5000);
    assert.ok(kept.call.isAlive);
    socket.wire.close();
    await kept.step(() => !kept.call.isAlive);
    assert.deepEqual(texts(kept.call), ['After']);
    const loose = await ring(test, STREAM.replace('keepCallAlive="true"', ''));
    await loose.step(() => !loose.call.isAlive);
    assert.equal(loose.call.end?.cause.code, 4010);
  });

  it('ends with the call, a transfer or its time, with stop only by switch', async (test) => {
    const there = await ring(test, STREAM, new Person().hangsUp({ afterMs: 400 }));
    const socket = await there.socket();
    await there.step(() => socket.closed !== undefined);
    assert.equal(socket.of('stop').length, 0);
    const timed = await ring(test, STREAM.replace('<Stream ', '<Stream streamTimeout="3" '));
    timed.twin.media.next({ saysStop: true });
    const short = await timed.socket();
    await timed.step(() => short.closed !== undefined);
    assert.equal(short.of('stop').length, 1);
  });

  it('is interrupted by a transfer, or lets it wait, by switch', async (test) => {
    for (const waits of [false, true]) {
      const there = await ring(test);
      there.twin.media.transferWaits = waits;
      const socket = await there.socket();
      await there.sdk.calls.transfer(there.call.uuid, {
        legs: 'aleg',
        alegUrl: `${there.plugin.origin}/next`,
      });
      await there.step(1000);
      assert.equal(there.call.isAlive, waits);
      assert.equal(socket.closed === undefined, waits);
      if (waits) socket.wire.close();
      await there.step(() => !there.call.isAlive);
      assert.deepEqual(texts(there.call), ['Elsewhere']);
    }
  });

  it('warns of what it does not take: shapes, formats, foreign ids, more than 40 s', async (test) => {
    const there = await ring(test);
    const socket = await there.socket();
    socket.send({ event: 'media', media: { payload: '' } });
    socket.send({ event: 'clearAudio', streamId: 'other' });
    socket.send({
      event: 'playAudio',
      media: { ...MEDIA, contentType: 'audio/x-mulaw;rate=8000', payload: 'AA==' },
    });
    const second = {
      event: 'playAudio',
      media: { ...MEDIA, payload: base64(new Uint8Array(8000).fill(255)) },
    };
    for (let count = 0; count < 41; count++) socket.send(second);
    await there.step(60);
    assert.equal(there.call.stream?.badMessages, 3);
    const why = there.twin.problems.map(({ text }) => text);
    assert.equal(why.length, 4);
    assert.match(why[3] ?? '', /more than 40000 ms/);
  });

  it('reports its beginning and end, but not the end of the call', async (test) => {
    const there = await ring(
      test,
      STREAM.replace('<Stream ', '<Stream statusCallbackUrl="http://127.0.0.1:9/" '),
    );
    await there.socket();
    await there.step(200);
    const told = (): readonly unknown[] =>
      there.call.hooks.filter(({ kind }) => kind === 'stream').map(({ params }) => params[0]?.[1]);
    assert.deepEqual(told(), ['StartStream']);
    there.call.stream?.drop();
    await there.step(() => !there.call.isAlive);
    assert.deepEqual(told(), ['StartStream', 'DroppedStream']);
    const callback = '<Stream statusCallbackUrl="http://127.0.0.1:9/" ';
    const over = await ring(
      test,
      STREAM.replace('<Stream ', callback),
      new Person().hangsUp({ afterMs: 400 }),
    );
    await over.step(() => !over.call.isAlive);
    await over.step(1000);
    assert.equal(over.call.hooks.filter(({ kind }) => kind === 'stream').length, 1);
  });
});

describe('A Plivo audio stream that goes wrong', () => {
  it('is tried three times, then the document goes on', async (test) => {
    const there = await ring(test, `${STREAM}<Speak>After</Speak>`);
    there.twin.media.next({ failedConnects: 2 }, { times: 1 });
    await there.socket();
    const refused = await ring(test, `${STREAM}<Speak>After</Speak>`);
    refused.streams.refuses = 503;
    await refused.step(() => !refused.call.isAlive);
    assert.deepEqual(texts(refused.call), ['After']);
    assert.match(refused.twin.problems[0]?.text ?? '', /503/);
  });

  it('has a document that is not sound', async (test) => {
    const there = await ring(test, STREAM.replace('contentType="audio/x-mulaw;rate=8000"', ''));
    await there.step(() => !there.call.isAlive);
    assert.match(there.twin.problems[0]?.text ?? '', /needs a contentType/);
  });
});
