// Tests of VoiceModel: which provider is found, and what a session of it makes of a bridge that is made up.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RealtimeVoiceProvider } from 'openclaw/plugin-sdk/realtime-voice';
import { parseConfig } from '../config/parse.ts';
import type { RealtimeSettings } from '../config/realtime.ts';
import type {
  VoiceModel,
  VoiceModelCall,
  VoiceModelListener,
  VoiceModelSession,
} from '../conversation/voice-model.ts';
import type { Log } from '../lib/log.ts';
import { voiceModelIn } from './voice-model.ts';
import type { Bridge, BridgeRequest } from './voice-session.ts';

const KEY = 'secret-key-of-mine';
const FRAME = new Uint8Array(160).fill(0xff);

function settingsOf(realtime: object): RealtimeSettings {
  const parsed = parseConfig({ inboundPolicy: 'open', realtime: { enabled: true, ...realtime } }, {});
  assert.ok(parsed.ok && parsed.settings.realtime);
  return parsed.settings.realtime;
}

/** Keeps what it is asked, and does nothing by itself. */
class FakeBridge implements Bridge {
  readonly asked: string[] = [];
  readonly connected = Promise.withResolvers<void>();
  isUp = false;
  isGone = false;
  supportsToolResultContinuation = true;
  outputAudioMode?: 'response' | 'continuous';
  handlesInputAudioBargeIn?: boolean;
  submitted: Promise<void> | undefined;
  readonly request: BridgeRequest;

  constructor(request: BridgeRequest) {
    this.request = request;
  }

  connect(): Promise<void> {
    return this.connected.promise;
  }
  isConnected(): boolean {
    this.#check();
    return this.isUp;
  }
  sendAudio(audio: Buffer): void {
    this.#note(`audio ${audio.length}`);
  }
  setMediaTimestamp(ts: number): void {
    this.#note(`at ${ts}`);
  }
  sendUserMessage(text: string): void {
    this.#note(`user: ${text}`);
  }
  triggerGreeting(text?: string): void {
    this.#note(`say: ${text}`);
  }
  handleBargeIn(options?: object): void {
    const playing = this.request.getPlaybackState?.() ?? [];
    this.#note(`cut ${JSON.stringify(options)} ${playing.map((one) => `${one.itemId}@${one.audioEndMs}`)}`);
    this.request.onClearAudio('barge-in');
  }
  submitToolResult(id: string, result: unknown, options?: object): undefined | Promise<void> {
    this.#note(`result ${id} ${JSON.stringify(result)} ${JSON.stringify(options ?? null)}`);
    return this.submitted;
  }
  acknowledgeMark(name?: string): void {
    this.#note(`mark ${name}`);
  }
  close(): void {
    this.#note('close');
  }

  #check(): void {
    if (this.isGone) throw new Error('plugin was reloaded');
  }
  #note(what: string): void {
    this.#check();
    this.asked.push(what);
  }
}

interface House {
  readonly logged: string[];
  readonly bridges: FakeBridge[];
  /** Those the host knows. */
  readonly providers: RealtimeVoiceProvider[];
  find(realtime?: object): VoiceModel | { readonly why: string };
}

type Fake = Partial<RealtimeVoiceProvider> & { readonly id: string };

function houseOf(...fakes: readonly Fake[]): House {
  const logged: string[] = [];
  const bridges: FakeBridge[] = [];
  const note = (text: string, fields?: object): unknown =>
    logged.push(`${text} ${JSON.stringify(fields ?? {})}`);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const providers = fakes.map(
    (fake): RealtimeVoiceProvider => ({
      label: fake.id,
      isConfigured: ({ providerConfig }) => typeof providerConfig['apiKey'] === 'string',
      createBridge: (request) => {
        const bridge = new FakeBridge(request);
        bridges.push(bridge);
        return bridge;
      },
      ...fake,
    }),
  );
  const registry = {
    getRealtimeVoiceProvider: (id: string) =>
      providers.find((one) => one.id === id || one.aliases?.includes(id)),
    listRealtimeVoiceProviders: () => providers.filter(({ aliases }) => !aliases?.includes('lazy')),
  };
  const runtime = { config: { current: () => ({}) } };
  const find: House['find'] = (realtime = {}) =>
    voiceModelIn({ runtime, settings: settingsOf(realtime), log, registry });
  return { logged, bridges, providers, find };
}

