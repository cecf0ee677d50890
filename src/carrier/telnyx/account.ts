// Account: is our key good at Telnyx, is the number ours, and does our application lead to us.
import {
  type AccountFinding,
  type CarrierAccount,
  type ConsoleField,
  type Inquiry,
  type NumberFinding,
  type OurNumber,
  otherNumbers,
  type Trouble,
  unanswered,
} from '../account.ts';
import type { WireRequest, WireResponse } from '../carrier.ts';
import { asFields, type Fields, objectOf, textOf } from '../json.ts';
import { apiError, isSuccess } from './answers.ts';
import { type Account, headers } from './commands.ts';

type Login = Pick<Account, 'apiKey' | 'connectionId' | 'apiBase'>;

const TITLE = 'Telnyx';
const PLACE = 'Telnyx Portal: Voice > Programmable Voice > (the application), and Numbers > My Numbers';
/** More numbers on one application than this are not counted. */
const MOST_NUMBERS = 250;

export function telnyxAccount(login: Login): CarrierAccount {
  return {
    title: TITLE,
    credentials: () => credentials(login),
    number: (number, webhookUrl) => numberOf(login, number, webhookUrl),
  };
}

function* credentials(login: Login): Inquiry<AccountFinding> {
  const response = yield request(login, 'GET', applicationPath(login));
  return applicationTrouble(response) ?? { kind: 'good', about: 'Telnyx accepts the API key' };
}

/** Null when the answer is our application. */
function applicationTrouble(response: WireResponse): (Trouble & { kind: 'bad' | 'unknown' }) | null {
  if (response.kind === 'answered' && isSuccess(response)) return null;
  if (response.kind === 'answered' && (response.status === 401 || response.status === 403)) {
    const cure = 'Copy an API key of this account from Telnyx Portal > API Keys; it is shown only once.';
    return { kind: 'bad', why: 'Telnyx does not accept telnyx.apiKey', cure };
  }
  if (response.kind === 'answered' && (response.status === 404 || response.status === 422)) {
    const cure = 'Copy the ID of your application from Telnyx Portal > Voice > Programmable Voice.';
    return {
      kind: 'bad',
      why: 'telnyx.connectionId is no Call Control (Voice API) application of this account',
      cure,
    };
  }
  return unanswered(TITLE, response);
}

function* numberOf(login: Login, number: string, webhookUrl: string | null): Inquiry<NumberFinding> {
  // The filter finds nothing when anything but digits stands in it.
  const listed = yield request(login, 'GET', numbersPath({ phone_number: number.slice(1) }));
  if (listed.kind === 'unreachable' || !isSuccess(listed)) return unanswered(TITLE, listed);
  const ours = listOf(listed.body).find(({ phone_number: theirs }) => theirs === number);
  if (!ours) {
    const cure = 'Set fromNumber to a number listed in Telnyx Portal > Numbers > My Numbers.';
    return { kind: 'foreign', why: `fromNumber ${number} is not a number of this Telnyx account`, cure };
  }
  const asked = yield request(login, 'GET', applicationPath(login));
  if (asked.kind === 'unreachable') return unanswered(TITLE, asked);
  const trouble = applicationTrouble(asked);
  if (trouble) return { ...trouble, kind: trouble.kind === 'bad' ? 'foreign' : 'unknown' };
  const application = asFields(objectOf(asked.body)['data']);
  const others = yield request(login, 'GET', numbersPath({ connection_id: login.connectionId }));
  // Not known is not none: putting it right would take over whatever else comes in there.
  if (others.kind === 'unreachable' || !isSuccess(others)) return unanswered(TITLE, others);
  const shared = listOf(others.body);
  const alsoThere = shared.filter(({ phone_number: theirs }) => theirs !== number).length;
  return ownNumber({ login, ours, application, alsoThere }, webhookUrl);
}

interface Found {
  readonly login: Login;
  readonly ours: Fields;
  readonly application: Fields;
  /** How many other numbers the application serves. */
  readonly alsoThere: number;
}

