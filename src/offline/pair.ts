// Pair: the embedded voice and ear as a conversation knows them. English only; nothing leaves this machine.
import type { Synthesizer, Transcriber, TranscriberListener } from '../conversation/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { languageOnly } from '../lib/language.ts';
import type { Sound } from '../media/lines.ts';
import type { FromOffline } from './protocol.ts';
import { OfflineThread } from './thread.ts';

export interface OfflinePair {
  readonly synthesizer: Synthesizer;
  readonly transcriber: Transcriber;
  /** Starts both threads, so that nobody waits for them later. */
  warm(): void;
  stop(): Promise<void>;
}

export interface PairOptions {
  /** Where the parts lie, see parts.ts. */
  readonly folder: string;
  readonly clock: Clock;
}

/** What flite makes. */
const SAMPLE_RATE = 16_000;

/** Starts nothing yet: each thread begins with the first call that needs it. */
export function offlinePair({ folder, clock }: PairOptions): OfflinePair {
  const voice = new OfflineThread({ start: { role: 'voice', folder }, clock });
  const ear = new OfflineThread({ start: { role: 'ear', folder }, clock });
  return {
    synthesizer: { provider: 'flite', speak: (wanted) => speak(voice, wanted) },
    transcriber: { provider: 'moonshine', open: (_call, listener) => session(ear, listener) },
    warm: () => {
      // Who needs them is told why they do not start.
      voice.ready().catch(() => undefined);
      ear.ready().catch(() => undefined);
    },
    stop: async () => {
      await Promise.all([voice.stop(), ear.stop()]);
    },
  };
}

/** Whether the pair speaks and understands this language. */
export function speaksOffline(language: string): boolean {
  return languageOnly(language) === 'en';
}

async function* speak(
  thread: OfflineThread,
  { text, signal }: Parameters<Synthesizer['speak']>[0],
): AsyncIterable<Sound> {
  await thread.ready();
  signal.throwIfAborted();
  const bytes = await spoken(thread, text, signal);
  yield { encoding: 'wav', sampleRate: SAMPLE_RATE, bytes };
}

function spoken(thread: OfflineThread, text: string, signal: AbortSignal): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const id = thread.enter({
    take: (message) => {
      if (message.kind === 'spoken') resolve(message.wav);
      else if (message.kind === 'failed') reject(new Error(message.why));
    },
    lost: (why) => reject(new Error(why)),
  });
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  thread.send({ kind: 'speak', id, text });
  return promise.finally(() => {
    signal.removeEventListener('abort', abort);
    thread.leave(id);
  });
}

function session(thread: OfflineThread, listener: TranscriberListener): ReturnType<Transcriber['open']> {
  let isOver = false;
  let id: number | null = null;
  const broken = (why: string): void => {
    if (isOver) return;
    isOver = true;
    listener.onBroken(why);
  };
  const take = (message: FromOffline): void => {
    if (isOver) return;
    if (message.kind === 'partial') listener.onPartial(message.text);
    else if (message.kind === 'final') listener.onFinal(message.text);
    else if (message.kind === 'failed') broken(message.why);
  };
  const ready = thread.ready().then(() => {
    if (isOver) return;
    id = thread.enter({ take, lost: broken });
    thread.send({ kind: 'open', id });
  });
  return {
    ready,
    hear: (mulaw) => {
      if (!isOver && id !== null) thread.send({ kind: 'hear', id, mulaw: new Uint8Array(mulaw) });
    },
    close: () => {
      isOver = true;
      if (id === null) return;
      thread.send({ kind: 'close', id });
      thread.leave(id);
    },
  };
}
