// GeminiLive: the stand-in hears, answers, calls tools, is interrupted and taken up again, through the host's provider.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { StoryClock } from '../story-clock.ts';
import { allClips, cough } from './clips.ts';
import { GeminiLive } from './gemini-live.ts';
import type { GeminiLiveSession } from './gemini-live-session.ts';
import { HostVoice } from './host-voice.ts';
import { joined, silence } from './mulaw.ts';
import { believed } from './voice-model-script.ts';
import type { VoiceModelOptions } from './voice-model-server.ts';
import { pcmOf } from './wav.ts';
import { fieldsOf } from './wire.ts';
import { wordSamples, wordSound } from './word-code.ts';

const CONSULT = {
  type: 'function' as const,
  name: 'openclaw_agent_consult',
  description: 'Asks the agent.',
  parameters: {
    type: 'object' as const,
    properties: { question: { type: 'string' } },
    required: ['question'],
  },
};
const HANG_UP = { ...CONSULT, name: 'hang_up' };
/** The host lets only models before 3.1 go on while a tool runs. */
const ASYNC = 'gemini-2.5-flash-native-audio-preview';

async function open(test: TestContext, options: Partial<VoiceModelOptions> = {}): Promise<GeminiLive> {
  const model = new GeminiLive({ clock: new StoryClock(), ...options });
  await model.listen();
  test.after(() => model.close());
  return model;
}

/** The host's provider can be pointed at us by its environment only. */
async function connect(test: TestContext, house: GeminiLive, config: object = {}): Promise<HostVoice> {
  process.env['GOOGLE_GEMINI_BASE_URL'] = house.baseUrl;
  const voice = await HostVoice.with('google', house, {
    providerConfig: { apiKey: 'model-key', ...config },
    instructions: 'You are on the telephone.',
    tools: [CONSULT, HANG_UP],
  });
  test.after(() => voice.bridge.close());
  await voice.bridge.connect();
  await voice.step(0);
  return voice;
}

function sessionOf(model: GeminiLive): GeminiLiveSession {
  return model.sessions.at(-1) ?? assert.fail('no session');
}

/** The names of what was sent, in order, each run once. */
function kinds({ sent }: GeminiLiveSession): readonly string[] {
  const all = sent.flatMap(({ serverContent, ...rest }) => [
    ...Object.keys(rest),
    ...Object.keys(fieldsOf(serverContent) ?? {}),
  ]);
  return all.filter((kind, index) => kind !== all[index - 1]);
}

