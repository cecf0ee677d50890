// Tests of the Plivo carrier as a whole: it keeps the contract of a carrier.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  hungUp,
  inboundCall,
  liveCall,
  NOW,
  numberVisit,
  options,
  outboundCall,
  signedForm,
  visit,
} from '../../../test/wire/plivo/samples.ts';
import { carrierContract } from '../contract.ts';
import { plivoApiBase, plivoCarrier } from './index.ts';

const carrier = plivoCarrier(options);
const over = visit('flow=hangup&n=0', hungUp);

carrierContract('Plivo', {
  carrier,
  withoutStreams: plivoCarrier({ ...options, address: { ...options.address, streamUrl: null } }),
  now: NOW,
  genuine: [
    numberVisit(),
    numberVisit(hungUp),
    visit('flow=ring&n=0', { Event: 'Ring', CallStatus: 'ringing' }),
    visit('flow=answer&n=0', { Event: 'StartApp' }),
    over,
    visit('flow=next&n=1'),
    visit('flow=next&n=2'),
    visit('flow=next&n=2&utterance=u4'),
    visit('flow=played&n=3&utterance=u1'),
    visit('flow=silent&n=4&turn=1&utterance=u1'),
    visit('flow=input&n=4&turn=1', { InputType: 'speech', Speech: 'Zürich, bitte & danke', Digits: '' }),
    visit('flow=streaming&n=5&stream=1', { Event: 'DroppedStream' }),
    visit('flow=streamed&n=5&stream=1'),
    visit('flow=input&n=5&turn=2', { InputType: 'dtmf', Digits: '12#', Speech: '' }),
  ],
  forged: [
    { ...over, body: over.body.replace('completed', 'failed') },
    { ...over, body: `${over.body}&Extra=1` },
    { ...over, body: '' },
    { ...over, urls: over.urls.map((url) => `${url}&turn=1`) },
    { ...over, urls: over.urls.map((url) => url.replace('.test/', '.test:443/')) },
    { ...over, headers: { ...over.headers, 'x-plivo-signature-v3': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' } },
    { ...over, headers: { ...over.headers, 'x-plivo-signature-v3-nonce': '1' } },
    { ...over, headers: { ...over.headers, 'content-type': 'application/json' } },
    { ...over, headers: { ...over.headers, 'content-type': undefined } },
    { ...over, method: 'GET' },
    { ...over, method: 'PUT' },
    signedForm(options.address.webhookUrl, { CallStatus: 'ringing' }, 'the token of somebody else'),
    signedForm(options.address.webhookUrl, { CallStatus: 'ringing' }, ''),
  ],
  dialling: [outboundCall(), outboundCall({}, 'notify'), outboundCall({ greeting: null, language: 'de' })],
  live: [liveCall(), liveCall({ language: 'ja', voice: 'nova' }), { ...inboundCall(), phase: 'live' }],
});

it('documents and acknowledgements are XML', () => {
  for (const reply of [carrier.asReply(liveCall(), { kind: 'wait' }), carrier.acknowledge()]) {
    assert.deepEqual([reply.status, reply.contentType], [200, 'text/xml; charset=utf-8']);
    assert.match(reply.body, /^<\?xml version="1\.0" encoding="UTF-8"\?><Response/);
  }
});

it('a call in a language without a voice, or with keys Plivo does not have, is refused before it is placed', () => {
  assert.equal(carrier.unsupported(outboundCall()), null);
  assert.match(carrier.unsupported(outboundCall({ language: 'sw-KE' })) ?? '', /speak "sw-KE".*"Polly\."/);
  assert.equal(carrier.unsupported(outboundCall({ language: 'sw-KE', voice: 'Polly.Amy' })), null);
  assert.equal(carrier.unsupported(outboundCall({ dtmfSequence: 'ww12#' })), null);
  assert.match(carrier.unsupported(outboundCall({ dtmfSequence: '1A' })) ?? '', /keys A to D/);
});

it('a call that comes in is taken over without a request: Plivo has none for that', () => {
  assert.deepEqual(carrier.adopt(inboundCall()), []);
});

it('requests go to Plivo, or to the simulator', () => {
  assert.equal(plivoApiBase({ apiBaseUrl: null }), 'https://api.plivo.com');
  assert.equal(plivoApiBase({ apiBaseUrl: 'http://127.0.0.1:4010/' }), 'http://127.0.0.1:4010');
});
