// Delegations: a provider that asks the agent in its own way, told as the tool it stands for.
import { CONSULT } from '../conversation/model-tools.ts';
import type { ToolCall } from '../conversation/voice-model.ts';

interface Asked {
  readonly prompt: string;
  readonly signal?: AbortSignal;
}

/** What a question of the tool may have; more is not looked at. */
const MAX_CHARS = 1_900;

export class Delegations {
  readonly #onAsk: (call: ToolCall) => void;
  readonly #onWithdrawn: (id: string) => void;
  readonly #waiting = new Map<string, PromiseWithResolvers<{ text: string }>>();
  #count = 0;

  constructor(onAsk: (call: ToolCall) => void, onWithdrawn: (id: string) => void) {
    this.#onAsk = onAsk;
    this.#onWithdrawn = onWithdrawn;
  }

  /** Rejects when it is given up or the session closes. */
  ask({ prompt, signal }: Asked): Promise<{ text: string }> {
    const id = `delegated-${++this.#count}`;
    const answer = Promise.withResolvers<{ text: string }>();
    const giveUp = (): void => {
      if (this.#waiting.delete(id)) this.#onWithdrawn(id);
      answer.reject(signal?.reason);
    };
    if (signal?.aborted) {
      giveUp();
      return answer.promise;
    }
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.set(id, answer);
    this.#onAsk({ id, name: CONSULT, args: { question: prompt.slice(0, MAX_CHARS) } });
    return answer.promise.finally(() => signal?.removeEventListener('abort', giveUp));
  }

  /** False: nobody asked this way. Progress is nothing a provider could be told here. */
  answer(id: string, result: Readonly<Record<string, unknown>>, isProgress: boolean): boolean {
    if (!id.startsWith('delegated-')) return false;
    if (isProgress) return true;
    this.#waiting.get(id)?.resolve({ text: textOf(result) });
    this.#waiting.delete(id);
    return true;
  }

  close(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the session was closed'));
    this.#waiting.clear();
  }
}

function textOf(result: Readonly<Record<string, unknown>>): string {
  const text = result['text'] ?? result['error'];
  return typeof text === 'string' ? text : JSON.stringify(result);
}
