// Deepgram: the stand-in understands word-code, clips and scripts, over a real socket and through the host's provider.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { getRealtimeTranscriptionProvider } from 'openclaw/plugin-sdk/realtime-transcription';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/lib/clock.ts';
import { play } from '../play.ts';
import { StoryClock } from '../story-clock.ts';
import { clip, cough, roomNoise } from './clips.ts';
import { Deepgram, type TranscriberOptions } from './deepgram.ts';
import type { DeepgramSession } from './deepgram-session.ts';
import { joined, silence } from './mulaw.ts';
import { wordSound } from './word-code.ts';

const QUERY = 'model=nova-3&encoding=mulaw&sample_rate=8000&channels=1&interim_results=true&endpointing=800';
const KEY = { Authorization: 'Token dg-key' };

interface Results extends Readonly<Record<string, unknown>> {
  readonly is_final: boolean;
  readonly speech_final: boolean;
  readonly from_finalize: boolean;
  readonly channel: { readonly alternatives: readonly { readonly transcript: string }[] };
}

interface Line {
  readonly clock: StoryClock;
  readonly deepgram: Deepgram;
  readonly socket: WebSocket;
  readonly session: DeepgramSession;
  /** Sends sound in 20 ms frames, in its own time. */
  hear(sound: Uint8Array): Promise<void>;
  step(ms: number): Promise<unknown>;
}

async function open(test: TestContext, options: Partial<TranscriberOptions> = {}): Promise<Deepgram> {
  const deepgram = new Deepgram({ clock: new StoryClock(), ...options });
  await deepgram.listen();
  test.after(() => deepgram.close());
  return deepgram;
}

async function connect(deepgram: Deepgram, query = QUERY): Promise<Line> {
  const clock = deepgram.clock as StoryClock;
  const socket = new WebSocket(`${deepgram.baseUrl.replace('http', 'ws')}/listen?${query}`, { headers: KEY });
  await once(socket, 'open');
  const session = deepgram.sessions.at(-1) ?? assert.fail('no session');
  const step = (ms: number): Promise<unknown> => play(clock, { idle: () => deepgram.activity.idle() }, ms);
  const hear = async (sound: Uint8Array): Promise<void> => {
    for (let at = 0; at < sound.length; at += 160) {
      socket.send(sound.subarray(at, at + 160));
      await step(20);
    }
  };
  return { clock, deepgram, socket, session, hear, step };
}

function isResults(message: Readonly<Record<string, unknown>>): message is Results {
  return message['type'] === 'Results';
}

function results(session: DeepgramSession): readonly Results[] {
  return session.sent.filter(isResults);
}

const words = (one: Results | undefined): string | undefined => one?.channel.alternatives[0]?.transcript;

