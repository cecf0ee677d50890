// ModelSpeech: a voice model on the media streams of all calls: follows the calls, and tells them what happens.
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LineEvent, Lines } from '../media/lines.ts';
import { ModelCall } from './model-call.ts';
import { type ConsultPolicy, type Toolbox, type ToolPolicy, toolbox } from './model-tools.ts';
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

export interface ModelSpeechDeps {
  /** The time of the events of calls. */
  readonly clock: Clock;
  /** The time of the line's own events, which never jumps. */
  readonly steady: Clock;
  readonly log: Log;
  readonly lines: Lines;
  readonly model: VoiceModel;
  readonly consultant: Consultant;
  readonly settings: RealtimeVoiceSettings;
  /** Gives an event to the call; unknown calls are ignored. */
  readonly post: (callId: string, event: CallEvent) => void;
}

/** Takes care of the calls a voice model is to hold; others are left alone. */
export class ModelSpeech {
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
      close: (conversation) => conversation.close(),
    });
    for (const tool of this.#tools.shadowed) log.warn('a tool is left out: its name is taken', { tool });
  }

  /** The phone rings: the session is opened, as it takes time. */
  prepare(call: Call): void {
    this.#calls.prepare(call);
  }

  /** After each step of a call: what is to be said is said, what is not wanted any more is dropped. */
  follow(call: Call): void {
    this.#calls.follow(call)?.follow(call);
  }

  /** Calls whose words an agent writes are not for us. */
  takes({ settings }: Call): boolean {
    return settings.stream && settings.voiceModel;
  }

  /** An agent does not write the words of these calls. */
  answering(): void {
    // The voice model speaks by itself.
  }

  /** The caller did this, which the model cannot hear; it answers as if they had said it. */
  tell(callId: string, words: string): void {
    this.#calls.get(callId)?.tell(words);
  }

  /** Something happened on the line. */
  heard(event: LineEvent): void {
    this.#calls.get(event.callId)?.heard(event);
  }

  /** Nothing is said or heard on this call any more; the session is closed, what the agent is asked is cancelled. */
  release(callId: string): void {
    this.#calls.release(callId);
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
