// LiveHere: live audio for stories: voices that speak and understand word-code, and the line in the test's own thread.
import type { LiveAudio } from '../src/app.ts';
import type { Synthesizer, Transcriber, TranscriberListener } from '../src/conversation/ports.ts';
import { type Clock, wait } from '../src/lib/clock.ts';
import { lineHere } from './line-here.ts';
import { FRAME_MS, joined, loudness, silence } from './media/mulaw.ts';
import { LETTER_MS, wordSound } from './media/word-code.ts';
import { WordDecoder } from './media/word-decoder.ts';

/** Quieter than this, of 32635, is silence. */
const FAINTEST = 500;

export interface VoicesOptions {
  /** Until the first sound of a sentence, ms. */
  readonly speaksAfterMs?: number;
  /** After so much quiet the transcriber takes what it heard for a whole utterance, ms. */
  readonly endpointMs?: number;
  /** How long a session that is opened now takes to connect, ms; at once when absent. */
  readonly connectsAfterMs?: () => number;
  /** Told of everything the synthesizer is asked for. */
  readonly onSpeak?: (wanted: Parameters<Synthesizer['speak']>[0]) => void;
  /** The synthesizer fails while this is true. */
  readonly isMute?: () => boolean;
  /** The transcriber cannot connect while this is true, and breaks when it becomes so. */
  readonly isDeaf?: () => boolean;
  /** Told of what the line is opened with. */
  readonly onLine?: Parameters<typeof lineHere>[1];
}

export function liveHere(clock: Clock, options: VoicesOptions = {}): LiveAudio {
  return {
    provider: 'stand-in',
    steady: clock,
    openLine: lineHere(clock, options.onLine),
    synthesizer: wordSynthesizer(clock, options),
    transcriber: wordTranscriber(clock, options),
  };
}

function wordSynthesizer(clock: Clock, { speaksAfterMs = 100, isMute, onSpeak }: VoicesOptions): Synthesizer {
  return {
    provider: 'word-code',
    async *speak(wanted) {
      const { text, signal } = wanted;
      onSpeak?.(wanted);
      await wait(clock, speaksAfterMs, signal);
      if (isMute?.()) throw new Error('the voice is gone');
      yield { encoding: 'mulaw', sampleRate: 8_000, bytes: joined([wordSound(text), silence(restMs(text))]) };
    },
  };
}

/** A voice rests at the end of a sentence, about as long as it takes for six letters. */
function restMs(text: string): number {
  return /[.!?]$/.test(text) ? 6 * LETTER_MS : 0;
}

function wordTranscriber(
  clock: Clock,
  { endpointMs = 300, isDeaf = () => false, connectsAfterMs }: VoicesOptions,
): Transcriber {
  return {
    provider: 'word-code',
    open: (_call, listener) => {
      const left = new AbortController();
      const ready = connected(
        isDeaf(),
        connectsAfterMs && (() => wait(clock, connectsAfterMs(), left.signal)),
      );
      ready.catch(() => undefined);
      const session = new WordSession(listener, endpointMs, isDeaf);
      return {
        ready,
        hear: (mulaw) => session.hear(mulaw),
        close: () => {
          left.abort(new Error('not wanted any more'));
          session.close();
        },
      };
    },
  };
}

async function connected(isDeaf: boolean, later: (() => Promise<void>) | undefined): Promise<void> {
  if (isDeaf) throw new Error('no provider answers');
  await later?.();
}

/** Counts time by the sound it hears, as a real one does. */
class WordSession {
  readonly #listener: TranscriberListener;
  readonly #endpointMs: number;
  readonly #isDeaf: () => boolean;
  readonly #decoder = new WordDecoder(({ text }) => this.#word(text));
  #words: string[] = [];
  #atMs = 0;
  #lastVoiceMs = 0;
  #isOver = false;

  constructor(listener: TranscriberListener, endpointMs: number, isDeaf: () => boolean) {
    this.#listener = listener;
    this.#endpointMs = endpointMs;
    this.#isDeaf = isDeaf;
  }

  hear(mulaw: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#isDeaf()) {
      this.#isOver = true;
      this.#listener.onBroken('the provider hung up');
      return;
    }
    this.#decoder.push(this.#atMs, mulaw);
    this.#atMs += FRAME_MS;
    if (loudness(mulaw) >= FAINTEST) this.#lastVoiceMs = this.#atMs;
    if (this.#words.length > 0 && this.#atMs - this.#lastVoiceMs >= this.#endpointMs) this.#final();
  }

  close(): void {
    this.#isOver = true;
  }

  #word(text: string): void {
    this.#words.push(text);
    if (!this.#isOver) this.#listener.onPartial(this.#words.join(' '));
  }

  #final(): void {
    const text = this.#words.join(' ');
    this.#words = [];
    this.#listener.onFinal(text);
  }
}
