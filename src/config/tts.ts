// Tts: the speech options as OpenClaw writes them. Of them we need the voice: carriers speak.
import * as z from 'zod';
import { providerOptions, text } from './carrier-schema.ts';
import { isOptions, merged, type Options } from './merge.ts';

const UNUSED = 'Understood and not used on the phone.';
const block = z.record(z.string(), z.unknown());

export const ttsSchema = z.strictObject({
  provider: text.optional().describe('Whose block of "providers" names the voice.'),
  providers: z
    .record(z.string(), providerOptions)
    .optional()
    .describe('Options by provider. Used here: speakerVoice or speakerVoiceId as the voice of the carrier.'),
  persona: text.optional().describe('With live audio: which of "personas" speaks.'),
  personas: z
    .record(z.string(), block)
    .optional()
    .describe('With live audio: personas as OpenClaw knows them, passed on as they are.')
    .meta({ unshown: true }),
  auto: z.enum(['off', 'always', 'inbound', 'tagged']).optional().describe(UNUSED),
  mode: z.enum(['final', 'all']).optional().describe(UNUSED),
  summaryModel: text.optional().describe(UNUSED),
  modelOverrides: block.optional().describe(UNUSED),
  prefsPath: text.optional().describe(UNUSED),
  maxTextLength: z.int().min(1).optional().describe(UNUSED),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(120_000)
    .optional()
    .describe('With live audio: how long the first sound of a sentence may take, ms; 8000 when unset.'),
});

type Tts = z.output<typeof ttsSchema>;

/** The first that is set. */
const VOICE_KEYS = ['speakerVoice', 'speakerVoiceId'];

/** The voice of `tts`, with `over` laid on it; null when none is named, or several and no provider. */
export function voiceOf(tts: Tts | undefined, over?: Tts): string | null {
  const { provider, providers } = merged(tts ?? {}, over ?? {});
  const blocks = isOptions(providers) ? providers : {};
  const voices = Object.keys(blocks).flatMap((name) => {
    const voice = voiceIn(blocks[name]);
    return voice !== null && (provider === undefined || provider === name) ? [voice] : [];
  });
  return voices.length === 1 ? (voices[0] ?? null) : null;
}

/** Does it say anything about who speaks? */
export function choosesVoice(tts: Tts | undefined): boolean {
  return tts?.provider !== undefined || Object.keys(tts?.providers ?? {}).length > 0;
}

/** All options of `tts` with `over` laid on them; null when there are none. */
export function ttsOf(tts: Tts | undefined, over?: Tts): Options | null {
  return tts === undefined && over === undefined ? null : merged(tts ?? {}, over ?? {});
}

/** What may be written down with a call: who speaks and how, never a key to an account. */
export function withoutSecrets(options: Options): Options {
  const kept = Object.entries(options).filter(([key]) => !SECRET_KEY.test(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, isOptions(value) ? withoutSecrets(value) : value]),
  );
}

const SECRET_KEY = /key|token|secret|password|authorization|credential|headers/i;

function voiceIn(options: unknown): string | null {
  if (!isOptions(options)) return null;
  for (const key of VOICE_KEYS) {
    const voice = options[key];
    if (typeof voice === 'string' && voice.trim() !== '') return voice.trim();
  }
  return null;
}
