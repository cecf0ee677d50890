// resource: a call and an account as the REST API shows them.
import { rfc2822, type TwinCall } from './call.ts';

const ROOT = '/2010-04-01/Accounts';
const SUBRESOURCES =
  'events notifications payments recordings siprec streams transcriptions user_defined_message_subscriptions user_defined_messages'.split(
    ' ',
  );

export function callResource(call: TwinCall, accountSid: string): Record<string, unknown> {
  const uri = `${ROOT}/${accountSid}/Calls/${call.sid}`;
  const lastAt = call.states.at(-1)?.at ?? call.createdAt;
  return {
    sid: call.sid,
    account_sid: accountSid,
    parent_call_sid: null,
    // The resource knows no "initiated": until it rings, a call is queued.
    status: call.status === 'initiated' ? 'queued' : call.status,
    direction: call.direction,
    from: call.from,
    from_formatted: formatted(call.from),
    to: call.to,
    to_formatted: formatted(call.to),
    start_time: call.answeredAt === undefined ? null : rfc2822(call.answeredAt),
    end_time: call.end ? rfc2822(call.end.at) : null,
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(lastAt),
    duration: call.end ? `${call.durationS}` : null,
    queue_time: '0',
    answered_by: null,
    price: null,
    price_unit: 'USD',
    caller_name: null,
    forwarded_from: null,
    group_sid: null,
    phone_number_sid: null,
    trunk_sid: null,
    annotation: null,
    api_version: '2010-04-01',
    uri: `${uri}.json`,
    subresource_uris: Object.fromEntries(SUBRESOURCES.map((name) => [name, `${uri}/${pascal(name)}.json`])),
  };
}

export function accountResource(accountSid: string): Record<string, unknown> {
  return {
    sid: accountSid,
    friendly_name: 'Twin',
    status: 'active',
    type: 'Full',
    uri: `${ROOT}/${accountSid}.json`,
  };
}

function formatted(number: string): string {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return american ? `(${american[1]}) ${american[2]}-${american[3]}` : number;
}

function pascal(name: string): string {
  return name.replaceAll(/(^|_)([a-z])/g, (_match, _gap, letter: string) => letter.toUpperCase());
}