const handles = { transports: [], inputAudioFormats: [], handlesInputAudioBargeIn: true };
const phone = { encoding: 'g711_ulaw', sampleRateHz: 8_000, channels: 1 } as const;
const studio = { encoding: 'pcm16', sampleRateHz: 24_000, channels: 1 } as const;

function nameOf(found: VoiceModel | { readonly why: string }): string {
  return 'why' in found ? found.why : found.provider;
}

describe('the provider of the voice model', () => {
  const keys = { openai: { apiKey: KEY }, google: { apiKey: KEY } };

  it('is the first one that is configured, in the order the host prefers', () => {
    const house = houseOf({ id: 'google', autoSelectOrder: 20 }, { id: 'openai', autoSelectOrder: 10 });
    assert.equal(nameOf(house.find({ providers: keys })), 'openai');
    assert.equal(nameOf(house.find({ providers: { google: { apiKey: KEY } } })), 'google');
  });

  it('is the one that was asked for, by its name or another name of it', () => {
    const house = houseOf(
      { id: 'openai', autoSelectOrder: 10 },
      { id: 'google', autoSelectOrder: 20, aliases: ['gemini'] },
    );
    assert.equal(nameOf(house.find({ provider: 'google', providers: keys })), 'google');
    assert.equal(
      nameOf(house.find({ provider: 'gemini', providers: { gemini: { apiKey: KEY } } })),
      'google',
    );
  });

  it('is also found when the host loads it only by name', () => {
    const house = houseOf({ id: 'elsewhere', aliases: ['lazy'] });
    assert.equal(nameOf(house.find({ providers: { elsewhere: { apiKey: KEY } } })), 'elsewhere');
  });

  it('is missing for a reason that names the cure', () => {
    const house = houseOf({ id: 'openai' });
    assert.match(nameOf(house.find({ provider: 'acme' })), /there is no voice provider "acme"/);
    assert.match(nameOf(house.find({ provider: 'openai' })), /realtime\.providers\.openai\.apiKey/);
    assert.match(nameOf(house.find()), /no voice provider is configured; set realtime\.provider/);
  });

  it('is not one whose key could not be resolved', () => {
    const house = houseOf({ id: 'openai', isConfigured: ({ providerConfig }) => 'apiKey' in providerConfig });
    const apiKey = { source: 'env', provider: 'default', id: 'NOT_THERE' };
    assert.match(
      nameOf(house.find({ providers: { openai: { apiKey } } })),
      /no voice provider is configured/,
    );
  });

  it('is the next one when one cannot read its options, and the key stays out of the log', () => {
    const resolveConfig = (): never => {
      throw new Error(`bad option beside ${KEY}`);
    };
    const house = houseOf({ id: 'openai', autoSelectOrder: 1, resolveConfig }, { id: 'google' });
    assert.equal(nameOf(house.find({ providers: keys })), 'google');
    assert.match(house.logged.join('\n'), /could not read its options.*bad option/);
    assert.doesNotMatch(house.logged.join('\n'), new RegExp(KEY));
  });

  it('is refused when it has to be made to ask, and asks by itself', () => {
    const house = houseOf({ id: 'openai' });
    const providers = { openai: { apiKey: KEY, model: 'gpt-live-1' } };
    const always = { consultPolicy: 'always', providers };
    assert.match(nameOf(house.find(always)), /"gpt-live-1".*consultPolicy must not be "always"/);
    assert.equal(nameOf(house.find({ providers })), 'openai');
    const other = { openai: { apiKey: KEY, model: 'gpt-live2' } };
    assert.equal(nameOf(house.find({ ...always, providers: other })), 'openai');
  });

  it('is refused when it cannot sound on a telephone', () => {
    const capabilities = { ...handles, outputAudioFormats: [studio] };
    const providers = { openai: { apiKey: KEY } };
    assert.match(nameOf(houseOf({ id: 'openai', capabilities }).find({ providers })), /no telephone sound/);
    const both = { ...handles, outputAudioFormats: [studio, phone] };
    assert.equal(nameOf(houseOf({ id: 'openai', capabilities: both }).find({ providers })), 'openai');
  });
});

