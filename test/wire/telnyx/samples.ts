// Samples: calls as we hold them, and webhooks as Telnyx sends and signs them, with a key made for the occasion.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Call, type CallSettings, newInboundCall, newOutboundCall } from '../../../src/call/call.ts';
import type { WebhookRequest } from '../../../src/carrier/carrier.ts';
import { type ClientState, encodeState } from '../../../src/carrier/telnyx/client-state.ts';
import type { TelnyxOptions } from '../../../src/carrier/telnyx/index.ts';
import { streamUrl } from '../stream-url.ts';

export const NOW = Date.UTC(2026, 10, 21, 12);
export const CONTROL_ID = 'v3:MdI91X4lWFEs7IgbBEOT9M4AigoY08M0WWZFISt1Yw2axZ_IiE4pqg';
export const keys = generateKeyPairSync('ed25519');
export const strangersKeys = generateKeyPairSync('ed25519');

export const publicKey = {
  pem: keys.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  der: keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  raw: keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'),
} as const;

export const options = {
  apiKey: 'KEY-that-opens-nothing',
  connectionId: '7267000000000000001',
  publicKey: publicKey.raw,
  apiBaseUrl: null,
  address: { webhookUrl: 'https://voice.example.test/voice/webhook', streamUrl },
} as const satisfies TelnyxOptions;

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

const ours = { id: '7f0c2a34-0000-4000-8000-000000000001', carrier: 'telnyx', asks: false, at: NOW };

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
  return { ...outboundCall(changes), carrierCallId: CONTROL_ID, phase: 'live', answeredAt: NOW };
}

/** A call that rings here. */
export function inboundCall(): Call {
  return newInboundCall({
    ...ours,
    from: '+15550001234',
    to: '+15550100002',
    settings,
    carrierCallId: CONTROL_ID,
    answerByMs: 45_000,
  });
}

/** What Telnyx carries for us on the sample calls. */
export function stateOf(
  turn: ClientState['turn'] = null,
  utteranceId: ClientState['utteranceId'] = null,
  stream: ClientState['stream'] = null,
): string {
  return encodeState({ callId: ours.id, turn, utteranceId, stream });
}

export type Payload = Readonly<Record<string, unknown>>;

/** A webhook of our call about `type`; `payload` is laid over what every payload has. */
export function event(type: string, payload: Payload = {}, meta: Payload = {}): WebhookRequest {
  const ids = {
    call_control_id: CONTROL_ID,
    call_leg_id: 'leg',
    call_session_id: 'session',
    connection_id: '7267',
  };
  const data = {
    record_type: 'event',
    event_type: type,
    id: `0ccc7b54-4df3-4bca-a65a-${type}`,
    occurred_at: '2026-11-21T12:00:00.000000Z',
    payload: { ...ids, client_state: stateOf(), ...payload },
  };
  return signed(
    JSON.stringify({ data, meta: { attempt: 1, delivered_to: options.address.webhookUrl, ...meta } }),
  );
}

export interface Signing {
  readonly key?: KeyObject;
  /** As in the header; default is NOW in seconds. */
  readonly timestamp?: string;
}

/** A request with this body, signed as Telnyx would. */
export function signed(body: string, { key = keys.privateKey, timestamp }: Signing = {}): WebhookRequest {
  const at = timestamp ?? String(NOW / 1_000);
  return {
    method: 'POST',
    path: '/voice/webhook',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'telnyx-webhooks',
      'telnyx-signature-ed25519': sign(null, Buffer.from(`${at}|${body}`), key).toString('base64'),
      'telnyx-timestamp': at,
    },
    body,
    urls: [options.address.webhookUrl],
  };
}
