// Requests: what we send to Twilio's REST API, and what its answers mean. Nothing is ever dialled twice.
import type { Call } from '../../call/call.ts';
import { type Instruction, keyOf } from '../../call/instruction.ts';
import { VoiceCallError } from '../../lib/errors.ts';
import { maskDigits } from '../../lib/mask.ts';
import type { Dial, Dialled, LiveStatus, OurAddress, Told, WireRequest, WireResponse } from '../carrier.ts';
import { objectOf } from '../json.ts';
import { seconds, unsure, whyRefused, whyUnanswered } from '../wording.ts';
import { isCallSid, isOver } from './decode.ts';
import { flowUrl } from './flow.ts';
import { INLINE_LIMIT, twimlFor } from './twiml.ts';

/** Whose account is used, where its API is, and where Twilio finds us. */
export interface Account {
  readonly address: OurAddress;
  readonly accountSid: string;
  readonly authToken: string;
  /** Scheme and host, no slash at the end. */
  readonly apiBase: string;
}

type Answered = Extract<WireResponse, { kind: 'answered' }>;
type Field = [name: string, value: string];
type Form = readonly Field[];

/** Twilio lets a phone ring this long at most, in s. */
const MAX_RING_S = 600;

// ---- placing a call ------------------------------------------------------------------------------------------

/** A message travels along with the dialling, so that nothing stands between "hello?" and the first word. */
export function dial(account: Account, call: Call, opening: Instruction): Dial {
  const { webhookUrl } = account.address;
  const twiml = inlineOpening(account, call, opening);
  const form: Form = [
    ['To', call.to],
    ['From', call.from],
    ['Timeout', String(Math.min(MAX_RING_S, seconds(call.settings.ringTimeoutMs)))],
    ['TimeLimit', String(seconds(call.settings.maxDurationMs))],
    ['StatusCallback', flowUrl(webhookUrl, call, { flow: 'status', inlined: twiml !== null })],
    ['StatusCallbackMethod', 'POST'],
    ...['initiated', 'ringing', 'answered', 'completed'].map(
      (event): Field => ['StatusCallbackEvent', event],
    ),
    ...(twiml === null ? fetchFrom(flowUrl(webhookUrl, call, { flow: 'answer' })) : inline(twiml)),
  ];
  const request = post(account, `${calls(account)}.json`, form);
  return { request, told: twiml === null ? 'wait' : keyOf(opening) };
}

function inlineOpening(account: Account, call: Call, opening: Instruction): string | null {
  if (call.mode !== 'notify' || opening.kind !== 'say') return null;
  const twiml = twimlFor(call, opening, account.address);
  return twiml.length <= INLINE_LIMIT ? twiml : null;
}

export function readDialled(response: WireResponse): Dialled {
  if (response.kind === 'unreachable') return { ok: false, why: whyUnanswered('Twilio', LOG, response) };
  const { sid } = objectOf(response.body);
  if (isSuccess(response)) {
    return typeof sid === 'string' && isCallSid(sid)
      ? { ok: true, carrierCallId: sid }
      : { ok: false, why: `Twilio answered ${response.status} without a call id. ${UNSURE}` };
  }
  return {
    ok: false,
    why: whyRefused(response, { words: apiError(response), cure: cureFor(response), log: LOG }),
  };
}

/** Twilio has no way to recognise a repeated request, so a repetition could ring the person twice. */
const LOG = 'Twilio call log';
const UNSURE = unsure(LOG);

/** What a person can do about the refusals they are likely to meet. */
const CURES: Readonly<Record<number, string>> = {
  20003: 'Check twilio.accountSid and twilio.authToken; each twilio.region has an auth token of its own.',
  20404: 'Check twilio.accountSid and twilio.region.',
  20429: 'Too many requests for this account; nothing was dialled, try again in a while.',
  21205: 'Check publicUrl: it must be an https address without underscores in its host name.',
  21210: 'Check fromNumber: it must be a number of this Twilio account, or one verified as its caller id.',
  21211: 'Check the number to call: it must be an existing number in E.164 format, e.g. +15550001234.',
  21212: 'Check fromNumber: it must be a number of this Twilio account in E.164 format, e.g. +15550001234.',
  21214: 'Check the number to call: Twilio cannot reach it.',
  21215: 'Allow calls to this country in the Twilio console: Voice, Settings, Geo permissions.',
  21216: 'Twilio does not allow this account to call that number; ask Twilio support.',
  21217: 'Check the number to call: it must be in E.164 format, e.g. +15550001234.',
  21219:
    'A trial account calls verified numbers only: verify it in the Twilio console, or upgrade the account.',
};

