// Tests of ownerless.ts: only a caller on a number of nobody's is told so; every other failure stays what it is.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { settings } from '../../sim/core-call.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { CallPlan } from './deps.ts';
import { inboundSettings, ownedBy } from './ownerless.ts';

const caller = { callId: 'call-1', from: '+15550001234', to: '+15550005678' };
const unknown = new VoiceCallError('VC_AGENT_UNKNOWN', { why: 'there is no agent "ghost"' });

function planOwnedBy(ownerOf: (configured: string | null) => string, configured: string | null): CallPlan {
  return {
    inboundPolicy: 'open',
    allowFrom: [],
    maxConcurrentCalls: 1,
    retentionMs: null,
    outbound: {
      maxCallsPerDay: null,
      maxMinutesPerDay: null,
      allowEmergencyNumbers: false,
      allowPremiumNumbers: false,
    },
    maxInboundCalls: 1,
    maxStreams: 1,
    staleAfterMs: null,
    fromNumber: caller.to,
    settingsFor: ownedBy(ownerOf, (_call, owner) => ({ ...settings, agentId: owner(configured) })),
  };
}

function throwing(error: Error) {
  return (): never => {
    throw error;
  };
}

it('a call that somebody owns is theirs', () => {
  const { settings: made, isOwned } = inboundSettings(
    planOwnedBy(() => 'main', null),
    caller,
  );
  assert.deepEqual([made, isOwned], [{ ...settings, agentId: 'main' }, true]);
});

it('one that nobody owns has its settings all the same, with the name that is wrong', () => {
  for (const [configured, agentId] of [
    ['ghost', 'ghost'],
    [null, ''],
  ] as const) {
    const found = inboundSettings(planOwnedBy(throwing(unknown), configured), caller);
    assert.deepEqual(found, { settings: { ...settings, agentId }, isOwned: false });
  }
});

it('a call of ours that nobody owns is refused by the same error as before', () => {
  const plan = planOwnedBy(throwing(unknown), 'ghost');
  const order = { ...caller, direction: 'outbound', request: null } as const;
  assert.throws(
    () => plan.settingsFor(order),
    (error) => error === unknown,
  );
});

it('what else goes wrong is no missing agent', () => {
  const broken = new Error('the host is gone');
  assert.throws(
    () => inboundSettings(planOwnedBy(throwing(broken), 'main'), caller),
    (error) => error === broken,
  );
});
