// PlivoExchange: the Plivo twin for the suite: its faults, and what its webhooks and requests look like.
import type { Faults, HookView } from '../../sim/plivo/faults.ts';
import { Person } from '../../sim/plivo/person.ts';
import { signV3 } from '../../sim/plivo/signature.ts';
import { PlivoTwin } from '../../sim/plivo/twin.ts';
import type { StoryClock } from '../../sim/story-clock.ts';
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

/** Plivo tries again once, when it could not connect: for that it waits so long. */
const RETRY = { do: 'delay', ms: 2_000 } as const;
/** The phone rings for a second, and the first document takes LATE: this comes after it. */
const AFTER_ANSWER = { do: 'delay', ms: 4_000 } as const;

const isRing = ({ kind }: HookView): boolean => kind === 'ring';
const isStatus = (hook: HookView): boolean => isRing(hook) || hook.kind === 'hangup';
const isDocument = (hook: HookView): boolean => !isStatus(hook);

/**
 * The news that it rings, or that the call is over, are requests of their own beside the documents, which are
 * fetched one after another; one that was late is fetched again, and so comes twice.
 */
function switches(faults: Faults): Record<FaultName, () => void> {
  return {
    none: () => undefined,
    'duplicated webhooks': () => {
      faults.hook(DUPLICATE, { only: everyOther() });
      faults.hook(LATE_COPY);
    },
    'reordered webhooks': () => {
      faults.hook(AFTER_ANSWER, { only: isRing });
      faults.hook(LATE, { only: isDocument });
    },
    'webhooks after the end': () => {
      faults.hook(HOLD_UNTIL_END, { only: isRing });
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
    '429 on commands': () => {
      for (const only of ['transfer', 'hangup', 'cancel', 'dtmf', 'speak'] as const)
        faults.rest(TOO_MANY, { only, times: 1 });
    },
    '429 on hang-up': () => void faults.rest(TOO_MANY, { only: 'hangup', times: 1 }),
    'slow REST': () => void faults.rest(SLOW),
    'foreign key': () => void faults.hook({ do: 'wrongToken' }),
  };
}

export function plivoExchange(clock: StoryClock, webhookUrl: string): Exchange {
  const account = { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: 'throw-away-token' };
  const twin = new PlivoTwin({ clock, ...account });
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
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path, body, status }) => ({
          action: method === 'POST' && /\/Call\/$/.test(path) ? ('create' as const) : ('command' as const),
          fields: body,
          status,
        }));
    },
    get spoken() {
      return ledger.hooks.map(({ answer }) => answer?.body ?? '');
    },
    settings: () => ({ name: 'plivo', ...account, apiBaseUrl: twin.apiBaseUrl }),
    expect: (to, script) => void twin.expect(to, scripted(new Person(), script)),
    dialIn: (from, to, script) => {
      const person = scripted(new Person(), script);
      twin.dialIn({ from, to, answerUrl: webhookUrl, hangupUrl: webhookUrl, person });
    },
    switchOn: (fault) => switches(faults)[fault](),
    lose: (what) => {
      const kind = what === 'beginning' ? 'answer' : 'action';
      faults.hook(DROP, { only: (hook) => hook.kind === kind, times: 1 });
    },
    receiptAt: () => ledger.hooks.find(({ url, answer }) => /[?&]flow=played\b/.test(url) && answer)?.at,
    resigned: (letter, url) => {
      const nonce = letter.headers['X-Plivo-Signature-V3-Nonce'] ?? '';
      const params = [...new URLSearchParams(letter.body)];
      const signature = signV3(account.authToken, { url, nonce, params, signsAs: 'library' });
      const signed = { 'X-Plivo-Signature-V3': signature, 'X-Plivo-Signature-Ma-V3': signature };
      return { ...letter, url, headers: { ...letter.headers, ...signed } };
    },
  };
}
