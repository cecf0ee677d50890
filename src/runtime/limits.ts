// Limits: the error that says why the owner's limits do not let us call somebody, and from when they do.
import { type OutboundLimits, VAIN_CALLS, type Verdict } from '../call/governor.ts';
import { VoiceCallError } from '../lib/errors.ts';

type Refused = Extract<Verdict, { ok: false }>;

export function refusedByLimits(refused: Refused, number: string, limits: OutboundLimits): VoiceCallError {
  switch (refused.why) {
    case 'emergency':
      return new VoiceCallError('VC_EMERGENCY_NUMBER', { number });
    case 'premium':
      return new VoiceCallError('VC_PREMIUM_NUMBER', { number });
    case 'redial':
      return new VoiceCallError('VC_REDIAL_PAUSED', {
        number,
        calls: VAIN_CALLS,
        when: when(refused.roomAt),
      });
    case 'calls':
      return new VoiceCallError('VC_CALLS_USED_UP', {
        limit: limits.maxCallsPerDay ?? 0,
        when: when(refused.roomAt),
      });
    case 'minutes':
      return new VoiceCallError('VC_MINUTES_USED_UP', {
        limit: limits.maxMinutesPerDay ?? 0,
        when: when(refused.roomAt),
      });
  }
}

function when(roomAt: number | null): string {
  return roomAt === null ? 'when a call that is open now has ended' : `at ${new Date(roomAt).toISOString()}`;
}
