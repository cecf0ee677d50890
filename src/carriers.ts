// Carriers: the carrier of the configuration, and how our requests reach it.
import type { Carrier, OurAddress, Transport } from './carrier/carrier.ts';
import { httpTransport } from './carrier/http.ts';
import { plivoApiBase, plivoCarrier } from './carrier/plivo/index.ts';
import { telnyxApiBase, telnyxCarrier } from './carrier/telnyx/index.ts';
import { twilioApiBase, twilioCarrier } from './carrier/twilio/index.ts';
import type { CarrierSettings } from './config/settings.ts';
import type { Clock } from './lib/clock.ts';
import { VoiceCallError } from './lib/errors.ts';

export function carrierLine(
  carrier: CarrierSettings,
  address: OurAddress,
  clock: Clock,
): { readonly carrier: Carrier; readonly transport: Transport } {
  switch (carrier.name) {
    case 'twilio': {
      const { accountSid, authToken, region, apiBaseUrl } = carrier;
      return {
        carrier: twilioCarrier({ accountSid, authToken, region, apiBaseUrl, address }),
        transport: httpTransport({ allowedHosts: hostOf(twilioApiBase({ region, apiBaseUrl })), clock }),
      };
    }
    case 'telnyx': {
      const { apiKey, connectionId, publicKey, apiBaseUrl } = carrier;
      return {
        carrier: telnyxCarrier({ apiKey, connectionId, publicKey, apiBaseUrl, address }),
        transport: httpTransport({ allowedHosts: hostOf(telnyxApiBase({ apiBaseUrl })), clock }),
      };
    }
    case 'plivo': {
      const { authId, authToken, apiBaseUrl } = carrier;
      return {
        carrier: plivoCarrier({ authId, authToken, apiBaseUrl, address }),
        transport: httpTransport({ allowedHosts: hostOf(plivoApiBase({ apiBaseUrl })), clock }),
      };
    }
    case 'mock':
      throw new VoiceCallError('VC_INTERNAL', { why: 'the mock carrier has no network' });
  }
}

/** A carrier's requests go to its own API and nowhere else. */
function hostOf(apiBase: string): ReadonlySet<string> {
  return new Set([new URL(apiBase).host]);
}