function ownNumber(found: Found, webhookUrl: string | null): OurNumber {
  const { ours } = found;
  const status = textOf(ours['status']);
  return {
    kind: 'ours',
    mute:
      status === 'active'
        ? null
        : {
            why: `the number ${textOf(ours['phone_number'])} carries no calls at Telnyx: its status is "${status}"`,
            cure: 'Open Telnyx Portal > Numbers > My Numbers: it says what the number waits for.',
          },
    place: PLACE,
    fields: webhookUrl === null ? [] : wantedFields(found, webhookUrl),
    bound: webhookUrl === null ? null : boundTo(found, webhookUrl),
    beyondUs: withoutProfile(found.application),
    repair: () => repair(found, webhookUrl),
  };
}

function wantedFields({ login, ours, application }: Found, webhookUrl: string): readonly ConsoleField[] {
  const name = textOf(application['application_name']);
  const isAssigned = idOf(ours['connection_id']) === login.connectionId;
  return [
    {
      name: 'Application: Send a webhook to the URL',
      now: textOf(application['webhook_event_url']),
      wanted: webhookUrl,
      always: false,
    },
    {
      name: 'Application: Webhook API version',
      now: `API v${idOf(application['webhook_api_version'])}`,
      wanted: 'API v2',
      always: true,
    },
    {
      name: 'Application: Active',
      now: application['active'] === false ? 'off' : 'on',
      wanted: 'on',
      always: true,
    },
    {
      name: 'Number: SIP connection / application',
      now: isAssigned ? name : textOf(ours['connection_name']) || idOf(ours['connection_id']),
      wanted: name,
      always: false,
    },
  ];
}

function boundTo({ login, ours, application, alsoThere }: Found, webhookUrl: string): string | null {
  const other = idOf(ours['connection_id']);
  if (other !== '' && other !== login.connectionId) {
    return `the number belongs to the connection ${textOf(ours['connection_name']) || other}, which would lose it`;
  }
  if (alsoThere === 0 || textOf(application['webhook_event_url']) === webhookUrl) return null;
  return `the application ${textOf(application['application_name'])} also serves ${otherNumbers(alsoThere)}, whose calls would come to us too`;
}

/** Dialling needs a profile, which says where to and how much: that is for its owner to decide. */
function withoutProfile(application: Fields): Trouble | null {
  if (idOf(asFields(application['outbound'])['outbound_voice_profile_id']) !== '') return null;
  return {
    why: 'the Telnyx application has no outbound voice profile, so it can place no calls',
    cure: 'Choose one in Telnyx Portal > Voice > Programmable Voice > (the application) > Outbound > Outbound voice profile.',
  };
}

function* repair(found: Found, webhookUrl: string | null): Inquiry<string | null> {
  const { login, ours, application } = found;
  if (webhookUrl === null) return 'there is no address to enter';
  const fields = {
    // Telnyx wants its name again with every change.
    application_name: textOf(application['application_name']),
    webhook_event_url: webhookUrl,
    webhook_api_version: '2',
    active: true,
  };
  const updated = yield request(login, 'PATCH', applicationPath(login), fields);
  const failure = whyNot(updated);
  if (failure !== null || idOf(ours['connection_id']) === login.connectionId) return failure;
  const path = `phone_numbers/${encodeURIComponent(textOf(ours['id']))}`;
  return whyNot(yield request(login, 'PATCH', path, { connection_id: login.connectionId }));
}

function whyNot(response: WireResponse): string | null {
  if (response.kind === 'unreachable') return response.why;
  return isSuccess(response) ? null : apiError(response);
}

function applicationPath({ connectionId }: Login): string {
  return `call_control_applications/${encodeURIComponent(connectionId)}`;
}

function numbersPath(filter: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams([
    ...Object.entries(filter).map(([name, value]): [string, string] => [`filter[${name}]`, value]),
    ['page[size]', String(MOST_NUMBERS)],
  ]);
  return `phone_numbers?${query}`;
}

function request(
  login: Login,
  method: 'GET' | 'PATCH',
  path: string,
  ...[fields]: readonly object[]
): WireRequest {
  const type = fields === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method,
    url: `${login.apiBase}/v2/${path}`,
    headers: { ...headers(login), ...type },
    body: fields === undefined ? null : JSON.stringify(fields),
  };
}

function listOf(body: string): readonly Fields[] {
  const { data } = objectOf(body);
  return Array.isArray(data) ? data.map(asFields) : [];
}

/** Telnyx writes its ids as text, and sometimes as numbers. */
function idOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : textOf(value);
}
