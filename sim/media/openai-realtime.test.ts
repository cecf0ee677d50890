// OpenAiRealtime: the stand-in hears, answers, calls tools and is interrupted, through the host's own provider.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { play } from '../play.ts';
import { StoryClock } from '../story-clock.ts';
import { clip, cough } from './clips.ts';
import { HostVoice } from './host-voice.ts';
import { joined, silence } from './mulaw.ts';
import { OpenAiRealtime } from './openai-realtime.ts';
import type { OpenAiRealtimeSession } from './openai-realtime-session.ts';
import { believed } from './voice-model-script.ts';
import type { VoiceModelOptions } from './voice-model-server.ts';
import type { Message } from './voice-model-session.ts';
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

async function open(test: TestContext, options: Partial<VoiceModelOptions> = {}): Promise<OpenAiRealtime> {
  const model = new OpenAiRealtime({ clock: new StoryClock(), ...options });
  await model.listen();
  test.after(() => model.close());
  return model;
}

async function connect(test: TestContext, model: OpenAiRealtime): Promise<HostVoice> {
  const voice = await HostVoice.with('openai', model, {
    providerConfig: { apiKey: 'model-key', azureEndpoint: model.baseUrl },
    instructions: 'You are on the telephone.',
    tools: [CONSULT],
  });
  test.after(() => voice.bridge.close());
  await voice.bridge.connect();
  await voice.step(0);
  return voice;
}

function sessionOf(model: OpenAiRealtime): OpenAiRealtimeSession {
  return model.sessions.at(-1) ?? assert.fail('no session');
}

const types = (messages: readonly Message[]): readonly string[] => messages.map(({ type }) => String(type));

