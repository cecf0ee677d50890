// ServiceEar: understands a voice by its loudness, as cheaply as can be: words as long as somebody speaks.
import { codeOf } from '../../sim/media/mulaw.ts';

/** What is louder is a voice. */
const FAINTEST = codeOf(500) & 0x7f;
const FRAME_BYTES = 160;
const FRAME_MS = 20;
/** So much silence ends an utterance. */
const ENDPOINT_MS = 400;
const WORD_MS = 400;

export interface EarListener {
  readonly began: () => void;
  readonly partial: (text: string) => void;
  readonly final: (text: string) => void;
}

export class ServiceEar {
  readonly #listener: EarListener;
  #voiceMs = 0;
  #quietMs = 0;
  #words = 0;

  constructor(listener: EarListener) {
    this.#listener = listener;
  }

  /** Some frames of mu-law. */
  hear(mulaw: Uint8Array): void {
    for (let at = 0; at + FRAME_BYTES <= mulaw.length; at += FRAME_BYTES) this.#frame(mulaw, at);
  }

  #frame(mulaw: Uint8Array, from: number): void {
    if (isVoice(mulaw, from)) this.#voice();
    else if (this.#voiceMs > 0) this.#quiet();
  }

  #voice(): void {
    this.#voiceMs += FRAME_MS;
    this.#quietMs = 0;
    const words = Math.floor(this.#voiceMs / WORD_MS);
    if (words === this.#words) return;
    this.#words = words;
    if (words === 1) this.#listener.began();
    this.#listener.partial(textOf(words));
  }

  #quiet(): void {
    this.#quietMs += FRAME_MS;
    if (this.#quietMs < ENDPOINT_MS) return;
    const words = this.#words;
    this.#voiceMs = 0;
    this.#words = 0;
    if (words > 0) this.#listener.final(textOf(words));
  }
}

function isVoice(mulaw: Uint8Array, from: number): boolean {
  for (let at = from; at < from + FRAME_BYTES; at += 4)
    if (((mulaw[at] ?? 0xff) & 0x7f) < FAINTEST) return true;
  return false;
}

function textOf(words: number): string {
  return Array.from({ length: words }, (_, index) => `word${index + 1}`).join(' ');
}
