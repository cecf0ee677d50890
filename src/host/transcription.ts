// Transcription: live speech recognition by a provider of the host: which one, and one session of it.
import type {
  OpenClawPluginApi,
  RealtimeTranscriptionProviderPlugin,
} from 'openclaw/plugin-sdk/plugin-entry';
import type { StreamingSettings } from '../config/streaming.ts';
import type { Transcriber, TranscriberListener, TranscriberSession } from '../conversation/ports.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { languageOnly } from '../lib/language.ts';
import type { Log } from '../lib/log.ts';
import { inNoContext } from './no-context.ts';
import { safeReason } from './safe-reason.ts';

type Runtime = OpenClawPluginApi['runtime'];
type Provider = RealtimeTranscriptionProviderPlugin;
type Options = Readonly<Record<string, unknown>>;
type Registry = typeof import('openclaw/plugin-sdk/realtime-transcription');

/** Providers the host loads only when they are asked for by name, in the order we ask. */
const KNOWN = ['openai', 'deepgram', 'elevenlabs', 'mistral', 'xai'];

/** The provider to transcribe with, or why there is none. Never throws. */
export async function findTranscriber(
  runtime: Runtime,
  streaming: StreamingSettings,
  log: Log,
): Promise<Transcriber | { readonly why: string }> {
  try {
    const registry = await import('openclaw/plugin-sdk/realtime-transcription');
    const cfg = runtime.config.current();
    const candidates =
      streaming.provider === null
        ? [...new Set([...registry.listRealtimeTranscriptionProviders(cfg).map(({ id }) => id), ...KNOWN])]
        : [streaming.provider];
    const found = candidates.flatMap((id) => {
      const provider = registry.getRealtimeTranscriptionProvider(id, cfg);
      return provider ? [provider] : [];
    });
    const ready = found
      .filter((provider) => isReady(runtime, provider, streaming))
      .sort((a, b) => orderOf(a) - orderOf(b))[0];
    if (ready) return transcriber({ runtime, streaming, log, registry }, ready.id);
    return { why: whyNone(streaming.provider, found.length > 0) };
  } catch (error) {
    return { why: safeReason(error, streaming.providers) };
  }
}

function whyNone(wanted: string | null, isKnown: boolean): string {
  if (wanted === null)
    return 'no transcription provider is configured; set streaming.provider and its apiKey';
  return isKnown
    ? `the transcription provider "${wanted}" is not configured; set streaming.providers.${wanted}.apiKey`
    : `there is no transcription provider "${wanted}"; enable its plugin or correct streaming.provider`;
}

/** The host's own order of preference; those without one come last. */
function orderOf({ autoSelectOrder = Number.MAX_SAFE_INTEGER }: Provider): number {
  return autoSelectOrder;
}

function isReady(runtime: Runtime, provider: Provider, streaming: StreamingSettings): boolean {
  const cfg = configOf(runtime);
  return provider.isConfigured({ cfg, providerConfig: optionsOf(runtime, provider, streaming, null) });
}

/** Read-only to us; the host's types want the same object in their own, mutable form. */
function configOf(runtime: Runtime): Parameters<NonNullable<Provider['resolveConfig']>>[0]['cfg'] {
  return runtime.config.current() as Parameters<NonNullable<Provider['resolveConfig']>>[0]['cfg'];
}

function optionsOf(
  runtime: Runtime,
  provider: Provider,
  { providers }: StreamingSettings,
  language: string | null,
): Record<string, unknown> {
  const raw: Options = { ...languageOption(provider.id, language), ...providers[provider.id] };
  return provider.resolveConfig?.({ cfg: configOf(runtime), rawConfig: { ...raw } }) ?? { ...raw };
}

/**
 * How each provider is told the language, unless its own options say so. English is what all of them expect or
 * find out by themselves, so that nobody loses the detection of languages who did not ask for one.
 */
function languageOption(id: string, language: string | null): Options {
  if (language === null) return {};
  const only = languageOnly(language);
  if (only === 'en') return {};
  if (id === 'elevenlabs') return { languageCode: only };
  return { language: id === 'deepgram' ? language : only };
}

interface TranscriberDeps {
  readonly runtime: Runtime;
  readonly streaming: StreamingSettings;
  readonly log: Log;
  readonly registry: Registry;
}

/** By its id only: when the host reloads a provider's plugin, what was found before does not work any more. */
function transcriber({ runtime, streaming, log, registry }: TranscriberDeps, id: string): Transcriber {
  return {
    provider: id,
    open: (call, listener) =>
      inNoContext(() => {
        const provider = registry.getRealtimeTranscriptionProvider(id, runtime.config.current());
        if (!provider) throw new VoiceCallError('VC_INTERNAL', { why: `the provider "${id}" is gone` });
        const providerConfig = optionsOf(runtime, provider, streaming, call.language);
        log.debug('transcription session opened', { callId: call.callId, provider: id });
        return session(listener, providerConfig, (callbacks) =>
          provider.createSession({ cfg: configOf(runtime), providerConfig, ...callbacks }),
        );
      }),
  };
}

type HostSession = ReturnType<Provider['createSession']>;
type Callbacks = Pick<Parameters<Provider['createSession']>[0], 'onPartial' | 'onTranscript' | 'onError'>;

/** One session of the host behind our port: it ends once, and tells nothing afterwards. */
function session(
  listener: TranscriberListener,
  /** Keys among them never appear in what is told. */
  options: Options,
  create: (callbacks: Callbacks) => HostSession,
): TranscriberSession {
  const state = { isOver: false, wasConnected: false };
  const broken = (why: string): void => {
    if (state.isOver) return;
    close();
    listener.onBroken(why);
  };
  const host = create({
    onPartial: (text) => state.isOver || listener.onPartial(text),
    onTranscript: (text) => state.isOver || listener.onFinal(text),
    // Before it is connected, `ready` tells the same.
    onError: (error) => {
      if (isLost()) broken(safeReason(error, options));
    },
  });
  /** The host would connect again after a second by itself; whoever opened us does so at once. */
  function isLost(): boolean {
    return state.wasConnected && !attempt(() => host.isConnected());
  }
  function close(): void {
    state.isOver = true;
    attempt(() => host.close());
  }
  const connecting = host.connect().then(
    () => {
      state.wasConnected = true;
    },
    (error: unknown) => {
      throw new Error(safeReason(error, options));
    },
  );
  return {
    ready: connecting,
    hear: (mulaw) => {
      if (state.isOver) return;
      if (isLost()) return broken('the connection to the provider was lost');
      host.sendAudio(Buffer.from(mulaw.buffer, mulaw.byteOffset, mulaw.byteLength));
    },
    close,
  };
}

/** Every method of a session throws once the provider's plugin was reloaded; undefined then. */
function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
