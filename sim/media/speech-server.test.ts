// SpeechServer: both stand-ins speak in the formats asked for, in their own time, and fail in all the ways there are.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { play } from '../play.ts';
import { StoryClock } from '../story-clock.ts';
import { ElevenLabsTts } from './elevenlabs-tts.ts';
import { resampled, toMulaw } from './mulaw.ts';
import { OpenAiTts } from './openai-tts.ts';
import type { SpeechServer } from './speech-server.ts';
import { samplesOf } from './wav.ts';
import { lengthMs } from './word-code.ts';
import { decodeWords, textOf } from './word-decoder.ts';

const TEXT = 'I am speaking to you.';
const VOICE = '/v1/text-to-speech/pMsXgVXv3BLzUgSXRplE';

async function open<S extends SpeechServer>(test: TestContext, server: S): Promise<S> {
  await server.listen();
  test.after(() => server.close());
  return server;
}

const openAi = (test: TestContext, clock = new StoryClock(), firstByteMs = 0): Promise<OpenAiTts> =>
  open(test, new OpenAiTts({ clock, firstByteMs }));
const elevenLabs = (test: TestContext, clock = new StoryClock(), firstByteMs = 0): Promise<ElevenLabsTts> =>
  open(test, new ElevenLabsTts({ clock, firstByteMs }));

function askOpenAi(server: OpenAiTts, more: object = {}, headers = {}): Promise<Response> {
  const body = { model: 'gpt-4o-mini-tts', input: TEXT, voice: 'alloy', response_format: 'pcm', ...more };
  return fetch(`${server.baseUrl}/audio/speech`, {
    method: 'POST',
    headers: { authorization: 'Bearer tts-key', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function askElevenLabs(server: ElevenLabsTts, path: string, headers = {}): Promise<Response> {
  return fetch(`${server.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'xi-api-key': 'tts-key', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ text: TEXT, model_id: 'eleven_flash_v2_5' }),
  });
}

async function bytes(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

function words(pcm: Uint8Array, rateHz: number): string {
  return textOf(decodeWords(toMulaw(resampled(samplesOf(pcm), rateHz, 8000))));
}

describe('The stand-in for OpenAI speech', () => {
  it('speaks 24 kHz samples, plain or as a WAV file', async (test) => {
    const server = await openAi(test);
    const pcm = await askOpenAi(server);
    assert.equal(pcm.headers.get('content-type'), 'audio/pcm');
    const sound = await bytes(pcm);
    assert.equal(sound.length, lengthMs(TEXT) * 48);
    assert.equal(words(sound, 24_000), TEXT);
    const wav = await bytes(await askOpenAi(server, { response_format: 'wav' }));
    assert.equal(Buffer.from(wav).readUInt32LE(24), 24_000);
    assert.equal(words(wav.subarray(44), 24_000), TEXT);
    assert.deepEqual(server.texts, [TEXT, TEXT]);
  });

  it('refuses what the real one refuses', async (test) => {
    const server = await openAi(test);
    assert.equal((await askOpenAi(server, {}, { authorization: 'Bearer no' })).status, 401);
    assert.equal((await askOpenAi(server, { input: '' })).status, 400);
    assert.equal((await askOpenAi(server, { voice: undefined })).status, 400);
    assert.equal((await fetch(`${server.baseUrl}/audio/other`, { method: 'POST' })).status, 404);
  });
});

describe('The stand-in for ElevenLabs speech', () => {
  it('streams mu-law, and samples at the rate asked for', async (test) => {
    const server = await elevenLabs(test);
    const ulaw = await askElevenLabs(server, `${VOICE}/stream?output_format=ulaw_8000`);
    assert.equal(textOf(decodeWords(await bytes(ulaw))), TEXT);
    const pcm = await askElevenLabs(server, `${VOICE}?output_format=pcm_22050`);
    assert.equal(words(await bytes(pcm), 22_050), TEXT);
  });

  it('refuses what the real one refuses', async (test) => {
    const server = await elevenLabs(test);
    assert.equal((await askElevenLabs(server, VOICE, { 'xi-api-key': 'no' })).status, 401);
    assert.equal((await askElevenLabs(server, `${VOICE}?output_format=mp3_44100_128`)).status, 400);
    assert.equal((await askElevenLabs(server, '/v1/voices')).status, 404);
  });
});

describe('Both', () => {
  it('take their time to the first byte, and between pieces', async (test) => {
    const clock = new StoryClock();
    const server = await elevenLabs(test, clock, 300);
    server.next({ firstByteMs: 300, pieceMs: 100 });
    const asked = clock.now();
    const answer = askElevenLabs(server, `${VOICE}/stream?output_format=ulaw_8000`).then(bytes);
    const request = () => server.requests[0];
    const rests = { idle: () => server.activity.idle() };
    while (!request()) await rests.idle();
    await play(clock, rests, () => request()?.doneAt !== undefined);
    assert.equal(request()?.firstByteAt, asked + 300);
    const pieces = Math.ceil(lengthMs(TEXT) / 100);
    assert.equal(request()?.doneAt, asked + 300 + (pieces - 1) * 100);
    assert.equal((await answer).length, lengthMs(TEXT) * 8);
  });

  it('stall, break, fail and send something else by switch', async (test) => {
    const server = await openAi(test);
    server.next({ status: 503 }, { times: 1 });
    assert.equal((await askOpenAi(server)).status, 503);
    server.next({ wrong: 'json' }, { times: 1 });
    const json = await askOpenAi(server);
    assert.deepEqual([json.status, json.headers.get('content-type')], [200, 'application/json']);
    server.next({ wrong: 'empty' }, { times: 1 });
    assert.equal((await bytes(await askOpenAi(server))).length, 0);
    server.next({ wrong: 'html' }, { times: 1 });
    assert.equal((await askOpenAi(server)).headers.get('content-type'), 'text/html');
    server.next({ breakAfterMs: 200 }, { times: 1 });
    await assert.rejects(askOpenAi(server).then(bytes));
    server.next({ stallAfterMs: 200 }, { times: 1 });
    const stalled = await askOpenAi(server);
    const reader = stalled.body?.getReader();
    const first = await reader?.read();
    assert.ok((first?.value?.length ?? 0) > 0);
    await reader?.cancel();
    while (!server.requests.at(-1)?.isAborted) await server.activity.idle();
    assert.equal(server.requests.at(-1)?.doneAt, undefined);
  });
});
