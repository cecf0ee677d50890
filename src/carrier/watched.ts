// Watched: a transport whose failures are told to the health of the telephone, and its recovery too.
import { VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import type { Transport } from './carrier.ts';

/** In health. */
export const CARRIER_SUBJECT = 'carrier';

/** As `transport`; any answer at all says that `carrier` can be reached, also a refusal. */
export function watched(transport: Transport, health: Health, carrier: string): Transport {
  return async (request, signal) => {
    const response = await transport(request, signal);
    if (response.kind === 'answered') health.well(CARRIER_SUBJECT);
    // What we broke off ourselves says nothing about the other side.
    else if (!signal.aborted) {
      const unreachable = new VoiceCallError('VC_CARRIER_UNREACHABLE', { carrier, why: response.why });
      health.trouble(CARRIER_SUBJECT, unreachable);
    }
    return response;
  };
}
