// Exchanges: the three carrier twins behind one interface, by name.
import type { StoryClock } from '../../sim/story-clock.ts';
import type { Exchange } from './exchange.ts';
import { plivoExchange } from './plivo-exchange.ts';
import { telnyxExchange } from './telnyx-exchange.ts';
import { twilioExchange } from './twilio-exchange.ts';

export const CARRIERS = ['twilio', 'telnyx', 'plivo'] as const;
export type CarrierName = (typeof CARRIERS)[number];

export function exchangeOf(carrier: CarrierName, clock: StoryClock, webhookUrl: string): Exchange {
  if (carrier === 'twilio') return twilioExchange(clock, webhookUrl);
  if (carrier === 'telnyx') return telnyxExchange(clock, webhookUrl);
  return plivoExchange(clock, webhookUrl);
}
