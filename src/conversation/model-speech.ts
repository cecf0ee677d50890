// ModelSpeech: a voice model on the media streams of all calls: follows the calls, and tells them what happens.
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LineEvent, Lines } from '../media/lines.ts';
import { ModelCall } from './model-call.ts';
import { type ConsultPolicy, type Toolbox, type ToolPolicy, toolbox } from './model-tools.ts';
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

interface Held {
  readonly conversation: ModelCall;
  carrierCallId: string | null;
  /** The call had a media stream at some time. */
  isStreamed: boolean;
}

/** Takes care of the calls a voice model is to hold; others are left alone. */
export class ModelSpeech {
  readonly #deps: ModelSpeechDeps;
  readonly #tools: Toolbox;
  readonly #calls = new Map<string, Held>();

  constructor(deps: ModelSpeechDeps) {
    const { settings, log } = deps;
    this.#deps = deps;
    this.#tools = toolbox(settings.tools, settings.toolPolicy);
    for (const tool of this.#tools.shadowed) log.warn('a tool is left out: its name is taken', { tool });
  }

  /** The phone rings: the session is opened, as it takes time. */
  prepare(call: Call): void {
    const { settings, mode, phase } = call;
    const isEarly = phase === 'dialing' || phase === 'ringing' || phase === 'live';
    if (!settings.stream || mode !== 'conversation' || !isEarly || this.#calls.has(call.id)) return;
    if (settings.voiceModel) this.#identify(call, this.#open(call));
  }

  /** After each step of a call: what is to be said is said, what is not wanted any more is dropped. */
  follow(call: Call): void {
    if (!call.settings.voiceModel) return;
    const isOver = call.phase === 'ended' || (call.stream === null && this.#hadStream(call));
    if (isOver) this.release(call.id);
    if (isOver || (call.stream === null && !this.#calls.has(call.id))) return;
    const held = this.#calls.get(call.id) ?? this.#open(call);
    held.isStreamed ||= call.stream !== null;
    this.#identify(call, held);
    held.conversation.follow(call);
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
    this.#calls.get(callId)?.conversation.tell(words);
  }

  /** Something happened on the line. */
  heard(event: LineEvent): void {
    this.#calls.get(event.callId)?.conversation.heard(event);
  }

  /** Nothing is said or heard on this call any more; the session is closed, what the agent is asked is cancelled. */
  release(callId: string): void {
    const held = this.#calls.get(callId);
    if (!held) return;
    // First, as what was heard until now still goes on record.
    this.#calls.delete(callId);
    held.conversation.close();
    this.#deps.lines.close(callId);
  }

  /** It had one, or was picked up without getting one. */
  #hadStream(call: Call): boolean {
    return (
      call.phase === 'live' || call.phase === 'ending' || (this.#calls.get(call.id)?.isStreamed ?? false)
    );
  }

  #open(call: Call): Held {
    const { lines, log, steady, clock, model, consultant, settings, post } = this.#deps;
    const { id: callId, carrier } = call;
    lines.open({ callId, carrier, sensitivity: call.settings.sensitivity });
    const conversation = new ModelCall(
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
    const held: Held = { conversation, carrierCallId: null, isStreamed: false };
    this.#calls.set(callId, held);
    return held;
  }

  #identify({ id, carrierCallId }: Call, held: Held): void {
    if (carrierCallId === null || carrierCallId === held.carrierCallId) return;
    held.carrierCallId = carrierCallId;
    this.#deps.lines.identify(id, carrierCallId);
  }
}
