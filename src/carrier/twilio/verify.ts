// Verify: is a request really from Twilio? Nothing that was not signed has a say in it.
import { createHash, createHmac } from 'node:crypto';
import { parse as parseQuery, stringify as printQuery } from 'node:querystring';
import { isSameSecret } from '../../lib/secret.ts';
import type { Verification, WebhookRequest } from '../carrier.ts';

export const SIGNATURE_HEADER = 'x-twilio-signature';

/** Checks the signature on every URL Twilio may have used. The replay key is a digest of the very bytes signed. */
export function verify(
  request: WebhookRequest,
  { accountSid, authToken }: { readonly accountSid: string; readonly authToken: string },
): Verification {
  const signature = request.headers[SIGNATURE_HEADER];
  if (!signature) return refused(request, 'there is no X-Twilio-Signature header');
  const format = formatOf(request);
  if (format === null) return refused(request, 'the body is neither a form nor JSON');
  const fields = format === 'form' ? signedFields(request.body) : '';
  for (const url of request.urls.flatMap(spellings)) {
    const signed = `${url}${fields}`;
    if (!isSameSecret(signature, hmac(authToken, signed))) continue;
    if (format === 'json' && !namesBody(url, request.body)) continue;
    return { ok: true, replayKey: sha256(`${accountSid}\n${signed}`) };
  }
  return refused(request, 'the signature does not match');
}

function refused({ urls }: WebhookRequest, why: string): Verification {
  return { ok: false, why: `${why} (we expected to be called at ${urls[0] ?? 'no URL'})` };
}

/** How the body was signed: its fields, its digest in the URL, or not at all because there is none. */
function formatOf({ method, headers }: WebhookRequest): 'form' | 'json' | 'none' | null {
  if (method === 'GET') return 'none';
  if (method !== 'POST') return null;
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  switch (type.trim().toLowerCase()) {
    case 'application/x-www-form-urlencoded':
      return 'form';
    case 'application/json':
      return 'json';
    default:
      return null;
  }
}

/** Names in code-unit order, each followed by its value; a repeated name by each different value, in order. */
function signedFields(body: string): string {
  const fields = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(body)) {
    fields.set(name, (fields.get(name) ?? new Set()).add(value));
  }
  return [...fields.keys()]
    .sort()
    .flatMap((name) => [...(fields.get(name) ?? [])].sort().map((value) => `${name}${value}`))
    .join('');
}

/** A JSON body is signed through its digest, which Twilio puts into the URL. */
function namesBody(url: string, body: string): boolean {
  const named = URL.parse(url)?.searchParams.get('bodySHA256') ?? '';
  return isSameSecret(named, sha256(body));
}

/**
 * The ways Twilio may have written `url` when it signed it: with or without the port, as received or tidied up,
 * and with a query escaped as old systems do. The official libraries accept the same.
 */
function spellings(url: string): readonly string[] {
  const tidy = URL.parse(url)?.href;
  if (tidy === undefined) return [];
  const tidied = ports(tidy);
  return [...new Set([...ports(url), ...tidied, ...tidied.map(reescaped)])];
}

const PARTS =
  /^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)(?<user>[^/?#]*@)?(?<host>\[[^\]]*\]|[^/?#:]*)(?<port>:\d*)?/i;

/** `url` without a port, and with one: its own, else the one that goes without saying. */
function ports(url: string): readonly string[] {
  const parts = PARTS.exec(url);
  if (!parts) return [url];
  const { scheme = '', user = '', host = '', port } = parts.groups ?? {};
  const rest = url.slice(parts[0].length);
  const usual = scheme.toLowerCase() === 'https://' ? ':443' : ':80';
  return [`${scheme}${user}${host}${rest}`, `${scheme}${user}${host}${port ?? usual}${rest}`];
}

function reescaped(url: string): string {
  const at = url.indexOf('?');
  if (at === -1 || at === url.length - 1) return url;
  return `${url.slice(0, at)}?${printQuery(parseQuery(url.slice(at + 1)))}`;
}

function hmac(secret: string, signed: string): string {
  return createHmac('sha1', secret).update(signed, 'utf8').digest('base64');
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
