// Exchange: the twins of three carriers in one shape: who calls, who is called, and what can be made to go wrong.
import type { PlivoCall } from '../../sim/plivo/call.ts';
import { Person as PlivoPerson } from '../../sim/plivo/person.ts';
import { PlivoTwin } from '../../sim/plivo/twin.ts';
import type { TwinCall as TelnyxCall } from '../../sim/telnyx/call.ts';
import { Person as TelnyxPerson } from '../../sim/telnyx/person.ts';
import { TelnyxTwin } from '../../sim/telnyx/twin.ts';
import type { TwinCall as TwilioCall } from '../../sim/twilio/call.ts';
import { Caller, type Reply } from '../../sim/twilio/caller.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Random } from '../random.ts';
import { coarseClock } from './coarse-clock.ts';
import type { StrikeKind } from './story.ts';
import type { Leg } from './talker.ts';
import { ACCOUNTS, type CarrierName, type Line, ourNumber, publicOrigin, WEBHOOK_PATH } from './wire.ts';

/** How somebody is on the telephone. */
export interface Manner {
  readonly answersAfterMs: number;
  readonly isBusy: boolean;
  readonly reply: () => Reply;
}

/** A fault of a twin, as far as all three have it. */
interface Fault {
  readonly do: string;
  readonly ms?: number;
}

/** Told when a fault strikes: what it is, how long it lasts by itself, and the call where that is known. */
export type Struck = (kind: StrikeKind, ms: number, callId: string | undefined) => void;

/** Frames of many calls go out together, five times in 20 ms. */
const CLOCK = coarseClock(systemClock, 4);

type Twin = TwilioTwin | TelnyxTwin | PlivoTwin;

/** The carrier's ear takes words for over as soon as our transcriber does, so that all modes are alike, ms. */
const SPEECH_END_MS = 400;
const LATE_MS = [500, 3_000] as const;
const COPY_MS = 500;
const SLOW_MS = 1_500;
/** Our request is given up by then, and tried again. */
const SILENT_MS = 10_000;
/** Outbound calls of an account at once. */
const CHANNELS = 1_000;
/** Each strikes once. */
const ONCE = { times: 1 };

const NAMES: Readonly<Record<string, StrikeKind>> = {
  status: 'carrier API 503',
  reset: 'carrier API reset',
  hang: 'carrier API silent',
  slow: 'carrier API slow',
  duplicate: 'webhook twice',
  delay: 'webhook late',
  holdUntilNext: 'webhooks out of order',
  holdUntilEnd: 'webhook after the end',
  drop: 'webhook lost',
};

/** A request fails in one of these ways; those that cost most time are the rarest. */
const REST_FAULTS = [
  { do: 'status', status: 503 },
  { do: 'status', status: 503, retryAfterS: 1 },
  { do: 'reset', done: false },
  { do: 'reset', done: true },
  { do: 'slow', ms: SLOW_MS },
  { do: 'slow', ms: SLOW_MS },
  { do: 'hang', done: true },
] as const;

export abstract class Exchange {
  readonly twin: Twin;
  protected readonly random: Random;

  constructor(twin: Twin, random: Random) {
    this.twin = twin;
    this.random = random;
    twin.media.ear = { understands: false, keeps: false };
  }

  get publicKey(): string {
    return '';
  }

  /** Somebody calls us. */
  abstract dialIn(line: Line, from: string, manner: Manner): Leg;
  /** Somebody will be called. */
  abstract expect(to: string, manner: Manner): void;
  /** All legs there ever were, from the `from`th on. */
  abstract legs(from: number): readonly Leg[];
  /** Plans a fault for the next webhook. */
  protected abstract spoilHook(): void;

  tunnel(line: Line, port: number): void {
    this.twin.tunnel(publicOrigin(line), `http://127.0.0.1:${port}`);
  }

  onStruck(struck: Struck): void {
    this.twin.faults.onStruck = ({ do: what, ms }: Fault, callId: string | undefined) => {
      const kind = NAMES[what];
      if (kind) struck(kind, what === 'hang' ? SILENT_MS : (ms ?? 0), callId);
    };
  }

  /** Something goes wrong between the carrier and us, soon. */
  spoil(): void {
    if (this.random.once(3)) this.twin.faults.rest(this.random.pick(REST_FAULTS), ONCE);
    else this.spoilHook();
  }

  protected get lateMs(): number {
    return this.random.between(...LATE_MS);
  }

  protected get copyMs(): number {
    return this.random.between(0, COPY_MS);
  }
}

export function openExchange(carrier: CarrierName, random: Random): Exchange {
  switch (carrier) {
    case 'twilio':
      return new TwilioExchange(random);
    case 'telnyx':
      return new TelnyxExchange(random);
    case 'plivo':
      return new PlivoExchange(random);
  }
}

interface Scripted {
  answersAfter(ms: number): unknown;
  busy(): unknown;
  decides(reply: () => Reply): unknown;
}

function prepared<P extends Scripted>(person: P, { answersAfterMs, isBusy, reply }: Manner): P {
  if (isBusy) person.busy();
  else person.answersAfter(answersAfterMs);
  person.decides(reply);
  return person;
}

function addressOf(line: Line): string {
  return publicOrigin(line) + WEBHOOK_PATH;
}

class TwilioExchange extends Exchange {
  declare readonly twin: TwilioTwin;

