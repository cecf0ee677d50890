// Speech: what a call asks of whoever speaks and hears on its media streams: voices of our own, or a voice model.
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LineEvent, Lines } from '../media/lines.ts';
import type { AnswerStages } from './live-answer.ts';

/** For all calls; those that are none of its own are left alone. */
export interface Speech {
  /** Whether it can speak and hear on this call: one that was begun with a voice model needs one. */
  takes(call: Call): boolean;
  /** The phone rings: all that takes time is begun. */
  prepare(call: Call): void;
  /** After each step of a call: what is to be said is said, what is not wanted any more is dropped. */
  follow(call: Call): void;
  /** The agent's answer to `turn` begins with `text`; to be told before the call itself is. */
  answering(callId: string, turn: number, text: string, stages: AnswerStages): void;
  /** The caller did this, which a voice model cannot hear; nothing where none is on the line. */
  tell(callId: string, words: string): void;
  /** Something happened on the line. */
  heard(event: LineEvent): void;
  /** Nothing is said or heard on this call any more. */
  release(callId: string): void;
  /** Voices may have changed: what was prepared is made again when it is needed. */
  refresh(): void;
}

/** What everyone who implements it needs. */
export interface SpeechDeps {
  /** The time of the events of calls. */
  readonly clock: Clock;
  /** The time of the line's own events, which never jumps. */
  readonly steady: Clock;
  readonly log: Log;
  readonly lines: Lines;
  /** Gives an event to the call; unknown calls are ignored. */
  readonly post: (callId: string, event: CallEvent) => void;
}
