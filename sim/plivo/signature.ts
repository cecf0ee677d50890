// signature: what Plivo puts into X-Plivo-Signature-V3 and V2, from its published rules and its libraries' habit.
import { createHmac } from 'node:crypto';

/** Form parameters in the order they are sent; a repeated key is allowed. */
export type Params = readonly (readonly [name: string, value: string])[];

export interface Signable {
  readonly url: string;
  readonly nonce: string;
  /** Only what is posted; a GET carries its parameters in the URL. */
  readonly params: Params;
  readonly signsAs: 'library' | 'documentation';
}

/** HMAC-SHA256 over URL, sorted query, sorted fields and nonce, base64. */
export function signV3(authToken: string, letter: Signable): string {
  const text = `${textOf(letter)}.${letter.nonce}`;
  return createHmac('sha256', authToken).update(text, 'utf8').digest('base64');
}

/** Deprecated: over the URL without its query, and the nonce. */
export function signV2(authToken: string, url: string, nonce: string): string {
  const [page = ''] = url.split(/[?#]/, 1);
  return createHmac('sha256', authToken).update(`${page}${nonce}`, 'utf8').digest('base64');
}

function textOf({ url, params, signsAs }: Signable): string {
  const [whole = ''] = url.split('#', 1);
  const mark = whole.indexOf('?');
  const page = mark === -1 ? whole : whole.slice(0, mark);
  const query = mark === -1 ? '' : joined([...new URLSearchParams(whole.slice(mark + 1))], '=', '&');
  const fields = joined(params, '', '');
  if (fields === '') return query === '' ? page : `${page}?${query}`;
  if (query !== '') return `${page}?${query}.${fields}`;
  return signsAs === 'library' ? `${page}?${fields}` : `${page}.${fields}`;
}

function joined(params: Params, equals: string, and: string): string {
  const names = [...new Set(params.map(([name]) => name))].sort();
  return names
    .flatMap((name) =>
      params
        .filter(([other]) => other === name)
        .map(([, value]) => value)
        .sort()
        .map((value) => `${name}${equals}${value}`),
    )
    .join(and);
}
