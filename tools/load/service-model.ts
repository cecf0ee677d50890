// ServiceModel: one session of the stand-in voice model: it hears, answers, asks for its tool, and falls silent when interrupted.
import type { WebSocket } from 'ws';
import { instruct } from '../../src/conversation/model-prompt.ts';
import { CONSULT } from '../../src/conversation/model-tools.ts';
import { systemClock, wait } from '../../src/lib/clock.ts';
import type { Random } from '../random.ts';
import { ServiceEar } from './service-ear.ts';
import { ANSWER, soundOf, WAIT_A_MOMENT } from './speech.ts';

/** From the model; sound is a binary message, the number of its reply in the first four bytes. */
export type FromModel =
  | { readonly kind: 'heard'; readonly text: string; readonly isFinal: boolean }
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'over'; readonly reply: number }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'tool'; readonly id: string; readonly name: string; readonly args: unknown };
export type ToModel =
  | { readonly kind: 'say'; readonly instruction: string }
  | { readonly kind: 'result'; readonly text: string };

const PIECE_BYTES = 1_600;
/** Faster than it is heard, as all of them are. */
const PIECE_MS = 50;
/** So many turns are given to the agent: one in. */
const ASKS_PER = 4;

interface ModelDeps {
  readonly random: Random;
  /** How long it takes over its next reply. */
  readonly thinkMs: () => number;
}

/** What it was told to say, or what it makes of an instruction. */
function textFor(instruction: string): string {
  if (instruction === instruct.working) return WAIT_A_MOMENT;
  return /"(.+)"/s.exec(instruction)?.[1] ?? ANSWER;
}

export class ServiceModel {
  readonly #socket: WebSocket;
  readonly #deps: ModelDeps;
  #replies = 0;
  #tools = 0;
  #speaking: AbortController | null = null;

  constructor(socket: WebSocket, deps: ModelDeps) {
    this.#socket = socket;
    this.#deps = deps;
    const ear = new ServiceEar({
      began: () => this.#interrupt(),
      partial: (text) => this.#tell({ kind: 'heard', text, isFinal: false }),
      final: (text) => this.#answer(text),
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) ear.hear(data as Buffer);
      else this.#obey(JSON.parse(String(data)) as ToModel);
    });
    socket.once('close', () => this.#speaking?.abort());
  }

  #obey(message: ToModel): void {
    const { thinkMs } = this.#deps;
    if (message.kind === 'result') this.#say(message.text, thinkMs());
    else this.#say(textFor(message.instruction), thinkMs());
  }

  #answer(text: string): void {
    this.#tell({ kind: 'heard', text, isFinal: true });
    if (!this.#deps.random.once(ASKS_PER)) this.#say(ANSWER, this.#deps.thinkMs());
    else this.#tell({ kind: 'tool', id: `tool-${++this.#tools}`, name: CONSULT, args: { question: text } });
  }

  #interrupt(): void {
    if (!this.#speaking) return;
    this.#speaking.abort();
    this.#speaking = null;
    this.#tell({ kind: 'interrupted' });
  }

  /** One reply after another: a new one ends the one before. */
  #say(text: string, thinkMs: number): void {
    const before = this.#speaking;
    const mine = new AbortController();
    this.#speaking = mine;
    before?.abort();
    this.#speak(text, thinkMs, mine.signal).then(
      () => {
        if (this.#speaking === mine) this.#speaking = null;
      },
      () => undefined,
    );
  }

  async #speak(text: string, thinkMs: number, signal: AbortSignal): Promise<void> {
    const reply = ++this.#replies;
    await wait(systemClock, thinkMs, signal);
    const sound = soundOf(text);
    for (let at = 0; at < sound.length; at += PIECE_BYTES) {
      const piece = Buffer.alloc(4 + Math.min(PIECE_BYTES, sound.length - at));
      piece.writeUInt32BE(reply);
      piece.set(sound.subarray(at, at + PIECE_BYTES), 4);
      this.#socket.send(piece);
      await wait(systemClock, PIECE_MS, signal);
    }
    this.#tell({ kind: 'said', text });
    this.#tell({ kind: 'over', reply });
  }

  #tell(message: FromModel): void {
    this.#socket.send(JSON.stringify(message));
  }
}
