// Configured: what can be said from the configuration alone, with or without a Gateway.
import type { ParsedConfig } from '../config/parse.ts';
import { CONFIG_PATH } from '../config/schema.ts';
import type { Settings } from '../config/settings.ts';
import { AT_ONCE_MS, type Check, doubtful, type Finding, failed, fine } from './check.ts';

/** In the order in which users know the first of them; `agent-owner` comes after `mode` and needs the host. */
export function configuredChecks(parsed: ParsedConfig): readonly Check[] {
  const check = (id: Check['id'], run: () => Finding): Check => ({ id, withinMs: AT_ONCE_MS, run });
  return [
    check('plugin-enabled', () => pluginEnabled(parsed.settings)),
    check('provider', () => provider(parsed)),
    check('provider-config', () => providerConfig(parsed)),
    check('webhook-exposure', () => exposure(parsed)),
    check('mode', () => mode(parsed.settings)),
  ];
}

/** Who may call, and how much. */
export function policyChecks(settings: Settings): readonly Check[] {
  return [
    { id: 'inbound-policy', withinMs: AT_ONCE_MS, run: () => inboundPolicy(settings) },
    { id: 'limits', withinMs: AT_ONCE_MS, run: () => limits(settings) },
  ];
}

function pluginEnabled({ enabled }: Settings): Finding {
  if (enabled) return fine('Voice Call is enabled');
  return failed('Voice Call is switched off', `Set ${CONFIG_PATH}.enabled to true.`);
}

function provider({ settings, choosesCarrier }: ParsedConfig): Finding {
  const { name } = settings.carrier;
  if (!choosesCarrier) {
    const cure = `Set ${CONFIG_PATH}.provider, or run "voicecall setup" at a terminal, which asks for it.`;
    return failed('no carrier is chosen', cure);
  }
  if (name !== 'mock') return fine(`the carrier is ${name}`);
  return doubtful(
    'the carrier is mock: no phone rings, a scripted person answers',
    `Set ${CONFIG_PATH}.provider to your carrier to call phones.`,
  );
}

function providerConfig(parsed: ParsedConfig): Finding {
  if (parsed.ok)
    return fine(parsed.choosesCarrier ? 'the configuration is complete' : 'nothing in it is wrong');
  const finding = failed(parsed.problems.join('; '), `Correct the named keys under ${CONFIG_PATH}.`);
  return parsed.isOnlyIncomplete ? finding : { ...finding, miswritten: true };
}

function exposure({ settings: { carrier, publicUrl, tunnel }, choosesCarrier }: ParsedConfig): Finding {
  if (!choosesCarrier) return fine('not needed before a carrier is chosen');
  if (carrier.name === 'mock') return fine('not needed: the mock carrier is in this process');
  if (publicUrl !== null) return fine(`the carrier reaches us at ${publicUrl}`);
  if (tunnel !== null) return fine(`the carrier reaches us through ${tunnel.kind}`);
  if (carrier.apiBaseUrl !== null) return fine('not needed: the carrier is a simulator on this machine');
  const cure = `Set ${CONFIG_PATH}.publicUrl to the https address that leads to serve.port, or tunnel.provider.`;
  return failed('the carrier has no address to reach us at', cure);
}

function mode({ streaming, realtime }: Settings): Finding {
  if (streaming !== null && realtime !== null) {
    const cure = `Turn ${CONFIG_PATH}.streaming.enabled or .realtime.enabled off.`;
    return failed('streaming and realtime are both on: only one of them can hold a conversation', cure);
  }
  const named = (id: string | null): string => id ?? 'the first provider that is configured';
  if (realtime !== null) return fine(`a voice model talks, by ${named(realtime.provider)}`);
  if (streaming !== null) return fine(`live audio, transcribed by ${named(streaming.provider)}`);
  return fine('the carrier speaks and listens for us');
}

function inboundPolicy({ inboundPolicy: policy, allowFrom }: Settings): Finding {
  switch (policy) {
    case 'disabled':
      return fine('nobody may call us; we can call');
    case 'open':
      return doubtful(
        'everybody may call: whoever dials the number talks to your agent, at your cost',
        `Set ${CONFIG_PATH}.inboundPolicy to "allowlist" or "pairing" unless that is what you want.`,
      );
    case 'pairing':
      return fine(`${people(allowFrom.length)} may call, others once you approve their code`);
    case 'allowlist':
      if (allowFrom.length > 0) return fine(`${people(allowFrom.length)} may call`);
      return failed('nobody may call: the allowlist is empty', `Add a number to ${CONFIG_PATH}.allowFrom.`);
  }
}

function people(count: number): string {
  if (count === 0) return 'nobody yet';
  return count === 1 ? 'one number' : `${count} numbers`;
}

function limits({ maxDurationMs, maxConcurrentCalls, maxInboundCalls, outbound }: Settings): Finding {
  const calls = `${maxConcurrentCalls} outbound and ${maxInboundCalls} inbound calls at a time`;
  const each = `${calls}, ${Math.round(maxDurationMs / 1_000)} s each`;
  const { maxCallsPerDay, maxMinutesPerDay } = outbound;
  const caps = [
    ...(maxCallsPerDay === null ? [] : [`${maxCallsPerDay} calls`]),
    ...(maxMinutesPerDay === null ? [] : [`${maxMinutesPerDay} minutes`]),
  ];
  if (caps.length > 0) return fine(`${each}; of our own ${caps.join(' and ')} in 24 hours`);
  return doubtful(
    `${each}; nothing caps what our own calls cost in a day`,
    `Set ${CONFIG_PATH}.outbound.maxCallsPerDay or .maxMinutesPerDay.`,
  );
}
