// Telnyx: the carrier as the rest of the house sees it.
import type { Carrier, OurAddress, WireReply } from '../carrier.ts';
import { readDialled, readStatus, readTold } from './answers.ts';
import { type Account, asRequests, dial, statusRequest, unsupported } from './commands.ts';
import { decode } from './decode.ts';
import { readPublicKey, SIGNATURE_HEADER, TIMESTAMP_HEADER, verify } from './verify.ts';

export interface TelnyxOptions {
  readonly apiKey: string;
  /** The id of the Call Control (Voice API) application; its webhooks must be of API version 2. */
  readonly connectionId: string;
  /** The account's public key: a PEM, or base64 of its 32 bytes or of its DER form. */
  readonly publicKey: string;
  /** Where the REST API is, only for a simulator on loopback; null is Telnyx's own host. */
  readonly apiBaseUrl: string | null;
  readonly address: OurAddress;
}

/** Scheme and host of the REST API, no slash at the end: the only place this carrier's requests go to. */
export function telnyxApiBase({ apiBaseUrl }: Pick<TelnyxOptions, 'apiBaseUrl'>): string {
  return apiBaseUrl === null ? 'https://api.telnyx.com' : apiBaseUrl.replace(/\/+$/, '');
}

/** Throws VC_CONFIG_INVALID when the public key is none: then no webhook could ever be believed. */
export function telnyxCarrier(options: TelnyxOptions): Carrier {
  const { apiKey, connectionId, address } = options;
  const publicKey = readPublicKey(options.publicKey);
  const account: Account = {
    apiKey,
    connectionId,
    address,
    apiBase: telnyxApiBase(options),
  };
  return {
    name: 'telnyx',
    asks: false,
    streams: true,
    signatureHeaders: [SIGNATURE_HEADER, TIMESTAMP_HEADER],
    verify: (request, now) => verify(request, publicKey, now),
    decode: (request, now) => decode(request, now, address.streamUrl),
    // Nothing Telnyx sends is a question; whatever we answered, it would only look at the status.
    asReply: () => ACKNOWLEDGED,
    acknowledge: () => ACKNOWLEDGED,
    unsupported,
    dial: (call) => dial(account, call),
    readDialled,
    asRequests: (call, instruction) => asRequests(account, call, instruction),
    readTold,
    // Telnyx takes no time limit for a call that came in: our own deadline ends it.
    adopt: () => [],
    statusRequest: (call) => statusRequest(account, call),
    readStatus,
  };
}

const ACKNOWLEDGED: WireReply = { status: 200, contentType: 'application/json', body: '{}' };