function cureFor(response: Answered): string | null {
  const code = codeOf(response);
  if (code !== null && Object.hasOwn(CURES, code)) return CURES[code] ?? null;
  return response.status === 401 ? (CURES[20003] ?? null) : null;
}

// ---- a call in progress --------------------------------------------------------------------------------------

/** One update of the call; nothing when it has no id yet or there is nothing to tell. */
export function asRequests(account: Account, call: Call, instruction: Instruction): readonly WireRequest[] {
  if (call.carrierCallId === null) return [];
  switch (instruction.kind) {
    case 'wait':
    case 'answer':
      return [];
    case 'say':
    case 'listen':
    case 'stream':
      return [post(account, callUrl(account, call), update(account, call, instruction))];
    case 'hangup':
    case 'reject':
      return [post(account, callUrl(account, call), [['Status', 'completed']])];
  }
}

/** What does not fit into the request is fetched: to a question, the answer is what the line should do now. */
function update(account: Account, call: Call, instruction: Instruction): Form {
  const twiml = twimlFor(call, instruction, account.address);
  if (twiml.length <= INLINE_LIMIT) return inline(twiml);
  return fetchFrom(flowUrl(account.address.webhookUrl, call, { flow: 'wait' }));
}

export function readTold(instruction: Instruction, response: WireResponse): Told {
  if (response.kind === 'unreachable') return failed('retry', response.why);
  if (isSuccess(response)) return { ok: true };
  const why = apiError(response);
  const code = codeOf(response);
  const leaving = instruction.kind === 'hangup' || instruction.kind === 'reject';
  if (response.status === 404 || code === 20404) return failed('gone', why);
  // Not in progress: over, when we want it to be; else it may not have begun yet.
  if (code === 21220) return failed(leaving ? 'gone' : 'retry', why);
  return failed(response.status === 429 || response.status >= 500 ? 'retry' : 'refused', why);
}

function failed(kind: 'gone' | 'retry' | 'refused', why: string): Told {
  return { ok: false, failure: { kind, why } };
}

/** A caller's call gets what we give to our own when we dial: a time limit, and word when it is over. */
export function adopt(account: Account, call: Call): readonly WireRequest[] {
  if (call.carrierCallId === null) return [];
  const status = flowUrl(account.address.webhookUrl, call, { flow: 'status', inlined: false });
  const form: Form = [
    ['StatusCallback', status],
    ['StatusCallbackMethod', 'POST'],
    ['TimeLimit', String(seconds(call.settings.maxDurationMs))],
  ];
  return [post(account, callUrl(account, call), form)];
}

export function statusRequest(account: Account, call: Call): WireRequest {
  return get(account, callUrl(account, call));
}

export function readStatus(response: WireResponse): LiveStatus {
  if (response.kind === 'unreachable') return 'unknown';
  if (response.status === 404) return 'over';
  const { status } = objectOf(response.body);
  if (!isSuccess(response) || typeof status !== 'string') return 'unknown';
  return isOver(status) ? 'over' : 'live';
}

// ---- the wire ------------------------------------------------------------------------------------------------

function calls({ apiBase, accountSid }: Account): string {
  return `${apiBase}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Calls`;
}

function callUrl(account: Account, { id, carrierCallId }: Call): string {
  if (carrierCallId === null) {
    throw new VoiceCallError('VC_INTERNAL', { why: `call ${id} has no id at Twilio yet` });
  }
  return `${calls(account)}/${encodeURIComponent(carrierCallId)}.json`;
}

function inline(twiml: string): Form {
  return [['Twiml', twiml]];
}

function fetchFrom(url: string): Form {
  return [
    ['Url', url],
    ['Method', 'POST'],
  ];
}

type Login = Pick<Account, 'accountSid' | 'authToken'>;

export function get(login: Login, url: string): WireRequest {
  return { method: 'GET', url, headers: headers(login), body: null };
}

export function post(login: Login, url: string, form: Form): WireRequest {
  const body = new URLSearchParams([...form]).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url, headers: { ...headers(login), ...type }, body };
}

function headers({ accountSid, authToken }: Login): Readonly<Record<string, string>> {
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
  return { authorization: `Basic ${credentials}`, accept: 'application/json' };
}

function isSuccess({ status }: Answered): boolean {
  return status >= 200 && status < 300;
}

function codeOf(response: Answered): number | null {
  const { code } = objectOf(response.body);
  return typeof code === 'number' ? code : null;
}

/** Twilio repeats the numbers it complains about, and this text goes into logs. */
export function apiError(response: Answered): string {
  const { message } = objectOf(response.body);
  const words = [response.status, codeOf(response), typeof message === 'string' ? message : null];
  const said = words.filter((word) => word !== null).join(' ');
  return maskDigits(`Twilio API error: ${said}`).slice(0, 300);
}
