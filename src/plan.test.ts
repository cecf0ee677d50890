// Tests of Plan: who holds a conversation is decided by the configuration and by what could be had.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { admit } from './call/admission.ts';
import type { CallSettings } from './call/call.ts';
import { parseConfig } from './config/parse.ts';
import { planFor } from './plan.ts';

function callOf(
  raw: object,
  found: { readonly streams: boolean; readonly voiceModel: boolean },
): CallSettings {
  const parsed = parseConfig({ inboundPolicy: 'open', ...raw }, {});
  assert.ok(parsed.ok);
  const plan = planFor({
    settings: parsed.settings,
    ownerAgent: () => 'main',
    streams: () => found.streams,
    voiceModel: found.voiceModel,
    alsoAdmitted: [],
  });
  const numbers = { from: '+15550001111', to: '+15550002222' };
  return plan.settingsFor({ direction: 'inbound', callId: 'c1', request: null, ...numbers });
}

describe('who holds a conversation', () => {
  it('is the voice model once it was found, and otherwise the carrier', () => {
    const realtime = { enabled: true };
    const found = callOf({ realtime }, { streams: true, voiceModel: true });
    assert.deepEqual([found.stream, found.voiceModel], [true, true]);
    const none = callOf({ realtime }, { streams: false, voiceModel: false });
    assert.deepEqual([none.stream, none.voiceModel], [false, false]);
  });

  it('is interrupted as easily as the configuration says, with a voice model too', () => {
    const streaming = { interruptSensitivity: 'low' };
    const model = { streaming, realtime: { enabled: true } };
    assert.equal(callOf(model, { streams: true, voiceModel: true }).sensitivity, 'low');
    const own = { streaming: { ...streaming, enabled: true } };
    assert.equal(callOf(own, { streams: true, voiceModel: false }).sensitivity, 'low');
    assert.equal(callOf({}, { streams: false, voiceModel: false }).sensitivity, 'medium');
  });
});

describe('whom somebody else has let in', () => {
  const planWith = (raw: object) => {
    const parsed = parseConfig(raw, {});
    assert.ok(parsed.ok);
    return planFor({
      settings: parsed.settings,
      ownerAgent: () => 'main',
      streams: () => false,
      voiceModel: false,
      alsoAdmitted: ['+15550008378'],
    });
  };

  it('may call whatever the policy is, and nobody else may with them', () => {
    for (const inboundPolicy of ['disabled', 'allowlist', 'pairing', 'open']) {
      const plan = planWith({ inboundPolicy, allowFrom: ['+15550001111'] });
      assert.equal(admit('+15550008378', plan).admitted, true, inboundPolicy);
      const stranger = admit('+15550002222', plan).admitted;
      assert.equal(stranger, inboundPolicy === 'open', inboundPolicy);
      assert.equal(admit('+15550001111', plan).admitted, inboundPolicy !== 'disabled', inboundPolicy);
    }
  });
});