describe("The stand-in for OpenAI's voice model, through the host's own provider", () => {
  it('is given instructions, tools and telephone sound', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    const session = sessionOf(model);
    assert.ok(voice.bridge.isConnected());
    assert.equal(session.instructions, 'You are on the telephone.');
    assert.deepEqual(session.tools, ['openclaw_agent_consult']);
    const output = fieldsOf(fieldsOf(session.config['audio'])?.['output']);
    assert.deepEqual(output?.['format'], { type: 'audio/pcmu' });
    assert.match(session.url.searchParams.get('model') ?? '', /^gpt-realtime/);
  });

  it('greets in the words it is told, faster than they sound', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    voice.bridge.triggerGreeting?.('Say exactly: "Good morning, how are you?"');
    await voice.step(290);
    assert.equal(voice.takeWords(), '');
    await voice.step(500);
    assert.equal(voice.takeWords(), 'Good morning, how are you?');
    assert.deepEqual(voice.finals('assistant'), ['Good morning, how are you?']);
    assert.deepEqual(voice.replies, ['completed']);
    assert.ok(sessionOf(model).said[0]!.isWhole);
  });

  it('understands word-code and clips, and answers when the caller is done', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    await voice.hear(joined([wordSound('one two three'), silence(400)]));
    assert.deepEqual(voice.finals('user'), []);
    await voice.hear(silence(60));
    assert.deepEqual(voice.finals('user'), ['one two three']);
    await voice.step(1000);
    assert.equal(voice.takeWords(), 'You said: one two three');
    await voice.hear(joined([clip('yes').mulaw, silence(600)]));
    assert.equal(voice.finals('user').at(-1), clip('yes').text);
    assert.deepEqual(sessionOf(model).heard, ['one two three', 'Yes, please.']);
    assert.deepEqual(voice.errors, []);
  });

  it('makes a response to a cough, but has nothing to say to it', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    await voice.hear(joined([cough(), silence(900)]));
    assert.deepEqual([voice.takeWords(), voice.replies], ['', ['completed']]);
    assert.ok(types(sessionOf(model).sent).includes('input_audio_buffer.speech_stopped'));
  });

  it('stops when the caller speaks, and remembers what they had heard of it', async (test) => {
    const model = await open(test, { speed: 2 });
    const voice = await connect(test, model);
    voice.playsAtOnce = false;
    voice.bridge.setMediaTimestamp(0);
    voice.bridge.triggerGreeting?.('Say exactly: "one two three four five six seven eight"');
    await voice.step(300 + 700);
    voice.bridge.setMediaTimestamp(700);
    await voice.hear(joined([wordSound('stop'), silence(600)]));
    const session = sessionOf(model);
    const [said] = session.said;
    assert.deepEqual([voice.cleared, voice.replies[0]], [1, 'cancelled']);
    assert.equal(said!.isWhole, false);
    assert.equal(said!.heardMs, 700);
    assert.equal(believed(said!), 'one two');
    assert.ok(types(session.sent).includes('conversation.item.truncated'));
    assert.deepEqual(voice.finals('user'), ['stop']);
    assert.deepEqual(voice.errors, []);
  });

  it('is cancelled by hand, and complains about a truncation beyond what it sent', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    voice.playsAtOnce = false;
    voice.bridge.triggerGreeting?.('Say exactly: "one two three four five six seven eight"');
    await voice.step(400);
    voice.bridge.setMediaTimestamp(260);
    voice.bridge.handleBargeIn?.({ audioPlaybackActive: true, force: true });
    await voice.step(100);
    const session = sessionOf(model);
    assert.deepEqual(voice.replies, ['cancelled']);
    assert.ok(types(session.received).includes('response.cancel'));
    assert.equal(session.said[0]!.heardMs, 260);
  });

  it('calls a tool, takes preliminary results, and answers with the real one', async (test) => {
    const script: VoiceModelOptions['script'] = (prompt) => {
      if (prompt.from === 'tool') return { say: `It is ${String(fieldsOf(prompt.result)?.['text'])}` };
      const { words } = prompt;
      return { say: 'One moment', call: { name: CONSULT.name, args: { question: words } } };
    };
    const model = await open(test, { script });
    const voice = await connect(test, model);
    await voice.hear(joined([wordSound('what time'), silence(520)]));
    await voice.step(1000);
    assert.equal(voice.takeWords(), 'One moment');
    const [call] = voice.tools;
    assert.deepEqual([call?.name, call?.args], [CONSULT.name, { question: 'what time' }]);
    await voice.bridge.submitToolResult(call!.callId, { status: 'working' }, { willContinue: true });
    await voice.step(1000);
    assert.equal(voice.takeWords(), '');
    await voice.bridge.submitToolResult(call!.callId, { text: 'noon' });
    await voice.step(1000);
    assert.equal(voice.takeWords(), 'It is noon');
    const outputs = sessionOf(model).toolOutputs.map(({ output }) => output);
    assert.deepEqual(outputs, [{ status: 'working' }, { text: 'noon' }]);
    assert.deepEqual(voice.errors, []);
  });

  it('does nothing about what it hears when responses are switched off for a greeting', async (test) => {
    const model = await open(test);
    const voice = await connect(test, model);
    voice.bridge.triggerGreeting?.('Say exactly: "Hello"');
    await voice.step(800);
    const creates = sessionOf(model)
      .received.filter(({ type }) => type === 'session.update')
      .map(({ session }) => fieldsOf(fieldsOf(fieldsOf(session)?.['audio'])?.['input'])?.['turn_detection'])
      .map((detection) => fieldsOf(detection)?.['create_response']);
    assert.deepEqual(creates, [true, false, true]);
  });

  it('falls silent for a while, and then tells all of it', async (test) => {
    const model = await open(test);
    model.next({ stallAfterMs: 400 });
    const voice = await connect(test, model);
    voice.bridge.triggerGreeting?.('Say exactly: "one two three four five six"');
    await voice.step(5300);
    assert.deepEqual(voice.replies, []);
    await voice.step(200);
    assert.equal(voice.takeWords(), 'one two three four five six');
    assert.deepEqual(voice.replies, ['completed']);
  });

  it('is late with its first sound, and reports a fault of its own, by switch', async (test) => {
    const model = await open(test);
    model.next({ firstSoundMs: 4000, errorAfterMs: 1000 });
    const voice = await connect(test, model);
    voice.bridge.triggerGreeting?.('Say exactly: "Hello"');
    await voice.step(3900);
    assert.equal(voice.takeWords(), '');
    assert.match(voice.errors.join(), /server had an error/);
    await voice.step(400);
    assert.equal(voice.takeWords(), 'Hello');
  });

  it('breaks, or ends the session on purpose, and the host connects again', async (test) => {
    const model = await open(test);
    model.next({ dropAfterMs: 100 }, { times: 1 });
    const dropped = await connect(test, model);
    await dropped.step(200);
    assert.equal(sessionOf(model).closed, 1006);
    model.next({ endAfterMs: 100 }, { times: 1 });
    const ended = await connect(test, model);
    await ended.step(200);
    assert.ok(ended.events.includes('session.rotation'));
    assert.notEqual(sessionOf(model).closed, undefined);
    for (const { events } of [dropped, ended]) assert.ok(events.includes('session.reconnect.scheduled'));
    await dropped.until(() => dropped.events.includes('session.reconnect.ready'));
    dropped.bridge.triggerGreeting?.('Say exactly: "Hello again"');
    await dropped.step(1000);
    assert.equal(dropped.takeWords(), 'Hello again');
  });

  it('lets nobody in without the key, and refuses by switch', async (test) => {
    const model = await open(test, { apiKey: 'another' });
    await assert.rejects(connect(test, model), /401/);
    const second = await open(test);
    second.next({ status: 503 });
    await assert.rejects(connect(test, second), /503/);
  });
});

