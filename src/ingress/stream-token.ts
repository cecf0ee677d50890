// StreamToken: the address a media stream connects to, and what its path proves: which call, which connection, how long.
import { createHmac } from 'node:crypto';
import type { StreamUrl } from '../carrier/carrier.ts';
import { isSameSecret } from '../lib/secret.ts';

/** 144 bits of the HMAC: whole base64url letters, and more than anybody can guess. */
const TOKEN_BYTES = 18;
/** What follows the path of all streams: call, connection, expiry, token. The call id is percent-encoded. */
const CLAIM = /^\/([^/]{1,200})\/([1-9]\d{0,5})\/([0-9a-z]{1,10})\/([\w-]{24})\/?$/;

/** What the path of an upgrade claims; only `checkToken` makes it true. */
export interface StreamClaim {
  readonly callId: string;
  readonly n: number;
  /** Ms since the epoch. */
  readonly expiresAt: number;
  readonly token: string;
}

/**
 * What a proxy puts before our own paths: `/prefix` when the public address of the webhook is
 * `https://host/prefix/voice/webhook` and we serve `/voice/webhook`; '' when there is nothing in front.
 */
export function streamPrefix(publicUrl: string, servePath: string): string {
  const path = cleanPath(new URL(publicUrl).pathname);
  const own = cleanPath(servePath);
  if (own === '') return path;
  const at = `${path}/`.lastIndexOf(`${own}/`);
  return at === -1 ? '' : path.slice(0, at);
}

export interface StreamPlace {
  /** Gives scheme, host and port: `https` becomes `wss`, `http` becomes `ws`. Its path does not count. */
  readonly base: string;
  /** See `streamPrefix`; none when left out. */
  readonly prefix?: string;
  /** `streaming.streamPath`. */
  readonly path: string;
}

export interface StreamAddress extends StreamPlace {
  readonly secret: Uint8Array;
}

/** Where all media streams are, without what stands behind their path. */
export function streamBase({ base, prefix = '', path }: StreamPlace): string {
  const { protocol, host } = new URL(base);
  return `${protocol === 'http:' ? 'ws' : 'wss'}://${host}${cleanPath(prefix)}${cleanPath(path)}`;
}

/**
 * Makes the addresses of media streams. There is no query: Twilio drops it. Equal arguments give equal addresses,
 * so a repeated webhook is answered alike. `expiresAt` counts in whole ms.
 */
export function streamUrls({ secret, ...place }: StreamAddress): StreamUrl {
  const start = streamBase(place);
  return (callId, n, expiresAt) => {
    const until = Math.floor(expiresAt);
    const token = tokenFor({ callId, n, expiresAt: until }, secret);
    return { url: `${start}/${encodeURIComponent(callId)}/${n}/${until.toString(36)}/${token}`, token };
  };
}

/** Reads the target of an upgrade request; null when it is not under one of `paths`. Never throws. */
export function readClaim(target: string, paths: readonly string[]): StreamClaim | null {
  const [asked = ''] = target.split('?', 1);
  for (const path of paths.map(cleanPath)) {
    const parts = asked.startsWith(path) ? CLAIM.exec(asked.slice(path.length)) : null;
    const claim = parts && claimOf(parts);
    if (claim) return claim;
  }
  return null;
}

/** `forged`: we never gave this token for this call, connection and expiry. `now` in ms since the epoch. */
export function checkToken(
  claim: StreamClaim,
  secret: Uint8Array,
  now: number,
): 'good' | 'forged' | 'expired' {
  if (!isSameSecret(claim.token, tokenFor(claim, secret))) return 'forged';
  return claim.expiresAt > now ? 'good' : 'expired';
}

/** One slash before it and none after: how people write paths differs. `/` becomes ''. */
export function cleanPath(path: string): string {
  const bare = path.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `/${bare}`;
}

function claimOf([, call = '', n = '', expiry = '', token = '']: RegExpExecArray): StreamClaim | null {
  const callId = decoded(call);
  return callId === null ? null : { callId, n: Number(n), expiresAt: Number.parseInt(expiry, 36), token };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function tokenFor({ callId, n, expiresAt }: Omit<StreamClaim, 'token'>, secret: Uint8Array): string {
  const mac = createHmac('sha256', secret).update(`${callId}|${n}|${expiresAt}`).digest();
  return mac.subarray(0, TOKEN_BYTES).toString('base64url');
}
