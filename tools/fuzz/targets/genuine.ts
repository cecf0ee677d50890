// Genuine: webhooks that were truly signed, by each carrier's rule and with our keys: what every forgery is made from.
import { createPrivateKey, createPublicKey, sign as signBytes } from 'node:crypto';
import { parse as parseQuery, stringify as printQuery } from 'node:querystring';
import { validateV3Signature } from 'plivo/dist/utils/v3Security.js';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { signV3 } from '../../../sim/plivo/signature.ts';
import { sign as signTwilio, withDefaultPort } from '../../../sim/twilio/signature.ts';
import type { Call } from '../../../src/call/call.ts';
import type { Carrier, WebhookRequest } from '../../../src/carrier/carrier.ts';
import { plivoCarrier } from '../../../src/carrier/plivo/index.ts';
import { telnyxCarrier } from '../../../src/carrier/telnyx/index.ts';
import { twilioCarrier } from '../../../src/carrier/twilio/index.ts';
import * as plivo from '../../../test/wire/plivo/samples.ts';
import * as telnyx from '../../../test/wire/telnyx/samples.ts';
import * as twilio from '../../../test/wire/twilio/samples.ts';

export interface Signed {
  readonly name: 'twilio' | 'telnyx' | 'plivo';
  readonly carrier: Carrier;
  readonly genuine: readonly WebhookRequest[];
  /** What the carrier would write into the signature header of this request, in every way it may spell the address. */
  signaturesFor(request: WebhookRequest): readonly string[];
  /** The same request with a signature that is right but for its key. */
  signedByOther(request: WebhookRequest, key: string): WebhookRequest;
  /** The judgement of the carrier's own library; null where it has none for such a request. */
  official(request: WebhookRequest): boolean | null;
  readonly call: Call;
}

export const NOW: number = twilio.NOW;
export const PUBLIC_URL: string = twilio.options.address.webhookUrl;

const SPOKEN = 'It is No. 5, i.e. the 3rd & last=one; 50% off? Ja, gerne. "Ü" 😀';
const VISITS = [
  'flow=answer',
  'flow=wait&asked=3',
  'flow=status&opening=inline',
  'flow=played&utterance=u2&asked=4',
];

function fieldsIn(body: string): [string, string][] {
  return [...new URLSearchParams(body)];
}

