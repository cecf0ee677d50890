// RealtimeModels: the voice models of an end-to-end test on loopback, as the host's own provider plugins reach them.
import { GeminiLive } from '../../sim/media/gemini-live.ts';
import { OpenAiRealtime } from '../../sim/media/openai-realtime.ts';
import type { VoiceModelSession } from '../../sim/media/voice-model-session.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { modelSays } from './realtime-talk.ts';

export type ModelName = 'openai' | 'google';

const KEYS = { openai: 'oa-key-of-a-test', google: 'go-key-of-a-test' };

/** Only a little faster than it sounds, so that a session can break in the middle of an answer. */
const SPEED = 1.25;
const common = { clock: systemClock, script: modelSays, speed: SPEED };

export class RealtimeModels {
  readonly openai = new OpenAiRealtime({ ...common, apiKey: KEYS.openai });
  readonly google = new GeminiLive({ ...common, apiKey: KEYS.google });

  /** What the Gateway finds in its environment: Google's service cannot be moved in any other way. */
  get env(): Readonly<Record<string, string>> {
    return { GOOGLE_GEMINI_BASE_URL: this.google.baseUrl };
  }

  async listen(): Promise<void> {
    await Promise.all([this.openai.listen(), this.google.listen()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.openai.close(), this.google.close()]);
  }

  /** `realtime` of the plugin's configuration. */
  realtime(provider: ModelName): object {
    const openai = { apiKey: KEYS.openai, azureEndpoint: this.openai.baseUrl };
    return { enabled: true, provider, providers: { openai, google: { apiKey: KEYS.google } } };
  }

  /** The latest session in which the model heard these words. */
  thatHeard(name: ModelName, words: string): VoiceModelSession | undefined {
    return this.#sessions(name).findLast(({ heard }) => heard.includes(words));
  }

  open(name: ModelName): readonly VoiceModelSession[] {
    return this.#sessions(name).filter(({ closed }) => closed === undefined);
  }

  #sessions(name: ModelName): readonly VoiceModelSession[] {
    return this[name].sessions;
  }
}