describe("The stand-in for Gemini's voice model, through the host's own provider", () => {
  it('is given instructions and tools', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    const session = sessionOf(model);
    assert.ok(voice.bridge.isConnected());
    assert.equal(session.instructions, 'You are on the telephone.');
    assert.deepEqual(session.tools, ['openclaw_agent_consult', 'hang_up']);
  });

  for (const wanted of [undefined, ASYNC]) {
    it(`greets in the words it is told, and answers a caller: ${wanted ?? 'the default model'}`, async (test) => {
      const model = await open(test);
      const voice = await connect(test, model, wanted ? { model: wanted } : {});
      voice.bridge.triggerGreeting?.('Say exactly: "Good morning, how are you?"');
      await voice.step(290);
      assert.equal(voice.takeWords(), '');
      await voice.step(500);
      assert.equal(voice.takeWords(), 'Good morning, how are you?');
      assert.deepEqual(voice.replies, []);
      await voice.step(2000);
      assert.deepEqual(
        [voice.finals('assistant'), voice.replies],
        [['Good morning, how are you?'], ['completed']],
      );
      await voice.hear(joined([wordSound('one two three'), silence(520)]));
      assert.deepEqual(voice.finals('user'), ['one two three']);
      await voice.step(4000);
      assert.equal(voice.takeWords(), 'You said: one two three');
      assert.deepEqual(voice.errors, []);
    });
  }

  it('understands the clips, though the host stops sending when the caller is silent', async (test) => {
    const model = await open(test, { script: () => null });
    const voice = await connect(test, model);
    for (const { mulaw } of allClips()) await voice.hear(joined([mulaw, silence(900)]));
    assert.deepEqual(
      sessionOf(model).heard,
      allClips().map(({ text }) => text),
    );
    await voice.hear(joined([cough(), silence(900)]));
    assert.equal(sessionOf(model).heard.length, allClips().length);
  });

  it('stops when the caller speaks, and remembers what could have been heard', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    voice.bridge.triggerGreeting?.('Say exactly: "one two three four five six seven eight"');
    await voice.step(300 + 700);
    await voice.hear(joined([wordSound('stop'), silence(40)]));
    const session = sessionOf(model);
    assert.deepEqual([voice.cleared, voice.replies], [1, ['cancelled']]);
    assert.equal(believed(session.said[0]!), 'one two');
    const words = ['setupComplete', 'sessionResumptionUpdate', 'outputTranscription', 'modelTurn'];
    assert.deepEqual(kinds(session).slice(0, 4), words);
    assert.deepEqual(kinds(session).slice(-3), ['interrupted', 'turnComplete', 'sessionResumptionUpdate']);
  });

  it('calls a tool, takes preliminary results, and answers with the real one when it is silent', async (test) => {
    const script: VoiceModelOptions['script'] = (prompt) => {
      if (prompt.from === 'tool') return { say: `It is ${String(fieldsOf(prompt.result)?.['text'])}` };
      return {
        say: 'One moment please, I am asking',
        call: { name: CONSULT.name, args: { question: prompt.words } },
      };
    };
    const model = await open(test, { script });
    const voice = await connect(test, model, { model: ASYNC });
    await voice.hear(joined([wordSound('what time'), silence(520)]));
    await voice.step(900);
    assert.equal(voice.takeWords(), 'One moment please, I am asking');
    const [call] = voice.tools;
    assert.deepEqual([call?.name, call?.args], [CONSULT.name, { question: 'what time' }]);
    await voice.bridge.submitToolResult(call!.callId, { status: 'working' }, { willContinue: true });
    await voice.step(100);
    await voice.bridge.submitToolResult(call!.callId, { text: 'noon' });
    await voice.step(600);
    assert.equal(voice.takeWords(), '', 'its own words still sound');
    await voice.step(1500);
    assert.equal(voice.takeWords(), 'It is noon');
    const results = sessionOf(model).toolResponses.map(({ response, isPreliminary }) => [
      response,
      isPreliminary,
    ]);
    assert.deepEqual(results, [
      [{ status: 'working' }, true],
      [{ text: 'noon' }, false],
    ]);
    assert.deepEqual(voice.errors, []);
  });

  it('takes a call back when the caller goes on speaking, unless it may run beside', async (test) => {
    const script: VoiceModelOptions['script'] = (prompt) =>
      prompt.from === 'caller' ? { call: { name: prompt.words, args: {} } } : null;
    const model = await open(test, { script });
    const voice = await connect(test, model);
    await voice.hear(joined([wordSound('hang_up'), silence(520)]));
    await voice.step(400);
    await voice.hear(wordSound('no'));
    assert.deepEqual(
      voice.tools.map(({ name }) => name),
      ['hang_up'],
    );
    assert.ok(voice.events.includes('tool.call.cancelled'));
  });

  it('breaks, and is taken up again where it was', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    await voice.hear(joined([wordSound('one'), silence(520)]));
    await voice.step(3000);
    const [first] = model.sessions;
    first!.drop();
    await voice.step(0);
    assert.equal(first!.closed, 1006);
    await voice.until(() => voice.readies === 2);
    const session = sessionOf(model);
    assert.notEqual(session, first);
    assert.deepEqual([session.resumedFrom !== undefined, session.heard], [true, ['one']]);
    assert.equal(believed(session.said[0]!), 'You said: one');
    assert.ok(voice.bridge.isConnected());
  });

  it('gives notice before it ends, and breaks off by switch', async (test) => {
    const model = await open(test);
    model.next({ endAfterMs: 100 }, { times: 1 });
    const ended = await connect(test, model);
    await ended.step(1500);
    assert.deepEqual([sessionOf(model).closed, ended.errors[0]], [1001, 'Google Live session goAway: 1s']);
    model.next({ errorAfterMs: 100 }, { times: 1 });
    const failed = await connect(test, model);
    await failed.step(200);
    assert.equal(sessionOf(model).closed, 1011);
    assert.match(failed.errors.join(), /Internal error/);
  });

  it('falls silent for a while, and is late with its first sound', async (test) => {
    const model = await open(test);
    model.next({ stallAfterMs: 100, firstSoundMs: 2000 });
    const voice = await connect(test, model);
    voice.bridge.triggerGreeting?.('Say exactly: "Hello"');
    await voice.step(5000);
    assert.equal(voice.takeWords(), '');
    assert.equal(sessionOf(model).said[0]?.isWhole, true);
    await voice.step(200);
    assert.equal(voice.takeWords(), 'Hello');
  });
});

describe("The stand-in for Gemini's voice model, on its socket", () => {
  const connected = async (model: GeminiLive, key: string): Promise<WebSocket> => {
    const path = 'ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
    const socket = new WebSocket(`${model.baseUrl.replace('http', 'ws')}//${path}?key=${key}`);
    await once(socket, 'open');
    return socket;
  };
  const closeOf = async (model: GeminiLive, key: string, first: object): Promise<unknown> => {
    const socket = await connected(model, key);
    socket.send(JSON.stringify(first));
    const [code] = await once(socket, 'close');
    return code;
  };

  it('takes the end of the sound for the end of the turn', async (test) => {
    const model = await open(test);
    const socket = await connected(model, 'model-key');
    const pcm = Buffer.from(pcmOf(wordSamples('one two', 16_000))).toString('base64');
    socket.send(JSON.stringify({ setup: { model: 'models/gemini-live' } }));
    socket.send(
      JSON.stringify({ realtimeInput: { audio: { data: pcm, mimeType: 'audio/pcm;rate=16000' } } }),
    );
    await model.activity.idle();
    assert.deepEqual(sessionOf(model).heard, []);
    socket.send(JSON.stringify({ realtimeInput: { audioStreamEnd: true } }));
    await model.activity.idle();
    assert.deepEqual(sessionOf(model).heard, ['one two']);
    socket.close();
  });

  it('turns away wrong keys, a wrong beginning and handles it does not know', async (test) => {
    const model = await open(test);
    const setup = { model: 'models/gemini-live' };
    assert.equal(await closeOf(model, 'wrong', { setup }), 1007);
    assert.equal(await closeOf(model, 'model-key', { realtimeInput: {} }), 1007);
    const sessionResumption = { handle: 'forgotten' };
    assert.equal(await closeOf(model, 'model-key', { setup: { ...setup, sessionResumption } }), 1008);
    model.next({ status: 503 });
    await assert.rejects(closeOf(model, 'model-key', { setup }), /503/);
  });
});
