// Ports: what a conversation needs from the host, declared here and implemented in host/.

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
