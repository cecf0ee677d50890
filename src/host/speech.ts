// Speech: our voice on the telephone, made by the host's speech providers; streamed where a provider can.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import { isOptions, merged, type Options } from '../config/merge.ts';
import type { Synthesizer } from '../conversation/ports.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Sound } from '../media/lines.ts';
import { safeReason } from './safe-reason.ts';

type Runtime = OpenClawPluginApi['runtime'];
type Config = Parameters<Runtime['tts']['textToSpeechTelephony']>[0]['cfg'];
type Telephony = Awaited<ReturnType<Runtime['tts']['textToSpeechTelephony']>>;

export interface SpeechDeps {
  readonly runtime: Runtime;
  readonly log: Log;
  /** Our speech options as they stand now, keys included, for calls to a number of ours or (null) for all others. */
  readonly options: (numberRoute: string | null) => Options | null;
}

/** How a provider that can send sound while it still speaks is asked for raw sound, and what it then sends. */
interface Streaming {
  readonly options?: Options;
  readonly overrides?: Options;
  /** What the host must call the format; sound of another would be noise. */
  readonly outputFormat: string;
  readonly sound: Pick<Sound, 'encoding' | 'sampleRate'>;
}
const STREAMING: Readonly<Record<string, Streaming>> = {
  elevenlabs: {
    overrides: { outputFormat: 'ulaw_8000' },
    outputFormat: 'ulaw_8000',
    sound: { encoding: 'mulaw', sampleRate: 8_000 },
  },
  xai: {
    options: { responseFormat: 'pcm' },
    outputFormat: 'pcm',
    sound: { encoding: 'pcm16', sampleRate: 24_000 },
  },
};

/** A provider that failed to stream so often in a row is asked for whole sentences from then on. */
const MAX_REFUSALS = 2;

export function synthesizer(deps: SpeechDeps): Synthesizer {
  const refusals = new Map<string, number>();
  return {
    get provider() {
      return askedFor(configFor(deps, { tts: null, numberRoute: null })) ?? 'the host';
    },
    speak: (wanted) => speak({ ...deps, refusals }, wanted),
  };
}

interface Studio extends SpeechDeps {
  /** By provider: how often in a row it would not stream. */
  readonly refusals: Map<string, number>;
}

type Wanted = Parameters<Synthesizer['speak']>[0];

async function* speak(deps: Studio, wanted: Wanted): AsyncIterable<Sound> {
  const cfg = configFor(deps, wanted);
  wanted.signal.throwIfAborted();
  const asked = askedFor(cfg);
  const { refusals } = deps;
  const streaming = asked !== null && Object.hasOwn(STREAMING, asked) ? STREAMING[asked] : undefined;
  const refused = asked === null ? 0 : (refusals.get(asked) ?? 0);
  if (asked !== null && streaming && refused < MAX_REFUSALS) {
    const stream = streamed(deps, wanted, { cfg, provider: asked, streaming });
    try {
      const first = await stream.next().catch(() => null);
      if (first && !first.done) {
        refusals.delete(asked);
        yield first.value;
        yield* stream;
        return;
      }
    } finally {
      // Whoever listens may stop before `stream` is the one that is asked for more.
      await stream.return();
    }
    // It cannot stream today: whole sentences will do, and bring the host's other providers.
    wanted.signal.throwIfAborted();
  }
  const { sound, provider } = await whole(deps, wanted, cfg, asked);
  // Only who speaks but will not stream is not asked to stream again; who is out of order may be well tomorrow.
  if (asked !== null && streaming && provider === asked) refusals.set(asked, refused + 1);
  yield sound;
}

