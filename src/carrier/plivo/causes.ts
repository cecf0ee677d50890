// Causes: Plivo's hang-up causes, and what we call the end they stand for.
import type { End, EndReason } from '../../call/call.ts';

/** By HangupCauseCode, where it says more than its first digit. */
const BY_CODE: Readonly<Record<string, EndReason>> = {
  // Through the API: only we have it.
  '1000': 'hangup-bot',
  '3000': 'no-answer',
  '3010': 'busy',
  // Rejected or declined: somebody is there and does not want to talk now.
  '3020': 'busy',
  '3100': 'busy',
  '3110': 'busy',
  '4000': 'completed',
  '4010': 'completed',
  '4020': 'completed',
  '4030': 'completed',
  '6000': 'timeout',
  '6010': 'no-answer',
  '9100': 'voicemail',
};

const BY_NAME: Readonly<Record<string, EndReason>> = {
  NORMAL_CLEARING: 'completed',
  USER_BUSY: 'busy',
  CALL_REJECTED: 'busy',
  NO_ANSWER: 'no-answer',
  NO_USER_RESPONSE: 'no-answer',
  ORIGINATOR_CANCEL: 'hangup-bot',
  UNALLOCATED_NUMBER: 'failed',
  NETWORK_OUT_OF_ORDER: 'failed',
};

/** By CallStatus: nothing comes after one of these. */
const BY_STATUS: Readonly<Record<string, EndReason>> = {
  completed: 'completed',
  hangup: 'completed',
  busy: 'busy',
  failed: 'failed',
  // The ring time is over; a time limit of the call comes as `completed` with a cause.
  timeout: 'no-answer',
  'no-answer': 'no-answer',
  cancel: 'hangup-bot',
  machine: 'voicemail',
};

/** True for a `CallStatus` nothing comes after. */
export function isOver(callStatus: string): boolean {
  return Object.hasOwn(BY_STATUS, callStatus);
}

/** How a call ended, out of the fields of a hang-up report. Any of them may be missing or odd. */
export function endOf(said: URLSearchParams): End {
  const field = (name: string): string => said.get(name) ?? '';
  const [status, cause, code] = [field('CallStatus'), field('HangupCause'), field('HangupCauseCode')];
  const reason =
    at(BY_CODE, code) ?? byKind(code) ?? specific(status) ?? at(BY_NAME, cause) ?? at(BY_STATUS, status);
  return { reason: reason ?? 'failed', cause: wordsFor([cause, code, field('HangupCauseName')], said) };
}

/** Codes not named above: of these kinds, all are failures. `0000` says that Plivo does not know. */
function byKind(code: string): EndReason | undefined {
  return /^[1-9]\d{3}$/.test(code) ? 'failed' : undefined;
}

/** `completed` is said of every call that was answered, however it ended. */
function specific(status: string): EndReason | undefined {
  return status === 'completed' ? undefined : at(BY_STATUS, status);
}

/** `NORMAL_CLEARING 4000 Normal Hangup (Callee)` */
function wordsFor(words: readonly string[], said: URLSearchParams): string {
  const source = plain(said.get('HangupSource') ?? '');
  const known = words.map(plain).filter((word) => word !== '');
  if (known.length === 0) known.push(`CallStatus=${plain(said.get('CallStatus') ?? '') || 'none'}`);
  return source === '' ? known.join(' ') : `${known.join(' ')} (${source})`;
}

/** What a cause may be made of when it is written into a log: one line, and not long. */
function plain(text: string): string {
  return /^[\w .,/()-]{1,60}$/.test(text) ? text.trim() : '';
}

function at(table: Readonly<Record<string, EndReason>>, key: string): EndReason | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