/** A session, what it told, and the bridge behind it. */
interface Stage {
  readonly session: VoiceModelSession;
  readonly bridge: FakeBridge;
  readonly told: string[];
  readonly line: { heardMs: number };
  readonly house: House;
}

interface Wishes {
  readonly call?: Partial<VoiceModelCall>;
  readonly provider?: Partial<RealtimeVoiceProvider>;
  /** It says nothing about what it can do. */
  readonly isSecretive?: boolean;
  readonly options?: object;
}

const consult = {
  name: 'openclaw_agent_consult',
  description: 'Asks',
  parameters: { type: 'object', properties: {} },
};

function callOf(): VoiceModelCall {
  return {
    callId: 'c1',
    agentId: 'main',
    sessionKey: 'agent:main:voice:1',
    language: 'en-US',
    instructions: 'Be brief.',
    tools: [consult],
    heardMs: () => 0,
  };
}

const ignored = (): void => undefined;
const silentListener: VoiceModelListener = {
  onSound: ignored,
  onReplyOver: ignored,
  onInterrupted: ignored,
  onHeard: ignored,
  onSaid: ignored,
  onTool: ignored,
  onToolWithdrawn: ignored,
  onGone: ignored,
};

function opened({ call = {}, provider = {}, options = {}, isSecretive = false }: Wishes = {}): Stage {
  const capabilities = { ...handles, outputAudioFormats: [phone] };
  const house = houseOf({ id: 'openai', ...(!isSecretive && { capabilities }), ...provider });
  const model = house.find({ providers: { [provider.id ?? 'openai']: { apiKey: KEY, ...options } } });
  assert.ok('open' in model, 'why' in model ? model.why : '');
  const told: string[] = [];
  const line = { heardMs: 0 };
  const session = model.open(
    { ...callOf(), heardMs: () => line.heardMs, ...call },
    {
      onSound: (id, mulaw) => told.push(`sound ${id} ${mulaw.length}`),
      onReplyOver: (id) => told.push(`over ${id}`),
      onInterrupted: () => told.push('interrupted'),
      onHeard: (text, isFinal) => told.push(`heard${isFinal ? '!' : ''} ${text}`),
      onSaid: (text, isFinal) => told.push(`said${isFinal ? '!' : ''} ${text}`),
      onTool: ({ id, name, args }) => told.push(`tool ${id} ${name} ${JSON.stringify(args)}`),
      onToolWithdrawn: (id) => told.push(`withdrawn ${id}`),
      onGone: (why, isOver) => told.push(`gone ${isOver ? 'on purpose' : 'broken'}: ${why}`),
    },
  );
  const bridge = house.bridges.at(-1);
  assert.ok(bridge);
  return { session, bridge, told, line, house };
}

async function ready(wishes?: Wishes): Promise<Stage> {
  const stage = opened(wishes);
  stage.bridge.isUp = true;
  stage.bridge.request.onReady?.();
  stage.bridge.connected.resolve();
  await stage.session.ready;
  return stage;
}

const sound = (ms: number): Buffer => Buffer.alloc(ms * 8, 0x55);

