// OpenAiSettings: what a session of OpenAI's realtime voice API is set to, as `session.update` changes it.
import type { Message } from './voice-model-session.ts';
import { fieldsOf } from './wire.ts';

const DEFAULTS: Message = {
  type: 'realtime',
  output_modalities: ['audio'],
  instructions: '',
  tools: [],
  tool_choice: 'auto',
  audio: {
    input: {
      format: { type: 'audio/pcm', rate: 24_000 },
      transcription: null,
      turn_detection: {
        type: 'server_vad',
        threshold: 0.5,
        prefix_padding_ms: 300,
        silence_duration_ms: 200,
        create_response: true,
        interrupt_response: true,
      },
    },
    output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'alloy' },
  },
};

export class OpenAiSettings {
  #all = DEFAULTS;

  get all(): Message {
    return this.#all;
  }

  get instructions(): string {
    return String(this.#all['instructions'] ?? '');
  }

  get tools(): readonly string[] {
    const tools = this.#all['tools'];
    return Array.isArray(tools) ? tools.map((tool) => String(fieldsOf(tool)?.['name'])) : [];
  }

  /** Undefined: the model does not listen for turns. */
  get turnDetection(): Message | undefined {
    return fieldsOf(this.#audio('input')?.['turn_detection']);
  }

  /** Whether the caller's words are told. */
  get transcribes(): boolean {
    return fieldsOf(this.#audio('input')?.['transcription']) !== undefined;
  }

  /** Otherwise it is 16-bit samples at 24 kHz. */
  isMulaw(way: 'input' | 'output'): boolean {
    return fieldsOf(this.#audio(way)?.['format'])?.['type'] === 'audio/pcmu';
  }

  update(asked: Message): void {
    this.#all = merged(this.#all, asked);
  }

  #audio(way: 'input' | 'output'): Message | undefined {
    return fieldsOf(fieldsOf(this.#all['audio'])?.[way]);
  }
}

/** Fields of objects are taken over one by one, a format and anything else as a whole. */
function merged(old: Message, asked: Message): Message {
  const fields = Object.entries(asked).map(([name, value]) => {
    const [before, now] = [fieldsOf(old[name]), fieldsOf(value)];
    return [name, before && now && name !== 'format' ? merged(before, now) : value];
  });
  return { ...old, ...Object.fromEntries(fields) };
}
