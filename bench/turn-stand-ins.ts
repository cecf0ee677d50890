// TurnStandIns: our ends of the stand-in providers: the ports of a conversation, with the time of every stage of a turn.
import { Worker } from 'node:worker_threads';
import type { Agent, Synthesizer, Transcriber, TranscriberListener } from '../src/conversation/ports.ts';
import type { Sound } from '../src/media/lines.ts';
import { machineMs } from './figures.ts';
import { ANSWER, CLAUSE, type FromProviders, type Pace, PROOF, type ToProviders } from './turn-wire.ts';

/** One turn, stage by stage. `...At` on our side, `...SentAt` and `...CameAt` on the providers'. */
export interface Stages {
  readonly callId: string;
  readonly finalSentAt: number;
  readonly askedAt: number;
  questionCameAt?: number;
  proofSentAt?: number;
  spokenAt?: number;
  textCameAt?: number;
  soundSentAt?: number;
}

type Tokens = (message: Extract<FromProviders, { kind: 'token' }>) => void;
type Pieces = (message: Extract<FromProviders, { kind: 'sound' }>) => void;

export class StandIns {
  readonly turns: Stages[] = [];
  /** A frame of the caller was handed to the transcription port. */
  onHeard: (callId: string) => void = () => undefined;
  /** True: the answer is made whole, then its sound is made whole, and only then is it spoken. */
  isBatch = false;
  readonly #worker = new Worker(new URL('./turn-providers.ts', import.meta.url));
  readonly #ears = new Map<string, { readonly listener: TranscriberListener; readonly ready: () => void }>();
  readonly #tokens = new Map<number, Tokens>();
  readonly #pieces = new Map<number, Pieces>();
  readonly #finals = new Map<string, number>();
  /** Sound of a batch, until it is spoken: by call. */
  readonly #batches = new Map<string, Sound>();
  #ids = 0;

  constructor() {
    this.#worker.on('message', (message: FromProviders) => this.#take(message));
  }

  pace(pace: Pace): void {
    this.#tell({ kind: 'pace', pace });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  readonly transcriber: Transcriber = {
    provider: 'stand-in',
    open: ({ callId }, listener) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#ears.set(callId, { listener, ready: resolve });
      this.#tell({ kind: 'open', callId });
      return {
        ready: promise,
        hear: (mulaw) => {
          this.onHeard(callId);
          this.#tell({ kind: 'hear', callId, mulaw });
        },
        close: () => {
          this.#ears.delete(callId);
          this.#tell({ kind: 'close', callId });
        },
      };
    },
  };

  readonly agent: Agent = {
    reply: async ({ callId, signal, onText }) => {
      const id = ++this.#ids;
      const turn: Stages = { callId, finalSentAt: this.#finals.get(callId) ?? 0, askedAt: machineMs() };
      this.turns.push(turn);
      await new Promise<void>((resolve, reject) => {
        this.#stopWith(signal, id, reject);
        this.#tokens.set(id, ({ index, text, at, askedAt, isLast }) => {
          turn.questionCameAt = askedAt;
          if (index === PROOF) turn.proofSentAt = at;
          if (!this.isBatch) onText?.(text);
          if (isLast) resolve();
        });
        this.#tell({ kind: 'ask', id });
      }).finally(() => this.#tokens.delete(id));
      if (this.isBatch) this.#batches.set(callId, await this.#whole(signal));
      return { payloads: [{ text: ANSWER, isError: false, isReasoning: false }] };
    },
    prewarm: async () => undefined,
    release: async () => undefined,
  };

  readonly synthesizer: Synthesizer = {
    provider: 'stand-in',
    speak: ({ callId, text, signal }) => {
      const batch = ANSWER.includes(text) ? this.#batches.get(callId) : undefined;
      return batch ? once(batch) : this.#speak(text, signal, this.#firstPieceOf(callId, text));
    },
  };

  /** The turn that this text is the beginning of the answer to. */
  #firstPieceOf(callId: string, text: string): Stages | null {
    const turn = text === CLAUSE ? this.turns.findLast((one) => one.callId === callId) : undefined;
    if (!turn) return null;
    turn.spokenAt = machineMs();
    return turn;
  }

  async *#speak(text: string, signal: AbortSignal, turn: Stages | null): AsyncGenerator<Sound> {
    const id = ++this.#ids;
    const waiting: Sound[] = [];
    let next = Promise.withResolvers<void>();
    let isLast = false;
    next.promise.catch(() => undefined);
    this.#stopWith(signal, id, (why) => next.reject(why));
    this.#pieces.set(id, (piece) => {
      if (turn && turn.soundSentAt === undefined) {
        turn.textCameAt = piece.askedAt;
        turn.soundSentAt = piece.at;
      }
      waiting.push({ encoding: 'mulaw', sampleRate: 8_000, bytes: piece.mulaw });
      isLast = piece.isLast;
      next.resolve();
    });
    this.#tell({ kind: 'speak', id, text, isWhole: false });
    try {
      for (;;) {
        await next.promise;
        next = Promise.withResolvers();
        next.promise.catch(() => undefined);
        yield* waiting.splice(0);
        if (isLast) return;
      }
    } finally {
      this.#pieces.delete(id);
    }
  }

  async #whole(signal: AbortSignal): Promise<Sound> {
    const id = ++this.#ids;
    const text = ANSWER.slice('{"spoken":"'.length, -'"}'.length);
    const piece = await new Promise<Parameters<Pieces>[0]>((resolve, reject) => {
      this.#stopWith(signal, id, reject);
      this.#pieces.set(id, resolve);
      this.#tell({ kind: 'speak', id, text, isWhole: true });
    }).finally(() => this.#pieces.delete(id));
    return { encoding: 'mulaw', sampleRate: 8_000, bytes: piece.mulaw };
  }

  #stopWith(signal: AbortSignal, id: number, reject: (why: unknown) => void): void {
    const stop = (): void => {
      this.#tell({ kind: 'stop', id });
      reject(signal.reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  }

  #take(message: FromProviders): void {
    switch (message.kind) {
      case 'ready':
        this.#ears.get(message.callId)?.ready();
        break;
      case 'partial':
        this.#ears.get(message.callId)?.listener.onPartial(message.text);
        break;
      case 'final':
        this.#finals.set(message.callId, message.at);
        this.#ears.get(message.callId)?.listener.onFinal(message.text);
        break;
      case 'token':
        this.#tokens.get(message.id)?.(message);
        break;
      case 'sound':
        this.#pieces.get(message.id)?.(message);
        break;
    }
  }

  #tell(message: ToProviders): void {
    this.#worker.postMessage(message);
  }
}

async function* once(sound: Sound): AsyncGenerator<Sound> {
  yield sound;
}
