// Samples: calls as we hold them, and webhooks as Telnyx sends and signs them, with a key made for the occasion.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { WebhookRequest } from '../../../src/carrier/carrier.ts';
import { type ClientState, encodeState } from '../../../src/carrier/telnyx/client-state.ts';
import type { TelnyxOptions } from '../../../src/carrier/telnyx/index.ts';
import { CALL_ID, NOW, sampleCalls } from '../calls.ts';
import { streamUrl } from '../stream-url.ts';

export { NOW } from '../calls.ts';

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

export const { outboundCall, liveCall, inboundCall } = sampleCalls({
  carrier: 'telnyx',
  asks: false,
  carrierCallId: CONTROL_ID,
});

/** What Telnyx carries for us on the sample calls. */
export function stateOf(
  turn: ClientState['turn'] = null,
  utteranceId: ClientState['utteranceId'] = null,
  stream: ClientState['stream'] = null,
): string {
  return encodeState({ callId: CALL_ID, turn, utteranceId, stream });
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
