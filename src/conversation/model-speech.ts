// ModelSpeech: a voice model on the media streams of all calls, with the agent behind it.
import type { Call } from '../call/call.ts';
import type { LineEvent } from '../media/lines.ts';
import { ModelCall } from './model-call.ts';
import { type ConsultPolicy, type Toolbox, type ToolPolicy, toolbox } from './model-tools.ts';
import type { Speech, SpeechDeps } from './speech.ts';
import { StreamedCalls } from './streamed-calls.ts';
import type { Consultant, VoiceModel, VoiceTool } from './voice-model.ts';

/** What the owner has decided about the voice model. */
export interface RealtimeVoiceSettings {
  /** What the model is told about its task. */
  readonly instructions: string;
  /** What the agent may do when the model asks it; `none`: it is not asked. */
  readonly toolPolicy: ToolPolicy;
  /** When the agent is asked. */
  readonly consultPolicy: ConsultPolicy;
  /** More tools for the model; the agent runs them, within `toolPolicy`. */
  readonly tools: readonly VoiceTool[];
}

export interface ModelSpeechDeps extends SpeechDeps {
  readonly model: VoiceModel;
  readonly consultant: Consultant;
  readonly settings: RealtimeVoiceSettings;
}

export class ModelSpeech implements Speech {
  readonly #deps: ModelSpeechDeps;
  readonly #tools: Toolbox;
  readonly #calls: StreamedCalls<ModelCall>;

  constructor(deps: ModelSpeechDeps) {
    const { settings, log } = deps;
    this.#deps = deps;
    this.#tools = toolbox(settings.tools, settings.toolPolicy);
    this.#calls = new StreamedCalls(deps.lines, {
      takes: (call) => this.takes(call),
      open: (call) => this.#open(call),
      leave: (conversation) => conversation.leave(),
      close: (conversation) => conversation.close(),
    });
    for (const tool of this.#tools.shadowed) log.warn('a tool is left out: its name is taken', { tool });
  }

  /** Calls whose words an agent writes are not for us. */
  takes({ settings }: Call): boolean {
    return settings.stream && settings.voiceModel;
  }

  prepare(call: Call): void {
    this.#calls.prepare(call);
  }

  follow(call: Call): void {
    this.#calls.follow(call)?.follow(call);
  }

  /** An agent does not write the words of these calls. */
  answering(): void {
    // The voice model speaks by itself.
  }

  tell(callId: string, words: string): void {
    this.#calls.get(callId)?.tell(words);
  }

  heard(event: LineEvent): void {
    this.#calls.get(event.callId)?.heard(event);
  }

  release(callId: string): void {
    this.#calls.release(callId);
  }

  refresh(): void {
    // Nothing is prepared: the model speaks as it goes.
  }

  #open(call: Call): ModelCall {
    const { lines, log, steady, clock, model, consultant, settings, post } = this.#deps;
    const { id: callId } = call;
    return new ModelCall(
      {
        clock: steady,
        log,
        lines,
        model,
        consultant,
        tools: this.#tools,
        instructions: settings.instructions,
        toolPolicy: settings.toolPolicy,
        consultPolicy: settings.consultPolicy,
        post: (fact) => post(callId, { ...fact, at: clock.now() }),
      },
      call,
    );
  }
}
