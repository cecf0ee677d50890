// LiveAnswer: one answer of the agent while it is being written: sentence by sentence, and when each stage was reached.
import type { TurnStages } from '../call/call.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { AgentAnswer } from './ports.ts';
import { Sentences } from './sentences.ts';
import { SpokenStream } from './spoken-stream.ts';

/** An agent that writes nothing for so long is at work: what it wrote is a sentence of its own, ms. */
const PAUSE_MS = 400;

export type AnswerStages = Pick<TurnStages, 'modelAskedAt' | 'firstTokenAt' | 'firstSentenceAt'>;

/** Who speaks an answer while it is written. */
export interface Speaker {
  /** For the stages: fractions of a millisecond, and no jumps. */
  readonly clock: Clock;
  /** The next sentence, to be said after the one before; `stages` as far as they are known. */
  readonly onSentence: (text: string, stages: AnswerStages) => void;
}

export class LiveAnswer {
  readonly #speaker: Speaker;
  readonly #stream = new SpokenStream();
  readonly #sentences = new Sentences();
  /** The sentences that were given. */
  readonly said: string[] = [];
  #stages: AnswerStages = {};
  #isOver = false;
  #cancel: Cancel = () => undefined;

  constructor(speaker: Speaker) {
    this.#speaker = speaker;
  }

  get stages(): AnswerStages {
    return this.#stages;
  }

  /** The host asks the model now. */
  modelAsked(): void {
    this.#stages = { modelAskedAt: this.#speaker.clock.now(), ...this.#stages };
  }

  /** All of the message so far. */
  written(text: string): void {
    if (this.#isOver || text === '') return;
    const { clock } = this.#speaker;
    this.#stages = { firstTokenAt: clock.now(), ...this.#stages };
    const more = this.#stream.push(text);
    this.#give(this.#sentences.push(more, this.#stream.next));
    if (this.#stream.isWhole) this.#give(this.#sentences.flush());
    this.#cancel();
    this.#cancel = clock.at(clock.now() + PAUSE_MS, () => this.#pause());
  }

  /** The answer is complete: gives what is still to be said. */
  finish(answer: AgentAnswer): string {
    this.stop();
    const held = this.#sentences.flush();
    const rest = this.#stream.finish(answer);
    const text = [...held, rest].filter((piece) => piece !== '').join(' ');
    if (text !== '') this.#stages = { firstSentenceAt: this.#speaker.clock.now(), ...this.#stages };
    return text;
  }

  /** Nothing is said any more. */
  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #pause(): void {
    const more = this.#stream.pause();
    this.#give(this.#sentences.push(more));
    // Half a sentence waits for its other half.
    if (more !== '' || this.#sentences.isAtEnd) this.#give(this.#sentences.flush());
  }

  #give(sentences: readonly string[]): void {
    for (const text of sentences) {
      this.#stages = { firstSentenceAt: this.#speaker.clock.now(), ...this.#stages };
      this.said.push(text);
      this.#speaker.onSentence(text, this.#stages);
    }
  }
}
