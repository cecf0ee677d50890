// Verify: is a request really from Telnyx? An Ed25519 signature over the time and the very bytes of the body.
import { createHash, createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto';
import { VoiceCallError } from '../../lib/errors.ts';
import type { Verification, WebhookRequest } from '../carrier.ts';
import { dataOf } from './wire.ts';

export const SIGNATURE_HEADER = 'telnyx-signature-ed25519';
export const TIMESTAMP_HEADER = 'telnyx-timestamp';

/** How far Telnyx's clock and ours may be apart, in s, either way. */
const MAX_SKEW_S = 300;
/** What stands before the 32 bytes of a key in its DER form. */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Reads the public key of the account: a PEM, or base64 of the bare 32 bytes as the portal shows them, or of DER.
 * Throws VC_CONFIG_INVALID for anything else: without a key nothing may be believed.
 */
export function readPublicKey(text: string): KeyObject {
  try {
    const key = createPublicKey({ key: derOf(text), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw unusableKey(cause);
  }
  throw unusableKey();
}

function unusableKey(cause?: unknown): VoiceCallError {
  const problems =
    'telnyx.publicKey is not an Ed25519 public key; copy it from Mission Control: Account, Keys & Credentials, Public Key';
  return new VoiceCallError('VC_CONFIG_INVALID', { problems }, { cause });
}

const PEM = /^-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----$/;

function derOf(text: string): Buffer {
  // An environment variable keeps the line breaks of a PEM as the two characters \n.
  const plain = text.replaceAll('\\n', '\n').trim();
  const bytes = strictBase64((PEM.exec(plain)?.[1] ?? plain).replace(/\s/g, ''));
  if (bytes === null) throw new Error('the key is not base64');
  return bytes.length === 32 ? Buffer.concat([DER_PREFIX, bytes]) : bytes;
}

/** Checks the signature and the age of the request. The replay key is the event's own id, which retries share. */
export function verify(request: WebhookRequest, key: KeyObject, now: number): Verification {
  const timestamp = request.headers[TIMESTAMP_HEADER] ?? '';
  const signature = signatureOf(request.headers[SIGNATURE_HEADER] ?? '');
  if (signature === null) return refused(request, 'there is no usable telnyx-signature-ed25519 header');
  if (!/^\d{1,15}$/.test(timestamp)) return refused(request, 'there is no usable telnyx-timestamp header');
  const signed = Buffer.from(`${timestamp}|${request.body}`, 'utf8');
  if (!verifySignature(null, signed, key, signature)) return refused(request, 'the signature does not match');
  const skewS = Math.abs(Math.floor(now / 1_000) - Number(timestamp));
  if (skewS > MAX_SKEW_S) {
    return refused(request, `it was signed ${skewS} s away from our time: check the clock of this machine`);
  }
  return { ok: true, replayKey: replayKeyOf(request.body, signed) };
}

function refused({ urls }: WebhookRequest, why: string): Verification {
  return { ok: false, why: `${why} (we expected to be called at ${urls[0] ?? 'no URL'})` };
}

/** A repeated delivery has a new time and attempt number, but the same event id. */
function replayKeyOf(body: string, signed: Buffer): string {
  const { id, event_type: type } = dataOf(body);
  const isNamed = typeof id === 'string' && id !== '' && typeof type === 'string';
  return createHash('sha256')
    .update(isNamed ? JSON.stringify([type, id]) : signed)
    .digest('hex');
}

/** Exactly 64 bytes, as base64 or base64url; null for anything else. */
function signatureOf(header: string): Buffer | null {
  const isUrlForm = /^[A-Za-z0-9_-]{86}(==)?$/.test(header);
  const plain = isUrlForm ? `${header.slice(0, 86).replace(/-/g, '+').replace(/_/g, '/')}==` : header;
  const bytes = strictBase64(plain);
  return bytes?.length === 64 ? bytes : null;
}

/** The bytes, or null when `text` is not the one way to write them. */
function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}
