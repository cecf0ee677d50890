// Twilio: the carrier as the rest of the house sees it.
import type { Carrier, OurAddress, WireReply } from '../carrier.ts';
import { decode } from './decode.ts';
import {
  type Account,
  adopt,
  asRequests,
  dial,
  readDialled,
  readStatus,
  readTold,
  statusRequest,
} from './requests.ts';
import { EMPTY, twimlFor } from './twiml.ts';
import { SIGNATURE_HEADER, verify } from './verify.ts';

export interface TwilioOptions {
  readonly accountSid: string;
  /** The primary auth token of that region: it signs the webhooks too. */
  readonly authToken: string;
  readonly region: Region;
  /** Where the REST API is, only for a simulator on loopback; null is the region's own host. */
  readonly apiBaseUrl: string | null;
  readonly address: OurAddress;
}

type Region = 'us1' | 'ie1' | 'au1';

/** Outside us1 the host must name an edge as well: `api.ie1.twilio.com` stopped answering in April 2026. */
const API: Readonly<Record<Region, string>> = {
  us1: 'https://api.twilio.com',
  ie1: 'https://api.dublin.ie1.twilio.com',
  au1: 'https://api.sydney.au1.twilio.com',
};

/** Scheme and host of the REST API, no slash at the end: the only place this carrier's requests go to. */
export function twilioApiBase({ region, apiBaseUrl }: Pick<TwilioOptions, 'region' | 'apiBaseUrl'>): string {
  return apiBaseUrl === null ? API[region] : apiBaseUrl.replace(/\/+$/, '');
}

export function twilioCarrier(options: TwilioOptions): Carrier {
  const { accountSid, authToken, address } = options;
  const account: Account = { accountSid, authToken, address, apiBase: twilioApiBase(options) };
  return {
    name: 'twilio',
    asks: true,
    streams: true,
    signatureHeaders: [SIGNATURE_HEADER],
    verify: (request) => verify(request, account),
    decode: (request, now) => decode(request, accountSid, now),
    asReply: (call, instruction) => xmlReply(twimlFor(call, instruction, address)),
    acknowledge: () => xmlReply(EMPTY),
    unsupported: () => null,
    dial: (call, opening) => dial(account, call, opening),
    readDialled,
    asRequests: (call, instruction) => asRequests(account, call, instruction),
    readTold,
    adopt: (call) => adopt(account, call),
    statusRequest: (call) => statusRequest(account, call),
    readStatus,
  };
}

function xmlReply(body: string): WireReply {
  return { status: 200, contentType: 'text/xml; charset=utf-8', body };
}