describe('a session is asked for', () => {
  it('with telephone sound, the instructions, the tools and the key of the provider', () => {
    const { request } = opened({ call: { language: 'de-AT' } }).bridge;
    assert.deepEqual(request.audioFormat, phone);
    assert.equal(request.instructions, 'Be brief.');
    assert.equal(request.language, 'de');
    assert.equal(request.agentId, 'main');
    assert.equal(request.autoRespondToAudio, true);
    assert.equal(request.interruptResponseOnInputAudio, true);
    assert.deepEqual(request.providerConfig, { apiKey: KEY });
    assert.deepEqual(request.tools, [{ type: 'function', ...consult }]);
    assert.equal(opened().bridge.request.language, undefined);
  });

  it('outside of what the host keeps for the present moment only', () => {
    const key = Symbol.for('openclaw.detachedAsyncContext');
    let depth = 0;
    const runInAsyncScope = <T>(run: () => T): T => {
      depth += 1;
      const result = run();
      depth -= 1;
      return result;
    };
    Object.assign(globalThis, { [key]: { runInAsyncScope } });
    const depths: number[] = [];
    const createBridge = (request: BridgeRequest): Bridge => {
      depths.push(depth);
      return new FakeBridge(request);
    };
    assert.throws(() => opened({ provider: { createBridge } }));
    Reflect.deleteProperty(globalThis, key);
    assert.deepEqual(depths, [1]);
  });

  it('and knows who notices interruptions', () => {
    const knows = (wishes: Wishes): boolean => {
      const { session, bridge } = opened(wishes);
      assert.equal(bridge.request.interruptResponseOnInputAudio, session.interruptsItself);
      return session.interruptsItself;
    };
    assert.equal(knows({}), true);
    assert.equal(knows({ options: { interruptResponseOnInputAudio: false } }), false);
    const cannot = { ...handles, outputAudioFormats: [phone], handlesInputAudioBargeIn: false };
    assert.equal(knows({ provider: { capabilities: cannot } }), false);
    assert.equal(knows({ isSecretive: true }), false);
    assert.equal(knows({ isSecretive: true, provider: { id: 'google' } }), true);
    const { session, bridge } = opened({ provider: { capabilities: cannot } });
    bridge.handlesInputAudioBargeIn = true;
    assert.equal(session.interruptsItself, true);
  });

  it('is ready when it can hear and speak, not when it is only connected', async () => {
    const { session, bridge } = opened();
    let isReady = false;
    void session.ready.then(() => {
      isReady = true;
    });
    bridge.connected.resolve();
    await bridge.connected.promise;
    await Promise.resolve();
    assert.equal(isReady, false);
    bridge.request.onReady?.();
    await session.ready;
  });

  it('cannot be had for a reason without keys, told once', async () => {
    const { session, bridge, told } = opened();
    bridge.connected.reject(new Error(`401 for ${KEY}`));
    await assert.rejects(session.ready, { message: '401 for ***' });
    bridge.request.onClose?.('error');
    assert.deepEqual(told, []);
    const createBridge = (): never => {
      throw new Error(`no bridge with ${KEY}`);
    };
    assert.throws(
      () => opened({ provider: { createBridge } }),
      (error: Error) => {
        assert.match(error.message, /no bridge with \*\*\*/);
        assert.equal(error.cause, undefined);
        return true;
      },
    );
  });
});

describe('a session', () => {
  it('hears the caller with the time of the stream', async () => {
    const { session, bridge } = await ready();
    session.hear(FRAME, 40);
    assert.deepEqual(bridge.asked, ['at 40', 'audio 160']);
  });

  it('tells the sound of each reply under its name, and when it is over', async () => {
    const { bridge, told } = await ready();
    const { onAudio, onResponseDone } = bridge.request;
    onAudio(sound(20), { itemId: 'a' });
    onAudio(sound(40), { itemId: 'a' });
    onAudio(sound(20), { itemId: 'b' });
    onResponseDone?.({ status: 'completed' });
    onResponseDone?.({ status: 'completed' });
    assert.deepEqual(told, ['sound a 160', 'sound a 320', 'over a', 'sound b 160', 'over b']);
  });

  it('names the replies of a provider that does not', async () => {
    const { bridge, told } = await ready();
    const { onAudio, onResponseDone } = bridge.request;
    onAudio(sound(20));
    onAudio(sound(20));
    onResponseDone?.({ status: 'cancelled' });
    onAudio(sound(20));
    assert.deepEqual(told, ['sound reply-1 160', 'sound reply-1 160', 'over reply-1', 'sound reply-2 160']);
    assert.deepEqual(bridge.request.getPlaybackState?.(), []);
  });

  it('tells what is said whole, though the provider tells it in pieces', async () => {
    const { bridge, told } = await ready();
    const { onTranscript } = bridge.request;
    onTranscript?.('user', 'What ', false);
    onTranscript?.('assistant', 'One ', false);
    onTranscript?.('user', 'time', false);
    onTranscript?.('user', 'What time is it?', true);
    onTranscript?.('assistant', 'One moment.', true);
    onTranscript?.('user', 'And', false);
    assert.deepEqual(told, [
      'heard What ',
      'said One ',
      'heard What time',
      'heard! What time is it?',
      'said! One moment.',
      'heard And',
    ]);
  });

  it('has the model speak, and answer what cannot be heard', async () => {
    const { session, bridge } = await ready();
    session.instruct('Say exactly: "hi"');
    session.tell('They pressed 5.');
    assert.deepEqual(bridge.asked, ['say: Say exactly: "hi"', 'user: They pressed 5.']);
  });

  it('brings tools and their results together, with progress where the provider takes it', async () => {
    const { session, bridge, told } = await ready();
    bridge.request.onToolCall?.({ itemId: 'i', callId: 't1', name: 'lookup', args: { a: 1 } });
    assert.deepEqual(told, ['tool t1 lookup {"a":1}']);
    session.toolResult('t1', { status: 'working' }, true);
    session.toolResult('t1', { text: 'done' }, false);
    bridge.supportsToolResultContinuation = false;
    session.toolResult('t2', { status: 'working' }, true);
    assert.deepEqual(bridge.asked, [
      'result t1 {"status":"working"} {"willContinue":true}',
      'result t1 {"text":"done"} null',
    ]);
  });

  it('is given up when a result does not arrive: the model would wait in silence', async () => {
    const { session, bridge, told } = await ready();
    bridge.submitted = Promise.reject(new Error('too late'));
    session.toolResult('t1', { status: 'working' }, true);
    await new Promise((resolve) => process.nextTick(resolve));
    assert.deepEqual(told, []);
    session.toolResult('t1', { text: 'x' }, false);
    await new Promise((resolve) => process.nextTick(resolve));
    assert.deepEqual(told, ['gone broken: too late']);
  });
});

