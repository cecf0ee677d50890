// OneMoment: what a caller hears while the agent is being asked: a word of the model, or a sentence that needs no model.
import type { Lines } from '../media/lines.ts';
import { clip } from './clip.ts';

interface OneMomentDeps {
  readonly lines: Lines;
  readonly callId: string;
  /** BCP 47. */
  readonly language: string;
}

interface OneMomentStage {
  /** Nothing else is being said, or about to be. */
  readonly isFree: () => boolean;
  /** Has the model say it. */
  readonly ask: () => void;
}

export class OneMoment {
  readonly #deps: OneMomentDeps;
  readonly #stage: OneMomentStage;
  /** Some models cannot speak before they have the answer. */
  #doesModelSpeak = true;
  #count = 0;

  constructor(deps: OneMomentDeps, stage: OneMomentStage) {
    this.#deps = deps;
    this.#stage = stage;
  }

  /** The caller waits, and should hear something for the `nth` time, from 1. */
  waiting(nth: number): void {
    if (this.#doesModelSpeak) this.#stage.ask();
    // Our only sentence is not said as often.
    else if (nth % 2 === 1) this.#say();
  }

  /** The model was asked to say it, and did not. */
  silent(): void {
    this.#doesModelSpeak = false;
    this.#say();
  }

  /** Nothing in languages we have no such sentence in. */
  #say(): void {
    const { lines, callId, language } = this.#deps;
    const sound = clip(language);
    if (sound === null || !this.#stage.isFree()) return;
    const id = `c${++this.#count}`;
    lines.say(callId, { id, interruptible: false });
    lines.sound(callId, id, sound);
    lines.finish(callId, id);
  }
}
