// VoiceModel: a voice model of the host: which provider's, and how a session of it is asked for.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { RealtimeVoiceProvider } from 'openclaw/plugin-sdk/realtime-voice';
import type { RealtimeSettings } from '../config/realtime.ts';
import type { VoiceModel, VoiceModelCall, VoiceModelListener } from '../conversation/voice-model.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { languageOnly } from '../lib/language.ts';
import type { Log } from '../lib/log.ts';
import { inNoContext } from './no-context.ts';
import { safeReason } from './safe-reason.ts';
import { type BridgeRequest, voiceSession } from './voice-session.ts';

type Runtime = OpenClawPluginApi['runtime'];
type Provider = RealtimeVoiceProvider;
type Options = Readonly<Record<string, unknown>>;
export type VoiceRegistry = Pick<
  typeof import('openclaw/plugin-sdk/realtime-voice'),
  'getRealtimeVoiceProvider' | 'listRealtimeVoiceProviders'
>;

interface VoiceModelDeps {
  readonly runtime: { readonly config: Pick<Runtime['config'], 'current'> };
  readonly settings: RealtimeSettings;
  readonly log: Log;
  readonly registry: VoiceRegistry;
}

/** Providers the host may load only when they are asked for by name, in the order we ask. */
const KNOWN = ['openai', 'google', 'xai'];
/** Says nothing about itself before its first session, and notices interruptions. */
const LAZY = 'google';

/** The provider to speak with, or why there is none. Never throws. */
export async function findVoiceModel(
  runtime: Runtime,
  settings: RealtimeSettings,
  log: Log,
): Promise<VoiceModel | { readonly why: string }> {
  try {
    const registry = await import('openclaw/plugin-sdk/realtime-voice');
    return voiceModelIn({ runtime, settings, log, registry });
  } catch (error) {
    return { why: safeReason(error, settings.providers) };
  }
}

/** The same among the providers of `registry`. May throw what the registry throws. */
export function voiceModelIn(deps: VoiceModelDeps): VoiceModel | { readonly why: string } {
  const { runtime, settings, registry } = deps;
  const { provider: wanted } = settings;
  const cfg = runtime.config.current();
  const ids = wanted === null ? candidates(deps) : [wanted];
  const found = ids.flatMap((id) => registry.getRealtimeVoiceProvider(id, cfg) ?? []);
  const [ready] = found.filter((provider) => isReady(deps, provider)).sort((a, b) => orderOf(a) - orderOf(b));
  if (!ready) return { why: whyNone(wanted, found.length > 0) };
  return unfit(deps, ready) ?? voiceModel(deps, ready.id);
}

function candidates({ runtime, settings, registry }: VoiceModelDeps): readonly string[] {
  const named = Object.keys(settings.providers);
  const listed = registry.listRealtimeVoiceProviders(runtime.config.current(), named).map(({ id }) => id);
  return [...new Set([...listed, ...named, ...KNOWN])];
}

function whyNone(wanted: string | null, isKnown: boolean): string {
  if (wanted === null) return 'no voice provider is configured; set realtime.provider and its apiKey';
  return isKnown
    ? `the voice provider "${wanted}" is not configured; set realtime.providers.${wanted}.apiKey`
    : `there is no voice provider "${wanted}"; enable its plugin or correct realtime.provider`;
}

/** The host's own order of preference; those without one come last. */
function orderOf({ autoSelectOrder = Number.MAX_SAFE_INTEGER }: Provider): number {
  return autoSelectOrder;
}

/** One that cannot even read its options is not configured. */
function isReady(deps: VoiceModelDeps, provider: Provider): boolean {
  try {
    return provider.isConfigured({ cfg: configOf(deps), providerConfig: optionsOf(deps, provider) });
  } catch (error) {
    const why = safeReason(error, deps.settings.providers);
    deps.log.warn('a voice provider could not read its options', { provider: provider.id, why });
    return false;
  }
}

/** Why it cannot hold a call as it is set up; null when it can. */
function unfit(deps: VoiceModelDeps, provider: Provider): { readonly why: string } | null {
  const { id, capabilities } = provider;
  const { model } = optionsOf(deps, provider);
  if (deps.settings.consultPolicy === 'always' && asksByItself(model)) {
    return {
      why: `the model "${String(model)}" decides by itself when it asks the agent; realtime.consultPolicy must not be "always", or choose another model`,
    };
  }
  const speaksPhone =
    capabilities?.outputAudioFormats.some(({ encoding }) => encoding === 'g711_ulaw') ?? true;
  return speaksPhone ? null : { why: `the voice provider "${id}" has no telephone sound (mu-law at 8 kHz)` };
}