export function twilioSigned(): Signed {
  const token = twilio.options.authToken;
  const signatureFor = (request: WebhookRequest, key: string): string[] =>
    request.urls.flatMap((url) => {
      const tidy = URL.parse(url)?.href ?? url;
      return [...new Set([url, tidy, reescaped(tidy)])].flatMap((one) => {
        const bare = one
          .replace(/^(https:\/\/[^/?#]*):443(?=[/?#]|$)/, '$1')
          .replace(/^(http:\/\/[^/?#]*):80(?=[/?#]|$)/, '$1');
        const params = request.method === 'POST' ? fieldsIn(request.body) : [];
        const ported = URL.canParse(bare) ? withDefaultPort(bare) : bare;
        return [one, bare, ported].map((spelled) => signTwilio(key, spelled, params));
      });
    });
  return {
    name: 'twilio',
    carrier: twilioCarrier(twilio.options),
    genuine: [
      ...VISITS.map((query) => twilio.visit(query)),
      twilio.visit('flow=gather&turn=1&asked=2', { SpeechResult: SPOKEN, Confidence: '0.91' }),
      twilio.visit('flow=gather&turn=2&asked=3', { Digits: '12#' }),
      twilio.visit('flow=silent&turn=1&utterance=u1&asked=2'),
      twilio.numberVisit(),
      twilio.numberVisit({ From: 'anonymous', CallerName: '<Ann & Co>' }),
      twilio.statusVisit('completed', 3, { CallDuration: '37' }),
      twilio.statusVisit('ringing', 1),
    ],
    signaturesFor: (request) => signatureFor(request, token),
    signedByOther: (request, key) =>
      withHeaders(request, { 'x-twilio-signature': signatureFor(request, key)[0] ?? '' }),
    official: ({ headers, urls, body, method }) =>
      method === 'POST'
        ? urls.some((url) =>
            webhooks.validateRequest(token, headers['x-twilio-signature'] ?? '', url, grouped(body)),
          )
        : null,
    call: twilio.liveCall(),
  };
}

/** A query as old systems escape it: Twilio's own library takes a signature of that, too. */
function reescaped(url: string): string {
  const at = url.indexOf('?');
  return at === -1
    ? url
    : `${url.slice(0, at)}?${printQuery(parseQuery(url.slice(at + 1), '&', '=', { maxKeys: 0 }))}`;
}

export function plivoSigned(): Signed {
  const token = plivo.options.authToken;
  const nonceOf = ({ headers }: WebhookRequest): string => headers['x-plivo-signature-v3-nonce'] ?? '';
  const signatureFor = (request: WebhookRequest, key: string): string[] =>
    request.urls.flatMap((url) =>
      (['library', 'documentation'] as const).map((signsAs) =>
        signV3(key, {
          url,
          nonce: nonceOf(request),
          params: request.method === 'POST' ? fieldsIn(request.body) : [],
          signsAs,
        }),
      ),
    );
  return {
    name: 'plivo',
    carrier: plivoCarrier(plivo.options),
    genuine: [
      ...VISITS.map((query) => plivo.visit(query)),
      plivo.visit('flow=input&turn=1&asked=2', { Speech: SPOKEN, InputType: 'speech' }),
      plivo.visit('flow=input&turn=2&asked=3', { Digits: '12#', InputType: 'dtmf' }),
      plivo.visit('flow=silent&turn=1&asked=2', { To: 'sip:agent@phone.plivo.com' }),
      plivo.numberVisit(),
      plivo.numberVisit({ CallerName: '<Ann & Co>', To: 'sip:desk.one@phone.plivo.com' }),
      plivo.visit('flow=hangup', plivo.hungUp),
      plivo.visit('flow=ring'),
    ],
    signaturesFor: (request) => signatureFor(request, token),
    signedByOther: (request, key) =>
      withHeaders(request, { 'x-plivo-signature-v3': signatureFor(request, key)[0] ?? '' }),
    official: (request) => {
      const signature = request.headers['x-plivo-signature-v3'] ?? '';
      const judge = (url: string): boolean =>
        validateV3Signature(request.method, url, nonceOf(request), token, signature, grouped(request.body));
      // Its library knows one of the two ways to write an address without a query, and no list of signatures.
      const isKnown = request.method === 'POST' && request.urls.every((url) => url.includes('?'));
      return isKnown && !signature.includes(',') && !request.headers['x-plivo-signature-ma-v3']
        ? request.urls.some(judge)
        : null;
    },
    call: plivo.liveCall(),
  };
}

/** Made of a fixed secret, so that the same seed gives the same signatures. */
function edKey(seed: string): ReturnType<typeof createPrivateKey> {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

export function telnyxSigned(): Signed {
  const key = edKey('fuzz');
  const publicKey = createPublicKey(key)
    .export({ format: 'der', type: 'spki' })
    .subarray(-32)
    .toString('base64');
  const signatureFor = ({ headers, body }: WebhookRequest, by: typeof key): string =>
    signBytes(null, Buffer.from(`${headers['telnyx-timestamp'] ?? ''}|${body}`), by).toString('base64');
  const resigned = (request: WebhookRequest): WebhookRequest =>
    withHeaders(request, { 'telnyx-signature-ed25519': signatureFor(request, key) });
  return {
    name: 'telnyx',
    carrier: telnyxCarrier({ ...telnyx.options, publicKey }),
    genuine: [
      telnyx.event('call.initiated', {
        direction: 'incoming',
        from: '+15550001234',
        to: '+15550100002',
        client_state: null,
      }),
      telnyx.event('call.answered', { client_state: telnyx.stateOf(1, 'u1') }),
      telnyx.event('call.transcription', {
        client_state: telnyx.stateOf(1),
        transcription_data: { transcript: SPOKEN, is_final: true, confidence: 0.9 },
      }),
      telnyx.event('call.dtmf.received', { digit: '5' }),
      telnyx.event('call.speak.ended', { client_state: telnyx.stateOf(null, 'u2'), status: 'completed' }),
      telnyx.event('streaming.stopped', { client_state: telnyx.stateOf() }),
      telnyx.event('call.hangup', { hangup_cause: 'normal_clearing', hangup_source: 'caller' }),
    ].map(resigned),
    signaturesFor: (request) => [signatureFor(request, key)],
    signedByOther: (request, secret) =>
      withHeaders(request, {
        'telnyx-signature-ed25519': signatureFor(request, edKey(secret === '' ? 'x' : secret)),
      }),
    // It judges by the time of the day, and signs nothing but bytes: there is nothing it could know better.
    official: () => null,
    call: telnyx.liveCall(),
  };
}

export function withHeaders(request: WebhookRequest, headers: WebhookRequest['headers']): WebhookRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

/** Fields as the libraries take them: a repeated name has a list. */
function grouped(body: string): Record<string, string | string[]> {
  const all = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(body)) all.set(name, [...(all.get(name) ?? []), value]);
  return Object.fromEntries(
    [...all].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

export const SIGNED = { twilio: twilioSigned, telnyx: telnyxSigned, plivo: plivoSigned } as const;
