// Summary: what the configuration has decided, in one line of log. No secrets, numbers masked.
import type { LogFields } from '../lib/log.ts';
import { maskNumber } from '../lib/mask.ts';
import type { Settings } from './settings.ts';

/** `live`: who transcribes or holds the conversation on media streams; null: the carrier speaks and listens. */
export function summaryOf(settings: Settings, live: string | null): LogFields {
  const { carrier, fromNumber, inboundPolicy, allowFrom, realtime, tts, outbound } = settings;
  const voice = tts?.['provider'];
  const hasModel = live !== null && realtime !== null;
  return {
    carrier: carrier.name,
    number: maskNumber(fromNumber),
    model: hasModel ? live : undefined,
    hears: hasModel ? undefined : (live ?? 'carrier'),
    speaks: hasModel ? undefined : speaker(live, voice),
    inbound:
      inboundPolicy === 'disabled' || inboundPolicy === 'open'
        ? inboundPolicy
        : `${inboundPolicy}(${allowFrom.length})`,
    outbound24h: `${outbound.maxCallsPerDay ?? 'any'} calls, ${outbound.maxMinutesPerDay ?? 'any'} min`,
    longestS: settings.maxDurationMs / 1_000,
    atOnce: `${settings.maxConcurrentCalls} out, ${settings.maxInboundCalls} in`,
    keptDays: settings.retentionMs === null ? 'all' : settings.retentionMs / 86_400_000,
  };
}

function speaker(live: string | null, voice: unknown): string {
  if (live === null) return 'carrier';
  return typeof voice === 'string' ? voice : "the host's choice";
}