describe("The stand-in for OpenAI's voice model, on its socket", () => {
  it('speaks wide-band sound too, and says what is wrong', async (test) => {
    const model = await open(test);
    const socket = new WebSocket(`${model.baseUrl.replace('http', 'ws')}/v1/realtime?model=m`, {
      headers: { Authorization: 'Bearer model-key' },
    });
    await once(socket, 'open');
    const session = sessionOf(model);
    const send = (message: Message): Promise<unknown> => {
      socket.send(JSON.stringify(message));
      return play(model.clock as StoryClock, { idle: () => model.activity.idle() }, 20);
    };
    const audio = pcmOf(wordSamples('one two', 24_000));
    await send({ type: 'input_audio_buffer.append', audio: Buffer.from(audio).toString('base64') });
    const quiet = Buffer.alloc(48 * 300).toString('base64');
    await send({ type: 'input_audio_buffer.append', audio: quiet });
    assert.deepEqual(session.heard, ['one two']);
    await send({ type: 'response.create', event_id: 'mine' });
    await send({ type: 'conversation.item.truncate', item_id: 'none', audio_end_ms: 1 });
    await send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'none' } });
    await send({ type: 'no.such.thing' });
    const errors = session.sent.flatMap(({ type, error }) => (type === 'error' ? [fieldsOf(error)!] : []));
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['conversation_already_has_active_response', 'invalid_value', 'invalid_tool_call_id', 'invalid_value'],
    );
    assert.equal(errors[0]!['event_id'], 'mine');
    await send({ type: 'response.cancel' });
    await send({ type: 'response.cancel' });
    await send({ type: 'response.create', response: { instructions: 'Say exactly: "Hello"' } });
    await play(model.clock as StoryClock, { idle: () => model.activity.idle() }, 1000);
    assert.equal(session.said.at(-1)?.text, 'Hello');
    assert.equal(
      fieldsOf(session.sent.findLast(({ type }) => type === 'error')?.['error'])?.['code'],
      'response_cancel_not_active',
    );
    await send({ type: 'conversation.item.truncate', item_id: session.said.at(-1)!.id, audio_end_ms: 9000 });
    assert.match(JSON.stringify(session.sent.at(-1)), /already shorter than 9000ms/);
    socket.close();
  });
});