describe('an interruption', () => {
  it('that the provider noticed is told, and its memory is cut where the caller heard it', async () => {
    const { bridge, told, line, session } = await ready();
    bridge.request.onAudio(sound(2_000), { itemId: 'a' });
    line.heardMs = 730.4;
    session.hear(FRAME, 20);
    assert.deepEqual(bridge.request.getPlaybackState?.(), [{ itemId: 'a', audioEndMs: 730 }]);
    bridge.request.onClearAudio('barge-in');
    assert.equal(told.at(-1), 'interrupted');
    assert.deepEqual(bridge.request.getPlaybackState?.(), []);
  });

  it('that the provider noticed ends the reply, also of a provider that names none', async () => {
    const { bridge, told } = await ready();
    bridge.request.onAudio(sound(20));
    bridge.request.onClearAudio();
    bridge.request.onAudio(sound(20));
    assert.deepEqual(told, ['sound reply-1 160', 'interrupted', 'sound reply-2 160']);
  });

  it('that we noticed is told to the provider with what was heard, and not told back to us', async () => {
    const { session, bridge, told, line } = await ready();
    bridge.request.onAudio(sound(2_000), { itemId: 'a' });
    line.heardMs = 900;
    session.interrupted(640);
    assert.deepEqual(bridge.asked, ['cut {"audioPlaybackActive":true,"force":true} a@640']);
    assert.deepEqual(told, ['sound a 16000']);
    assert.deepEqual(bridge.request.getPlaybackState?.(), []);
  });

  it('that we noticed silences the rest of that reply and no other', async () => {
    const { session, bridge, told } = await ready();
    const { onAudio, onResponseDone, onTranscript } = bridge.request;
    onAudio(sound(20));
    session.interrupted(20);
    onAudio(sound(20));
    onResponseDone?.({ status: 'cancelled' });
    onAudio(sound(20));
    assert.deepEqual(told, ['sound reply-1 160', 'sound reply-2 160']);
    session.interrupted(0);
    onAudio(sound(20));
    // A provider that never says when a reply is over is heard again when it answers.
    onTranscript?.('user', 'Go on', true);
    onAudio(sound(20));
    assert.deepEqual(told.slice(2), ['heard! Go on', 'sound reply-3 160']);
  });

  it('does not cut what was heard to its end', async () => {
    const { session, bridge, line } = await ready();
    bridge.request.onAudio(sound(500), { itemId: 'a' });
    bridge.request.onResponseDone?.({ status: 'completed' });
    line.heardMs = 500;
    session.hear(FRAME, 20);
    assert.deepEqual(bridge.request.getPlaybackState?.(), []);
  });

  it('marks tell the provider what was played, when it was', async () => {
    const { session, bridge, line } = await ready();
    const acknowledged: string[] = [];
    bridge.request.onAudio(sound(100), { itemId: 'a' });
    bridge.request.onMark?.('audio-1');
    bridge.request.onAudio(sound(100), { itemId: 'a' });
    bridge.request.onMark?.('audio-2', () => acknowledged.push('audio-2'));
    session.hear(FRAME, 20);
    assert.deepEqual(bridge.asked, ['at 20', 'audio 160']);
    line.heardMs = 200;
    session.hear(FRAME, 40);
    assert.deepEqual(bridge.asked.slice(2), ['mark audio-1', 'at 40', 'audio 160']);
    assert.deepEqual(acknowledged, ['audio-2']);
  });
});

