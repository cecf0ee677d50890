// Attendance: one person on one call: plays the script on the clock, speaking and pressing keys into the line.
import type { Cancel, Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';
import { type Script, type Step, stepOf } from './caller.ts';
import type { Heard, Said } from './ledger.ts';

/** What a person needs of the world; every twin has it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly activity: Activity;
  readonly settings: { readonly personMsPerChar: number; readonly digitMs: number };
}

/** What a person needs of the call they are on, whatever carrier keeps it. */
export interface Seat {
  readonly isAlive: boolean;
  /** Aborts when the call ends. */
  readonly ended: AbortSignal;
  readonly heard: Heard[];
  readonly said: Said[];
  finish(end: { readonly status: 'completed'; readonly by: 'person'; readonly why: string }): void;
}

/** One stretch of a person's speech. */
export interface Utterance {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly confidence: number | undefined;
  /** How it sounds where sound is carried; word-code when absent. */
  readonly sound: Uint8Array | undefined;
  readonly said: Said;
}

/** The line as a person uses it. */
export interface Mouthpiece {
  /** How long speech takes where sound is carried, ms; undefined where only words are. */
  speechMs(text: string, sound: Uint8Array | undefined): number | undefined;
  speechBegan(speech: Utterance): void;
  speechEnded(speech: Utterance): void;
  /** True when something took the key. */
  pressed(digit: string): boolean;
}

type Act = Extract<Step, { does: 'says' | 'presses' | 'hangsUp' }>;

export class Attendance {
  readonly #world: Surroundings;
  readonly #call: Seat;
  readonly #caller: Script;
  readonly #line: Mouthpiece;
  #at = 0;
  #timer: Cancel | undefined;
  /** The timer belongs to a turn that ends with the listening. */
  #timerNeedsEar = false;
  #isListenedTo = false;
  #turnIsTaken = false;
  #isActing = false;
  #isSilentTurn = false;
  /** Words heard since the step before. */
  #words = 0;
  #unanswered: string[] = [];

  constructor(world: Surroundings, seat: { readonly call: Seat; readonly caller: Script }, line: Mouthpiece) {
    this.#world = world;
    this.#call = seat.call;
    this.#caller = seat.caller;
    this.#line = line;
    this.#call.ended.addEventListener('abort', () => this.#cutOff(), { once: true });
  }

  /** The line is open: the script begins. */
  connected(): void {
    this.#enter();
  }

  hears(heard: Heard): void {
    this.#call.heard.push(heard);
    this.#unanswered.push(heard.text);
    this.#world.activity.touch();
  }

  /** One more word reached the person: the one they wait for to interrupt, perhaps. */
  overhears(): void {
    this.#words++;
    const step = this.#step();
    if (step?.does === 'says' && step.afterWords === this.#words && !this.#isActing) this.#arm(step, false);
  }

  /** The line began to listen and plays nothing. */
  listenedTo(): void {
    this.#isListenedTo = true;
    this.#turnIsTaken = this.#isActing;
    this.#takeTurn();
  }

  /** The line no longer listens. */
  unheeded(): void {
    this.#isListenedTo = false;
    if (this.#timerNeedsEar) this.#disarm();
    if (!this.#isSilentTurn) return;
    this.#isSilentTurn = false;
    this.#next();
  }

  #step(): Step | undefined {
    return this.#caller.steps[this.#at];
  }

  #next(): void {
    if (this.#step()?.does !== 'decides') this.#at++;
    this.#enter();
  }

  #enter(): void {
    const step = this.#step();
    this.#words = 0;
    if (step?.does === 'says' && step.afterWords !== undefined) return;
    if (step?.does === 'hangsUp' || ((step?.does === 'says' || step?.does === 'presses') && step.over)) {
      this.#arm(step, false);
    } else this.#takeTurn();
  }

  #takeTurn(): void {
    const step = this.#step();
    if (!this.#isListenedTo || this.#turnIsTaken || this.#isActing || !step) return;
    // Who talks over the line, or leaves, has begun to count already, and does not begin again because it listens.
    if (step.does === 'hangsUp' || ('over' in step && step.over)) return;
    if (step.does === 'decides') this.#decide(step);
    else if (step.does === 'silent') {
      this.#turnIsTaken = true;
      this.#isSilentTurn = true;
    } else this.#arm(step, true);
  }

  #decide(step: Extract<Step, { does: 'decides' }>): void {
    const reply = step.reply(this.#unanswered.join(' '));
    if (reply === null) {
      this.#turnIsTaken = true;
      this.#unanswered = [];
    } else this.#arm(stepOf(reply) as Act, true);
  }

  /** The call ended, perhaps in the middle of a word. */
  #cutOff(): void {
    this.#disarm();
    const last = this.#call.said.at(-1);
    if (this.#isActing && last) last.to = this.#world.clock.now();
  }

  #arm(act: Act, needsEar: boolean): void {
    this.#disarm();
    if (!this.#call.isAlive) return;
    this.#timerNeedsEar = needsEar;
    this.#timer = this.#after(act.afterMs, () => this.#act(act));
  }

  #disarm(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#timerNeedsEar = false;
  }

  #after(ms: number, run: () => void): Cancel {
    return this.#world.clock.at(this.#world.clock.now() + ms, () => {
      if (this.#call.isAlive) run();
    });
  }

  #act(act: Act): void {
    this.#disarm();
    if (act.does === 'hangsUp') {
      this.#call.finish({ status: 'completed', by: 'person', why: 'the person hung up' });
      return;
    }
    this.#isActing = true;
    this.#turnIsTaken = true;
    this.#unanswered = [];
    if (act.does === 'says') this.#speak(act);
    else this.#press(act.digits);
  }

  #speak({ text, sound, confidence }: Extract<Act, { does: 'says' }>): void {
    const from = this.#world.clock.now();
    const usualMs = Math.max(200, text.length * this.#world.settings.personMsPerChar);
    const to = from + (this.#line.speechMs(text, sound) ?? usualMs);
    const said: Said = { kind: 'speech', text, from, to, caught: false };
    const speech = { text, from, to, confidence, sound, said };
    this.#call.said.push(said);
    this.#line.speechBegan(speech);
    this.#timer = this.#after(to - from, () => {
      this.#line.speechEnded(speech);
      this.#done();
    });
  }

  #press(digits: string): void {
    const { clock, settings } = this.#world;
    const from = clock.now();
    const gaps: Readonly<Record<string, number>> = { w: 500, W: 1000 };
    const lengths = [...digits].map((digit) => gaps[digit] ?? settings.digitMs);
    const to = from + lengths.reduce((sum, ms) => sum + ms, 0);
    const said: Said = { kind: 'digits', text: digits, from, to, caught: true };
    this.#call.said.push(said);
    const press = (index: number): void => {
      const digit = digits[index] ?? '';
      if (gaps[digit] === undefined && !this.#line.pressed(digit)) said.caught = false;
      const next = index + 1 < digits.length ? () => press(index + 1) : () => this.#done();
      this.#timer = this.#after(lengths[index] ?? 0, next);
    };
    press(0);
  }

  #done(): void {
    this.#isActing = false;
    this.#timer = undefined;
    this.#world.activity.touch();
    this.#next();
  }
}
