// HostVoice: drives a session of one of the host's own realtime voice providers by hand, and keeps what it tells.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import { play } from '../play.ts';
import type { StoryClock } from '../story-clock.ts';
import type { VoiceModelServer } from './voice-model-server.ts';
import type { VoiceModelSession } from './voice-model-session.ts';
import { decodeWords, textOf } from './word-decoder.ts';

type Registered = Parameters<OpenClawPluginApi['registerRealtimeVoiceProvider']>[0];
type Provider = Extract<Registered, { createBridge: unknown }>;
type Request = Parameters<Provider['createBridge']>[0];
type Bridge = ReturnType<Provider['createBridge']>;
type ToolCall = Parameters<NonNullable<Request['onToolCall']>>[0];

interface Registry {
  getRealtimeVoiceProvider(id: string, cfg: object): Provider | undefined;
}

/** This part of the SDK ships no types. */
const REGISTRY = 'openclaw/plugin-sdk/realtime-voice';

export class HostVoice {
  readonly bridge: Bridge;
  readonly transcripts: { readonly by: string; readonly text: string; readonly isFinal: boolean }[] = [];
  readonly tools: ToolCall[] = [];
  readonly errors: string[] = [];
  readonly events: string[] = [];
  /** How each reply ended. */
  readonly replies: string[] = [];
  /** How often the sound had to be thrown away. */
  cleared = 0;
  /** How often it was ready. */
  readies = 0;
  closed: string | undefined;
  readonly #model: VoiceModelServer<VoiceModelSession>;
  readonly #sound: Buffer[] = [];
  #playsAtOnce = true;
  #waiting: { readonly is: () => boolean; readonly met: () => void }[] = [];

  private constructor(
    provider: Provider,
    model: VoiceModelServer<VoiceModelSession>,
    request: Partial<Request>,
  ) {
    this.#model = model;
    this.bridge = provider.createBridge({
      providerConfig: {},
      audioFormat: { encoding: 'g711_ulaw', sampleRateHz: 8000, channels: 1 },
      autoRespondToAudio: true,
      interruptResponseOnInputAudio: true,
      ...request,
      onAudio: (audio) => this.#keep(() => this.#sound.push(audio)),
      onMark: (_name, acknowledge) => this.#playsAtOnce && acknowledge?.(),
      onClearAudio: () => this.#keep(() => this.cleared++),
      onTranscript: (by, text, isFinal) => this.#keep(() => this.transcripts.push({ by, text, isFinal })),
      onToolCall: (call) => this.#keep(() => this.tools.push(call)),
      onResponseDone: ({ status }) => this.#keep(() => this.replies.push(String(status))),
      onReady: () => this.#keep(() => this.readies++),
      onEvent: ({ type }) => this.#keep(() => this.events.push(type)),
      onError: ({ message }) => this.#keep(() => this.errors.push(message)),
      onClose: (why) =>
        this.#keep(() => {
          this.closed = why;
        }),
    });
  }

  static async with(
    id: string,
    model: VoiceModelServer<VoiceModelSession>,
    request: Partial<Request>,
  ): Promise<HostVoice> {
    const registry: Registry = await import(REGISTRY);
    const provider = registry.getRealtimeVoiceProvider(id, {});
    if (!provider) throw new Error(`the host has no realtime voice provider "${id}"`);
    return new HostVoice(provider, model, request);
  }

  /** False: from now on sound is never told as played. Default true: it is, as soon as it comes. */
  set playsAtOnce(isSo: boolean) {
    this.#playsAtOnce = isSo;
  }

  /** The words of the model's sound since it was last asked. */
  takeWords(): string {
    return textOf(decodeWords(new Uint8Array(Buffer.concat(this.#sound.splice(0)))));
  }

  /** All final transcripts of one side. */
  finals(by: 'user' | 'assistant'): readonly string[] {
    return this.transcripts.filter((one) => one.isFinal && one.by === by).map(({ text }) => text);
  }

  /** Sends the caller's sound in 20 ms frames, in its own time. */
  async hear(sound: Uint8Array): Promise<void> {
    for (let at = 0; at < sound.length; at += 160) {
      this.bridge.sendAudio(Buffer.from(sound.subarray(at, at + 160)));
      await this.step(20);
    }
  }

  step(ms: number): Promise<unknown> {
    return play(this.#model.clock as StoryClock, { idle: () => this.#model.activity.idle() }, ms);
  }

  /** Real time passes until something told makes this true: the host waits on its own clock before it reconnects. */
  async until(is: () => boolean): Promise<void> {
    if (is()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ is, met: resolve });
    await promise;
  }

  #keep(put: () => unknown): void {
    put();
    const over = this.#waiting.filter(({ is }) => is());
    this.#waiting = this.#waiting.filter((one) => !over.includes(one));
    for (const { met } of over) met();
  }
}
