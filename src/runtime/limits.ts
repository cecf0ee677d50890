// Limits: what is used of the owner's limits, and the error that says why they do not let us call somebody.
import { countsFrom, type OutboundLimits, spentAt, VAIN_CALLS, type Verdict } from '../call/governor.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { RuntimeDeps } from './deps.ts';
import type { Spending } from './phone.ts';

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

/** What our own calls took in the last 24 hours; null when the store cannot say. */
export function spendingOf({ clock, journal, carrier, plan }: RuntimeDeps): Spending | null {
  const at = clock.now();
  const { maxCallsPerDay, maxMinutesPerDay } = plan().outbound;
  try {
    const { calls, ms } = spentAt({ at, carrier: carrier.name }, journal.outlays(countsFrom(at)));
    return {
      calls,
      ...(maxCallsPerDay !== null && { maxCalls: maxCallsPerDay }),
      minutes: Math.round(ms / 6_000) / 10,
      ...(maxMinutesPerDay !== null && { maxMinutes: maxMinutesPerDay }),
    };
  } catch {
    return null;
  }
}
