// TurnTimer: how long each stage of a turn took on one call, told once the answer is heard. All times from one clock.
import type { Call, TurnStages } from '../call/call.ts';
import { utterancesToPlay } from '../call/instruction.ts';
import type { AnswerStages } from './live-answer.ts';
import type { TurnEnd } from './turn.ts';

interface Timed {
  readonly turn: number;
  stages: TurnStages;
  /** The first words of the answer, and the utterance they became. */
  text: string | null;
  utteranceId: string | null;
  isTold: boolean;
}

export class TurnTimer {
  readonly #tell: (turn: number, stages: TurnStages) => void;
  #ended: TurnEnd | null = null;
  #now: Timed | null = null;

  constructor(tell: (turn: number, stages: TurnStages) => void) {
    this.#tell = tell;
  }

  /** The caller has spoken; the call is about to learn it. */
  ended(end: TurnEnd): void {
    this.#ended = end;
  }

  /** The answer to `turn` begins with `text`. */
  answering(turn: number, text: string, stages: AnswerStages): void {
    const now = this.#now?.turn === turn ? this.#now : this.#begin(turn, {});
    now.text ??= text;
    now.stages = { ...stages, ...now.stages };
  }

  /** After each step of the call: which turn it is, and what of the answer is to be said. */
  follow(call: Call): void {
    const turn = call.turns.at(-1)?.turn;
    if (this.#ended && turn !== undefined) {
      const { speechEndAt, transcriptAt } = this.#ended;
      const isNew = this.#now?.turn !== turn || !this.#now.isTold;
      if (isNew) this.#begin(turn, { speechEndAt, transcriptAt });
      this.#ended = null;
    }
    const now = this.#now;
    if (now?.text && now.utteranceId === null) {
      now.utteranceId = utterancesToPlay(call).find(({ text }) => text === now.text)?.id ?? null;
    }
  }

  sounded(utteranceId: string, at: number): void {
    this.#add(utteranceId, { firstAudioAt: at });
  }

  began(utteranceId: string, at: number): void {
    this.#add(utteranceId, { firstFrameAt: at });
  }

  audible(utteranceId: string, at: number): void {
    this.#add(utteranceId, { heardAt: at });
    if (this.#isAnswer(utteranceId)) this.#report();
  }

  /** A carrier that never said that it was audible says at least that it was played. */
  played(utteranceId: string): void {
    if (this.#isAnswer(utteranceId)) this.#report();
  }

  /** The caller interrupted us, in the answer's first sentence or a later one. */
  interrupted(at: number): void {
    const now = this.#now;
    if (!now || now.utteranceId === null || now.stages.interruptedAt !== undefined) return;
    now.stages = { ...now.stages, interruptedAt: at };
    now.isTold = true;
    this.#tell(now.turn, now.stages);
  }

  #begin(turn: number, stages: TurnStages): Timed {
    this.#now = { turn, stages, text: null, utteranceId: null, isTold: false };
    return this.#now;
  }

  #isAnswer(utteranceId: string): boolean {
    return this.#now?.utteranceId === utteranceId;
  }

  /** Each stage is reached once: the first time counts. */
  #add(utteranceId: string, stages: TurnStages): void {
    if (this.#now && this.#isAnswer(utteranceId)) this.#now.stages = { ...stages, ...this.#now.stages };
  }

  #report(): void {
    const now = this.#now;
    if (!now || now.isTold) return;
    now.isTold = true;
    this.#tell(now.turn, now.stages);
  }
}
