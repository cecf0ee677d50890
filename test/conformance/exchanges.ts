// Exchanges: the three carrier twins behind one interface: people, calls, and the faults all of them can have.
import { randomBytes } from 'node:crypto';
import { Person as PlivoPerson } from '../../sim/plivo/person.ts';
import { PlivoTwin } from '../../sim/plivo/twin.ts';
import type { StoryClock } from '../../sim/story-clock.ts';
import { Person as TelnyxPerson } from '../../sim/telnyx/person.ts';
import { TelnyxTwin } from '../../sim/telnyx/twin.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import type { Heard, Said } from '../../sim/twilio/ledger.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import type { CarrierSettings } from '../../src/config/settings.ts';

export const CARRIERS = ['twilio', 'telnyx', 'plivo'] as const;
export type CarrierName = (typeof CARRIERS)[number];

export type FaultName =
  | 'none'
  | 'duplicated webhooks'
  | 'reordered webhooks'
  | 'late webhooks'
  | 'lost status webhooks'
  | 'answer before create response'
  | '503 on create'
  | 'create hangs'
  | '429 on commands'
  | 'slow REST';

/** Somebody with a telephone, on any carrier. */
export interface Human {
  says(text: string, options?: { readonly afterMs?: number; readonly over?: boolean }): this;
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
  readonly end: { readonly at: number; readonly by: 'plugin' | 'person' | 'carrier' } | undefined;
}

