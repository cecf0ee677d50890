// Handset: one test phone: what its person does goes to their call, what happens on the call goes to the person.
import type { Call } from '../call/call.ts';
import type { CarrierEvent } from '../call/event.ts';
import type { MockCommand, MockReport } from '../carrier/mock/index.ts';
import { type MockSound, mockFrames } from '../carrier/mock/media.ts';
import type { Clock } from '../lib/clock.ts';
import { asVoiceCallError, type ErrorCode, VoiceCallError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import { CallNews } from './call-news.ts';
import { type Leg, openLeg } from './leg.ts';
import {
  type FromPhone,
  MAX_SOUND_BYTES,
  type ReadyMessage,
  readFromPhone,
  type ToPhone,
} from './protocol.ts';

/** The phone's end of its socket. */
export interface PhoneSocket {
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

export interface HandsetDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly socket: PhoneSocket;
  readonly ready: ReadyMessage;
  /** Our number, which the phone calls unless it says another. */
  readonly ourNumber: string;
  /** Rejects when nothing could be done about it. */
  readonly report: (report: MockReport) => Promise<void>;
}

/** The call a phone is on, as the carrier knows it. */
interface OnCall extends Omit<MockReport, 'event'> {
  readonly news: CallNews;
  isAnswered: boolean;
  /** Somebody hung up: the carrier has no such call any more. */
  isOver: boolean;
  leg: Leg | null;
}

/** Garbage is answered so often; then the phone is no phone. */
const MAX_FAULTS = 20;

export class Handset {
  readonly #deps: HandsetDeps;
  #on: OnCall | null = null;
  #faults = 0;

  constructor(deps: HandsetDeps) {
    this.#deps = deps;
    this.#tell(deps.ready);
  }

  get number(): string {
    return this.#deps.ready.number;
  }

  get isFree(): boolean {
    return this.#on === null;
  }

  /** A text frame from the phone. */
  take(text: string): void {
    const message = readFromPhone(text);
    if ('type' in message) this.#do(message);
    else this.#fault(message.why);
  }

  /** A binary frame: the person's sound. */
  hear(mulaw: Uint8Array): void {
    if (mulaw.length === 0 || mulaw.length > MAX_SOUND_BYTES)
      this.#fault(`sound comes in frames of 1 to ${MAX_SOUND_BYTES} bytes`);
    else this.#on?.leg?.hear(mulaw);
  }

  /** The socket is gone: whoever goes hangs up. */
  gone(): void {
    this.#hangUp('the test phone was closed');
    this.#on = null;
  }

  /** Rings; gives the carrier's call id, or null when it is busy. */
  ring({ callId, from, to }: Extract<MockCommand, { do: 'dial' }>): string | null {
    if (!this.isFree) return null;
    const on = this.#begin({ callId, direction: 'outbound', from, to });
    const { clock } = this.#deps;
    clock.at(clock.now(), () => this.#report(on, { kind: 'rang', at: clock.now() }));
    return on.carrierCallId;
  }

  /** Does as told on its call; false: that is not its call, or it is over. */
  obey(carrierCallId: string, wanted: MockCommand | null): boolean {
    const on = this.#on;
    if (on?.carrierCallId !== carrierCallId || on.isOver) return false;
    if (wanted) this.#obey(on, wanted);
    return true;
  }

  /** After each step of a call. */
  follow(call: Call): void {
    const on = this.#on;
    if (!on || (call.carrierCallId !== on.carrierCallId && call.id !== on.callId)) return;
    for (const message of on.news.of(call)) this.#tell(message);
    if (call.phase !== 'ended') return;
    on.leg?.close();
    this.#on = null;
  }

  #do(message: FromPhone): void {
    const on = this.#on;
    if (message.type === 'call') this.#call(message.to ?? this.#deps.ourNumber);
    else if (!on || on.isOver) this.#refuse('VC_PHONE_IDLE');
    else this.#doOn(on, message);
  }

  #doOn(on: OnCall, message: Exclude<FromPhone, { type: 'call' }>): void {
    switch (message.type) {
      case 'hangup':
        this.#hangUp('the person hung up');
        break;
      case 'answer':
        if (on.direction === 'outbound') this.#answered(on);
        break;
      case 'key':
        this.#key(on, message.key);
        break;
      case 'words':
        this.#words(on, message.text);
        break;
      case 'played':
        on.leg?.send(mockFrames.played(message.mark));
        break;
    }
  }

  #call(to: string): void {
    if (!this.isFree) this.#refuse('VC_PHONE_BUSY');
    else this.#report(this.#begin({ callId: null, direction: 'inbound', from: this.number, to }), null);
  }

  #begin(who: Pick<OnCall, 'callId' | 'direction' | 'from' | 'to'>): OnCall {
    const on: OnCall = {
      ...who,
      carrierCallId: `mock-${this.#deps.newId()}`,
      news: new CallNews(),
      isAnswered: false,
      isOver: false,
      leg: null,
    };
    this.#on = on;
    return on;
  }

  #obey(on: OnCall, wanted: MockCommand): void {
    switch (wanted.do) {
      case 'answer':
        this.#answered(on);
        break;
      case 'hangup':
        on.isOver = true;
        on.leg?.close();
        break;
      case 'stream':
        this.#stream(on, wanted);
        break;
      case 'say':
        this.#read(on, wanted.utteranceId);
        break;
      // Whoever holds it is always listened to.
      case 'listen':
      case 'dial':
        break;
    }
  }

  #answered(on: OnCall): void {
    if (on.isAnswered) return;
    on.isAnswered = true;
    this.#report(on, { kind: 'answered', at: this.#deps.clock.now() });
  }

  /** What is to be read is on the screen at once; told after the line has agreed to say it. */
  #read(on: OnCall, utteranceId: string): void {
    const { clock } = this.#deps;
    clock.at(clock.now(), () => this.#report(on, { kind: 'utterancePlayed', at: clock.now(), utteranceId }));
  }

  #stream(on: OnCall, address: Extract<MockCommand, { do: 'stream' }>): void {
    on.leg?.close();
    const leg = openLeg({
      clock: this.#deps.clock,
      address,
      carrierCallId: on.carrierCallId,
      onSound: (sound) => this.#play(sound),
      onUnreachable: () => {
        if (on.leg !== leg) return;
        on.leg = null;
        const why = 'the test phone did not reach the line';
        this.#report(on, { kind: 'streamClosed', at: this.#deps.clock.now(), n: null, why });
      },
    });
    on.leg = leg;
  }

  #play(sound: MockSound): void {
    const { socket } = this.#deps;
    if (sound.kind === 'audio') socket.send(sound.mulaw);
    else this.#tell(sound.kind === 'mark' ? { type: 'mark', name: sound.name } : { type: 'clear' });
  }

  #key(on: OnCall, digits: string): void {
    if (on.leg) on.leg.send(mockFrames.key(digits));
    else this.#report(on, { kind: 'digitsReceived', at: this.#deps.clock.now(), digits, turn: null });
  }

  #words(on: OnCall, text: string): void {
    if (on.leg) on.leg.send(mockFrames.words(text));
    else this.#report(on, { kind: 'callerSaid', at: this.#deps.clock.now(), text, turn: null });
  }

  #hangUp(cause: string): void {
    const on = this.#on;
    if (!on || on.isOver) return;
    const reason = on.direction === 'outbound' && !on.isAnswered ? 'busy' : 'hangup-user';
    const at = this.#deps.clock.now();
    on.leg?.close();
    this.#report(on, { kind: 'carrierEnded', at, reason, cause });
    on.isOver = true;
  }

  /** A call that is over has no news, neither from here nor from its socket. */
  #report(on: OnCall, event: CarrierEvent | null): void {
    if (on.isOver || this.#on !== on) return;
    const { carrierCallId, callId, direction, from, to } = on;
    this.#deps
      .report({ carrierCallId, callId, direction, from, to, event })
      .catch((error: unknown) => this.#lost(on, event, error));
  }

  /** A call that could not even be begun: nobody else would ever tell the person. */
  #lost(on: OnCall, event: CarrierEvent | null, error: unknown): void {
    if (event !== null || this.#on !== on) return;
    this.#on = null;
    const { code, message, cure } = asVoiceCallError(error);
    this.#tell({ type: 'error', code, message, cure });
  }

  #fault(why: string): void {
    this.#faults += 1;
    if (this.#faults >= MAX_FAULTS) this.#deps.socket.close(1008, 'Too many malformed messages');
    else this.#refuse('VC_PHONE_MESSAGE', { why });
  }

  #refuse(errorCode: ErrorCode, fields: Readonly<Record<string, string>> = {}): void {
    const { code, message, cure } = new VoiceCallError(errorCode, fields);
    this.#tell({ type: 'error', code, message, cure });
  }

  #tell(message: ToPhone): void {
    this.#deps.socket.send(JSON.stringify(message));
  }
}