describe('The stand-in transcriber', () => {
  it('tells words while they are spoken, and the end of speech after the silence asked for', async (test) => {
    const line = await connect(await open(test));
    await line.hear(joined([silence(300), wordSound('one two three'), silence(700)]));
    const interims = results(line.session);
    assert.deepEqual(interims.map(words), ['one', 'one two', 'one two three']);
    assert.ok(interims.every(({ is_final }) => !is_final));
    assert.equal(line.deepgram.finals.length, 0);
    await line.hear(silence(200));
    const last = results(line.session).at(-1);
    assert.deepEqual([words(last), last?.is_final, last?.speech_final], ['one two three', true, true]);
  });

  it('understands the clips, from any frame border, and neither coughs nor noise', async (test) => {
    const line = await connect(await open(test));
    for (const name of ['sentence', 'stop', 'mhm', 'yes', 'german'] as const) {
      await line.hear(joined([silence(113), clip(name).mulaw, silence(900)]));
      assert.equal(line.deepgram.finals.at(-1), clip(name).text);
    }
    await line.hear(joined([cough(), silence(900), roomNoise(1000), silence(900)]));
    assert.equal(line.deepgram.finals.length, 5);
  });

  it('understands of a clip only what was said of it', async (test) => {
    const line = await connect(await open(test));
    await line.hear(joined([clip('sentence').mulaw.subarray(0, 2000 * 8), silence(900)]));
    assert.match(line.deepgram.finals[0] ?? '', /^Good morning, I would like to/);
    assert.doesNotMatch(line.deepgram.finals[0] ?? '', /Friday/);
  });

  it('takes other voices for its script, and mishears when told to', async (test) => {
    const deepgram = await open(test);
    deepgram.script.push('what the man said');
    deepgram.mishears = (text) => text.replace('two', 'to');
    const line = await connect(deepgram);
    const voice = Uint8Array.from({ length: 8000 }, (_, at) => (at % 40 < 20 ? 0x90 : 0x10));
    await line.hear(joined([voice.subarray(0, 1600), silence(900)]));
    assert.deepEqual(deepgram.finals, [], 'a short noise is no utterance');
    await line.hear(joined([voice, silence(900), voice, silence(900), wordSound('one two'), silence(900)]));
    assert.deepEqual(deepgram.finals, ['what the man said', 'one to']);
  });

  it('tells in its own time, and at once when asked to finalize', async (test) => {
    const line = await connect(await open(test, { latencyMs: 400 }));
    const heard: string[] = [];
    line.socket.on('message', (data) => heard.push(String(data)));
    await line.hear(wordSound('one two'));
    line.socket.send(JSON.stringify({ type: 'Finalize' }));
    await line.step(380);
    assert.equal(heard.filter((text) => text.includes('"from_finalize":true')).length, 0);
    await line.step(20);
    const last = JSON.parse(heard.at(-1) ?? '') as Results;
    assert.deepEqual([words(last), last.from_finalize], ['one two', true]);
    line.socket.send(JSON.stringify({ type: 'CloseStream' }));
    await line.step(500);
    assert.equal(line.session.closed, 1000);
  });

  it('says that speech began only to those who asked', async (test) => {
    const deepgram = await open(test);
    const line = await connect(deepgram, `${QUERY}&vad_events=true`);
    await line.hear(wordSound('one'));
    assert.equal(line.session.sent[0]?.['type'], 'SpeechStarted');
  });

  it('lets nobody in without key and mu-law, and hangs up on silence without sound', async (test) => {
    const deepgram = await open(test);
    const refused = async (path: string, headers = {}): Promise<string> => {
      const socket = new WebSocket(`${deepgram.baseUrl.replace('http', 'ws')}${path}`, { headers });
      const [error] = (await once(socket, 'error')) as [Error];
      return error.message;
    };
    assert.match(await refused(`/listen?${QUERY}`), /401/);
    assert.match(await refused('/listen?encoding=opus', KEY), /400/);
    assert.match(await refused(`/other?${QUERY}`, KEY), /404/);
    const line = await connect(deepgram);
    await line.step(10_100);
    assert.equal(line.session.closed, 1011);
  });

  it('breaks, falls silent, complains or refuses by switch', async (test) => {
    const deepgram = await open(test);
    deepgram.next({ dropAfterMs: 100 }, { times: 1 });
    const dropped = await connect(deepgram);
    await dropped.hear(silence(200));
    assert.equal(dropped.session.closed, 1011);
    deepgram.next({ stallAfterMs: 100 }, { times: 1 });
    const stalled = await connect(deepgram);
    await stalled.hear(joined([wordSound('one two'), silence(1000)]));
    assert.equal(stalled.session.sent.length, 0);
    deepgram.next({ errorAfterMs: 100 }, { times: 1 });
    const failed = await connect(deepgram);
    await failed.hear(silence(200));
    assert.equal(failed.session.sent[0]?.['type'], 'Error');
    deepgram.next({ status: 503 });
    await assert.rejects(connect(deepgram), /503/);
  });

  it("is understood by the host's own provider", async (test) => {
    const deepgram = await open(test, { clock: systemClock, latencyMs: 0 });
    const provider = getRealtimeTranscriptionProvider('deepgram', {});
    assert.ok(provider);
    const partials: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const session = provider.createSession({
      cfg: {},
      providerConfig: { apiKey: 'dg-key', baseUrl: deepgram.baseUrl },
      onPartial: (text) => partials.push(text),
      onTranscript: resolve,
      onError: reject,
    });
    await session.connect();
    const sound = joined([wordSound('one two three'), silence(900)]);
    for (let at = 0; at < sound.length; at += 160)
      session.sendAudio(Buffer.from(sound.subarray(at, at + 160)));
    assert.equal(await promise, 'one two three');
    assert.equal(partials[0], 'one');
    session.close();
  });
});
