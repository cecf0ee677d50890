// Line: both directions of one answered call: a person who listens and speaks, and what the plugin makes of it.
import { listening } from '../media/listening.ts';
import type { MediaStream } from '../media/stream.ts';
import { openTelnyxStream } from '../media/telnyx-stream.ts';
import { lengthMs, wordSound } from '../media/word-code.ts';
import { Attendance, type Mouthpiece, type Seat, type Utterance } from '../twilio/attendance.ts';
import type { TwinCall, World } from './call.ts';
import { Ear, type Hearing } from './ear.ts';
import type { Fields, Heard } from './ledger.ts';
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
  #stream: MediaStream | undefined;

  constructor(world: World, call: TwinCall, person: Person) {
    this.#world = world;
    this.#call = call;
    this.#ear = new Ear(world, call);
    this.#voice = new Voice(world, call, this);
    this.#person = new Attendance(world, { call: seatOf(call), caller: person }, this);
    call.ended.addEventListener('abort', () => this.#stream?.stop('the call ended'), { once: true });
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

  /** Connects the media stream; whatever becomes of it, the call goes on. */
  stream(body: Fields): void {
    const stream = openTelnyxStream({ world: this.#world, call: this.#call }, body);
    if (!stream) return;
    this.#stream = stream;
    const unfollow = listening(this.#call.ear, this.#person);
    stream.ended.then(unfollow, unfollow);
  }

  /** False when nothing is streamed, or another stream than the one that is named. */
  stopStream(id: string | undefined): boolean {
    const stream = this.#stream;
    if (!stream || stream.end || (id !== undefined && id !== stream.id)) return false;
    stream.stop('streaming_stop');
    return true;
  }

  speechMs(text: string, sound: Uint8Array | undefined): number | undefined {
    if (!this.#stream?.isOpen) return undefined;
    return sound ? sound.length / 8 : lengthMs(text);
  }

  speechBegan(speech: Utterance): void {
    this.#ear.speechBegan(speech);
    if (this.#stream?.isOpen) this.#call.mouth.play(speech.sound ?? wordSound(speech.text), speech.from);
  }

  speechEnded(speech: Utterance): void {
    this.#ear.speechEnded(speech);
    if (this.#stream?.isOpen) speech.said.caught = true;
  }

  /** Keys are reported whatever the line is doing, and into the media stream as well. */
  pressed(digit: string): boolean {
    this.#stream?.press(digit);
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