/** GPT-Live hands questions to the agent in its own way, and cannot be told to ask. */
function asksByItself(model: unknown): boolean {
  return typeof model === 'string' && /^gpt-live(-|$)/i.test(model.trim());
}

/** Read-only to us; the host's types want the same object in their own, mutable form. */
function configOf({ runtime }: VoiceModelDeps): NonNullable<BridgeRequest['cfg']> {
  return runtime.config.current() as NonNullable<BridgeRequest['cfg']>;
}

function optionsOf(deps: VoiceModelDeps, provider: Provider, agentId?: string): Record<string, unknown> {
  const { provider: wanted, providers } = deps.settings;
  const written: Options = providers[provider.id] ?? (wanted === null ? {} : (providers[wanted] ?? {}));
  const raw = Object.fromEntries(Object.entries(written).filter(([key, value]) => isThere(key, value)));
  const scope = { cfg: configOf(deps), ...(agentId !== undefined && { agentId }) };
  return provider.resolveConfig?.({ ...scope, rawConfig: { ...raw } }) ?? raw;
}

/** A reference to a key that could not be resolved is no key. */
function isThere(key: string, value: unknown): boolean {
  return key !== 'apiKey' || typeof value === 'string';
}

/** By its id only: when the host reloads a provider's plugin, what was found before does not work any more. */
function voiceModel(deps: VoiceModelDeps, id: string): VoiceModel {
  return {
    provider: id,
    open: (call, listener) =>
      inNoContext(() => {
        const { registry, runtime, log } = deps;
        const provider = registry.getRealtimeVoiceProvider(id, runtime.config.current());
        if (!provider) throw new VoiceCallError('VC_INTERNAL', { why: `the provider "${id}" is gone` });
        log.debug('voice session opened', { callId: call.callId, provider: id });
        return open(deps, provider, call, listener);
      }),
  };
}

function open(
  deps: VoiceModelDeps,
  provider: Provider,
  call: VoiceModelCall,
  listener: VoiceModelListener,
): ReturnType<VoiceModel['open']> {
  const { callId, agentId, instructions, language } = call;
  const providerConfig = optionsOf(deps, provider, agentId);
  const interruptsItself =
    (provider.capabilities?.handlesInputAudioBargeIn ?? provider.id === LAZY) &&
    providerConfig['interruptResponseOnInputAudio'] !== false;
  const safe = (error: unknown): string => safeReason(error, [deps.settings.providers, providerConfig]);
  return voiceSession({
    call,
    listener,
    interruptsItself,
    safe,
    onTrouble: (why) => deps.log.debug('the voice provider reports trouble', { callId, why }),
    create: (callbacks) =>
      safely(safe, () =>
        provider.createBridge({
          cfg: configOf(deps),
          agentId,
          providerConfig,
          audioFormat: { encoding: 'g711_ulaw', sampleRateHz: 8_000, channels: 1 },
          instructions,
          ...languageOption(language),
          autoRespondToAudio: true,
          interruptResponseOnInputAudio: interruptsItself,
          tools: toolsOf(call),
          ...callbacks,
        }),
      ),
  });
}

/** The error itself may hold a key, so it goes no further. */
function safely<T>(safe: (error: unknown) => string, what: () => T): T {
  const failed = (error: unknown): VoiceCallError =>
    new VoiceCallError('VC_INTERNAL', { why: `no voice session: ${safe(error)}` });
  const outcome = ((): { readonly is: T } | { readonly not: VoiceCallError } => {
    try {
      return { is: what() };
    } catch (error) {
      return { not: failed(error) };
    }
  })();
  if ('not' in outcome) throw outcome.not;
  return outcome.is;
}

/** English is what all of them expect or find out, so that nobody loses the detection of languages unasked. */
function languageOption(tag: string): { language?: string } {
  const language = languageOnly(tag);
  return language === 'en' ? {} : { language };
}

function toolsOf({ tools }: VoiceModelCall): NonNullable<BridgeRequest['tools']> {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    name,
    description,
    parameters: { ...parameters, type: 'object', properties: propertiesOf(parameters) },
  }));
}

function propertiesOf({
  properties,
}: VoiceModelCall['tools'][number]['parameters']): Record<string, unknown> {
  return typeof properties === 'object' && properties !== null ? { ...properties } : {};
}
