// Verify: is a request really from Plivo? Only its V3 signature counts; V2 signs neither fields nor query.
import { createHash, createHmac } from 'node:crypto';
import { parse as parseQuery } from 'node:querystring';
import { isSameSecret } from '../../lib/secret.ts';
import type { Verification, WebhookRequest } from '../carrier.ts';

export const SIGNATURE_HEADER = 'x-plivo-signature-v3';
export const NONCE_HEADER = 'x-plivo-signature-v3-nonce';
/** The same signature made with the main account's token; beside the other when a sub-account owns the number. */
const MAIN_ACCOUNT_HEADER = 'x-plivo-signature-ma-v3';
/**
 * Plivo's are digits. The signed text is content, a dot, nonce: with a dot in the nonce the end of the content could
 * be moved into it, and what is left would be an event that was never signed and is no repetition either.
 */
const NONCE = /^[^.\s]{1,128}$/;

/**
 * Checks the signature on every URL Plivo may have used. The replay key is a digest of what was signed, but for
 * the nonce, which is a new one when Plivo repeats a request. So equal content is the same event: our addresses
 * differ for each document we hand out, and a status said twice means nothing new.
 */
export function verify(
  request: WebhookRequest,
  { authId, authToken }: { readonly authId: string; readonly authToken: string },
): Verification {
  const { [SIGNATURE_HEADER]: signature, [NONCE_HEADER]: nonce } = request.headers;
  if (!signature) return refused(request, 'there is no X-Plivo-Signature-V3 header');
  if (!nonce) return refused(request, 'there is no X-Plivo-Signature-V3-Nonce header');
  if (!NONCE.test(nonce)) return refused(request, 'its X-Plivo-Signature-V3-Nonce has a dot or a blank');
  const fields = fieldsOf(request);
  if (fields === null) return refused(request, 'the body is not a form');
  const given = [signature, request.headers[MAIN_ACCOUNT_HEADER] ?? ''].flatMap((list) => list.split(','));
  for (const url of request.urls) {
    const spellings = signedForms(url, fields);
    const expected = spellings.map((signed) => hmac(authToken, `${signed}.${nonce}`));
    if (expected.some((one) => given.some((other) => isSameSecret(other, one)))) {
      return { ok: true, replayKey: sha256(`${authId}\n${spellings[0]}`) };
    }
  }
  return refused(request, 'the signature does not match');
}

function refused({ urls }: WebhookRequest, why: string): Verification {
  return { ok: false, why: `${why} (we expected to be called at ${urls[0] ?? 'no URL'})` };
}

/** The signed fields in order, or null when there can be none. A GET carries them in its query. */
function fieldsOf({ method, headers, body }: WebhookRequest): string | null {
  if (method === 'GET') return '';
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  const isForm = type.trim().toLowerCase() === 'application/x-www-form-urlencoded';
  return method === 'POST' && isForm ? sorted([...new URLSearchParams(body)], '', '') : null;
}

const PARTS = /^(?<base>[a-z][a-z0-9+.-]*:\/\/[^?#]*)(?:\?(?<query>[^#]*))?/i;

/**
 * What may have been signed, the usual form first; a URL that is none has no form. Where a form was posted to an
 * address without a query, Plivo's libraries put a lone `?` before the fields, its documentation a dot.
 */
function signedForms(url: string, fields: string): readonly string[] {
  const { base, query = '' } = PARTS.exec(url)?.groups ?? {};
  if (base === undefined) return [];
  const asked = sorted(pairsIn(query), '=', '&');
  if (fields === '') return [asked === '' ? base : `${base}?${asked}`];
  return asked === '' ? [`${base}?${fields}`, `${base}.${fields}`] : [`${base}?${asked}.${fields}`];
}

type Pair = readonly [name: string, value: string];

function pairsIn(query: string): readonly Pair[] {
  const parsed = parseQuery(query, '&', '=', { maxKeys: 0 });
  return Object.entries(parsed).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one): Pair => [name, one]),
  );
}

/** Names in code-unit order, the values of a repeated name in theirs. */
function sorted(pairs: readonly Pair[], between: string, after: string): string {
  return [...pairs]
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}${between}${value}`)
    .join(after);
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function hmac(secret: string, signed: string): string {
  return createHmac('sha256', secret).update(signed, 'utf8').digest('base64');
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
