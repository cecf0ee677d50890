// TwilioExchange: the Twilio twin for the suite: its faults, and what its webhooks and requests look like.
import { randomBytes } from 'node:crypto';
import type { StoryClock } from '../../sim/story-clock.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import type { Faults, HookView } from '../../sim/twilio/faults.ts';
import { sign } from '../../sim/twilio/signature.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
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

/** Twilio tries again once, when it could not connect: for that it waits so long. */
const RETRY = { do: 'delay', ms: 5_000 } as const;
/** The phone rings for a second, and the first document takes LATE: this comes after it. */
const AFTER_ANSWER = { do: 'delay', ms: 4_000 } as const;

const isStatus = ({ kind }: HookView): boolean => kind === 'status';
const isDocument = (hook: HookView): boolean => !isStatus(hook);
const tells =
  (...statuses: readonly string[]) =>
  (hook: HookView): boolean =>
    isStatus(hook) && statuses.includes(hook.status);

/**
 * Status callbacks are requests of their own, whose order is not promised, among themselves or beside a document.
 * Documents themselves are fetched one after another.
 */
function switches(faults: Faults): Record<FaultName, () => void> {
  return {
    none: () => undefined,
    'duplicated webhooks': () => {
      faults.hook(DUPLICATE, { only: everyOther() });
      faults.hook(LATE_COPY);
    },
    'reordered webhooks': () => {
      faults.hook(HOLD_UNTIL_NEXT, { only: tells('initiated') });
      faults.hook(AFTER_ANSWER, { only: tells('ringing') });
      faults.hook(HOLD_UNTIL_END, { only: tells('in-progress') });
      faults.hook(LATE, { only: isDocument });
    },
    'webhooks after the end': () => {
      faults.hook(HOLD_UNTIL_END, { only: tells('initiated', 'ringing', 'in-progress') });
      faults.hook(LAST_COPY);
    },
    'late webhooks': () => void faults.hook(LATE),
    'webhooks lost at first': () => void faults.hook(RETRY),
    'lost status webhooks': () => void faults.hook(DROP, { only: isStatus }),
    'answer before create response': () => void faults.rest(SLOW_CREATE, { only: 'create' }),
    '503 on create': () => void faults.rest(UNAVAILABLE, { only: 'create', times: 1 }),
    '429 on create': () => void faults.rest(TOO_MANY_CREATES, { only: 'create', times: 1 }),
    'create hangs': () => void faults.rest(HANG, { only: 'create' }),
    'create hangs, yet it dials': () => void faults.rest(HANG_DONE, { only: 'create' }),
    '429 on commands': () => void faults.rest(TOO_MANY, { only: 'update', times: 2 }),
    '429 on hang-up': () => void faults.rest(TOO_MANY, { only: 'update', times: 1 }),
    'slow REST': () => void faults.rest(SLOW),
    'foreign key': () => void faults.hook({ do: 'wrongToken' }),
  };
}

export function twilioExchange(clock: StoryClock, webhookUrl: string): Exchange {
  const account = { accountSid: `AC${randomBytes(16).toString('hex')}`, authToken: 'throw-away-token' };
  const twin = new TwilioTwin({ clock, ...account });
  const { faults, ledger } = twin;
  const contents = (): readonly object[] => ledger.hooks.map(({ params }) => params);
  return {
    ...common(twin),
    ...watchFaults(faults, ({ params }: HookView) => params, contents),
    get calls() {
      return twin.calls;
    },
    get letters() {
      return ledger.hooks;
    },
    get asked() {
      return ledger.requests
        .filter(({ method }) => method === 'POST')
        .map(({ path, form, status }) => ({
          action: path.endsWith('/Calls.json') ? ('create' as const) : ('command' as const),
          fields: Object.fromEntries(Object.entries(form).map(([name, [value]]) => [name, value])),
          status,
        }));
    },
    get spoken() {
      const sent = ledger.requests.map(({ form }) => form['Twiml']?.[0] ?? '');
      return [...sent, ...ledger.hooks.map(({ answer }) => answer?.body ?? '')];
    },
    settings: () => ({ name: 'twilio', ...account, region: 'us1', apiBaseUrl: twin.apiBaseUrl }),
    expect: (to, script) => void twin.expect(to, scripted(new Caller(), script)),
    dialIn: (from, to, script) => {
      const person = scripted(new Caller(), script);
      twin.dialIn({ from, to, voiceUrl: webhookUrl, statusCallback: webhookUrl, person });
    },
    switchOn: (fault) => switches(faults)[fault](),
    lose: (what) => {
      const kind = what === 'beginning' ? 'voice' : 'action';
      faults.hook(DROP, { only: (hook) => hook.kind === kind, times: 1 });
    },
    receiptAt: () => ledger.hooks.find(({ url, answer }) => /[?&]flow=played\b/.test(url) && answer)?.at,
    resigned: (letter, url) => {
      const signature = sign(account.authToken, url, [...new URLSearchParams(letter.body)]);
      return { ...letter, url, headers: { ...letter.headers, 'X-Twilio-Signature': signature } };
    },
  };
}
