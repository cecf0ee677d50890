// Fuzz: every webhook parser, signature base, XML writer and address rule, and the whole door over real HTTP.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import type { Instruction } from '../../src/call/instruction.ts';
import type { Carrier, WebhookRequest } from '../../src/carrier/carrier.ts';
import { plivoCarrier } from '../../src/carrier/plivo/index.ts';
import { telnyxCarrier } from '../../src/carrier/telnyx/index.ts';
import { twilioCarrier } from '../../src/carrier/twilio/index.ts';
import { element, legalText, xmlDocument } from '../../src/carrier/xml.ts';
import { urlsOf } from '../../src/ingress/public-url.ts';
import { CarrierStage } from '../conformance/carrier-stage.ts';
import { CARRIERS } from '../conformance/exchanges.ts';
import * as plivo from '../wire/plivo/samples.ts';
import * as telnyx from '../wire/telnyx/samples.ts';
import * as twilio from '../wire/twilio/samples.ts';
import { knockRaw } from './knock.ts';

const SEED = 20_261_121;
const RUNS = { seed: SEED, numRuns: 400 } as const;
const { NOW } = twilio;

interface Subject {
  readonly name: string;
  readonly carrier: Carrier;
  /** A request the carrier really signed. */
  readonly genuine: WebhookRequest;
  readonly fields: readonly string[];
}

const FORM_FIELDS = [
  'CallSid',
  'CallUUID',
  'CallStatus',
  'From',
  'To',
  'Direction',
  'Event',
  'SpeechResult',
  'Speech',
  'Digits',
  'HangupCauseCode',
  'ALegRequestUUID',
  'RequestUUID',
  '__proto__',
  'constructor',
];
const subjects: readonly Subject[] = [
  {
    name: 'twilio',
    carrier: twilioCarrier(twilio.options),
    genuine: twilio.visit('flow=words&turn=1&n=2', { SpeechResult: 'Hello', Confidence: '0.9' }),
    fields: FORM_FIELDS,
  },
  {
    name: 'telnyx',
    carrier: telnyxCarrier(telnyx.options),
    genuine: telnyx.event('call.answered', { client_state: telnyx.stateOf(1, 'u1') }),
    fields: [],
  },
  {
    name: 'plivo',
    carrier: plivoCarrier(plivo.options),
    genuine: plivo.visit('flow=words&turn=1&n=2', { Speech: 'Hello' }),
    fields: FORM_FIELDS,
  },
];

const anyText = fc.string({ unit: 'binary', maxLength: 300 });
const formBody = fc
  .array(fc.tuple(fc.constantFrom(...FORM_FIELDS), anyText), { maxLength: 12 })
  .map((pairs) =>
    pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&'),
  );
const EVENTS = [
  'call.initiated',
  'call.answered',
  'call.hangup',
  'call.transcription',
  'call.speak.ended',
  'call.dtmf.received',
  'call.bogus',
];
const telnyxBody = fc
  .record({
    type: fc.constantFrom(...EVENTS),
    payload: fc.dictionary(
      fc.constantFrom(
        'call_control_id',
        'client_state',
        'from',
        'to',
        'direction',
        'digit',
        'transcription_data',
        'hangup_cause',
        'sip_hangup_cause',
        '__proto__',
      ),
      fc.jsonValue(),
    ),
  })
  .map(({ type, payload }) => JSON.stringify({ data: { event_type: type, payload } }));
const body = fc.oneof(anyText, formBody, telnyxBody, fc.json());
const target = fc.oneof(
  anyText,
  anyText.map((text) => `/voice/webhook?${text}`),
  anyText.map((text) => `/voice/webhook?callId=${text}&flow=words&turn=${text}&n=1`),
);

for (const { name, carrier, genuine } of subjects) {
  describe(`${name}, given anything`, () => {
    it('decodes it to the same report twice, or to nothing, and never throws', () => {
      fc.assert(
        fc.property(body, target, (text, path) => {
          const request = { ...genuine, body: text, path, urls: [`https://voice.example.test${path}`] };
          const report = carrier.decode(request, NOW);
          assert.deepEqual(report, carrier.decode(request, NOW));
          if (report) assert.notEqual(report.carrierCallId, '');
        }),
        RUNS,
      );
    });

    it('verifies it without throwing, and refuses it', () => {
      fc.assert(
        fc.property(body, target, anyText, (text, path, signature) => {
          const headers = { ...genuine.headers };
          for (const header of carrier.signatureHeaders) headers[header] = signature;
          assert.equal(
            carrier.verify({ ...genuine, body: text, path, urls: [path], headers }, NOW).ok,
            false,
          );
        }),
        RUNS,
      );
    });

    it('does not accept a signed body with one character changed, taken out or put in', () => {
      const place = fc.nat({ max: genuine.body.length - 1 });
      const letter = fc.constantFrom(...'abcXYZ0189=&{}":,._-');
      fc.assert(
        fc.property(place, letter, fc.constantFrom(0, 1), fc.constantFrom('', 'put'), (at, put, cut, how) => {
          const changed = genuine.body.slice(0, at) + (how === '' ? '' : put) + genuine.body.slice(at + cut);
          if (meansTheSame(name, changed, genuine.body)) return;
          assert.equal(carrier.verify({ ...genuine, body: changed }, NOW).ok, false, changed);
        }),
        RUNS,
      );
    });

    it('lets no text break out of a document or a command', () => {
      const { live, reads } = documents(name);
      fc.assert(
        fc.property(anyText, fc.constantFrom(null, 1), (text, turn) => {
          const utterance = { id: 'u1', text, digits: null, requestId: null };
          const said: Instruction = { kind: 'say', utterance, turn };
          const plain: Instruction = { ...said, utterance: { ...utterance, text: 'plain' } };
          const usual = reads(carrier, live, plain);
          for (const shape of reads(carrier, live, said)) assert.ok(usual.includes(shape), shape);
        }),
        RUNS,
      );
    });
  });
}

