// TelnyxExchange: the Telnyx twin for the suite: its faults, and what its webhooks and requests look like.
import type { StoryClock } from '../../sim/story-clock.ts';
import type { Faults, HookView } from '../../sim/telnyx/faults.ts';
import { Person } from '../../sim/telnyx/person.ts';
import { TelnyxTwin } from '../../sim/telnyx/twin.ts';
import {
  common,
  DROP,
  DUPLICATE,
  type Exchange,
  everyOther,
  type FaultName,
  HANG,
  HANG_DONE,
  HOLD_UNTIL_END,
  HOLD_UNTIL_NEXT,
  LAST_COPY,
  LATE,
  LATE_COPY,
  SLOW,
  SLOW_CREATE,
  scripted,
  TOO_MANY,
  TOO_MANY_CREATES,
  UNAVAILABLE,
  watchFaults,
} from './exchange.ts';

/** A receipt that came with the first repetition; by then the caller has spoken, or something else is being said. */
const AFTER_WORDS = { do: 'delay', ms: 3_400 } as const;
/** The first key comes after the one pressed next. */
const OVERTAKEN_KEY = { do: 'delay', ms: 600 } as const;
const COMMANDS = [
  'answer',
  'speak',
  'reject',
  'transcription_start',
  'transcription_stop',
  'send_dtmf',
  'hangup',
] as const;

const tells =
  (...types: readonly string[]) =>
  (hook: HookView): boolean =>
    types.includes(hook.type);
/** Without these a call could not be steered at all; a caller is met by the first of theirs. */
const isNews = ({ type, payload }: HookView): boolean =>
  type === 'call.speak.started' || (type === 'call.initiated' && payload['direction'] === 'outgoing');
const isReceipt = tells('call.speak.ended');

/** Telnyx promises no order at all, and delivers side by side. */
function switches(faults: Faults): Record<FaultName, () => void> {
  return {
    none: () => undefined,
    'duplicated webhooks': () => {
      faults.hook(DUPLICATE, { only: everyOther() });
      faults.hook(LATE_COPY);
    },
    'reordered webhooks': () => {
      faults.hook(HOLD_UNTIL_NEXT, { only: isNews });
      faults.hook(AFTER_WORDS, { only: isReceipt });
      faults.hook(OVERTAKEN_KEY, { only: tells('call.dtmf.received'), times: 1 });
      faults.hook(LATE, { only: tells('call.transcription') });
    },
    'webhooks after the end': () => {
      faults.hook(HOLD_UNTIL_END, { only: (hook) => isNews(hook) || isReceipt(hook) });
      faults.hook(LAST_COPY);
    },
    'late webhooks': () => void faults.hook(LATE),
    'webhooks lost at first': () => void faults.hook({ ...DROP, attempts: 1 }),
    'lost status webhooks': () => {
      const isEnd = tells('call.hangup');
      faults.hook(DROP, { only: (hook) => isNews(hook) || isReceipt(hook) || isEnd(hook) });
    },
    'answer before create response': () => void faults.rest(SLOW_CREATE, { only: 'dial' }),
    '503 on create': () => void faults.rest(UNAVAILABLE, { only: 'dial', times: 1 }),
    '429 on create': () => void faults.rest(TOO_MANY_CREATES, { only: 'dial', times: 1 }),
    'create hangs': () => void faults.rest(HANG, { only: 'dial' }),
    'create hangs, yet it dials': () => void faults.rest(HANG_DONE, { only: 'dial' }),
    '429 on commands': () => {
      for (const only of COMMANDS) faults.rest(TOO_MANY, { only, times: 1 });
    },
    '429 on hang-up': () => {
      for (const only of ['reject', 'hangup']) faults.rest(TOO_MANY, { only, times: 1 });
    },
    'slow REST': () => void faults.rest(SLOW),
    'foreign key': () => void faults.hook({ do: 'wrongKey' }),
  };
}

export function telnyxExchange(clock: StoryClock, webhookUrl: string): Exchange {
  const twin = new TelnyxTwin({ clock, webhookUrl });
  const { faults, ledger } = twin;
  const contents = (): readonly object[] =>
    ledger.hooks.filter(({ failure }) => failure === undefined).map(({ payload }) => payload);
  return {
    ...common(twin),
    ...watchFaults(faults, ({ payload }: HookView) => payload, contents),
    get calls() {
      return twin.calls;
    },
    get letters() {
      return ledger.hooks;
    },
    get asked() {
      return ledger.requests
        .filter(({ method }) => method === 'POST')
        .map(({ action, body, status }) => ({
          action: action === 'dial' ? ('create' as const) : ('command' as const),
          fields: body,
          status,
        }));
    },
    get spoken() {
      return ledger.requests
        .filter(({ action }) => action === 'speak')
        .map(({ body }) => JSON.stringify(body));
    },
    settings: () => {
      const { apiKey, connectionId } = twin.settings;
      return { name: 'telnyx', apiKey, connectionId, publicKey: twin.publicKey, apiBaseUrl: twin.apiBaseUrl };
    },
    expect: (to, script) => void twin.expect(to, scripted(new Person(), script)),
    dialIn: (from, to, script) => void twin.dialIn({ from, to, person: scripted(new Person(), script) }),
    switchOn: (fault) => switches(faults)[fault](),
    lose: (what) => {
      const isIt = what === 'words' ? tells('call.transcription') : isBeginning;
      faults.hook(DROP, { only: isIt, times: 1 });
    },
    receiptAt: () =>
      ledger.hooks.find(
        ({ type, payload, status }) =>
          type === 'call.speak.ended' && payload['status'] === 'completed' && status !== undefined,
      )?.at,
    // The signature covers the body and the time; whoever carries it elsewhere has changed nothing.
    resigned: () => null,
  };
}

function isBeginning({ type, payload }: HookView): boolean {
  return type === 'call.answered' || (type === 'call.initiated' && payload['direction'] === 'incoming');
}
