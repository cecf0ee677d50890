// Requests: what we send to Plivo's REST API, and what its answers mean. Nothing is ever dialled twice.
import type { Call } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';
import { VoiceCallError } from '../../lib/errors.ts';
import { maskDigits } from '../../lib/mask.ts';
import type { Dial, Dialled, LiveStatus, OurAddress, Told, WireRequest, WireResponse } from '../carrier.ts';
import { objectOf } from '../json.ts';
import { streamAddress } from '../stream-address.ts';
import { seconds, unsure, whyRefused, whyUnanswered } from '../wording.ts';
import { isOver } from './causes.ts';
import { isUuid, provisionalId, requestIn } from './decode.ts';
import { flowUrl, nextPlace } from './flow.ts';

/** Whose account is used, where its API is, and where Plivo finds us. */
export interface Account {
  readonly address: OurAddress;
  readonly authId: string;
  readonly authToken: string;
  /** Scheme and host, no slash at the end. */
  readonly apiBase: string;
}

type Answered = Extract<WireResponse, { kind: 'answered' }>;

/** Plivo ends a call after this long at most, in s. */
const MAX_CALL_S = 86_400;

// ---- placing a call ------------------------------------------------------------------------------------------

/** Plivo asks for the opening when the phone is answered: no document can travel along with the dialling. */
export function dial(account: Account, call: Call): Dial {
  const at = (flow: 'answer' | 'ring' | 'hangup'): string =>
    flowUrl(account.address.webhookUrl, call, { flow });
  const order = {
    from: withoutPlus(call.from),
    to: withoutPlus(call.to),
    answer_url: at('answer'),
    answer_method: 'POST',
    ring_url: at('ring'),
    ring_method: 'POST',
    hangup_url: at('hangup'),
    hangup_method: 'POST',
    ring_timeout: seconds(call.settings.ringTimeoutMs),
    time_limit: Math.min(MAX_CALL_S, seconds(call.settings.maxDurationMs)),
  };
  return { request: send(account, 'POST', 'Call/', order), told: 'wait' };
}

/** Plivo writes numbers without it. */
export function withoutPlus(number: string): string {
  return number.replace(/^\+/, '');
}

export function readDialled(response: WireResponse): Dialled {
  if (response.kind === 'unreachable') return { ok: false, why: whyUnanswered('Plivo', LOG, response) };
  if (!isSuccess(response))
    return {
      ok: false,
      why: whyRefused(response, { words: apiError(response), cure: cureFor(response), log: LOG }),
    };
  const given: unknown = objectOf(response.body)['request_uuid'];
  const [uuid]: readonly unknown[] = Array.isArray(given) ? given : [given];
  return typeof uuid === 'string' && isUuid(uuid)
    ? { ok: true, carrierCallId: provisionalId(uuid) }
    : { ok: false, why: `Plivo call create returned no request_uuid. ${UNSURE}` };
}

/** Plivo has no way to recognise a repeated request, so a repetition could ring the person twice. */
const LOG = 'Plivo call logs';
const UNSURE = unsure(LOG);

const CREDENTIALS = 'Check plivo.authId and plivo.authToken.';

