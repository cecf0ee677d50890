// WebhookTrust: no request is believed that the carrier did not sign, and none twice.
import type { Carrier, WebhookRequest } from '../../../src/carrier/carrier.ts';
import type { Random } from '../../random.ts';
import { anyText, mutated } from '../mutate.ts';
import {
  forbid,
  type Input,
  number,
  type Outcome,
  type Subject,
  type Target,
  text,
  texts,
} from '../target.ts';
import { NOW, SIGNED, type Signed, withHeaders } from './genuine.ts';
import { asInput, asRequest, otherFields, otherQuery } from './webhook-requests.ts';

const PROMISE_OF_TRUST =
  'What is accepted has the signature that the carrier’s signer, written a second time, makes for it; it is known as a repetition of a request that was really signed; where it means something else, the signed bytes are the same by the carrier’s own rule; the carrier’s own library accepts it too. A genuine request is accepted whatever unsigned headers come along.';

/** `verify` of the carrier, unless a test plants another one. */
export function trustTarget(name: Signed['name'], planted?: Carrier['verify']): Target {
  return {
    name: `webhooks: ${name}, trust`,
    family: 'webhooks',
    share: name === 'telnyx' ? 70_000 : 100_000,
    promise: PROMISE_OF_TRUST,
    open: () => trust(SIGNED[name](), planted),
  };
}

function trust(signed: Signed, planted?: Carrier['verify']): Subject {
  const { carrier, genuine } = signed;
  const verify = planted ?? carrier.verify;
  const known = new Map(genuine.map((request) => [replayKey(carrier.verify(request, NOW)), request]));
  return {
    make: (random) => forged(random, signed),
    check(input): Outcome {
      const request = asRequest(input);
      const verdict = verify(request, NOW + number(input, 'skewS') * 1_000);
      if (!verdict.ok) {
        forbid(verdict.why.length < 10, 'a refusal does not say why');
        forbid(isUntouched(request, input, signed), 'a genuine request is refused', () => verdict.why);
        return { kind: 'refused', answer: verdict };
      }
      return { kind: accepted(request, signed, known.get(verdict.replayKey)), answer: verdict };
    },
  };
}

function accepted(request: WebhookRequest, signed: Signed, original: WebhookRequest | undefined): string {
  const { carrier } = signed;
  const [first = ''] = carrier.signatureHeaders;
  const given = [first, 'x-plivo-signature-ma-v3'].flatMap((name) =>
    (request.headers[name] ?? '').split(','),
  );
  const made = signed.signaturesFor(request).map(plainBase64);
  forbid(!given.some((one) => made.includes(plainBase64(one.trim()))), 'a forgery is accepted', () =>
    shown(request),
  );
  forbid(!original, 'a forgery is accepted as new', () => shown(request));
  if (!original) return '';
  const isOfficial = request.body.length % 4 === 0 ? signed.official(request) : null;
  forbid(isOfficial === false, 'the official library refuses what we accept', () => shown(request));
  const [says, said] = [request, original].map((one) => JSON.stringify(carrier.decode(one, NOW)));
  if (says === said) return isSame(request, original) ? 'accepted' : 'accepted, spelled otherwise';
  if (says === 'null') return 'accepted, and means nothing';
  // Telnyx signs bytes; the others sign names and values without a border between them.
  const isSpelling =
    signed.name === 'telnyx' || JSON.stringify(pairsOf(request)) === JSON.stringify(pairsOf(original));
  forbid(
    isSpelling,
    'a forgery is accepted: what was not signed changes what a webhook says',
    () => `${says} instead of ${said}`,
  );
  return 'accepted, other words in the same signed bytes: answered as the repetition it is';
}

function shown({ method, path, headers, body }: WebhookRequest): string {
  return JSON.stringify({ method, path, headers, body }).slice(0, 600);
}

function replayKey(verdict: ReturnType<Carrier['verify']>): string {
  if (!verdict.ok) throw new Error(`a sample is not genuine: ${verdict.why}`);
  return verdict.replayKey;
}

function plainBase64(signature: string): string {
  return signature.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
}

function isSame(one: WebhookRequest, other: WebhookRequest): boolean {
  return one.method === other.method && one.path === other.path && one.body === other.body;
}

/** Is it a genuine request, all of it, to which nothing but unsigned headers came? */
function isUntouched(request: WebhookRequest, input: Input, { genuine, carrier, name }: Signed): boolean {
  if (text(input, 'address') === 'by host' || Math.abs(number(input, 'skewS')) > 300) return false;
  const names = [
    'content-type',
    'telnyx-timestamp',
    'x-plivo-signature-v3-nonce',
    ...carrier.signatureHeaders,
  ];
  if (name === 'plivo' && 'x-plivo-signature-ma-v3' in request.headers) return false;
  return genuine.some(
    (one) => isSame(request, one) && names.every((header) => request.headers[header] === one.headers[header]),
  );
}

/** Everything that was said, in an order of its own. */
function pairsOf({ method, path, body }: WebhookRequest): readonly string[] {
  const [, query = ''] = path.split('#', 1)[0]?.split(/\?(.*)/s) ?? [];
  return [method, query, body].flatMap((part, at) =>
    at === 0
      ? [part]
      : [...new Set([...new URLSearchParams(part)].map((pair) => JSON.stringify([at, ...pair])))].sort(),
  );
}

type Forge = (random: Random, request: WebhookRequest, signed: Signed) => WebhookRequest;

