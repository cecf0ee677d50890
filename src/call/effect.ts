// Effect: the few things a transition asks the shell to do. The line is not among them: see instruction.ts.

export type Effect =
  /** Run one agent turn on these words; its result comes back as agentReplied or agentFailed with this turn. */
  | { readonly kind: 'askAgent'; readonly turn: number; readonly words: string }
  /** Tell the voice model what the caller did that it cannot hear; it answers as if they had said it. */
  | { readonly kind: 'tellModel'; readonly words: string }
  /** Abort the agent turn that is running, if any. */
  | { readonly kind: 'dropAgent' };
