// Account: are our credentials good at Twilio, is the number ours, and where do its calls lead.
import {
  type AccountFinding,
  type CarrierAccount,
  type ConsoleField,
  type Inquiry,
  inboundField,
  type NumberFinding,
  unanswered,
} from '../account.ts';
import type { WireRequest, WireResponse } from '../carrier.ts';
import { asFields, type Fields, objectOf, textOf } from '../json.ts';
import { type Account, apiError, get, post } from './requests.ts';

type Login = Pick<Account, 'accountSid' | 'authToken' | 'apiBase'>;

/** Where the console shows a number: Phone Numbers, Manage, Active numbers, the number, Configure. */
const PLACE = 'Twilio Console: Phone Numbers > Manage > Active numbers > (the number) > Voice Configuration';

export function twilioAccount(login: Login): CarrierAccount {
  return {
    title: 'Twilio',
    credentials: () => credentials(login),
    number: (number, webhookUrl) => numberOf(login, number, webhookUrl),
  };
}

function* credentials(login: Login): Inquiry<AccountFinding> {
  const response = yield get(login, `${root(login)}.json`);
  const denied = deniedBy(response);
  if (denied) return denied;
  if (response.kind === 'unreachable' || response.status !== 200) return unanswered('Twilio', response);
  const { status, type } = objectOf(response.body);
  if (status !== 'active' && status !== undefined) {
    const cure = 'Open the Twilio console: it says why the account is not active, usually a payment.';
    return { kind: 'bad', why: `the Twilio account is ${textOf(status)}`, cure };
  }
  const trial = 'a trial account: it calls verified numbers only, and speaks a notice first';
  return { kind: 'good', about: type === 'Trial' ? trial : 'Twilio accepts the account SID and its token' };
}

/** 404 on the account itself is an account SID that is not one of this region. */
function deniedBy(response: WireResponse): AccountFinding | null {
  if (response.kind !== 'answered' || ![401, 403, 404].includes(response.status)) return null;
  return {
    kind: 'bad',
    why: 'Twilio does not accept twilio.accountSid with twilio.authToken',
    cure: 'Copy both from Twilio Console > Account Dashboard > Account Info; with twilio.region ie1 or au1 take the token of that region.',
  };
}

function* numberOf(login: Login, number: string, webhookUrl: string | null): Inquiry<NumberFinding> {
  const query = new URLSearchParams({ PhoneNumber: number });
  const response = yield get(login, `${root(login)}/IncomingPhoneNumbers.json?${query}`);
  if (response.kind === 'unreachable' || response.status !== 200) return unanswered('Twilio', response);
  const { incoming_phone_numbers: found } = objectOf(response.body);
  const ours = (Array.isArray(found) ? found : [])
    .map(asFields)
    .find(({ phone_number: theirs }) => theirs === number);
  if (!ours) {
    const cure =
      'Set fromNumber to a number listed in Twilio Console > Phone Numbers > Active numbers, or move it into this account.';
    return { kind: 'foreign', why: `fromNumber ${number} is not a number of this Twilio account`, cure };
  }
  return ownNumber(login, ours, webhookUrl);
}

function ownNumber(login: Login, ours: Fields, webhookUrl: string | null): NumberFinding {
  const fields = webhookUrl === null ? [] : wantedFields(ours, webhookUrl);
  return {
    kind: 'ours',
    mute:
      asFields(ours['capabilities'])['voice'] === false
        ? {
            why: `the number ${textOf(ours['phone_number'])} has no voice capability at Twilio`,
            cure: 'Use a number that shows "Voice" under Capabilities in Twilio Console > Active numbers.',
          }
        : null,
    place: PLACE,
    fields,
    bound: boundTo(ours),
    beyondUs: null,
    *repair() {
      if (webhookUrl === null) return 'there is no address to enter';
      const response = yield repair(login, ours, webhookUrl);
      return response.kind === 'answered' && response.status < 300 ? null : whyNot(response);
    },
  };
}

/** While a trunk or a TwiML app is set, Twilio ignores the addresses of the number itself. */
function wantedFields(ours: Fields, webhookUrl: string): readonly ConsoleField[] {
  const method = textOf(ours['voice_method']).toUpperCase();
  return [
    inboundField(
      'Configure with',
      configuredWith(ours),
      'Webhook, TwiML Bin, Function, Studio Flow, Proxy Service',
    ),
    inboundField('A call comes in (Webhook URL)', textOf(ours['voice_url']), webhookUrl),
    inboundField('A call comes in (HTTP)', method, 'POST'),
    inboundField('Call status changes (URL)', textOf(ours['status_callback']), webhookUrl),
    inboundField(
      'Call status changes (HTTP)',
      textOf(ours['status_callback_method']).toUpperCase() || 'POST',
      'POST',
    ),
  ];
}

function configuredWith(ours: Fields): string {
  if (textOf(ours['trunk_sid']) !== '') return `SIP Trunk ${textOf(ours['trunk_sid'])}`;
  if (textOf(ours['voice_application_sid']) !== '')
    return `TwiML App ${textOf(ours['voice_application_sid'])}`;
  return 'Webhook, TwiML Bin, Function, Studio Flow, Proxy Service';
}

function boundTo(ours: Fields): string | null {
  const trunk = textOf(ours['trunk_sid']);
  if (trunk !== '') return `the number belongs to the SIP trunk ${trunk}, which would lose it`;
  const app = textOf(ours['voice_application_sid']);
  if (app !== '') return `the number belongs to the TwiML app ${app}, which would lose it`;
  const isStudio = textOf(ours['voice_url']).startsWith('https://webhooks.twilio.com/');
  return isStudio ? 'the number leads to a Studio Flow, which would get no calls any more' : null;
}

function repair(login: Login, ours: Fields, webhookUrl: string): WireRequest {
  const address = `${root(login)}/IncomingPhoneNumbers/${encodeURIComponent(textOf(ours['sid']))}.json`;
  return post(login, address, [
    ['VoiceUrl', webhookUrl],
    ['VoiceMethod', 'POST'],
    ['StatusCallback', webhookUrl],
    ['StatusCallbackMethod', 'POST'],
    ...['trunk_sid', 'voice_application_sid'].flatMap((key): [string, string][] =>
      textOf(ours[key]) === '' ? [] : [[key === 'trunk_sid' ? 'TrunkSid' : 'VoiceApplicationSid', '']],
    ),
  ]);
}

function whyNot(response: WireResponse): string {
  return response.kind === 'unreachable' ? response.why : apiError(response);
}

function root({ apiBase, accountSid }: Login): string {
  return `${apiBase}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}`;
}
