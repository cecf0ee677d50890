// Account: are our credentials good at Plivo, is the number ours, and which application answers its calls.
import {
  type AccountFinding,
  type CarrierAccount,
  type ConsoleField,
  type Inquiry,
  inboundField,
  type NumberFinding,
  type OurNumber,
  otherNumbers,
  unanswered,
} from '../account.ts';
import type { WireResponse } from '../carrier.ts';
import { asFields, type Fields, objectOf, textOf } from '../json.ts';
import { type Account, apiError, isSuccess, send, withoutPlus } from './requests.ts';

type Login = Pick<Account, 'authId' | 'authToken' | 'apiBase'>;

const TITLE = 'Plivo';
const PLACE = 'Plivo Console: Voice > Applications > XML, and Phone Numbers > Your Numbers';
const PAGE = 20;
/** Enough to know whether an application is shared; nobody waits for more. */
const MOST_PAGES = 10;

export function plivoAccount(login: Login): CarrierAccount {
  return {
    title: TITLE,
    credentials: () => credentials(login),
    number: (number, webhookUrl) => numberOf(login, number, webhookUrl),
  };
}

function* credentials(login: Login): Inquiry<AccountFinding> {
  const response = yield send(login, 'GET', '', null);
  if (response.kind === 'answered' && [401, 403, 404].includes(response.status)) {
    const cure = 'Copy both from Plivo Console > Overview > Account: Auth ID and Auth Token.';
    return { kind: 'bad', why: 'Plivo does not accept plivo.authId with plivo.authToken', cure };
  }
  if (response.kind === 'unreachable' || !isSuccess(response)) return unanswered(TITLE, response);
  return { kind: 'good', about: 'Plivo accepts the auth ID and its token' };
}

function* numberOf(login: Login, number: string, webhookUrl: string | null): Inquiry<NumberFinding> {
  const response = yield send(login, 'GET', `Number/${withoutPlus(number)}/`, null);
  if (response.kind === 'answered' && response.status === 404) {
    const cure = 'Set fromNumber to a number listed in Plivo Console > Phone Numbers > Your Numbers.';
    return { kind: 'foreign', why: `fromNumber ${number} is not a number of this Plivo account`, cure };
  }
  if (response.kind === 'unreachable' || !isSuccess(response)) return unanswered(TITLE, response);
  const ours = objectOf(response.body);
  const id = applicationIn(ours);
  const without = { login, number, ours, id: null, application: {}, alsoThere: 0 };
  if (id === null) return ownNumber(without, webhookUrl);
  const asked = yield send(login, 'GET', `Application/${encodeURIComponent(id)}/`, null);
  // An application that was deleted answers nobody.
  if (asked.kind === 'answered' && asked.status === 404) return ownNumber(without, webhookUrl);
  if (asked.kind === 'unreachable' || !isSuccess(asked)) return unanswered(TITLE, asked);
  const alsoThere = yield* othersOn(login, id, number);
  // Not known is not none: putting it right would change the application under whatever else it answers.
  if (typeof alsoThere !== 'number') return unanswered(TITLE, alsoThere);
  return ownNumber({ login, number, ours, id, application: objectOf(asked.body), alsoThere }, webhookUrl);
}

/** How many other numbers the application answers, or the answer that kept us from counting them. */
function* othersOn(login: Login, id: string, number: string): Inquiry<number | WireResponse> {
  let others = 0;
  for (let page = 0; page < MOST_PAGES; page++) {
    const response = yield send(login, 'GET', `Number/?limit=${PAGE}&offset=${page * PAGE}`, null);
    if (response.kind === 'unreachable' || !isSuccess(response)) return response;
    const { objects, meta } = objectOf(response.body);
    const listed = (Array.isArray(objects) ? objects : []).map(asFields);
    others += listed.filter(
      (one) => applicationIn(one) === id && withoutPlus(textOf(one['number'])) !== withoutPlus(number),
    ).length;
    if (textOf(asFields(meta)['next']) === '') return others;
  }
  return others;
}

interface Found {
  readonly login: Login;
  readonly number: string;
  readonly ours: Fields;
  /** Of its application; null when it has none. */
  readonly id: string | null;
  readonly application: Fields;
  readonly alsoThere: number;
}

function ownNumber(found: Found, webhookUrl: string | null): OurNumber {
  const { number, ours, application, alsoThere } = found;
  const isRight = webhookUrl !== null && textOf(application['answer_url']) === webhookUrl;
  const name = textOf(application['app_name']);
  return {
    kind: 'ours',
    mute:
      ours['voice_enabled'] === false
        ? {
            why: `the number ${number} has no voice capability at Plivo`,
            cure: 'Use a number that shows "Voice" under Capability in Plivo Console > Your Numbers.',
          }
        : null,
    place: PLACE,
    fields: webhookUrl === null ? [] : wantedFields(found, webhookUrl),
    bound:
      alsoThere > 0 && !isRight
        ? `the application ${name} also answers ${otherNumbers(alsoThere)}; it stays as it is, and the number gets one of its own`
        : null,
    beyondUs: null,
    repair: () => repair(found, webhookUrl),
  };
}

function wantedFields({ id, application }: Found, webhookUrl: string): readonly ConsoleField[] {
  const url = (key: string): string => textOf(application[key]);
  const method = (key: string): string => (id === null ? '' : textOf(application[key]) || 'POST');
  return [
    inboundField('Application: Primary Answer URL', url('answer_url'), webhookUrl),
    inboundField('Application: Primary Answer URL method', method('answer_method'), 'POST'),
    inboundField('Application: Hangup URL', url('hangup_url'), webhookUrl),
    inboundField('Application: Hangup URL method', method('hangup_method'), 'POST'),
  ];
}

/** An application that others share is left alone: our number gets one of its own. */
function* repair(found: Found, webhookUrl: string | null): Inquiry<string | null> {
  if (webhookUrl === null) return 'there is no address to enter';
  const { login, number, id, alsoThere } = found;
  const fields = {
    answer_url: webhookUrl,
    answer_method: 'POST',
    hangup_url: webhookUrl,
    hangup_method: 'POST',
  };
  if (id !== null && alsoThere === 0) {
    return whyNot(yield send(login, 'POST', `Application/${encodeURIComponent(id)}/`, fields));
  }
  const name = `openclaw-voice-call-${withoutPlus(number)}`;
  const made = yield send(login, 'POST', 'Application/', { app_name: name, ...fields });
  const failure = whyNot(made);
  if (failure !== null || made.kind === 'unreachable') return failure;
  const app = textOf(objectOf(made.body)['app_id']);
  if (app === '') return 'Plivo made an application without telling its id';
  return whyNot(yield send(login, 'POST', `Number/${withoutPlus(number)}/`, { app_id: app }));
}

function whyNot(response: WireResponse): string | null {
  if (response.kind === 'unreachable') return response.why;
  return isSuccess(response) ? null : apiError(response);
}

/** `/v1/Account/MA…/Application/29986316244302815/` -> the last id. */
function applicationIn({ application }: Fields): string | null {
  return /\/Application\/([^/]+)\/?$/.exec(textOf(application))?.[1] ?? null;
}
