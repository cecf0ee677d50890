// Calls: the sample calls the wire tests of every carrier are about, as we hold them.
import { settings as usual } from '../../sim/core-call.ts';
import type { Call, CallSettings } from '../../src/call/call.ts';
import { newInboundCall, newOutboundCall } from '../../src/call/new-call.ts';

export const NOW = Date.UTC(2026, 10, 21, 12);
export const CALL_ID = '7f0c2a34-0000-4000-8000-000000000001';

const OUR_NUMBER = '+15550100002';
const THEIR_NUMBER = '+15550001234';
const settings: CallSettings = { ...usual, greeting: 'Hello.', responseTimeoutMs: 60_000 };

interface SampleCalls {
  /** A call we are about to place. */
  outboundCall(changes?: Partial<CallSettings>, mode?: Call['mode']): Call;
  /** A call in progress. */
  liveCall(changes?: Partial<CallSettings>): Call;
  /** A call that rings here. */
  inboundCall(): Call;
}

/** The samples on one carrier; `carrierCallId` is its own name for them. */
export function sampleCalls(
  on: Pick<Call, 'carrier' | 'asks'> & { readonly carrierCallId: string },
): SampleCalls {
  const { carrierCallId, ...carrier } = on;
  const init = { ...carrier, id: CALL_ID, at: NOW, answerByMs: 45_000 };
  const outboundCall: SampleCalls['outboundCall'] = (changes = {}, mode = 'conversation') =>
    newOutboundCall({
      ...init,
      from: OUR_NUMBER,
      to: THEIR_NUMBER,
      settings: { ...settings, ...changes },
      mode,
      requesterSessionKey: null,
    });
  return {
    outboundCall,
    liveCall: (changes) => ({ ...outboundCall(changes), carrierCallId, phase: 'live', answeredAt: NOW }),
    inboundCall: () =>
      newInboundCall({ ...init, from: THEIR_NUMBER, to: OUR_NUMBER, settings, carrierCallId }),
  };
}