/** Two spellings of the same fields are the same signed bytes; only then may a changed body be believed. */
function meansTheSame(name: string, one: string, other: string): boolean {
  if (name === 'telnyx') return one === other;
  const signed = (text: string): string =>
    JSON.stringify(
      [...new URLSearchParams(text)]
        .sort()
        .map((pair) => pair.join(''))
        .join(''),
    );
  return signed(one) === signed(other);
}

/** The shape of what is sent: its elements and attributes, or its fields, without the words. */
function documents(name: string) {
  const samples = { twilio, telnyx, plivo }[name as 'twilio' | 'telnyx' | 'plivo'];
  const reads = (
    carrier: Carrier,
    call: ReturnType<typeof samples.liveCall>,
    instruction: Instruction,
  ): readonly string[] =>
    name === 'telnyx'
      ? carrier.asRequests(call, instruction).map((request) =>
          Object.keys(JSON.parse(request.body ?? '{}'))
            .sort()
            .join(),
        )
      : withoutRepeats(shapeOf(carrier.asReply(call, instruction).body));
  return { live: samples.liveCall(), reads };
}

/** A long text is said in several elements alike, and one with no sayable word in none. */
function withoutRepeats(shape: readonly string[]): readonly string[] {
  return [...new Set(shape)].filter((tag) => !/^Speak|^Say/.test(tag));
}

function shapeOf(document: string): string[] {
  const shape: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => shape.push(`${name} ${JSON.stringify(attributes)}`));
  parser.write(document).close();
  return shape;
}

describe('The XML writer, given any text', () => {
  it('writes a well-formed document from which the same text is read, in elements and attributes', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, attribute) => {
        let read = '';
        let value = '';
        const parser = new SaxesParser();
        parser.on('error', (error) => {
          throw error;
        });
        parser.on('text', (part) => {
          read += part;
        });
        parser.on('opentag', ({ attributes }) => {
          value = String(attributes['a'] ?? value);
        });
        parser.write(xmlDocument(element('Response', { a: attribute }, [text]))).close();
        const seen = (one: string): string => one.replace(/\s+/g, ' ').trim();
        assert.equal(seen(read), seen(legalText(text)));
        assert.equal(seen(value), seen(legalText(attribute)));
      }),
      RUNS,
    );
  });
});

describe('The address rules, given any headers', () => {
  it('never throw, never believe a header when the public address is configured, and give only http addresses', () => {
    const header = fc.option(anyText, { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({ path: target, host: header, forwarded: header, proxy: anyText, trusts: fc.boolean() }),
        ({ path, host, forwarded, proxy, trusts }) => {
          const headers = { host, 'x-forwarded-host': forwarded, 'x-forwarded-proto': forwarded };
          const forwarding = {
            allowedHosts: [],
            trustForwardingHeaders: trusts,
            trustedProxyIPs: trusts ? [] : [proxy],
          };
          const request = { publicUrls: null, path, headers, peer: '203.0.113.9' };
          for (const url of urlsOf(request, forwarding)) assert.match(url, /^https?:\/\/[A-Za-z0-9.[]/);
          const pinned = urlsOf({ ...request, publicUrls: ['https://p.example/v'] }, forwarding);
          assert.ok(pinned.length === 1 && pinned[0]?.startsWith('https://p.example/v'));
        },
      ),
      RUNS,
    );
  });
});

describe('The door, given any bytes over real HTTP', () => {
  const stages: CarrierStage[] = [];
  before(async () => {
    for (const carrier of CARRIERS) stages.push(await new CarrierStage(carrier).open());
  });
  after(async () => {
    for (const stage of stages) await stage.close();
  });

  it('never answers 500, never accepts, and is still open afterwards', async () => {
    const line = fc.oneof(
      anyText,
      target,
      fc.constantFrom('/voice/webhook', '*', '//', 'http://[', '/voice/webhook?%'),
    );
    await fc.assert(
      fc.asyncProperty(line, anyText, body, anyText, async (path, host, text, signature) => {
        const plain = (one: string): string => one.replace(/[\r\n]/g, '');
        for (const stage of stages) {
          const names = [
            'x-twilio-signature',
            'telnyx-signature-ed25519',
            'telnyx-timestamp',
            'x-plivo-signature-v3',
            'x-plivo-signature-v3-nonce',
          ];
          const signatures = names.map((name) => `${name}: ${plain(signature)}x\r\n`).join('');
          const bytes = Buffer.from(text);
          const head = `POST ${plain(path)} HTTP/1.1\r\nhost: ${plain(host)}\r\ncontent-type: application/x-www-form-urlencoded\r\n${signatures}connection: close\r\ncontent-length: ${bytes.length}\r\n\r\n`;
          const { status } = await knockRaw(stage.port, Buffer.concat([Buffer.from(head), bytes]));
          assert.ok([0, 400, 401, 404, 405, 413, 431].includes(status), `${status}`);
        }
      }),
      { seed: SEED, numRuns: 120 },
    );
    for (const stage of stages) {
      assert.deepEqual(
        stage.log.lines.filter(({ level }) => level === 'error'),
        [],
      );
      assert.equal(
        (await knockRaw(stage.port, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).status,
        404,
      );
    }
  });
});