describe('a session ends', () => {
  it('once, and tells nothing afterwards', async () => {
    const { bridge, told, session } = await ready();
    bridge.request.onError?.(new Error(`quota of ${KEY} used up`));
    bridge.request.onClose?.('error');
    bridge.request.onClose?.('completed');
    bridge.request.onAudio(sound(20), { itemId: 'a' });
    bridge.request.onTranscript?.('user', 'late', true);
    session.hear(FRAME, 20);
    assert.deepEqual(told, ['gone broken: quota of *** used up']);
    assert.deepEqual(bridge.asked, ['close']);
  });

  it('on purpose when the provider says so', async () => {
    const { bridge, told } = await ready();
    bridge.request.onClose?.('completed');
    assert.deepEqual(told, ['gone on purpose: the provider closed the session']);
  });

  it('quietly when we close it, once', async () => {
    const { bridge, told, session } = await ready();
    session.close();
    session.close();
    bridge.request.onClose?.('completed');
    bridge.request.onToolCall?.({ itemId: 'i', callId: 't', name: 'x', args: {} });
    session.toolResult('t', { text: 'late' }, false);
    session.instruct('late');
    assert.deepEqual(told, []);
    assert.deepEqual(bridge.asked, ['close']);
  });

  it('before it was ready, by letting go of whoever waits for it', async () => {
    const { session } = opened();
    session.close();
    await assert.rejects(session.ready, { message: 'the session was closed' });
  });

  it('when the provider would go on without knowing what was said', async () => {
    const { bridge, told } = await ready();
    bridge.request.onEvent?.({ direction: 'client', type: 'session.reconnect.scheduled' });
    assert.deepEqual(told, []);
    bridge.request.onEvent?.({ direction: 'client', type: 'session.continuity.reset' });
    assert.deepEqual(told, ['gone broken: the provider lost the session']);
    assert.deepEqual(bridge.asked, ['close']);
  });

  it('when the provider is away for three seconds of the call, and not for less', async () => {
    const { bridge, told, session } = await ready();
    session.hear(FRAME, 1_000);
    bridge.isUp = false;
    session.hear(FRAME, 1_020);
    session.hear(FRAME, 3_900);
    bridge.isUp = true;
    session.hear(FRAME, 3_920);
    bridge.isUp = false;
    session.hear(FRAME, 3_940);
    session.hear(FRAME, 6_920);
    assert.deepEqual(told, []);
    session.hear(FRAME, 6_940);
    assert.deepEqual(told, ['gone broken: the connection to the provider was lost']);
  });

  it('at once when the provider is away in the middle of a reply, which it would not finish', async () => {
    const { bridge, told, session } = await ready();
    bridge.request.onAudio(Buffer.from(FRAME), { itemId: 'a' });
    told.length = 0;
    bridge.isUp = false;
    session.hear(FRAME, 1_000);
    assert.deepEqual(told, ['gone broken: the connection to the provider was lost']);
  });

  it('at once when the provider is away and the caller waits for an answer', async () => {
    const { bridge, told, session } = await ready();
    bridge.request.onTranscript?.('user', 'When do you open?', true);
    told.length = 0;
    bridge.isUp = false;
    session.hear(FRAME, 1_000);
    assert.deepEqual(told, ['gone broken: the connection to the provider was lost']);
  });

  it('not behind the last word of a reply, whose end the provider does not tell any more', async () => {
    const { bridge, told, session } = await ready();
    bridge.request.onAudio(Buffer.from(FRAME), { itemId: 'a' });
    bridge.request.onTranscript?.('assistant', 'We open at nine.', true);
    told.length = 0;
    bridge.isUp = false;
    session.hear(FRAME, 1_000);
    session.hear(FRAME, 1_020);
    assert.deepEqual(told, ['over a']);
  });

  it('not when the provider is away for a moment and nothing is owed', async () => {
    const { bridge, told, session } = await ready();
    const { onTranscript, onAudio, onToolCall, onResponseDone, onClearAudio } = bridge.request;
    const settled: readonly (() => void)[] = [
      () => onTranscript?.('assistant', 'We open at nine.', true),
      () => onToolCall?.({ itemId: 'i', callId: 'c', name: 'x', args: {} }),
      () => onResponseDone?.({ status: 'completed' }),
      () => onClearAudio('barge-in'),
    ];
    for (const [index, settle] of settled.entries()) {
      onTranscript?.('user', 'When do you open?', true);
      onAudio(Buffer.from(FRAME), { itemId: `a${index}` });
      settle();
      bridge.isUp = false;
      session.hear(FRAME, 1_000 * index + 1_000);
      assert.ok(!told.some((one) => one.startsWith('gone')), String(settle));
      bridge.isUp = true;
      session.hear(FRAME, 1_000 * index + 1_020);
    }
  });

  it('when the model cannot answer, as nobody would hear anything', async () => {
    const { bridge, told } = await ready();
    bridge.request.onResponseDone?.({ status: 'incomplete', message: 'cut short' });
    assert.deepEqual(told, []);
    bridge.request.onResponseDone?.({ status: 'failed', message: `no quota for ${KEY}` });
    assert.deepEqual(told, ['gone broken: no quota for ***']);
  });

  it("when the provider's plugin is reloaded and its bridge throws", async () => {
    const { bridge, told, session } = await ready();
    bridge.isGone = true;
    session.hear(FRAME, 20);
    assert.deepEqual(told, ['gone broken: plugin was reloaded']);
    session.close();
  });

  it("and cannot be opened any more when the provider's plugin is gone", () => {
    const { house } = opened();
    const model = house.find({ providers: { openai: { apiKey: KEY } } });
    assert.ok('open' in model);
    house.providers.splice(0);
    assert.throws(() => model.open(callOf(), silentListener), { message: /the provider "openai" is gone/ });
  });
});

