// StreamingVoices: the AI services of an end-to-end test on loopback, as the host's own provider plugins reach them.
import { Deepgram } from '../../sim/media/deepgram.ts';
import { ElevenLabsTts } from '../../sim/media/elevenlabs-tts.ts';
import { OpenAiTts } from '../../sim/media/openai-tts.ts';
import { systemClock } from '../../src/lib/clock.ts';

const KEYS = { deepgram: 'dg-key-of-a-test', elevenlabs: 'el-key-of-a-test', openai: 'oa-key-of-a-test' };
/** After so much silence the transcriber takes an utterance for whole, ms: as short as a careful person sets it. */
const ENDPOINTING_MS = 300;

export class StreamingVoices {
  readonly deepgram = new Deepgram({ clock: systemClock, apiKey: KEYS.deepgram, latencyMs: 60 });
  readonly elevenlabs = new ElevenLabsTts({ clock: systemClock, apiKey: KEYS.elevenlabs, firstByteMs: 80 });
  readonly openai = new OpenAiTts({ clock: systemClock, apiKey: KEYS.openai, firstByteMs: 80 });

  /** What the Gateway finds in its environment: the transcriber's key, named by a reference in the configuration. */
  readonly env = { STREAMING_TEST_KEY: KEYS.deepgram };

  async listen(): Promise<void> {
    await Promise.all([this.deepgram.listen(), this.elevenlabs.listen(), this.openai.listen()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.deepgram.close(), this.elevenlabs.close(), this.openai.close()]);
  }

  /** `streaming` of the plugin's configuration. */
  get streaming(): object {
    const apiKey = { source: 'env', provider: 'default', id: 'STREAMING_TEST_KEY' };
    return {
      enabled: true,
      provider: 'deepgram',
      providers: { deepgram: { apiKey, baseUrl: this.deepgram.baseUrl, endpointingMs: ENDPOINTING_MS } },
    };
  }

  /** `tts` of the plugin's configuration. */
  tts(provider: 'elevenlabs' | 'openai'): object {
    return {
      provider,
      providers: {
        elevenlabs: {
          apiKey: KEYS.elevenlabs,
          baseUrl: this.elevenlabs.baseUrl,
          voiceId: 'abcdefghijklmnopqrst',
        },
        openai: { apiKey: KEYS.openai, baseUrl: this.openai.baseUrl, model: 'tts-1', voice: 'alloy' },
      },
    };
  }
}
