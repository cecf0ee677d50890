// Parse: from what stands in the configuration file to Settings, or to everything that is wrong with it at once.
import type { OutboundLimits } from '../call/governor.ts';
import { canonicalLanguage } from '../lib/language.ts';
import { DAY_MS } from './carrier-schema.ts';
import { checks, doubts } from './checks.ts';
import { carrierOf } from './credentials.ts';
import { type Env, withEnvironment } from './environment.ts';
import { hintOf, type Moved, modernised } from './legacy.ts';
import { normalPath } from './path.ts';
import { type Origins, type Problem, problemsOf } from './problem.ts';
import { realtimeSettings } from './realtime.ts';
import { CONFIG_PATH, type Config, configSchema } from './schema.ts';
import { unresolvedSecrets } from './secrets.ts';
import type { NumberRoute, Settings } from './settings.ts';
import { streamingSettings } from './streaming.ts';
import { choosesVoice, ttsOf, voiceOf } from './tts.ts';
import { trustsLoopback, tunnelSettings } from './tunnel.ts';

export type { Env } from './environment.ts';

interface Read {
  readonly settings: Settings;
  /** `provider` is written, and a carrier; otherwise it is the mock carrier by default. */
  readonly choosesCarrier: boolean;
}

export type ParsedConfig =
  | (Read & { readonly ok: true; readonly notices: readonly string[] })
  /** `settings` as far as they can be read: good enough to find out what else is wrong, not to phone with. */
  | (Read & {
      readonly ok: false;
      readonly problems: readonly string[];
      /** What is written is right, it is only not enough. */
      readonly isOnlyIncomplete: boolean;
    });

/** The mock carrier phones nobody, so any number will do. */
const MOCK_NUMBER = '+15550000000';

/** Never throws, whatever `raw` is. Old names and doubtful settings are understood and noticed. */
export function parseConfig(raw: unknown, env: Env): ParsedConfig {
  const modern = modernised(raw ?? {});
  const { config: written, problems: unread } = read(modern.config, oldNames(modern.moved));
  const { config, taken } = withEnvironment(written, env);
  const origins = new Map([...taken].map(([key, variable]) => [key, `from ${variable}`]));
  const problems = [...unread, ...(config.enabled ? read(config, origins).problems : [])];
  const settings = settingsOf(config);
  const choosesCarrier = config.provider !== undefined;
  const reported = new Set(problems.map(({ key }) => key));
  const missing = settings.enabled && !reported.has('provider') ? checks(config, settings) : [];
  const all = [...problems, ...missing.filter(({ key }) => !reported.has(key))];
  if (all.length > 0) {
    const sentences = all.map(({ sentence }) => sentence);
    const isOnlyIncomplete = problems.length === 0;
    return { ok: false, settings, choosesCarrier, problems: sentences, isOnlyIncomplete };
  }
  const notices = [...modern.moved.map(oldHint), ...unresolvedSecrets(config), ...doubts(config, settings)];
  return { ok: true, settings, choosesCarrier, notices };
}

/** How a value got to where it is complained about, when that is not where it was written. */
function oldNames(moved: readonly Moved[]): Origins {
  return new Map(
    moved.flatMap(({ from, to, fate }) =>
      to === null || to === from || fate === 'lost' ? [] : [[to, `written as ${from}`]],
    ),
  );
}

function oldHint(moved: Moved): string {
  return `${CONFIG_PATH}.${hintOf(moved)}. "openclaw doctor --fix" rewrites it`;
}

