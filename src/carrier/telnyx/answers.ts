// Answers: what Telnyx's answers to our commands mean, and what a person can do about a refusal.
import type { Instruction } from '../../call/instruction.ts';
import { maskDigits } from '../../lib/mask.ts';
import type { Dialled, LiveStatus, Told, WireResponse } from '../carrier.ts';
import { asFields, type Fields, objectOf, textOf } from '../json.ts';
import { tooMany, unsure, whyUnanswered } from '../wording.ts';
import { dataOf } from './wire.ts';

type Answered = Extract<WireResponse, { kind: 'answered' }>;

/** Codes that tell how a call stands. */
const ENDED = '90018';
const NO_SUCH_CALL = '90015';
const NOT_ANSWERED_YET = '90034';
const LISTENS_ALREADY = '90054';
/** Not while a media stream is on: the last one has not quite stopped. */
const STREAMS_STILL = '90045';
/** The answer to a stop when there is nothing to stop. */
const STREAMS_NOT = '90048';

// ---- placing a call ------------------------------------------------------------------------------------------

export function readDialled(response: WireResponse): Dialled {
  if (response.kind === 'unreachable') return { ok: false, why: whyUnanswered('Telnyx', LOG, response) };
  if (!isSuccess(response)) return { ok: false, why: whyRefused(response) };
  const carrierCallId = textOf(dataOf(response.body)['call_control_id']);
  return carrierCallId === ''
    ? { ok: false, why: `Telnyx answered ${response.status} without a call id. ${UNSURE}` }
    : { ok: true, carrierCallId };
}

const LOG = 'portal';
const UNSURE = unsure(LOG);

function whyRefused(response: Answered): string {
  const { status, retryAfterMs } = response;
  const words = apiError(response);
  if (status >= 500) return `${words}. ${UNSURE}`;
  const cure = cureFor(response);
  if (cure !== null) return `${words}. ${cure}`;
  return status === 429 ? `${words}. ${tooMany(retryAfterMs)}` : words;
}

const KEY = 'Check telnyx.apiKey: it must be a live API v2 key of this account.';
const CONNECTION =
  'Check telnyx.connectionId: it must be the id of a Call Control (Voice API) application of this account.';
const NUMBERS = 'Check fromNumber and the number to call: both must be in E.164 format, e.g. +15550001234.';
const CHANNELS =
  'As many calls are in progress as this account may have (two after sign-up, ten once verified): wait, or ask Telnyx for more.';

/** What a person can do about the refusals they are likely to meet. */
const CURES: Readonly<Record<string, string>> = {
  '10009': KEY,
  '10010': 'This API key or account may not place calls: check its permissions and the account level.',
  '10015': CONNECTION,
  '10016': NUMBERS,
  '20002': KEY,
  '20008': KEY,
  '20100': 'Add funds to the Telnyx account.',
  '90041': CHANNELS,
  '90042': `${CHANNELS} The limit of the outbound voice profile counts too.`,
  '90043': `${CHANNELS} The limit of the application counts too.`,
};

function cureFor(response: Answered): string | null {
  for (const { code, words } of errorsOf(response)) {
    if (Object.hasOwn(CURES, code)) return CURES[code] ?? null;
    if (/\bD1\b|channel limit/i.test(words)) return CHANNELS;
  }
  return response.status === 401 ? KEY : null;
}

// ---- a call in progress --------------------------------------------------------------------------------------

export function readTold(instruction: Instruction, response: WireResponse): Told {
  if (response.kind === 'unreachable') return failed('retry', response.why);
  if (isSuccess(response)) return { ok: true };
  const codes = new Set(errorsOf(response).map(({ code }) => code));
  const why = apiError(response);
  const leaving = instruction.kind === 'hangup' || instruction.kind === 'reject';
  if (codes.has(LISTENS_ALREADY) || codes.has(STREAMS_NOT)) return { ok: true };
  if (response.status === 404 || codes.has(ENDED)) return failed('gone', why);
  if (leaving && codes.has(NO_SUCH_CALL)) return failed('gone', why);
  const isEarly = codes.has(NOT_ANSWERED_YET) || codes.has(STREAMS_STILL);
  const isPassing = response.status === 429 || response.status >= 500 || isEarly;
  return failed(isPassing ? 'retry' : 'refused', why);
}

function failed(kind: 'gone' | 'retry' | 'refused', why: string): Told {
  return { ok: false, failure: { kind, why } };
}

export function readStatus(response: WireResponse): LiveStatus {
  if (response.kind === 'unreachable') return 'unknown';
  if (response.status === 404) return 'over';
  const isAlive = dataOf(response.body)['is_alive'];
  if (!isSuccess(response) || typeof isAlive !== 'boolean') return 'unknown';
  return isAlive ? 'live' : 'over';
}

// ---- the wire ------------------------------------------------------------------------------------------------

export function isSuccess({ status }: Answered): boolean {
  return status >= 200 && status < 300;
}

interface ApiError {
  readonly code: string;
  readonly words: string;
}

function errorsOf({ body }: Answered): readonly ApiError[] {
  const { errors } = objectOf(body);
  return Array.isArray(errors) ? errors.map((error) => errorOf(asFields(error))) : [];
}

function errorOf({ code, title, detail }: Fields): ApiError {
  const words = [textOf(title), textOf(detail)].filter((text) => text !== '').join(': ');
  return { code: typeof code === 'number' ? String(code) : textOf(code), words };
}

/** Telnyx repeats the numbers it complains about, and this text goes into logs. */
export function apiError(response: Answered): string {
  const said = errorsOf(response).map(({ code, words }) => `${code} ${words}`.trim());
  const all = [String(response.status), said.join('; ')].filter((text) => text !== '').join(' ');
  return maskDigits(`Telnyx API error: ${all}`).slice(0, 300);
}
