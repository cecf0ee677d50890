// Watched: a transport whose failures are told to the health of the telephone, and its recovery too.
import { VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import type { Transport } from './carrier.ts';

/** As `transport`; any answer at all says that `carrier` can be reached, also a refusal. */
export function watched(transport: Transport, health: Health, carrier: string): Transport {
  return async (request, signal) => {
    const response = await transport(request, signal);
    if (response.kind === 'answered') health.well('carrier');
    // What we broke off ourselves says nothing about the other side.
    else if (!signal.aborted)
      health.trouble('carrier', new VoiceCallError('VC_CARRIER_UNREACHABLE', { carrier, why: response.why }));
    return response;
  };
}
