// VoiceModel: what we need of a full-duplex voice model: it hears the caller, speaks by itself, and asks for tools.

/** A tool as the model is offered it; `parameters` is a JSON Schema object. */
export interface VoiceTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The model wants a tool run. `args` is what the model wrote: untrusted. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
}

/** What a session tells. Nothing is told after `close`. */
export interface VoiceModelListener {
  /** The model's voice, mu-law at 8 kHz, faster than it can be heard; pieces of one reply have one id. */
  readonly onSound: (replyId: string, mulaw: Uint8Array) => void;
  /** There will be no more sound of this reply. */
  readonly onReplyOver: (replyId: string) => void;
  /** The provider heard the caller interrupt: whatever of the model is still to be heard is void. */
  readonly onInterrupted: () => void;
  /** What the caller said; partial words replace the ones before. */
  readonly onHeard: (text: string, isFinal: boolean) => void;
  /** What the model says; final: all words of one reply. */
  readonly onSaid: (text: string, isFinal: boolean) => void;
  readonly onTool: (call: ToolCall) => void;
  /** It does not want the result any more, which it will not take either. */
  readonly onToolWithdrawn: (id: string) => void;
  /** The session is gone. `isOver`: the provider ended it on purpose; otherwise it broke. `why` is safe to log. */
  readonly onGone: (why: string, isOver: boolean) => void;
}

export interface VoiceModelSession {
  /** Resolves when it can hear and speak; rejects when it cannot connect. */
  readonly ready: Promise<void>;
  /** True: the provider notices an interruption by itself and tells `onInterrupted`. */
  readonly interruptsItself: boolean;
  /** Sound of the caller, mu-law at 8 kHz; `streamMs` since the media stream began. Only once it is ready. */
  hear(mulaw: Uint8Array, streamMs: number): void;
  /** Has the model say something now: an instruction such as `Say exactly: "..."`. */
  instruct(instruction: string): void;
  /** Has the model answer this as if the caller had said it (keys they pressed, for example). */
  tell(words: string): void;
  /** `isProgress`: a preliminary result, the real one follows. */
  toolResult(id: string, result: Readonly<Record<string, unknown>>, isProgress: boolean): void;
  /** The caller interrupted the model (our own detector noticed) after `heardMs` of the present reply. */
  interrupted(heardMs: number): void;
  close(): void;
}

export interface VoiceModelCall {
  readonly callId: string;
  readonly agentId: string;
  readonly sessionKey: string;
  /** BCP 47. */
  readonly language: string;
  readonly instructions: string;
  readonly tools: readonly VoiceTool[];
  /** How much of the present reply the caller has heard, ms: where the model's memory of it is cut. */
  readonly heardMs: () => number;
}

/** A voice model of the host's registry. */
export interface VoiceModel {
  /** The provider's id, for logs. */
  readonly provider: string;
  /** Opens a session at once. */
  open(call: VoiceModelCall, listener: VoiceModelListener): VoiceModelSession;
}

/** What the agent behind the voice model is asked, and how. */
export interface Consult {
  readonly callId: string;
  readonly agentId: string;
  readonly sessionKey: string;
  /** The session that asked for the call, whose context the agent may take along; null when there is none. */
  readonly requesterSessionKey: string | null;
  readonly question: string;
  readonly context: string | null;
  readonly responseStyle: string | null;
  /** The latest words of both, oldest first. */
  readonly transcript: readonly { readonly speaker: 'caller' | 'agent'; readonly text: string }[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The user's agent, asked from behind. */
export interface Consultant {
  /** Resolves to what may be said; rejects when the run fails or `signal` aborts. */
  ask(consult: Consult): Promise<string>;
  /** The identity of the agent for the model's instructions, bounded; '' when switched off. Never rejects. */
  capsule(agentId: string): Promise<string>;
}