/** Plivo numbers no errors, it explains them in a sentence; these are the sentences people are likely to meet. */
const CURES: readonly (readonly [sentence: RegExp, cure: string])[] = [
  [/credit|balance|fund/i, 'Recharge the Plivo account.'],
  [/trial|verif|sandbox/i, 'A trial account calls verified numbers only: verify it in the Plivo console.'],
  [/geo|permission|country/i, 'Allow calls to this country in the Plivo console: Voice, Geo permissions.'],
  [/_url\b/i, 'Check publicUrl: it must be an address that Plivo can reach from the internet.'],
  [
    /\bsrc\b|source|caller ?id|rented|["'`]from["'`]|\bfrom (number|parameter)\b/i,
    'Check fromNumber: it must be a number of this Plivo account.',
  ],
  [
    /\bdst\b|destination|["'`]to["'`]|\bto (number|parameter)\b/i,
    'Check the number to call: it must be an existing number in E.164 format, e.g. +15550001234.',
  ],
];

function cureFor(response: Answered): string | null {
  if (response.status === 401 || response.status === 404) return CREDENTIALS;
  const sentence = sentenceOf(response);
  const known = CURES.find(([pattern]) => pattern.test(sentence));
  if (known) return known[1];
  return response.status === 403 ? (CURES[2]?.[1] ?? null) : null;
}

// ---- a call in progress --------------------------------------------------------------------------------------

/**
 * A transfer sends Plivo to fetch the document for what the line should do; keys are pressed by a document too,
 * so that Plivo comes back when they were. Plivo ends a call after 70 transfers, so the runtime answers what Plivo
 * asks whenever it can and transfers only to interrupt.
 */
export function asRequests(account: Account, call: Call, instruction: Instruction): readonly WireRequest[] {
  if (call.carrierCallId === null) return [];
  const request = requestIn(call.carrierCallId);
  switch (instruction.kind) {
    case 'wait':
    case 'answer':
      return [];
    case 'stream':
      // What cannot be connected is not asked for either: Plivo would come for a document that there is not.
      streamAddress(account.address.streamUrl, call, instruction);
      return request === null ? [transfer(account, call, instruction)] : [];
    case 'say':
    case 'listen':
      // What is only requested has no line yet; it asks by itself when it is answered.
      return request === null ? [transfer(account, call, instruction)] : [];
    case 'hangup':
    case 'reject':
      return [send(account, 'DELETE', request === null ? callPath(call) : `Request/${request}/`, null)];
  }
}

function transfer(account: Account, call: Call, instruction: Instruction): WireRequest {
  const url = flowUrl(account.address.webhookUrl, call, nextPlace(instruction));
  return send(account, 'POST', callPath(call), { legs: 'aleg', aleg_url: url, aleg_method: 'POST' });
}

export function readTold(response: WireResponse): Told {
  if (response.kind === 'unreachable') return failed('retry', response.why);
  if (isSuccess(response)) return { ok: true };
  const why = apiError(response);
  if (response.status === 404) return failed('gone', why);
  return failed(response.status === 429 || response.status >= 500 ? 'retry' : 'refused', why);
}

function failed(kind: 'gone' | 'retry' | 'refused', why: string): Told {
  return { ok: false, failure: { kind, why } };
}

/**
 * A call whose own id is not known yet can only be looked for in the list of live calls, which does not tell
 * requests: the answer is then "unknown", never "over".
 */
export function statusRequest(account: Account, call: Call): WireRequest {
  if (call.carrierCallId !== null && requestIn(call.carrierCallId) !== null) {
    return send(account, 'GET', 'Call/?status=live', null);
  }
  return send(account, 'GET', `${callPath(call)}?status=live`, null);
}

export function readStatus(response: WireResponse): LiveStatus {
  if (response.kind === 'unreachable') return 'unknown';
  if (response.status === 404) return 'over';
  const status = objectOf(response.body)['call_status'];
  if (!isSuccess(response) || typeof status !== 'string') return 'unknown';
  return isOver(status) ? 'over' : 'live';
}

// ---- the wire ------------------------------------------------------------------------------------------------

function callPath({ id, carrierCallId }: Call): string {
  if (carrierCallId === null) {
    throw new VoiceCallError('VC_INTERNAL', { why: `call ${id} has no id at Plivo yet` });
  }
  return `Call/${encodeURIComponent(carrierCallId)}/`;
}

export function send(
  account: Pick<Account, 'apiBase' | 'authId' | 'authToken'>,
  method: WireRequest['method'],
  path: string,
  body: object | null,
): WireRequest {
  const { apiBase, authId, authToken } = account;
  const credentials = Buffer.from(`${authId}:${authToken}`).toString('base64');
  const headers = { authorization: `Basic ${credentials}`, accept: 'application/json' };
  return {
    method,
    url: `${apiBase}/v1/Account/${encodeURIComponent(authId)}/${path}`,
    headers: body === null ? headers : { ...headers, 'content-type': 'application/json' },
    body: body === null ? null : JSON.stringify(body),
  };
}

export function isSuccess({ status }: Answered): boolean {
  return status >= 200 && status < 300;
}

/** What Plivo says is wrong; its errors may also be plain text. A page of markup says nothing. */
function sentenceOf(response: Answered): string {
  const { error } = objectOf(response.body);
  if (typeof error === 'string') return error;
  return /^[^<{[]{1,300}$/.test(response.body) ? response.body.trim() : '';
}

/** Plivo repeats the numbers it complains about, and this text goes into logs. */
export function apiError(response: Answered): string {
  const said = `Plivo API error: ${response.status} ${sentenceOf(response)}`.trim().replace(/\s+/g, ' ');
  return maskDigits(said).replace(/\.$/, '').slice(0, 300);
}