  constructor(random: Random) {
    const options = { ...ACCOUNTS.twilio, autoSpeechEndMs: SPEECH_END_MS };
    super(new TwilioTwin({ clock: CLOCK, ...options }), random);
  }

  dialIn(line: Line, from: string, manner: Manner): Leg {
    const url = addressOf(line);
    const person = prepared(new Caller(), manner);
    return this.#leg(
      this.twin.dialIn({ from, to: ourNumber(line), voiceUrl: url, statusCallback: url, person }),
    );
  }

  expect(to: string, manner: Manner): void {
    this.twin.expect(to, prepared(new Caller(), manner));
  }

  legs(from: number): readonly Leg[] {
    return this.twin.calls.slice(from).map((call) => this.#leg(call));
  }

  /** Of the documents none is lost: then Twilio itself would end the call. */
  protected spoilHook(): void {
    const { faults } = this.twin;
    const only = ({ kind, status }: { readonly kind: string; readonly status: string }): boolean =>
      kind === 'status' && status !== 'completed';
    this.random.pick([
      () => faults.hook({ do: 'duplicate', ms: this.copyMs }, ONCE),
      () => faults.hook({ do: 'delay', ms: this.lateMs }, ONCE),
      () => faults.hook({ do: 'holdUntilNext' }, { only, ...ONCE }),
      () => faults.hook({ do: 'holdUntilEnd' }, { only, ...ONCE }),
      () => faults.hook({ do: 'drop' }, { only, ...ONCE }),
    ])();
  }

  #leg(call: TwilioCall): Leg {
    const isInbound = call.direction === 'inbound';
    return { call, id: call.sid, isInbound, person: isInbound ? call.from : call.to };
  }
}

class TelnyxExchange extends Exchange {
  declare readonly twin: TelnyxTwin;

  constructor(random: Random) {
    const options = { ...ACCOUNTS.telnyx, speechEndMs: SPEECH_END_MS, channels: CHANNELS };
    super(new TelnyxTwin({ clock: CLOCK, ...options }), random);
  }

  override get publicKey(): string {
    return this.twin.publicKey;
  }

  dialIn(line: Line, from: string, manner: Manner): Leg {
    const person = prepared(new TelnyxPerson(), manner);
    return this.#leg(this.twin.dialIn({ from, to: ourNumber(line), webhookUrl: addressOf(line), person }));
  }

  expect(to: string, manner: Manner): void {
    this.twin.expect(to, prepared(new TelnyxPerson(), manner));
  }

  legs(from: number): readonly Leg[] {
    return this.twin.calls.slice(from).map((call) => this.#leg(call));
  }

  /** What is lost comes again after two seconds, as Telnyx promises. */
  protected spoilHook(): void {
    const { faults } = this.twin;
    this.random.pick([
      () => faults.hook({ do: 'duplicate', ms: this.copyMs }, ONCE),
      () => faults.hook({ do: 'delay', ms: this.lateMs }, ONCE),
      () => faults.hook({ do: 'holdUntilNext' }, { only: isNotice, ...ONCE }),
      () => faults.hook({ do: 'holdUntilEnd' }, { only: isNotice, ...ONCE }),
      () => faults.hook({ do: 'drop', attempts: 1 }, ONCE),
    ])();
  }

  #leg(call: TelnyxCall): Leg {
    const isInbound = call.direction === 'incoming';
    return { call, id: call.id, isInbound, person: isInbound ? call.from : call.to };
  }
}

/** Events the call can go on without for a while. */
function isNotice({ type }: { readonly type: string }): boolean {
  return ['call.speak.started', 'call.speak.ended', 'streaming.started', 'streaming.stopped'].includes(type);
}

class PlivoExchange extends Exchange {
  declare readonly twin: PlivoTwin;

  constructor(random: Random) {
    const options = { ...ACCOUNTS.plivo, autoSpeechEndMs: SPEECH_END_MS };
    super(new PlivoTwin({ clock: CLOCK, ...options }), random);
  }

  dialIn(line: Line, from: string, manner: Manner): Leg {
    const url = addressOf(line);
    const person = prepared(new PlivoPerson(), manner);
    return this.#leg(this.twin.dialIn({ from, to: ourNumber(line), answerUrl: url, hangupUrl: url, person }));
  }

  expect(to: string, manner: Manner): void {
    this.twin.expect(to, prepared(new PlivoPerson(), manner));
  }

  legs(from: number): readonly Leg[] {
    return this.twin.calls.slice(from).map((call) => this.#leg(call));
  }

  /** Of the documents none is lost: then Plivo itself would end the call. */
  protected spoilHook(): void {
    const { faults } = this.twin;
    const only = ({ kind }: { readonly kind: string }): boolean => kind === 'ring' || kind === 'stream';
    this.random.pick([
      () => faults.hook({ do: 'duplicate', ms: this.copyMs }, ONCE),
      () => faults.hook({ do: 'delay', ms: this.lateMs }, ONCE),
      () => faults.hook({ do: 'holdUntilEnd' }, { only, ...ONCE }),
      () => faults.hook({ do: 'drop' }, { only, ...ONCE }),
    ])();
  }

  #leg(call: PlivoCall): Leg {
    const isInbound = call.direction === 'inbound';
    return { call, id: call.uuid, isInbound, person: `+${isInbound ? call.from : call.to}` };
  }
}
