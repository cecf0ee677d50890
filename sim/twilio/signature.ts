// signature: what Twilio puts into X-Twilio-Signature, from its published rule.
import { createHmac } from 'node:crypto';

/** Form parameters in the order they are sent; a repeated key is allowed. */
export type Params = readonly (readonly [name: string, value: string])[];

/** HMAC-SHA1 over the URL as requested (no fragment), then each key with its values, in code-unit order, base64. */
export function sign(authToken: string, url: string, params: Params = []): string {
  const text = [
    withoutFragment(url),
    ...sortedKeys(params).map((key) => key + valuesOf(params, key).join(key)),
  ];
  return createHmac('sha1', authToken).update(text.join(''), 'utf8').digest('base64');
}

/** The same URL with its default port spelled out, as some of Twilio's edges sign it. */
export function withDefaultPort(url: string): string {
  const { protocol, port, host } = new URL(url);
  if (port !== '') return url;
  return url.replace(host, `${host}:${protocol === 'https:' || protocol === 'wss:' ? 443 : 80}`);
}

function withoutFragment(url: string): string {
  const hash = url.indexOf('#');
  return hash === -1 ? url : url.slice(0, hash);
}

function sortedKeys(params: Params): readonly string[] {
  return [...new Set(params.map(([key]) => key))].sort();
}

/** A repeated key counts once per different value. */
function valuesOf(params: Params, key: string): readonly string[] {
  return [...new Set(params.filter(([name]) => name === key).map(([, value]) => value))].sort();
}