/** What was asked of the carrier's REST API. */
export interface Asked {
  readonly action: 'create' | 'command';
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A webhook as it reached us. */
export interface Letter {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Exchange {
  /** Every webhook sent, in order. */
  readonly letters: readonly Letter[];
  readonly calls: readonly TheirCall[];
  readonly problems: readonly { readonly text: string }[];
  readonly asked: readonly Asked[];
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
  /** How often a fault has struck. */
  strikes(): number;
}

const DUPLICATE = { do: 'duplicate', ms: 5 } as const;
const LATE = { do: 'delay', ms: 1_500 } as const;
const DROP = { do: 'drop' } as const;
const SLOW_CREATE = { do: 'slow', ms: 4_000 } as const;
const SLOW = { do: 'slow', ms: 700 } as const;
const UNAVAILABLE = { do: 'status', status: 503 } as const;
const HANG = { do: 'hang', done: false } as const;
const TOO_MANY = { do: 'status', status: 429 } as const;

export function exchangeOf(carrier: CarrierName, clock: StoryClock, webhookUrl: string): Exchange {
  if (carrier === 'twilio') return twilioExchange(clock, webhookUrl);
  if (carrier === 'telnyx') return telnyxExchange(clock, webhookUrl);
  return plivoExchange(clock, webhookUrl);
}

function twilioExchange(clock: StoryClock, webhookUrl: string): Exchange {
  const account = { accountSid: `AC${randomBytes(16).toString('hex')}`, authToken: 'throw-away-token' };
  const twin = new TwilioTwin({ clock, ...account });
  const { faults } = twin;
  const strikes = countStrikes(faults);
  const isStatus = ({ kind }: { readonly kind: string }): boolean => kind === 'status';
  const switches: Record<FaultName, () => void> = {
    none: () => undefined,
    'duplicated webhooks': () => void faults.hook(DUPLICATE),
    'reordered webhooks': () => {
      faults.hook(
        { do: 'holdUntilNext' },
        { only: ({ kind, status }) => kind === 'status' && status === 'initiated' },
      );
      faults.hook(
        { do: 'holdUntilEnd' },
        { only: ({ kind, status }) => kind === 'status' && status === 'in-progress' },
      );
    },
    'late webhooks': () => void faults.hook(LATE, { only: isStatus }),
    'lost status webhooks': () => void faults.hook(DROP, { only: isStatus }),
    'answer before create response': () => void faults.rest(SLOW_CREATE, { only: 'create' }),
    '503 on create': () => void faults.rest(UNAVAILABLE, { only: 'create' }),
    'create hangs': () => void faults.rest(HANG, { only: 'create' }),
    '429 on commands': () => void faults.rest(TOO_MANY, { only: 'update', times: 2 }),
    'slow REST': () => void faults.rest(SLOW),
  };
  return {
    ...common(twin),
    get calls() {
      return twin.calls;
    },
    get letters() {
      return twin.ledger.hooks;
    },
    get asked() {
      return twin.ledger.requests
        .filter(({ method }) => method === 'POST')
        .map(({ path, form }) => ({
          action: path.endsWith('/Calls.json') ? ('create' as const) : ('command' as const),
          fields: Object.fromEntries(Object.entries(form).map(([name, [value]]) => [name, value])),
        }));
    },
    get spoken() {
      const sent = twin.ledger.requests.map(({ form }) => form['Twiml']?.[0] ?? '');
      return [...sent, ...twin.ledger.hooks.map(({ answer }) => answer?.body ?? '')];
    },
    settings: () => ({ name: 'twilio', ...account, region: 'us1', apiBaseUrl: twin.apiBaseUrl }),
    expect: (to, script) => void twin.expect(to, scripted(new Caller(), script)),
    dialIn: (from, to, script) => {
      const person = scripted(new Caller(), script);
      twin.dialIn({ from, to, voiceUrl: webhookUrl, statusCallback: webhookUrl, person });
    },
    switchOn: (fault) => switches[fault](),
    strikes,
  };
}

/** Webhooks of Telnyx that only tell how a call stands; without the others it could not be steered at all. */
const TELNYX_STATUS = ['call.hangup', 'call.speak.started', 'call.ringing', 'call.initiated'];

function telnyxExchange(clock: StoryClock, webhookUrl: string): Exchange {
  const twin = new TelnyxTwin({ clock, webhookUrl });
  const { faults } = twin;
  const strikes = countStrikes(faults);
  const isStatus = ({
    type,
    payload,
  }: {
    type: string;
    payload: Readonly<Record<string, unknown>>;
  }): boolean =>
    TELNYX_STATUS.includes(type) && !(type === 'call.initiated' && payload['direction'] === 'incoming');
  const switches: Record<FaultName, () => void> = {
    none: () => undefined,
    'duplicated webhooks': () => void faults.hook(DUPLICATE),
    'reordered webhooks': () => {
      faults.hook({ do: 'holdUntilNext' }, { only: (hook) => isStatus(hook) && hook.type !== 'call.hangup' });
    },
    'late webhooks': () => void faults.hook(LATE, { only: isStatus }),
    'lost status webhooks': () => void faults.hook(DROP, { only: isStatus }),
    'answer before create response': () => void faults.rest(SLOW_CREATE, { only: 'dial' }),
    '503 on create': () => void faults.rest(UNAVAILABLE, { only: 'dial' }),
    'create hangs': () => void faults.rest(HANG, { only: 'dial' }),
    '429 on commands': () => {
      for (const only of [
        'answer',
        'speak',
        'reject',
        'transcription_start',
        'transcription_stop',
        'send_dtmf',
        'hangup',
      ])
        faults.rest(TOO_MANY, { only, times: 1 });
    },
    'slow REST': () => void faults.rest(SLOW),
  };
  return {
    ...common(twin),
    get calls() {
      return twin.calls;
    },
    get letters() {
      return twin.ledger.hooks;
    },
    get asked() {
      return twin.ledger.requests
        .filter(({ method }) => method === 'POST')
        .map(({ action, body }) => ({
          action: action === 'dial' ? ('create' as const) : ('command' as const),
          fields: body,
        }));
    },
    get spoken() {
      return twin.ledger.requests
        .filter(({ action }) => action === 'speak')
        .map(({ body }) => JSON.stringify(body));
    },
    settings: () => {
      const { apiKey, connectionId } = twin.settings;
      return { name: 'telnyx', apiKey, connectionId, publicKey: twin.publicKey, apiBaseUrl: twin.apiBaseUrl };
    },
    expect: (to, script) => void twin.expect(to, scripted(new TelnyxPerson(), script)),
    dialIn: (from, to, script) =>
      void twin.dialIn({ from, to, person: scripted(new TelnyxPerson(), script) }),
    switchOn: (fault) => switches[fault](),
    strikes,
  };
}

function plivoExchange(clock: StoryClock, webhookUrl: string): Exchange {
  const account = { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: 'throw-away-token' };
  const twin = new PlivoTwin({ clock, ...account });
  const { faults } = twin;
  const strikes = countStrikes(faults);
  const isStatus = ({ kind }: { readonly kind: string }): boolean => kind === 'ring' || kind === 'hangup';
  const switches: Record<FaultName, () => void> = {
    none: () => undefined,
    'duplicated webhooks': () => void faults.hook(DUPLICATE),
    'reordered webhooks': () =>
      void faults.hook({ do: 'holdUntilEnd' }, { only: ({ kind }) => kind === 'ring' }),
    'late webhooks': () => void faults.hook(LATE, { only: isStatus }),
    'lost status webhooks': () => void faults.hook(DROP, { only: isStatus }),
    'answer before create response': () => void faults.rest(SLOW_CREATE, { only: 'create' }),
    '503 on create': () => void faults.rest(UNAVAILABLE, { only: 'create' }),
    'create hangs': () => void faults.rest(HANG, { only: 'create' }),
    '429 on commands': () => {
      for (const only of ['transfer', 'hangup', 'cancel', 'dtmf', 'speak'] as const)
        faults.rest(TOO_MANY, { only, times: 1 });
    },
    'slow REST': () => void faults.rest(SLOW),
  };
  return {
    ...common(twin),
    get calls() {
      return twin.calls;
    },
    get letters() {
      return twin.ledger.hooks;
    },
    get asked() {
      return twin.ledger.requests
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path, body }) => ({
          action: method === 'POST' && /\/Call\/$/.test(path) ? ('create' as const) : ('command' as const),
          fields: body,
        }));
    },
    get spoken() {
      return twin.ledger.hooks.map(({ answer }) => answer?.body ?? '');
    },
    settings: () => ({ name: 'plivo', ...account, apiBaseUrl: twin.apiBaseUrl }),
    expect: (to, script) => void twin.expect(to, scripted(new PlivoPerson(), script)),
    dialIn: (from, to, script) => {
      const person = scripted(new PlivoPerson(), script);
      twin.dialIn({ from, to, answerUrl: webhookUrl, hangupUrl: webhookUrl, person });
    },
    switchOn: (fault) => switches[fault](),
    strikes,
  };
}

function scripted<P extends Human>(person: P, script: Script): P {
  script(person);
  return person;
}

/** Counts the faults a twin takes from its switches. */
function countStrikes<R, H, F, G>(faults: { forRest(about: R): F; forHook(about: H): G }): () => number {
  let count = 0;
  const rest = faults.forRest.bind(faults);
  const hook = faults.forHook.bind(faults);
  const counted = <T>(fault: T): T => {
    if (fault !== undefined) count++;
    return fault;
  };
  faults.forRest = (about) => counted(rest(about));
  faults.forHook = (about) => counted(hook(about));
  return () => count;
}

type Common = Pick<Exchange, 'problems' | 'listen' | 'close' | 'idle' | 'tunnel'>;

/** What all twins have alike. */
function common(twin: Common): Common {
  return {
    problems: twin.problems,
    listen: () => twin.listen(),
    close: () => twin.close(),
    idle: () => twin.idle(),
    tunnel: (from, to) => twin.tunnel(from, to),
  };
}
