// WebhookRequests: webhooks as plain values, as the listener hands them on, and with other fields than were signed.
import type { WebhookRequest } from '../../../src/carrier/carrier.ts';
import { urlsOf } from '../../../src/ingress/public-url.ts';
import type { Random } from '../../random.ts';
import { anyText, mutated, otherJson } from '../mutate.ts';
import { type Input, text, texts } from '../target.ts';
import { PUBLIC_URL } from './genuine.ts';

const FORWARDING = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] } as const;

export function asInput(request: WebhookRequest, others: Input): Input {
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  return { method: request.method, path: request.path, headers, body: request.body, ...others };
}

/** As the listener hands it on: names in lower case, values of a repeated name in one, the addresses by our rules. */
export function asRequest(input: Input): WebhookRequest {
  const headers: Record<string, string> = {};
  for (const line of texts(input, 'headers')) {
    const at = line.indexOf(':');
    if (at < 1) continue;
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    const isSingle = name === 'content-type' || name === 'host';
    if (known === undefined)
      Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
    else if (!isSingle) headers[name] = `${known}, ${value}`;
  }
  const path = text(input, 'path');
  const publicUrls = text(input, 'address') === 'by host' ? null : [PUBLIC_URL];
  const urls = urlsOf({ publicUrls, path, headers, peer: '203.0.113.9' }, FORWARDING);
  return { method: text(input, 'method'), path, headers, body: text(input, 'body'), urls };
}

export function otherFields(random: Random, body: string): string {
  if (body.startsWith('{')) return otherJson(random, body, ['data', 'payload', 'event_type', 'id']);
  return otherPairs(random, body);
}

export function otherQuery(random: Random, path: string): string {
  const [page = '', query = ''] = path.split('?');
  if (random.once(4))
    return random.pick([
      `${page}/?${query}`,
      `/.${path}`,
      `${path}#x`,
      `${page}?${query}&`,
      `${page};a?${query}`,
    ]);
  return `${page}?${otherPairs(random, query)}`;
}

/** Fields put in another order, doubled, renamed, or with the border between name and value moved. */
function otherPairs(random: Random, form: string): string {
  const pairs = [...new URLSearchParams(form)];
  if (pairs.length === 0) return anyText(random);
  const at = random.below(pairs.length);
  const [name, value] = pairs[at] as [string, string];
  const cut = random.below(value.length + 1);
  const changed = random.pick<() => [string, string][]>([
    () => pairs.toReversed(),
    () => pairs.toSpliced(at, 1),
    () => pairs.toSpliced(at, 1, [name + value.slice(0, cut), value.slice(cut)]),
    () => pairs.toSpliced(at, 1, [name.slice(0, -1), `${name.slice(-1)}${value}`]),
    () => pairs.toSpliced(at, 1, [name, mutated(random, value)]),
    () => [...pairs, [name, random.once(2) ? value : mutated(random, value)]],
    () => [[name, mutated(random, value)], ...pairs],
    () => pairs.toSpliced(at, 2, [name, value + (pairs[at + 1] ?? []).join('')]),
    () => [
      ...pairs,
      [random.pick(['__proto__', 'constructor', 'callId', 'CallSid', '']), anyText(random, 20)],
    ],
  ])();
  const spelled = new URLSearchParams(
    changed.map(([one, other]): [string, string] => [one, other]),
  ).toString();
  return random.once(4) ? spelled.replaceAll('+', '%20').replace(/[a-z]/, escapedLetter) : spelled;
}

function escapedLetter(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}