function forged(random: Random, signed: Signed): Input {
  let request = random.pick(signed.genuine);
  const times = random.once(3) ? random.between(2, 3) : 1;
  for (let done = 0; done < times; done += 1) request = random.pick(FORGERIES)(random, request, signed);
  const skewS = random.once(12) ? random.pick([-100_000, -301, -300, -299, 299, 300, 301, 86_400]) : 0;
  const input = asInput(request, { skewS, address: random.once(12) ? 'by host' : 'public' });
  return random.once(8) ? moreHeaders(random, input) : input;
}

const MEDIA_TYPES = [
  ...[
    'application/x-www-form-urlencoded',
    'APPLICATION/X-WWW-FORM-URLENCODED ; charset=utf-16',
    'application/json',
  ],
  ...[
    'application/x-www-form-urlencoded; charset=UTF-7',
    'multipart/form-data; boundary=x',
    'text/plain',
    '',
  ],
];

function moreHeaders(random: Random, input: Input): Input {
  const lines = texts(input, 'headers');
  const line = random.pick([
    () => `x-forwarded-host: ${anyText(random, 20)}`,
    () => 'x-forwarded-proto: http',
    () =>
      `host: ${random.pick(['voice.example.test', 'evil.example', 'voice.example.test:443', anyText(random, 20)])}`,
    () => `__proto__: ${anyText(random, 10)}`,
    () => random.pick([...lines, 'x: y']),
    () => mutated(random, random.pick([...lines, 'x: y'])),
  ])();
  return { ...input, headers: random.once(2) ? [line, ...lines] : [...lines, line] };
}

const FORGERIES: readonly Forge[] = [
  (random, request) => ({ ...request, body: mutated(random, request.body) }),
  (random, request) => ({ ...request, path: mutated(random, request.path) }),
  (random, request) => ({ ...request, body: otherFields(random, request.body) }),
  (random, request) => ({ ...request, path: otherQuery(random, request.path) }),
  (random, request) => withHeaders(request, { [headerOf(random, request)]: anyText(random) }),
  (random, request) => {
    const name = headerOf(random, request);
    return withHeaders(request, { [name]: mutated(random, request.headers[name] ?? '') });
  },
  (random, request) => withHeaders(request, { 'content-type': random.pick(MEDIA_TYPES) }),
  (random, request) => ({ ...request, method: random.pick(['GET', 'post', 'PUT', 'HEAD', 'POST']) }),
  // Content of one request, signature of another.
  (random, request, { genuine }) => ({ ...request, headers: random.pick(genuine).headers }),
  (random, request, { genuine }) => ({ ...random.pick(genuine), body: request.body }),
  (random, request, { genuine }) => ({ ...request, path: random.pick(genuine).path }),
  // Everything is right but the key.
  (random, request, { signedByOther }) =>
    signedByOther(
      { ...request, body: otherFields(random, request.body) },
      random.pick(['', 'undefined', 'null', 'x', 'AC']),
    ),
  (random, request, { carrier }) => encoded(random, request, random.pick(carrier.signatureHeaders)),
  movedToNonce,
  // A form in the query of a GET.
  (_random, request) => ({
    ...request,
    method: 'GET',
    path: `${request.path}${request.path.includes('?') ? '&' : '?'}${request.body}`,
  }),
];

function headerOf(random: Random, request: WebhookRequest): string {
  return random.pick(Object.keys(request.headers));
}

/** The same signature in other letters, or nearly. */
function encoded(random: Random, request: WebhookRequest, header: string): WebhookRequest {
  const value = request.headers[header] ?? '';
  const bytes = Buffer.from(value, 'base64');
  const other = random.pick([
    () => bytes.toString('base64url'),
    () => bytes.toString('hex'),
    () => value.replace(/=+$/, ''),
    () => `${value}=`,
    () => ` ${value} `,
    () => `${value},${value}`,
    () => `,${value}`,
    () => value.toLowerCase(),
    () => bytes.subarray(0, random.below(bytes.length)).toString('base64'),
    () => Buffer.alloc(bytes.length).toString('base64'),
    () => Buffer.concat([bytes, bytes]).toString('base64'),
    () => value.slice(0, -2) + String.fromCharCode(value.charCodeAt(value.length - 2) ^ 1) + value.slice(-1),
  ])();
  return withHeaders(request, { [header]: other });
}

/** Where content and nonce are signed as one text, the border between them may be moved. */
function movedToNonce(random: Random, request: WebhookRequest): WebhookRequest {
  const name = random.pick(['x-plivo-signature-v3-nonce', 'telnyx-timestamp']);
  const nonce = request.headers[name];
  if (nonce === undefined) return request;
  if (name === 'telnyx-timestamp') {
    const cut = random.between(1, nonce.length);
    return {
      ...withHeaders(request, { [name]: nonce.slice(0, cut) }),
      body: `${nonce.slice(cut)}|${request.body}`,
    };
  }
  const pairs = [...new URLSearchParams(request.body)].sort(([a], [b]) => (a < b ? -1 : 1));
  const [last = '', value = ''] = pairs.at(-1) ?? [];
  const dots = [...value.matchAll(/\./g)];
  if (dots.length === 0) return request;
  const { index } = random.pick(dots);
  const body = new URLSearchParams([...pairs.slice(0, -1), [last, value.slice(0, index)]]).toString();
  return { ...withHeaders(request, { [name]: `${value.slice(index + 1)}.${nonce}` }), body };
}
