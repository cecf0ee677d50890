// Speech: our voice on the telephone, made by the host's speech providers; streamed where a provider can.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import { isOptions, merged, type Options } from '../config/merge.ts';
import type { Synthesizer } from '../conversation/ports.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Sound } from '../media/lines.ts';

type Runtime = OpenClawPluginApi['runtime'];
type Config = Parameters<Runtime['tts']['textToSpeechTelephony']>[0]['cfg'];
type Telephony = Awaited<ReturnType<Runtime['tts']['textToSpeechTelephony']>>;

export interface SpeechDeps {
  readonly runtime: Runtime;
  readonly log: Log;
  /** Our speech options as they stand now, keys included, for calls to a number of ours or (null) for all others. */
  readonly options: (numberRoute: string | null) => Options | null;
}

/** Providers that send raw telephone audio while they still speak, and how they are asked for it. */
const STREAMING: Readonly<Record<string, Options>> = {
  elevenlabs: { outputFormat: 'ulaw_8000' },
};

export function synthesizer(deps: SpeechDeps): Synthesizer {
  return { speak: (wanted) => speak(deps, wanted) };
}

type Wanted = Parameters<Synthesizer['speak']>[0];

async function* speak(deps: SpeechDeps, wanted: Wanted): AsyncIterable<Sound> {
  const cfg = configFor(deps, wanted);
  wanted.signal.throwIfAborted();
  const asked = askedFor(cfg);
  const format = asked === null ? undefined : STREAMING[asked];
  if (asked !== null && format) {
    const stream = streamed(deps, wanted, { cfg, provider: asked, format });
    const first = await stream.next().catch(() => null);
    if (first && !first.done) {
      yield first.value;
      yield* stream;
      return;
    }
    // It cannot stream today: whole sentences will do, and bring the host's other providers.
    wanted.signal.throwIfAborted();
  }
  yield await whole(deps, wanted, cfg, asked);
}

async function* streamed(
  { runtime }: SpeechDeps,
  { text, signal }: Wanted,
  { cfg, provider, format }: { readonly cfg: Config; readonly provider: string; readonly format: Options },
): AsyncGenerator<Sound, void> {
  const overrides = { provider, providerOverrides: { [provider]: { ...format } } };
  const result = await runtime.tts.textToSpeechStream({ text, cfg, overrides, disableFallback: true });
  const { audioStream, release } = result;
  if (!result.success || !audioStream) throw failed(result.error);
  const reader = audioStream.getReader();
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (part.value.byteLength > 0) yield { encoding: 'mulaw', sampleRate: 8_000, bytes: part.value };
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
): Promise<Sound> {
  const { timeoutMs } = tts ?? {};
  const result = await runtime.tts.textToSpeechTelephony({
    text,
    cfg,
    ...(typeof timeoutMs === 'number' && { timeoutMs }),
  });
  signal.throwIfAborted();
  const { audioBuffer, sampleRate = 8_000 } = result;
  if (!result.success || !audioBuffer || audioBuffer.length === 0) throw failed(result.error);
  noteFallback(result, asked, (from, to, attempts) =>
    log.warn(`Telephony TTS fallback used from=${from} to=${to} attempts=${attempts}`, { callId }),
  );
  return { encoding: encodingOf(result), sampleRate, bytes: audioBuffer };
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

function failed(why: string | undefined): VoiceCallError {
  return new VoiceCallError('VC_SPEECH_FAILED', { why: why ?? 'the provider gave no sound' });
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
function configFor({ runtime, options }: SpeechDeps, { tts, numberRoute }: Wanted): Config {
  const cfg = runtime.config.current() as Config;
  const { messages } = cfg as { readonly messages?: { readonly tts?: unknown } };
  const layers = [messages?.tts, cfg.tts, options(numberRoute), tts].filter(isOptions);
  return { ...cfg, tts: layers.reduce(merged, {}) };
}

function askedFor({ tts }: Config): string | null {
  return tts?.provider ?? null;
}
