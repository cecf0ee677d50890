// Line: both directions of one answered call: a person who listens and speaks, and what the plugin makes of it.
import { Attendance, type Mouthpiece, type Seat, type Utterance } from '../twilio/attendance.ts';
import type { TwinCall, World } from './call.ts';
import { Ear, type Hearing } from './ear.ts';
import type { Heard } from './ledger.ts';
import type { Person } from './person.ts';
import { type Audience, Voice } from './voice.ts';

const GAPS: Readonly<Record<string, number>> = { w: 500, W: 1000 };

export class Line implements Mouthpiece, Audience {
  readonly #world: World;
  readonly #call: TwinCall;
  readonly #person: Attendance;
  readonly #ear: Ear;
  readonly #voice: Voice;
  /** The plugin began to listen while something was being said: the person's turn comes when it is over. */
  #isTurnDue = false;

  constructor(world: World, call: TwinCall, person: Person) {
    this.#world = world;
    this.#call = call;
    this.#ear = new Ear(world, call);
    this.#voice = new Voice(world, call, this);
    this.#person = new Attendance(world, { call: seatOf(call), caller: person }, this);
  }

  /** The call was answered. */
  connected(): void {
    this.#person.connected();
  }

  say(
    text: string,
    { loops, stop }: { readonly loops: number; readonly stop: 'current' | 'all' | undefined },
  ): void {
    const ms = text.length * this.#world.settings.msPerChar;
    // What is stopped ends before the new words begin; then the queue goes on by itself.
    if (stop !== undefined) this.#voice.stop(stop);
    for (let round = 0; round < loops; round++) this.#voice.play({ kind: 'say', text, ms });
  }

  press(digits: string): void {
    const { digitMs } = this.#world.settings;
    const ms = [...digits].reduce((sum, digit) => sum + (GAPS[digit] ?? digitMs), 0);
    this.#voice.play({ kind: 'digits', text: digits, ms });
  }

  stopSpeaking(what: 'current' | 'all'): void {
    this.#voice.stop(what);
  }

  /** False when it was listening already. */
  listen(hearing: Hearing): boolean {
    const begins = !this.#ear.isOpen;
    if (begins) this.#ear.open(hearing);
    if (this.#world.settings.turnsBy === 'listen' || this.#voice.isSilent) this.#giveTurn();
    return begins;
  }

  stopListening(): void {
    this.#ear.close();
    this.#isTurnDue = false;
    this.#person.unheeded();
  }

  speechBegan(speech: Utterance): void {
    this.#ear.speechBegan(speech);
  }

  speechEnded(speech: Utterance): void {
    this.#ear.speechEnded(speech);
  }

  /** Keys are reported whatever the line is doing. */
  pressed(digit: string): boolean {
    this.#call.report('call.dtmf.received', { digit, from: this.#call.from, to: this.#call.to });
    return true;
  }

  began(): void {
    this.#person.unheeded();
  }

  hears(heard: Heard): void {
    this.#person.hears(heard);
  }

  fellSilent(): void {
    if (this.#world.settings.turnsBy === 'speech' && this.#ear.isOpen) this.#isTurnDue = true;
    if (this.#isTurnDue) this.#giveTurn();
  }

  #giveTurn(): void {
    this.#isTurnDue = !this.#voice.isSilent;
    if (!this.#isTurnDue) this.#person.listenedTo();
  }
}

/** The call as the person knows it. */
function seatOf(call: TwinCall): Seat {
  return {
    get isAlive() {
      return call.isAlive;
    },
    ended: call.ended,
    heard: call.heard,
    said: call.said,
    finish: ({ why }) => call.hangUp('person', why),
  };
}
