// Exchange: what the suite needs of a carrier's twin, whichever it is, and what the three have alike.
import type { Ear } from '../../sim/media/ear.ts';
import type { MediaStream } from '../../sim/media/stream.ts';
import type { StreamFaults } from '../../sim/media/stream-faults.ts';
import type { Heard, Said } from '../../sim/twilio/ledger.ts';
import type { CarrierSettings } from '../../src/config/settings.ts';

export type FaultName =
  | 'none'
  /** Each webhook comes twice: at once, or again when the call has gone on. */
  | 'duplicated webhooks'
  /** Whatever this carrier sends side by side arrives in another order. */
  | 'reordered webhooks'
  /** What only tells how a call stands comes when it is over, and so does a second copy of everything else. */
  | 'webhooks after the end'
  | 'late webhooks'
  /** Each webhook is lost once; the carrier tries again as its rules say. */
  | 'webhooks lost at first'
  /** What only tells how a call stands, or that words were heard, never comes. */
  | 'lost status webhooks'
  | 'answer before create response'
  | '503 on create'
  | '429 on create'
  | 'create hangs'
  | 'create hangs, yet it dials'
  | '429 on commands'
  | '429 on hang-up'
  | 'slow REST'
  /** Somebody signs who has another key than the account. */
  | 'foreign key';

export interface Speech {
  readonly afterMs?: number;
  readonly over?: boolean;
  /** On a media stream: over what is being said, after that many words of it. */
  readonly afterWords?: number;
  /** On a media stream: how it sounds; the words themselves when absent. */
  readonly sound?: Uint8Array;
}

/** Somebody with a telephone, on any carrier. */
export interface Human {
  says(text: string, options?: Speech): this;
  presses(digits: string, options?: { readonly afterMs?: number }): this;
  staysSilent(): this;
  hangsUp(options?: { readonly afterMs?: number }): this;
  answersAfter(ms: number): this;
  givesUpAfter(ms: number): this;
  busy(): this;
  noAnswer(): this;
  fails(): this;
}

export type Script = (human: Human) => unknown;

/** One call as the carrier keeps it. */
export interface TheirCall {
  readonly heard: readonly Heard[];
  readonly said: readonly Said[];
  readonly isAlive: boolean;
  readonly answeredAt: number | undefined;
  /** What reached the person over media streams. */
  readonly ear: Ear;
  readonly streams: readonly MediaStream[];
  readonly end: { readonly at: number; readonly by: 'plugin' | 'person' | 'carrier' } | undefined;
}

/** What was asked of the carrier's REST API. */
export interface Asked {
  readonly action: 'create' | 'command';
  readonly fields: Readonly<Record<string, unknown>>;
  /** What it was answered; undefined while, or because, it was not. */
  readonly status: number | undefined;
}

/** A webhook as it reached us. */
export interface Letter {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a carrier may lose for good: the news of a caller or an answer, or the words of one. */
export type Loss = 'beginning' | 'words';

export interface Exchange {
  /** Every webhook sent, in order. */
  readonly letters: readonly Letter[];
  readonly calls: readonly TheirCall[];
  readonly problems: readonly { readonly text: string }[];
  readonly asked: readonly Asked[];
  /** The media streams of all calls, and what goes wrong with the next ones. */
  readonly media: StreamFaults;
  /** Every document or command that spoke, as text: to look for the language in. */
  readonly spoken: readonly string[];
  settings(): CarrierSettings;
  listen(): Promise<void>;
  close(): Promise<void>;
  idle(): Promise<void>;
  tunnel(publicOrigin: string, loopbackOrigin: string): void;
  expect(to: string, script: Script): void;
  dialIn(from: string, to: string, script: Script): void;
  switchOn(fault: FaultName): void;
  /** The next webhook of this kind is lost, however often the carrier tries. */
  lose(what: Loss): void;
  /** When our door was told that what was said is over; undefined while it was not. */
  receiptAt(): number | undefined;
  /** How often a fault has struck. */
  strikes(): number;
  /** How many webhooks arrived after one that was sent later. */
  overtaken(): number;
  /** The same webhook, signed by the account for another address; null where the address is not signed. */
  resigned(letter: Letter, url: string): Letter | null;
}

export const DUPLICATE = { do: 'duplicate', ms: 5 } as const;
/** The call has gone on meanwhile, by a turn or to its end. */
export const LATE_COPY = { do: 'duplicate', ms: 4_000 } as const;
/** Longer than most stories: the call is over. */
export const LAST_COPY = { do: 'duplicate', ms: 60_000 } as const;
export const LATE = { do: 'delay', ms: 1_500 } as const;
export const DROP = { do: 'drop' } as const;
export const HOLD_UNTIL_NEXT = { do: 'holdUntilNext' } as const;
export const HOLD_UNTIL_END = { do: 'holdUntilEnd' } as const;
export const SLOW_CREATE = { do: 'slow', ms: 4_000 } as const;
export const SLOW = { do: 'slow', ms: 700 } as const;
export const UNAVAILABLE = { do: 'status', status: 503 } as const;
export const HANG = { do: 'hang', done: false } as const;
export const HANG_DONE = { do: 'hang', done: true } as const;
export const TOO_MANY = { do: 'status', status: 429 } as const;
/** How long the carrier asks us to leave it alone after too many creates, s. */
export const RETRY_AFTER_S = 7;
export const TOO_MANY_CREATES = { ...TOO_MANY, retryAfterS: RETRY_AFTER_S } as const;

/** True the first time, false the second, and so on. */
export function everyOther(): () => boolean {
  let asked = 0;
  return () => asked++ % 2 === 0;
}

export function scripted<P extends Human>(person: P, script: Script): P {
  script(person);
  return person;
}

interface Counted<R, H, F, G> {
  forRest(about: R): F;
  forHook(about: H): G;
}

/**
 * Counts the faults a twin takes from its switches, and what they do to the order: `contentOf` is the object a
 * webhook and its record share, so that what was sent and what arrived can be laid beside each other.
 */
export function watchFaults<R, H, F, G>(
  faults: Counted<R, H, F, G>,
  contentOf: (hook: H) => object,
  arrived: () => readonly object[],
): Pick<Exchange, 'strikes' | 'overtaken'> {
  let count = 0;
  const sent = new Map<object, number>();
  const rest = faults.forRest.bind(faults);
  const hook = faults.forHook.bind(faults);
  const counted = <T>(fault: T): T => {
    if (fault !== undefined) count++;
    return fault;
  };
  faults.forRest = (about) => counted(rest(about));
  faults.forHook = (about) => {
    sent.set(contentOf(about), sent.size);
    return counted(hook(about));
  };
  const overtaken = (): number => {
    let latest = -1;
    let behind = 0;
    for (const content of arrived()) {
      const place = sent.get(content) ?? latest;
      if (place < latest) behind++;
      latest = Math.max(latest, place);
    }
    return behind;
  };
  return { strikes: () => count, overtaken };
}

type Common = Pick<Exchange, 'media' | 'problems' | 'listen' | 'close' | 'idle' | 'tunnel'>;

/** What all twins have alike. */
export function common(twin: Common): Common {
  return {
    media: twin.media,
    problems: twin.problems,
    listen: () => twin.listen(),
    close: () => twin.close(),
    idle: () => twin.idle(),
    tunnel: (from, to) => twin.tunnel(from, to),
  };
}
