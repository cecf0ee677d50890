// Tests of the Twilio carrier as a whole: it keeps the contract of a carrier.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  inboundCall,
  liveCall,
  NOW,
  numberVisit,
  options,
  outboundCall,
  signedForm,
  statusVisit,
  visit,
} from '../../../test/wire/twilio/samples.ts';
import { carrierContract } from '../contract.ts';
import { twilioCarrier } from './index.ts';

const carrier = twilioCarrier(options);
const status = statusVisit('completed', 3, { CallDuration: '37', SipResponseCode: '200' });

carrierContract('Twilio', {
  carrier,
  withoutStreams: twilioCarrier({ ...options, address: { ...options.address, streamUrl: null } }),
  now: NOW,
  genuine: [
    numberVisit(),
    numberVisit({ CallStatus: 'completed', CallDuration: '12' }),
    ...['queued', 'initiated', 'ringing', 'in-progress'].map((name, sequence) => statusVisit(name, sequence)),
    status,
    visit('flow=answer'),
    visit('flow=wait&asked=1'),
    visit('flow=wait&asked=2'),
    visit('flow=played&utterance=u1&asked=3'),
    visit('flow=silent&turn=1&utterance=u1&asked=4'),
    visit('flow=gather&turn=1&asked=4', { SpeechResult: 'Zürich, bitte & danke', Confidence: '0.9' }),
    visit('flow=gather&turn=2&asked=5', { Digits: '12#' }),
    visit('flow=streamed&stream=1&asked=6'),
  ],
  forged: [
    { ...status, body: status.body.replace('completed', 'failed') },
    { ...status, body: `${status.body}&Extra=1` },
    { ...status, body: '' },
    { ...status, urls: status.urls.map((url) => `${url}&turn=1`) },
    { ...status, headers: { ...status.headers, 'x-twilio-signature': '' } },
    { ...status, headers: { ...status.headers, 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' } },
    { ...status, headers: { ...status.headers, 'content-type': 'application/json' } },
    { ...status, headers: { ...status.headers, 'content-type': undefined } },
    { ...status, method: 'GET' },
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
