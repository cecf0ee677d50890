// Ports: what a conversation needs from the host, declared here and implemented in host/.
import type { CallSettings } from '../call/call.ts';
import type { Sound } from '../media/lines.ts';

export interface AgentTurn {
  readonly callId: string;
  readonly turn: number;
  readonly agentId: string;
  readonly sessionKey: string;
  /** What the caller just said. */
  readonly words: string;
  /** Added to the agent's own system prompt: that this is a phone call, and how to answer. */
  readonly instructions: string;
  /** `provider/model` or an alias; null leaves the agent's own model. */
  readonly model: string | null;
  readonly timeoutMs: number;
  /** Inbound callers are never the owner, whatever they say. */
  readonly callerIsOwner: boolean;
  readonly signal: AbortSignal;
  /**
   * Told while the agent still writes: all it has written so far of its present message. A text that does not
   * begin with the one before is a new message. Reasoning is never among it. Not called after the run is over.
   */
  readonly onText?: (text: string) => void;
  /** Told once, when the host asks the model: what came before was the host's preparation. */
  readonly onModelAsked?: () => void;
}

/** The text the agent produced, as it came: spoken-text.ts finds what of it is to be spoken. */
export interface AgentAnswer {
  readonly payloads: readonly {
    readonly text: string;
    readonly isError: boolean;
    readonly isReasoning: boolean;
  }[];
}

export interface Agent {
  /** Runs one turn. Rejects when the run fails or `signal` aborts. */
  reply(turn: AgentTurn): Promise<AgentAnswer>;
  /** Prepares what does not need the caller's words, while the phone rings. Never rejects. */
  prewarm(call: {
    readonly callId: string;
    readonly agentId: string;
    readonly sessionKey: string;
  }): Promise<void>;
  /** The call is over: lets go of what was kept for it, after writing what is still to be written. Never rejects. */
  release(callId: string): Promise<void>;
}

/** What a transcription session tells. Nothing is told after `close`. */
export interface TranscriberListener {
  /** What the caller seems to be saying; replaces the partial before. */
  readonly onPartial: (text: string) => void;
  /** What the caller said; will not change any more. One turn may come in several finals. */
  readonly onFinal: (text: string) => void;
  /** The session broke and hears nothing any more; `why` is safe to log. */
  readonly onBroken: (why: string) => void;
}

export interface TranscriberSession {
  /** Resolves when it can hear; rejects when it cannot connect. */
  readonly ready: Promise<void>;
  /** Sound of the caller, mu-law at 8 kHz; only once it is ready. */
  hear(mulaw: Uint8Array): void;
  close(): void;
}

/** Live transcription by a provider of the host. */
export interface Transcriber {
  /** The provider's id, for logs and the set-up check. */
  readonly provider: string;
  /** Opens a session at once. */
  open(
    call: { readonly callId: string; readonly agentId: string; readonly language: string },
    listener: TranscriberListener,
  ): TranscriberSession;
}

/** Telephone speech by a provider of the host. */
export interface Synthesizer {
  /** Who speaks, for people to read. */
  readonly provider: string;
  /**
   * Makes `text` sound. The host falls back from one provider to the next by itself; throws when all failed or
   * `signal` aborts. Yields pieces as soon as they are there, at least one.
   */
  speak(wanted: {
    readonly callId: string;
    readonly text: string;
    readonly language: string;
    /** The speech settings of this call, frozen on it: see CallSettings.tts. */
    readonly tts: CallSettings['tts'];
    /** Which of our numbers was called, as in CallSettings; its keys to the provider may be its own. */
    readonly numberRoute: string | null;
    readonly signal: AbortSignal;
  }): AsyncIterable<Sound>;
}
