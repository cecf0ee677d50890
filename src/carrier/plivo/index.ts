// Plivo: the carrier as the rest of the house sees it.
import type { Call } from '../../call/call.ts';
import type { Carrier, OurAddress, WireReply } from '../carrier.ts';
import { decode } from './decode.ts';
import {
  type Account,
  asRequests,
  dial,
  readDialled,
  readStatus,
  readTold,
  statusRequest,
} from './requests.ts';
import { NONCE_HEADER, SIGNATURE_HEADER, verify } from './verify.ts';
import { knownSpeaker } from './voices.ts';
import { documentFor, EMPTY } from './xml-documents.ts';

export interface PlivoOptions {
  /** `MA…`, or `SA…` for a sub-account. */
  readonly authId: string;
  /** It signs the webhooks too. */
  readonly authToken: string;
  /** Where the REST API is, only for a simulator on loopback; null is Plivo itself. */
  readonly apiBaseUrl: string | null;
  readonly address: OurAddress;
}

/** Scheme and host of the REST API, no slash at the end: the only place this carrier's requests go to. */
export function plivoApiBase({ apiBaseUrl }: Pick<PlivoOptions, 'apiBaseUrl'>): string {
  return apiBaseUrl === null ? 'https://api.plivo.com' : apiBaseUrl.replace(/\/+$/, '');
}

/**
 * For calls that come in, the number's application must name our webhook as its answer URL and its hangup URL,
 * both by POST: Plivo has no request that would set the latter for one call.
 */
export function plivoCarrier(options: PlivoOptions): Carrier {
  const { authId, authToken, address } = options;
  const account: Account = { authId, authToken, address, apiBase: plivoApiBase(options) };
  return {
    name: 'plivo',
    asks: true,
    streams: true,
    signatureHeaders: [SIGNATURE_HEADER, NONCE_HEADER],
    verify: (request) => verify(request, account),
    decode,
    asReply: (call, instruction) => xmlReply(documentFor(call, instruction, address)),
    acknowledge: () => xmlReply(EMPTY),
    unsupported,
    dial: (call) => dial(account, call),
    readDialled,
    asRequests: (call, instruction) => asRequests(account, call, instruction),
    readTold: (_instruction, response) => readTold(response),
    adopt: () => [],
    statusRequest: (call) => statusRequest(account, call),
    readStatus,
  };
}

/** Plivo ignores a whole sequence that has one of these keys in it. */
function unsupported({ settings }: Call): string | null {
  const { dtmfSequence, language, voice } = settings;
  if (dtmfSequence !== null && /[A-D]/.test(dtmfSequence)) return 'press the keys A to D';
  if (knownSpeaker({ language, voice }) === null) {
    return `speak "${language}" (no voice for it is known; a "Polly." voice of your own choice can be named)`;
  }
  return null;
}

function xmlReply(body: string): WireReply {
  return { status: 200, contentType: 'text/xml; charset=utf-8', body };
}
