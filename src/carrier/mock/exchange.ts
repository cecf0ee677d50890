// Exchange: the mock carrier's other end: scripted people who ring, answer, listen, speak and hang up; and test phones.
import type { CarrierEvent } from '../../call/event.ts';
import type { Cancel, Clock } from '../../lib/clock.ts';
import type { NewId } from '../../lib/ids.ts';
import type { Transport, WireRequest, WireResponse } from '../carrier.ts';
import type { MockCommand, MockReport } from './index.ts';

/** Telephones that people hold; they are called by their numbers. */
export interface Handsets {
  /** Rings the one with this number; gives the carrier's call id, or null when nobody can be rung there. */
  ring(order: Extract<MockCommand, { do: 'dial' }>): string | null;
  isNumber(number: string): boolean;
  /** Does as told on its call; false: there is no such call on any of them. */
  obey(carrierCallId: string, wanted: MockCommand | null): boolean;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly report: (report: MockReport) => void;
  /** What the person we call says, a line a turn; after the answer to the last one they hang up. */
  readonly says: readonly string[];
  /** From dialling to picking up, ms. */
  readonly answerAfterMs: number;
  /** 1: people and voices speak at natural speed; 20: twenty times as fast. */
  readonly pace: number;
  readonly handsets: Handsets;
}

interface Person {
  readonly carrierCallId: string;
  readonly callId: string | null;
  readonly direction: 'inbound' | 'outbound';
  readonly from: string | null;
  readonly to: string | null;
  readonly lines: string[];
  /** What the person is about to do next; a new instruction takes its place. */
  next: Cancel | null;
}

/** Natural speech is about 15 letters a second; a pause of breath before it. */
const MS_PER_LETTER = 65;
const BREATH_MS = 350;

export class MockExchange {
  readonly #options: ExchangeOptions;
  readonly #people = new Map<string, Person>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Carries the carrier's requests; resolves always. */
  readonly transport: Transport = async (request) => this.#handle(request);

  /** A scripted person calls us; returns the carrier's call id. The call is reported before this returns. */
  ring(from: string, to: string, says: readonly string[]): string {
    const person = this.#person({ callId: null, direction: 'inbound', from, to, says });
    this.#report(person, null);
    return person.carrierCallId;
  }

  /** Everybody goes home. */
  close(): void {
    for (const person of this.#people.values()) person.next?.();
    this.#people.clear();
  }

  #handle(request: WireRequest): WireResponse {
    const path = request.url.slice('mock:'.length);
    const wanted = request.body === null ? null : (JSON.parse(request.body) as MockCommand);
    if (wanted?.do === 'dial') return this.#dial(wanted);
    const person = this.#people.get(path);
    if (!person)
      return this.#options.handsets.obey(path, wanted) ? answer(200, '') : answer(404, 'no such call');
    if (wanted) this.#obey(person, wanted);
    return answer(200, '');
  }

  #dial(wanted: Extract<MockCommand, { do: 'dial' }>): WireResponse {
    const { says, answerAfterMs, handsets } = this.#options;
    if (handsets.isNumber(wanted.to)) {
      const id = handsets.ring(wanted);
      return id === null ? answer(404, 'no test phone is open, or all are busy') : answer(201, id);
    }
    const person = this.#person({
      callId: wanted.callId,
      direction: 'outbound',
      from: null,
      to: wanted.to,
      says,
    });
    this.#later(person, answerAfterMs / 3, () => {
      this.#report(person, { kind: 'rang', at: this.#now() });
      this.#later(person, (answerAfterMs * 2) / 3, () => this.#answered(person));
    });
    return answer(201, person.carrierCallId);
  }

  #obey(person: Person, wanted: MockCommand): void {
    person.next?.();
    person.next = null;
    if (wanted.do === 'answer') this.#answered(person);
    else if (wanted.do === 'hangup') this.#people.delete(person.carrierCallId);
    else if (wanted.do === 'listen') this.#speak(person, wanted.turn);
    else if (wanted.do === 'say') this.#hear(person, wanted);
  }

  #answered(person: Person): void {
    this.#report(person, { kind: 'answered', at: this.#now() });
  }

  #hear(person: Person, { utteranceId, text, turn }: Extract<MockCommand, { do: 'say' }>): void {
    this.#later(person, this.#speechMs(text), () => {
      this.#report(person, { kind: 'utterancePlayed', at: this.#now(), utteranceId });
      if (turn !== null) this.#speak(person, turn);
    });
  }

  /** Listened to, the person says their next line; with nothing left to say they hang up. */
  #speak(person: Person, turn: number): void {
    const [line, ...rest] = person.lines;
    if (line === undefined) {
      this.#later(person, BREATH_MS / this.#options.pace, () => this.#leave(person));
      return;
    }
    this.#later(person, this.#speechMs(line), () => {
      person.lines.splice(0, person.lines.length, ...rest);
      this.#report(person, { kind: 'callerSaid', at: this.#now(), text: line, turn });
    });
  }

  #leave(person: Person): void {
    this.#people.delete(person.carrierCallId);
    this.#report(person, {
      kind: 'carrierEnded',
      at: this.#now(),
      reason: 'hangup-user',
      cause: 'the person hung up',
    });
  }

  #person(init: Pick<Person, 'callId' | 'direction' | 'from' | 'to'> & { says: readonly string[] }): Person {
    const { says, ...who } = init;
    const person: Person = {
      ...who,
      carrierCallId: `mock-${this.#options.newId()}`,
      lines: [...says],
      next: null,
    };
    this.#people.set(person.carrierCallId, person);
    return person;
  }

  #report(person: Person, event: CarrierEvent | null): void {
    const { carrierCallId, callId, direction, from, to } = person;
    this.#options.report({ carrierCallId, callId, direction, from, to, event });
  }

  #later(person: Person, afterMs: number, run: () => void): void {
    person.next = this.#options.clock.at(this.#now() + afterMs, run);
  }

  #speechMs(text: string): number {
    return (BREATH_MS + text.length * MS_PER_LETTER) / this.#options.pace;
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

function answer(status: number, body: string): WireResponse {
  return { kind: 'answered', status, body, retryAfterMs: null };
}
