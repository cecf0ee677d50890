// GeminiSetup: what a session of Gemini's live voice API is set to, once and for all, by the client's first message.
import type { Message } from './voice-model-session.ts';
import { fieldsOf } from './wire.ts';

/** Of the caller's quiet that ends their turn when the client asks for nothing else, ms. */
const SILENCE_MS = 500;

export class GeminiSetup {
  readonly all: Message;
  readonly #input: Message;
  readonly #detection: Message;

  constructor(setup: Message) {
    this.all = setup;
    this.#input = fieldsOf(setup['realtimeInputConfig']) ?? {};
    this.#detection = fieldsOf(this.#input['automaticActivityDetection']) ?? {};
  }

  get instructions(): string {
    return textsIn(this.all['systemInstruction']).join(' ');
  }

  get tools(): readonly string[] {
    return this.#declarations().map(({ name }) => String(name));
  }

  /** Of the caller's quiet that ends their turn, ms. */
  get silenceMs(): number {
    return Number(this.#detection['silenceDurationMs'] ?? SILENCE_MS);
  }

  /** Whether it finds out by itself when the caller speaks. */
  get listens(): boolean {
    return this.#detection['disabled'] !== true;
  }

  get isInterruptible(): boolean {
    return this.#input['activityHandling'] !== 'NO_INTERRUPTION';
  }

  /** These models tell what they heard only when a turn is over. */
  get hearsWholeTurns(): boolean {
    return String(this.all['model']).includes('gemini-3.1-');
  }

  get isResumable(): boolean {
    return fieldsOf(this.all['sessionResumption']) !== undefined;
  }

  /** The session to take up again. */
  get handle(): string | undefined {
    const handle = fieldsOf(this.all['sessionResumption'])?.['handle'];
    return handle === undefined ? undefined : String(handle);
  }

  transcribes(way: 'input' | 'output'): boolean {
    return fieldsOf(this.all[`${way}AudioTranscription`]) !== undefined;
  }

  /** The model goes on while this tool runs. */
  isAsync(tool: string): boolean {
    return this.#declarations().some(({ name, behavior }) => name === tool && behavior === 'NON_BLOCKING');
  }

  #declarations(): readonly Message[] {
    const { tools } = this.all;
    const lists = Array.isArray(tools) ? tools.map((tool) => fieldsOf(tool)?.['functionDeclarations']) : [];
    return lists.flatMap((list) => (Array.isArray(list) ? list : [])).map((one) => fieldsOf(one) ?? {});
  }
}

/** The texts of a content. */
export function textsIn(content: unknown): string[] {
  const parts = fieldsOf(content)?.['parts'];
  return Array.isArray(parts) ? parts.map((part) => String(fieldsOf(part)?.['text'] ?? '')) : [];
}
