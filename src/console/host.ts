// Host: what the console needs of wherever it is shown: the Control UI, or a page of its own.

export interface Connection {
  readonly isConnected: boolean;
  /** `operator.read`: calls may be seen. */
  readonly canRead: boolean;
  /** `operator.write`: calls may be placed, spoken on and ended. */
  readonly canWrite: boolean;
}

/** One signed-in operator at one Gateway. */
export interface ConsoleHost {
  readonly connection: Connection;
  /** Rejects with an Error whose message can be shown. */
  request<T>(method: string, params: Readonly<Record<string, unknown>>): Promise<T>;
  /** Events of our plugin, by their names in feed/. Returns what stops it. */
  onEvent(name: 'call' | 'live', listener: (payload: unknown) => void): () => void;
  /** Told whenever `connection` may have changed. */
  onConnection(listener: () => void): () => void;
}

/** What went wrong, in a sentence. */
export function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text === '' ? 'It did not work, and nobody said why.' : text;
}