describe('a provider that asks the agent in its own way', () => {
  it('gets the answer of the tool it stands for', async () => {
    const { session, bridge, told } = await ready();
    const answer = bridge.request.runAgentConsult?.({ prompt: 'Who is in?' });
    assert.deepEqual(told, ['tool delegated-1 openclaw_agent_consult {"question":"Who is in?"}']);
    session.toolResult('delegated-1', { status: 'working' }, true);
    session.toolResult('delegated-1', { text: 'Nobody.' }, false);
    assert.deepEqual(await answer, { text: 'Nobody.' });
    assert.deepEqual(bridge.asked, []);
  });

  it('is let go when it gives up, or the session ends', async () => {
    const { session, bridge, told } = await ready();
    const gaveUp = new AbortController();
    const first = bridge.request.runAgentConsult?.({ prompt: 'One?', signal: gaveUp.signal });
    const second = bridge.request.runAgentConsult?.({ prompt: 'Two?' });
    assert.ok(first && second);
    gaveUp.abort(new Error('changed my mind'));
    await assert.rejects(first, { message: 'changed my mind' });
    assert.equal(told.at(-1), 'withdrawn delegated-1');
    session.close();
    await assert.rejects(second, { message: 'the session was closed' });
  });

  it('cannot when the agent is not offered', () => {
    assert.equal(opened({ call: { tools: [] } }).bridge.request.runAgentConsult, undefined);
  });

  it('has replies that end with their words when its sound never does', async () => {
    const { session, bridge, told } = await ready();
    bridge.outputAudioMode = 'continuous';
    bridge.request.onAudio(sound(20));
    bridge.request.onTranscript?.('assistant', 'Hello.', true);
    bridge.request.onAudio(sound(20));
    session.interrupted(20);
    bridge.request.onAudio(sound(20));
    assert.deepEqual(told, [
      'sound reply-1 160',
      'said! Hello.',
      'over reply-1',
      'sound reply-2 160',
      'sound reply-2 160',
    ]);
  });
});
