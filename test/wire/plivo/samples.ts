// Samples: calls as we hold them, and webhooks as Plivo sends and signs them.
import { createHmac } from 'node:crypto';
import { type Call, type CallSettings, newInboundCall, newOutboundCall } from '../../../src/call/call.ts';
import type { WebhookRequest } from '../../../src/carrier/carrier.ts';
import type { PlivoOptions } from '../../../src/carrier/plivo/index.ts';
import { streamUrl } from '../stream-url.ts';

export const NOW = Date.UTC(2026, 10, 21, 12);
export const CALL_UUID = '38d449fd-1ae3-4efc-84fe-f6e91c39d21c';
export const REQUEST_UUID = '9834029e-58b6-11e1-b8b7-a5bd0e4e126f';

export const options = {
  authId: 'MAXXXXXXXXXXXXXXXXXX',
  authToken: 'an-auth-token-that-opens-nothing',
  apiBaseUrl: null,
  address: { webhookUrl: 'https://voice.example.test/voice/webhook', streamUrl },
} as const satisfies PlivoOptions;

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
  carrier: 'plivo',
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

/** A call we placed, before Plivo told its own id. */
export function ringingCall(): Call {
  return { ...outboundCall(), carrierCallId: `request:${REQUEST_UUID}` };
}

/** A call in progress. */
export function liveCall(changes: Partial<CallSettings> = {}): Call {
  return { ...outboundCall(changes), carrierCallId: CALL_UUID, phase: 'live', answeredAt: NOW };
}

/** A call that rings here. */
export function inboundCall(): Call {
  return newInboundCall({
    ...ours,
    from: '+15550001234',
    to: '+15550100002',
    settings,
    carrierCallId: CALL_UUID,
    answerByMs: 45_000,
  });
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
  const url = `${options.address.webhookUrl}?callId=${ours.id}&${query}`;
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
