// Samples: calls as we hold them, and webhooks as Twilio sends and signs them; the official library signs.
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { type Call, type CallSettings, newInboundCall, newOutboundCall } from '../../../src/call/call.ts';
import type { WebhookRequest } from '../../../src/carrier/carrier.ts';
import type { TwilioOptions } from '../../../src/carrier/twilio/index.ts';
import { streamUrl } from '../stream-url.ts';

export const NOW = Date.UTC(2026, 10, 21, 12);
export const CALL_SID = 'CA0123456789abcdef0123456789abcdef';

export const options = {
  accountSid: 'AC0123456789abcdef0123456789abcdef',
  authToken: 'an-auth-token-that-opens-nothing',
  region: 'us1',
  apiBaseUrl: null,
  address: { webhookUrl: 'https://voice.example.test/voice/webhook', streamUrl },
} as const satisfies TwilioOptions;

const settings: CallSettings = {
  agentId: 'main',
  sessionKey: 'agent:main:voice:15550001234',
  greeting: 'Hello.',
  language: 'en-US',
  voice: null,
  responseModel: null,
  responseSystemPrompt: null,
  responseTimeoutMs: 60_000,
  ringTimeoutMs: 30_000,
  maxDurationMs: 300_000,
  transcriptTimeoutMs: 180_000,
  notifyHangupDelayMs: 3_000,
  stream: false,
  voiceModel: false,
  sensitivity: 'medium',
  silenceTimeoutMs: 800,
  tts: null,
  dtmfSequence: null,
  numberRoute: null,
};

const ours = {
  id: '7f0c2a34-0000-4000-8000-000000000001',
  carrier: 'twilio',
  asks: true,
  at: NOW,
};

/** A call we are about to place. */
export function outboundCall(changes: Partial<CallSettings> = {}, mode: Call['mode'] = 'conversation'): Call {
  return newOutboundCall({
    ...ours,
    from: '+15550100002',
    to: '+15550001234',
    settings: { ...settings, ...changes },
    mode,
    requesterSessionKey: null,
    answerByMs: 45_000,
  });
}

/** A call in progress. */
export function liveCall(changes: Partial<CallSettings> = {}): Call {
  return { ...outboundCall(changes), carrierCallId: CALL_SID, phase: 'live', answeredAt: NOW };
}

/** A call that rings here. */
export function inboundCall(): Call {
  return newInboundCall({
    ...ours,
    from: '+15550001234',
    to: '+15550100002',
    settings,
    carrierCallId: CALL_SID,
    answerByMs: 45_000,
  });
}

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
  const url = `${options.address.webhookUrl}?callId=${ours.id}&${query}`;
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
