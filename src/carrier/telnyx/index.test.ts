// Tests of the Telnyx carrier as a whole: it keeps the contract of a carrier.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  event,
  inboundCall,
  liveCall,
  NOW,
  options,
  outboundCall,
  signed,
  stateOf,
  strangersKeys,
} from '../../../test/wire/telnyx/samples.ts';
import { carrierContract } from '../contract.ts';
import { telnyxApiBase, telnyxCarrier } from './index.ts';

const carrier = telnyxCarrier(options);
const hangup = event('call.hangup', { hangup_cause: 'normal_clearing', hangup_source: 'callee' });
const changed = (body: string): typeof hangup => ({ ...hangup, body });
const withHeaders = (headers: Readonly<Record<string, string>>): typeof hangup => ({
  ...hangup,
  headers: { ...hangup.headers, ...headers },
});

carrierContract('Telnyx', {
  carrier,
  withoutStreams: telnyxCarrier({ ...options, address: { ...options.address, streamUrl: null } }),
  now: NOW,
  signsAddress: false,
  genuine: [
    event('call.initiated', { direction: 'incoming', client_state: null, from: '+15550001234' }),
    event('call.answered'),
    event('call.speak.started'),
    event('call.speak.ended', { status: 'completed', client_state: stateOf(1, 'u1') }),
    event('call.transcription', { transcription_data: { transcript: 'Zürich, bitte', is_final: true } }),
    event('call.dtmf.received', { digit: '1' }),
    event('call.bridged'),
    event('streaming.started', { client_state: stateOf(null, null, { n: 1, expiresAt: NOW }) }),
    event('streaming.stopped', { client_state: stateOf(null, null, { n: 1, expiresAt: NOW }) }),
    hangup,
  ],
  forged: [
    changed(hangup.body.replace('normal_clearing', 'user_busy')),
    changed(`${hangup.body} `),
    changed(''),
    withHeaders({ 'telnyx-signature-ed25519': 'A'.repeat(86).concat('==') }),
    withHeaders({ 'telnyx-timestamp': String(NOW / 1_000 + 1) }),
    signed(hangup.body, { key: strangersKeys.privateKey }),
    signed(hangup.body, { timestamp: String(NOW / 1_000 - 301) }),
    signed(hangup.body, { timestamp: String(NOW / 1_000 + 301) }),
  ],
  dialling: [outboundCall(), outboundCall({}, 'notify'), outboundCall({ greeting: null, language: 'de' })],
  live: [liveCall(), liveCall({ language: 'ja', voice: 'nova' }), { ...inboundCall(), phase: 'live' }],
});

it('it is told, never asked: every answer to a webhook is the same', () => {
  assert.equal(carrier.asks, false);
  assert.deepEqual(carrier.asReply(liveCall(), { kind: 'hangup' }), carrier.acknowledge());
});

it('without a usable public key there is no carrier', () => {
  assert.throws(() => telnyxCarrier({ ...options, publicKey: '' }), { code: 'VC_CONFIG_INVALID' });
});

it('it talks to Telnyx, or to the simulator', () => {
  assert.equal(telnyxApiBase({ apiBaseUrl: null }), 'https://api.telnyx.com');
  assert.equal(telnyxApiBase({ apiBaseUrl: 'http://127.0.0.1:4010/' }), 'http://127.0.0.1:4010');
  const { request } = carrier.dial(outboundCall(), { kind: 'wait' });
  assert.equal(request.url, 'https://api.telnyx.com/v2/calls');
});

it('a call that came in needs no adopting', () => {
  assert.deepEqual(carrier.adopt(inboundCall()), []);
});