/** What can be read of `raw`: options that are wrong are reported and then left out. */
function read(
  raw: unknown,
  origins: Origins,
): { readonly config: Config; readonly problems: readonly Problem[] } {
  const first = configSchema.safeParse(raw);
  if (first.success) return { config: first.data, problems: [] };
  const problems = problemsOf(first.error.issues, raw, origins);
  const rest = first.error.issues.reduce<unknown>(
    (left, issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.reduce<unknown>((less, key) => without(less, [...issue.path, key]), left)
        : without(left, issue.path),
    raw,
  );
  const second = configSchema.safeParse(rest);
  return { config: second.success ? second.data : configSchema.parse({}), problems };
}

/** `value` without what stands at `path`; a list loses all its items with one of them. */
function without(value: unknown, path: readonly PropertyKey[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof step === 'number' || typeof value !== 'object' || value === null)
    return {};
  const kept = Object.entries(value).filter(([key]) => key !== step);
  const inner = (value as Record<PropertyKey, unknown>)[step];
  const trimmed =
    rest.length > 0 && typeof rest[0] !== 'number' ? [[step, without(inner, rest)] as const] : [];
  return Object.fromEntries([...kept, ...trimmed]);
}

function settingsOf(config: Config): Settings {
  const carrier = carrierOf(config);
  return {
    enabled: config.enabled,
    carrier,
    fromNumber: config.fromNumber ?? (carrier.name === 'mock' ? MOCK_NUMBER : ''),
    toNumber: config.toNumber ?? null,
    inboundPolicy: config.inboundPolicy,
    allowFrom: config.allowFrom,
    inboundGreeting: config.inboundGreeting,
    numbers: new Map(Object.keys(config.numbers).map((number) => [number, routeOf(config, number)])),
    defaultMode: config.outbound.defaultMode,
    notifyHangupDelayMs: config.outbound.notifyHangupDelaySec * 1_000,
    outbound: limitsOf(config.outbound),
    maxDurationMs: config.maxDurationSeconds * 1_000,
    ringTimeoutMs: config.ringTimeoutMs,
    transcriptTimeoutMs: config.transcriptTimeoutMs,
    maxConcurrentCalls: config.maxConcurrentCalls,
    maxInboundCalls: config.maxInboundCalls,
    staleAfterMs: config.staleCallReaperSeconds === 0 ? null : config.staleCallReaperSeconds * 1_000,
    serve: { ...config.serve, path: normalPath(config.serve.path) },
    publicUrl: config.publicUrl ?? null,
    tunnel: tunnelSettings(config, normalPath(config.serve.path)),
    forwarding: { ...config.webhookSecurity, trustLoopback: trustsLoopback(config) },
    skipSignatureVerification: config.skipSignatureVerification,
    shutdownDrainMs: config.shutdownDrainSeconds * 1_000,
    agentId: config.agentId ?? null,
    sessionScope: config.sessionScope,
    responseModel: config.responseModel ?? null,
    responseSystemPrompt: config.responseSystemPrompt ?? null,
    responseTimeoutMs: config.responseTimeoutMs,
    language: languageOf(config.language),
    voice: config.voice ?? voiceOf(config.tts),
    tts: ttsOf(config.tts),
    streaming: streamingSettings(config.streaming),
    realtime: realtimeSettings(config.realtime, config.streaming, normalPath(config.serve.path)),
    silenceTimeoutMs: config.silenceTimeoutMs,
    retentionMs: config.retentionDays === 0 ? null : config.retentionDays * DAY_MS,
    store: config.store ?? null,
  };
}

/** In the configuration 0 is no limit. */
function limitsOf(outbound: Config['outbound']): OutboundLimits {
  const { maxCallsPerDay, maxMinutesPerDay, allowEmergencyNumbers, allowPremiumNumbers } = outbound;
  return {
    maxCallsPerDay: maxCallsPerDay === 0 ? null : maxCallsPerDay,
    maxMinutesPerDay: maxMinutesPerDay === 0 ? null : maxMinutesPerDay,
    allowEmergencyNumbers,
    allowPremiumNumbers,
  };
}

function routeOf(config: Config, number: string): NumberRoute {
  const route = config.numbers[number] ?? {};
  const spoken = choosesVoice(route.tts) ? voiceOf(config.tts, route.tts) : null;
  return {
    inboundGreeting: route.inboundGreeting ?? null,
    agentId: route.agentId ?? null,
    responseModel: route.responseModel ?? null,
    responseSystemPrompt: route.responseSystemPrompt ?? null,
    responseTimeoutMs: route.responseTimeoutMs ?? null,
    language: route.language === undefined ? null : languageOf(route.language),
    voice: route.voice ?? spoken,
    tts: route.tts === undefined ? null : ttsOf(config.tts, route.tts),
  };
}

/** The schema has admitted only what can be brought into one form. */
function languageOf(tag: string): string {
  return canonicalLanguage(tag) ?? tag;
}
