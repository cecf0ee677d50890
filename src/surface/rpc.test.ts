// Tests of Rpc: the names, rights, answers and errors other programs rely on.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { FakePhone, someCall } from '../../sim/fake-phone.ts';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { voiceService } from '../../sim/voice-service.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { type RpcAnswer, type RpcMethod, rpcMethods } from './rpc.ts';

describe('the RPC methods', () => {
  let phone: FakePhone;
  let methods: readonly RpcMethod[];

  beforeEach(() => {
    phone = new FakePhone();
    const service = voiceService(phone, new HandClock());
    methods = rpcMethods(() => service);
  });

  async function call(name: string, params: unknown, isTrusted = false): Promise<RpcAnswer> {
    const method = methods.find((one) => one.name === `voicecall.${name}`);
    assert.ok(method, name);
    return method.handle(params, { isTrusted });
  }

  it('have the documented names and rights', () => {
    assert.deepEqual(
      methods.map(({ name, scope }) => [name, scope]),
      [
        ['voicecall.initiate', 'operator.write'],
        ['voicecall.start', 'operator.write'],
        ['voicecall.continue', 'operator.write'],
        ['voicecall.continue.start', 'operator.write'],
        ['voicecall.continue.result', 'operator.read'],
        ['voicecall.speak', 'operator.write'],
        ['voicecall.dtmf', 'operator.write'],
        ['voicecall.end', 'operator.write'],
        ['voicecall.status', 'operator.read'],
        ['voicecall.call.events', 'operator.read'],
        ['voicecall.latency', 'operator.read'],
        ['voicecall.watch', 'operator.read'],
        ['voicecall.pairing.list', 'operator.read'],
        ['voicecall.pairing.approve', 'operator.write'],
        ['voicecall.ring', 'operator.write'],
        ['voicecall.phone.open', 'operator.write'],
      ],
    );
  });

  it('answer with the documented shapes', async () => {
    phone.calls = [someCall()];
    const answers: readonly [string, object, object][] = [
      ['initiate', { message: 'Hi', to: '+15550001234' }, { callId: 'call-1', initiated: true }],
      ['start', { to: '+15550001234' }, { callId: 'call-1', initiated: true }],
      ['continue', { callId: 'call-1', message: 'So?' }, { success: true, transcript: 'Fine, thanks.' }],
      [
        'continue.start',
        { callId: 'call-1', message: 'So?' },
        { operationId: 'op-1', status: 'pending', pollTimeoutMs: 39_000 },
      ],
      ['speak', { callId: 'call-1', message: 'One moment' }, { success: true }],
      ['speak', { callId: 'call-1', message: 'One moment', allowTwimlFallback: true }, { success: true }],
      ['dtmf', { callId: 'call-1', digits: '1#' }, { success: true }],
      ['end', { callId: 'call-1' }, { success: true }],
      ['pairing.list', {}, { pairings: [] }],
      ['status', { callId: 'nobody' }, { found: false, health: [] }],
    ];
    for (const [name, params, payload] of answers) {
      assert.deepEqual(await call(name, params), { ok: true, payload }, name);
    }
    await settle();
    const result = await call('continue.result', { operationId: 'op-1' });
    assert.ok(result.ok);
    assert.deepEqual(result.payload, {
      status: 'completed',
      result: { success: true, transcript: 'Fine, thanks.' },
    });
  });

  it('a wrong parameter is an invalid request, anything else is unavailable', async () => {
    const wrong = await call('speak', { callId: 'call-1' });
    assert.ok(!wrong.ok);
    assert.equal(wrong.error.code, 'INVALID_REQUEST');
    assert.equal(wrong.error.message, 'callId and message required. Pass the missing parameter.');

    for (const [name, params] of [
      ['dtmf', { callId: 'call-1', digits: 'x' }],
      ['initiate', { message: 'Hi', to: '+15550001234', dtmfSequence: '1', mode: 'notify' }],
      ['pairing.approve', { code: '1' }],
    ] as const) {
      const answer = await call(name, params);
      assert.ok(!answer.ok && answer.error.code === 'INVALID_REQUEST', name);
    }

    phone.trouble = new VoiceCallError('VC_CALL_NOT_ACTIVE', {
      state: 'completed',
      endReason: 'completed',
      endedAt: '2026-11-21T12:00:00.000Z',
    });
    const late = await call('end', { callId: 'call-1' });
    assert.ok(!late.ok);
    assert.equal(late.error.code, 'UNAVAILABLE');
    assert.match(
      late.error.message,
      /^call is not active \(last state=completed, endReason=completed, endedAt=/,
    );
    assert.match(late.error.message, /\)\. The call is over\. Place a new one/);
    assert.equal(late.error.details.code, 'VC_CALL_NOT_ACTIVE');
  });

  it('keep the words other plugins look for', async () => {
    phone.trouble = new VoiceCallError('VC_CALL_NOT_FOUND', { callId: 'call-9' });
    const answer = await call('end', { callId: 'call-9' });
    assert.ok(!answer.ok);
    assert.match(answer.error.message, /call not found/i);
  });

  it('only a trusted plugin may choose the agent', async () => {
    const params = { to: '+15550001234', agentId: 'sales' };
    const answer = await call('start', params);
    assert.ok(!answer.ok);
    assert.equal(answer.error.code, 'INVALID_REQUEST');
    assert.match(answer.error.message, /^agentId requires a trusted plugin caller and a valid agent id\./);
    assert.ok((await call('start', params, true)).ok);
  });

  it('say why there is no telephone, also when opening it takes a while', async () => {
    methods = rpcMethods(() => Promise.reject(new VoiceCallError('VC_DISABLED')));
    const answer = await call('status', {});
    assert.ok(!answer.ok);
    assert.equal(answer.error.code, 'UNAVAILABLE');
    assert.match(
      answer.error.message,
      /^Voice call disabled\. Enable the plugin entry in config\. Set plugins/,
    );
  });
});
