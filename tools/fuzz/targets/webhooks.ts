// Webhooks: no request is believed that the carrier did not sign, and nothing a carrier may say is misread.
import type { CarrierEvent } from '../../../src/call/event.ts';
import { transition } from '../../../src/call/transition.ts';
import type { Carrier, Report, WebhookRequest } from '../../../src/carrier/carrier.ts';
import { urlsOf } from '../../../src/ingress/public-url.ts';
import { anyJson, anyText, mutated, otherJson } from '../mutate.ts';
import type { Random } from '../random.ts';
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
import {
  NOW,
  PUBLIC_URL,
  plivoSigned,
  type Signed,
  telnyxSigned,
  twilioSigned,
  withHeaders,
} from './genuine.ts';

const NAMES = ['twilio', 'telnyx', 'plivo'] as const;
const SIGNED = { twilio: twilioSigned, telnyx: telnyxSigned, plivo: plivoSigned } as const;

const PROMISE_OF_TRUST =
  'What is accepted has the signature that the carrier’s signer, written a second time, makes for it; it is known as a repetition of a request that was really signed; where it means something else, the signed bytes are the same by the carrier’s own rule; the carrier’s own library accepts it too. A genuine request is accepted whatever unsigned headers come along.';

/** `verify` of the carrier, unless a test plants another one. */
export function trustTarget(name: (typeof NAMES)[number], planted?: Carrier['verify']): Target {
  return {
    name: `webhooks: ${name}, trust`,
    family: 'webhooks',
    share: name === 'telnyx' ? 70_000 : 100_000,
    promise: PROMISE_OF_TRUST,
    open: () => trust(SIGNED[name](), planted),
  };
}

function meaningTarget(name: (typeof NAMES)[number]): Target {
  return {
    name: `webhooks: ${name}, meaning`,
    family: 'webhooks',
    share: 60_000,
    promise:
      'Decoding never throws, gives only valid events, the same twice, and the call that gets them is in a valid state afterwards.',
    open: () => meaning(SIGNED[name]()),
  };
}

export const webhookTargets: readonly Target[] = [
  ...NAMES.map((name) => trustTarget(name)),
  ...NAMES.map(meaningTarget),
];

// Requests as plain values

const FORWARDING = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] } as const;

function asInput(request: WebhookRequest, others: Input): Input {
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  return { method: request.method, path: request.path, headers, body: request.body, ...others };
}

/** As the listener hands it on: names in lower case, values of a repeated name in one, the addresses by our rules. */
function asRequest(input: Input): WebhookRequest {
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

// Trust

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
  forbid(!original, 'a changed request is not known as a repetition', () => shown(request));
  if (!original) return '';
  const isOfficial = request.body.length % 4 === 0 ? signed.official(request) : null;
  forbid(isOfficial === false, 'the official library refuses what we accept', () => shown(request));
  const [says, said] = [request, original].map((one) => JSON.stringify(carrier.decode(one, NOW)));
  if (says === said) return isSame(request, original) ? 'accepted' : 'accepted, spelled otherwise';
  if (says === 'null') return 'accepted, and means nothing';
  // Telnyx signs bytes; the others sign names and values without a border between them.
  const isSpelling =
    signed.name === 'telnyx' || JSON.stringify(pairsOf(request)) === JSON.stringify(pairsOf(original));
  forbid(isSpelling, 'what was not signed changes what a webhook says', () => `${says} instead of ${said}`);
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

function otherFields(random: Random, body: string): string {
  if (body.startsWith('{')) return otherJson(random, body, ['data', 'payload', 'event_type', 'id']);
  return otherPairs(random, body);
}

function otherQuery(random: Random, path: string): string {
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

// Meaning

const KINDS: ReadonlySet<CarrierEvent['kind']> = new Set<CarrierEvent['kind']>([
  ...(['placed', 'rang', 'answered', 'callerSaid', 'callerSilent'] as const),
  ...(['digitsReceived', 'utterancePlayed', 'streamClosed', 'carrierEnded'] as const),
]);

function meaning({ carrier, genuine, call }: Signed): Subject {
  return {
    make: (random) => said(random, genuine),
    check(input): Outcome {
      const report = carrier.decode(asRequest(input), NOW);
      if (report === null) return { kind: 'nothing', answer: null };
      checkReport(report);
      let now = call;
      for (const event of report.events) now = transition(now, event).call;
      forbid(
        now.id !== call.id || !['live', 'ending', 'ended'].includes(now.phase),
        'a webhook brings a call into no state',
        () => now.phase,
      );
      return {
        kind: report.events.length === 0 ? 'a call' : (report.events.at(-1)?.kind ?? ''),
        answer: report,
      };
    },
  };
}

function said(random: Random, genuine: readonly WebhookRequest[]): Input {
  const { body, path, ...rest } = random.pick(genuine);
  const isJson = body.startsWith('{');
  const other = random.pick([
    () => mutated(random, body),
    () => otherFields(random, body),
    () => otherFields(random, body),
    () =>
      isJson
        ? `{"data":{"event_type":"call.${random.pick(TELNYX)}","id":"x","payload":${anyJson(random, PAYLOAD)}}}`
        : body,
    () => anyText(random, 200),
    () => body,
  ])();
  const target = random.pick([
    () => path,
    () => otherQuery(random, path),
    () => mutated(random, path),
    () => random.pick(genuine).path,
  ])();
  return asInput({ ...rest, body: other, path: target }, { skewS: 0, address: 'public' });
}

const TELNYX = [
  'initiated',
  'answered',
  'hangup',
  'transcription',
  'speak.ended',
  'dtmf.received',
  'bridged',
];
const PAYLOAD = [
  'call_control_id',
  'client_state',
  'from',
  'to',
  'direction',
  'digit',
  'transcription_data',
  'hangup_cause',
  'transcript',
  'is_final',
];

function checkReport({ carrierCallId, direction, from, to, events }: Report): void {
  forbid(carrierCallId === '', 'a report names no call');
  forbid(
    direction !== null && direction !== 'inbound' && direction !== 'outbound',
    'a report has no direction',
  );
  for (const party of [from, to]) forbid(party !== null && typeof party !== 'string', 'a party is no text');
  for (const event of events) {
    forbid(!KINDS.has(event.kind) || !Number.isFinite(event.at), 'an event is none', () =>
      JSON.stringify(event),
    );
    if ('turn' in event)
      forbid(event.turn !== null && !Number.isSafeInteger(event.turn), 'a turn is no number', () =>
        JSON.stringify(event),
      );
    if (event.kind === 'callerSaid')
      forbid(event.text.trim() === '', 'words without a word', () => JSON.stringify(event));
    if (event.kind === 'digitsReceived')
      forbid(!/^[0-9A-Da-d*#]+$/.test(event.digits), 'keys no telephone has', () => event.digits);
    if (event.kind === 'carrierEnded')
      forbid(typeof event.cause !== 'string' || event.cause.length > 500, 'an end without a cause');
  }
}
