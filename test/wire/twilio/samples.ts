// Samples: calls as we hold them, and webhooks as Twilio sends and signs them; the official library signs.
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import type { WebhookRequest } from '../../../src/carrier/carrier.ts';
import type { TwilioOptions } from '../../../src/carrier/twilio/index.ts';
import { CALL_ID, sampleCalls } from '../calls.ts';
import { streamUrl } from '../stream-url.ts';

export { NOW } from '../calls.ts';

export const CALL_SID = 'CA0123456789abcdef0123456789abcdef';

export const options = {
  accountSid: 'AC0123456789abcdef0123456789abcdef',
  authToken: 'an-auth-token-that-opens-nothing',
  region: 'us1',
  apiBaseUrl: null,
  address: { webhookUrl: 'https://voice.example.test/voice/webhook', streamUrl },
} as const satisfies TwilioOptions;

export const { outboundCall, liveCall, inboundCall } = sampleCalls({
  carrier: 'twilio',
  asks: true,
  carrierCallId: CALL_SID,
});

export type Fields = Readonly<Record<string, string>>;

const outboundFields: Fields = {
  AccountSid: options.accountSid,
  ApiVersion: '2010-04-01',
  CallSid: CALL_SID,
  CallStatus: 'in-progress',
  Called: '+15550001234',
  Caller: '+15550100002',
  Direction: 'outbound-api',
  From: '+15550100002',
  To: '+15550001234',
};

const inboundFields: Fields = {
  ...outboundFields,
  CallStatus: 'ringing',
  Called: '+15550100002',
  Caller: '+15550001234',
  Direction: 'inbound',
  From: '+15550001234',
  To: '+15550100002',
};

/** A webhook on `url`, signed as Twilio would. */
export function signedForm(
  url: string,
  fields: Fields,
  authToken: string = options.authToken,
): WebhookRequest {
  const { pathname, search } = new URL(url);
  return {
    method: 'POST',
    path: `${pathname}${search}`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': webhooks.getExpectedTwilioSignature(authToken, url, { ...fields }),
    },
    body: new URLSearchParams(fields).toString(),
    urls: [url],
  };
}

/** A visit to one of our own addresses; `query` is what stands behind `callId`. */
export function visit(query: string, fields: Fields = {}): WebhookRequest {
  const url = `${options.address.webhookUrl}?callId=${CALL_ID}&${query}`;
  return signedForm(url, { ...outboundFields, ...fields });
}

/** A visit to the address the phone number is set up with. */
export function numberVisit(fields: Fields = {}): WebhookRequest {
  return signedForm(options.address.webhookUrl, { ...inboundFields, ...fields });
}

/** A status callback of an outbound call. */
export function statusVisit(callStatus: string, sequence: number, fields: Fields = {}): WebhookRequest {
  return visit('flow=status', {
    CallStatus: callStatus,
    CallbackSource: 'call-progress-events',
    SequenceNumber: String(sequence),
    Timestamp: 'Sat, 21 Nov 2026 12:00:00 +0000',
    ...fields,
  });
}
