// Fuzz: the XML writer, the address rules, and the whole door of each carrier over real HTTP; tools/fuzz has the rest.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { element, legalText, xmlDocument } from '../../src/carrier/xml.ts';
import { urlsOf } from '../../src/ingress/public-url.ts';
import { CarrierStage } from '../conformance/carrier-stage.ts';
import { CARRIERS } from '../conformance/exchanges.ts';
import { knockRaw } from './knock.ts';

const SEED = 20_261_121;
const RUNS = { seed: SEED, numRuns: 400 } as const;

const anyText = fc.string({ unit: 'binary', maxLength: 300 });
const body = fc.oneof(anyText, fc.json());
const target = fc.oneof(
  anyText,
  anyText.map((text) => `/voice/webhook?${text}`),
  anyText.map((text) => `/voice/webhook?callId=${text}&flow=words&turn=${text}&n=1`),
);

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
