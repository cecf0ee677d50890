// Samples: calls as we hold them, and webhooks as Plivo sends and signs them.
import { createHmac } from 'node:crypto';
import type { Call } from '../../../src/call/call.ts';
import type { WebhookRequest } from '../../../src/carrier/carrier.ts';
import type { PlivoOptions } from '../../../src/carrier/plivo/index.ts';
import { CALL_ID, sampleCalls } from '../calls.ts';
import { streamUrl } from '../stream-url.ts';

export { NOW } from '../calls.ts';

export const CALL_UUID = '38d449fd-1ae3-4efc-84fe-f6e91c39d21c';
export const REQUEST_UUID = '9834029e-58b6-11e1-b8b7-a5bd0e4e126f';

export const options = {
  authId: 'MAXXXXXXXXXXXXXXXXXX',
  authToken: 'an-auth-token-that-opens-nothing',
  apiBaseUrl: null,
  address: { webhookUrl: 'https://voice.example.test/voice/webhook', streamUrl },
} as const satisfies PlivoOptions;

export const { outboundCall, liveCall, inboundCall } = sampleCalls({
  carrier: 'plivo',
  asks: true,
  carrierCallId: CALL_UUID,
});

/** A call we placed, before Plivo told its own id. */
export function ringingCall(): Call {
  return { ...outboundCall(), carrierCallId: `request:${REQUEST_UUID}` };
}

export type Fields = Readonly<Record<string, string>>;

const outboundFields: Fields = {
  ALegRequestUUID: REQUEST_UUID,
  ALegUUID: CALL_UUID,
  CallStatus: 'in-progress',
  CallUUID: CALL_UUID,
  Direction: 'outbound',
  From: '15550100002',
  RequestUUID: REQUEST_UUID,
  SessionStart: '2026-11-21 12:00:00.000000',
  To: '15550001234',
};

const inboundFields: Fields = {
  CallStatus: 'ringing',
  CallUUID: CALL_UUID,
  Direction: 'inbound',
  Event: 'StartApp',
  From: '15550001234',
  To: '15550100002',
};

/** A webhook on `url`, signed as Plivo's libraries expect it. */
export function signedForm(
  url: string,
  fields: Fields,
  authToken: string = options.authToken,
  nonce = '12345678901234567890',
): WebhookRequest {
  const { origin, pathname, search, searchParams } = new URL(url);
  const query = [...searchParams].map(([name, value]) => `${name}=${value}`).sort();
  const text = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join(''));
  const dot = query.length > 0 && text.length > 0 ? '.' : '';
  const signed = `${origin}${pathname}?${query.join('&')}${dot}${text.join('')}.${nonce}`;
  return {
    method: 'POST',
    path: `${pathname}${search}`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-plivo-signature-v3': createHmac('sha256', authToken).update(signed).digest('base64'),
      'x-plivo-signature-v3-nonce': nonce,
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

/** A visit to the address the phone number's application is set up with. */
export function numberVisit(fields: Fields = {}): WebhookRequest {
  return signedForm(options.address.webhookUrl, { ...inboundFields, ...fields });
}

/** What Plivo tells when a call is over. */
export const hungUp: Fields = {
  AnswerTime: '2026-11-21 12:00:02',
  BillDuration: '60',
  BillRate: '0.0085',
  CallStatus: 'completed',
  Duration: '37',
  EndTime: '2026-11-21 12:00:39',
  Event: 'Hangup',
  HangupCause: 'NORMAL_CLEARING',
  HangupCauseCode: '4000',
  HangupCauseName: 'Normal Hangup',
  HangupSource: 'Callee',
  StartTime: '2026-11-21 12:00:00',
  TotalCost: '0.0085',
};
