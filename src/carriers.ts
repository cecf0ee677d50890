// Carriers: the carrier of the configuration, and how our requests reach it.
import type { Carrier, OurAddress, Transport } from './carrier/carrier.ts';
import { apiTransport } from './carrier/http.ts';
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
    case 'twilio':
      return {
        carrier: twilioCarrier({ ...carrier, address }),
        transport: apiTransport(twilioApiBase(carrier), clock),
      };
    case 'telnyx':
      return {
        carrier: telnyxCarrier({ ...carrier, address }),
        transport: apiTransport(telnyxApiBase(carrier), clock),
      };
    case 'plivo':
      return {
        carrier: plivoCarrier({ ...carrier, address }),
        transport: apiTransport(plivoApiBase(carrier), clock),
      };
    case 'mock':
      throw new VoiceCallError('VC_INTERNAL', { why: 'the mock carrier has no network' });
  }
}