async function* streamed(
  { runtime }: SpeechDeps,
  { text, signal }: Wanted,
  {
    cfg: asConfigured,
    provider,
    streaming,
  }: { readonly cfg: Config; readonly provider: string; readonly streaming: Streaming },
): AsyncGenerator<Sound, void> {
  const { options = {}, overrides: wished = {}, outputFormat, sound } = streaming;
  const tts = merged({ ...asConfigured.tts }, { providers: { [provider]: options } });
  const result = await runtime.tts.textToSpeechStream({
    text,
    cfg: { ...asConfigured, tts },
    overrides: { provider, providerOverrides: { [provider]: { ...wished } } },
    disableFallback: true,
  });
  const { audioStream, release } = result;
  if (!result.success || !audioStream) throw failed(result.error, asConfigured.tts);
  if (result.outputFormat !== outputFormat) {
    await release?.().catch(() => undefined);
    throw failed(`it streams ${result.outputFormat ?? 'something unknown'} instead of ${outputFormat}`, {});
  }
  const reader = audioStream.getReader();
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    // The host cannot be asked to give up a request before it is answered: it may come too late.
    signal.throwIfAborted();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (part.value.byteLength > 0) yield { ...sound, bytes: part.value };
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
    await release?.().catch(() => undefined);
  }
}

/** The whole sentence at once. The host tries its other providers when the wanted one fails. */
async function whole(
  { runtime, log }: SpeechDeps,
  { callId, text, tts, signal }: Wanted,
  cfg: Config,
  asked: string | null,
): Promise<{ readonly sound: Sound; readonly provider: string | undefined }> {
  const { timeoutMs } = tts ?? {};
  const result = await runtime.tts.textToSpeechTelephony({
    text,
    cfg,
    ...(typeof timeoutMs === 'number' && { timeoutMs }),
  });
  signal.throwIfAborted();
  const { audioBuffer, sampleRate = 8_000 } = result;
  if (!result.success || !audioBuffer || audioBuffer.length === 0) throw failed(result.error, cfg.tts);
  noteFallback(result, asked, (from, to, attempts) =>
    log.warn(`Telephony TTS fallback used from=${from} to=${to} attempts=${attempts}`, { callId }),
  );
  const sound = { encoding: encodingOf(result), sampleRate, bytes: audioBuffer };
  return { sound, provider: result.provider };
}

function noteFallback(
  result: Telephony,
  asked: string | null,
  note: (from: string, to: string, attempts: string) => void,
): void {
  const { provider, fallbackFrom, attemptedProviders = [] } = result;
  const from = fallbackFrom ?? asked;
  if (from === null || provider === undefined || provider === from) return;
  note(from, provider, (attemptedProviders.length > 0 ? attemptedProviders : [from, provider]).join(' -> '));
}

/** What a provider says may hold keys, and what it was to say; `options` tells the keys. */
function failed(why: string | undefined, options: unknown): VoiceCallError {
  const reason = why === undefined ? 'the provider gave no sound' : safeReason(why, options);
  return new VoiceCallError('VC_SPEECH_FAILED', { why: reason });
}

/** Telephone output is raw PCM unless its name says otherwise. */
function encodingOf({ outputFormat = '' }: Telephony): Sound['encoding'] {
  if (/mu-?law|ulaw/i.test(outputFormat)) return 'mulaw';
  if (/alaw/i.test(outputFormat)) return 'alaw';
  if (/mp3|mpeg/i.test(outputFormat)) return 'mp3';
  return /wav|riff/i.test(outputFormat) ? 'wav' : 'pcm16';
}

/**
 * The host's configuration with our speech options laid over it: what the call was frozen with wins over what is
 * configured now, from which the keys come.
 */
function configFor(
  { runtime, options }: SpeechDeps,
  { tts, numberRoute }: Pick<Wanted, 'tts' | 'numberRoute'>,
): Config {
  const cfg = runtime.config.current() as Config;
  const { messages } = cfg as { readonly messages?: { readonly tts?: unknown } };
  const layers = [messages?.tts, cfg.tts, options(numberRoute), tts].filter(isOptions);
  return { ...cfg, tts: layers.reduce(merged, {}) };
}

function askedFor({ tts }: Config): string | null {
  return tts?.provider ?? null;
}
