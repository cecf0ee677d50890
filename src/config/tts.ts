// Tts: the speech options as OpenClaw writes them, old forms included. Of them we need the voice: carriers speak.
import * as z from 'zod';
import { text } from './carrier-schema.ts';
import { isOptions, merged, type Options } from './merge.ts';

const block = z.record(z.string(), z.unknown());
const oldBlock = block.optional().describe('Old place of providers.<name>; still understood.');

export const ttsSchema = z.strictObject({
  provider: text.optional().describe('Whose block of "providers" names the voice.'),
  providers: z
    .record(z.string(), block)
    .optional()
    .describe(
      'Options by provider. Used here: speakerVoice (or voice, voiceId) as the voice of the carrier.',
    ),
  openai: oldBlock,
  elevenlabs: oldBlock,
  microsoft: oldBlock,
  edge: oldBlock,
  auto: text.optional().describe('Understood and not used on the phone.'),
  enabled: z.boolean().optional().describe('Old form of "auto"; not used on the phone.'),
  mode: text.optional().describe('Understood and not used on the phone.'),
  summaryModel: text.optional().describe('Understood and not used on the phone.'),
  modelOverrides: block.optional().describe('Understood and not used on the phone.'),
  prefsPath: text.optional().describe('Understood and not used on the phone.'),
  maxTextLength: z.int().min(1).optional().describe('Understood and not used on the phone.'),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(120_000)
    .optional()
    .describe('With live audio: how long the first sound of a sentence may take, ms; 8000 when unset.'),
});

type Tts = z.output<typeof ttsSchema>;

/** By age: the newest name of the same thing wins. */
const VOICE_KEYS = ['speakerVoice', 'speakerVoiceId', 'voice', 'voiceName', 'voiceId'];
const OLD_BLOCKS = ['openai', 'elevenlabs', 'microsoft', 'edge'] as const;

/** The voice of `tts`, with `over` laid on it; null when none is named, or several and no provider. */
export function voiceOf(tts: Tts | undefined, over?: Tts): string | null {
  const { provider, providers } = merged(modern(tts), modern(over));
  const blocks = isOptions(providers) ? providers : {};
  const voices = Object.keys(blocks).flatMap((name) => {
    const voice = voiceIn(blocks[name]);
    return voice !== null && (provider === undefined || provider === name) ? [voice] : [];
  });
  return voices.length === 1 ? (voices[0] ?? null) : null;
}

/** Does it say anything about who speaks? */
export function choosesVoice(tts: Tts | undefined): boolean {
  const { provider, providers } = modern(tts);
  return provider !== undefined || (isOptions(providers) && Object.keys(providers).length > 0);
}

/** All options of `tts` with `over` laid on them, in their newest places; null when there are none. */
export function ttsOf(tts: Tts | undefined, over?: Tts): Options | null {
  if (tts === undefined && over === undefined) return null;
  return merged(whole(tts), whole(over));
}

function whole(tts: Tts = {}): Options {
  const { openai: _o, elevenlabs: _e, microsoft: _m, edge: _d, enabled, ...rest } = tts;
  const { providers, ...place } = modern(tts);
  const hasProviders = isOptions(providers) && Object.keys(providers).length > 0;
  return {
    ...rest,
    // The old switch says less than "auto" and never wins over it.
    ...(enabled !== undefined && tts.auto === undefined && { auto: enabled ? 'always' : 'off' }),
    ...place,
    ...(hasProviders && { providers }),
  };
}

/** What may be written down with a call: who speaks and how, never a key to an account. */
export function withoutSecrets(options: Options): Options {
  const kept = Object.entries(options).filter(([key]) => !SECRET_KEY.test(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, isOptions(value) ? withoutSecrets(value) : value]),
  );
}

const SECRET_KEY = /key|token|secret|password|authorization|credential|headers/i;

/** The same options in their newest places; what stands in a new place already wins. */
function modern(tts: Tts = {}): Options {
  const { provider, providers = {}, ...rest } = tts;
  const old = OLD_BLOCKS.map((name): Options => {
    const options = rest[name];
    return options === undefined ? {} : { [newName(name)]: options };
  });
  const renamed = Object.entries(providers).map(([name, options]): Options => ({ [newName(name)]: options }));
  const blocks = [...old, ...renamed].reduce<Options>(merged, {});
  return { providers: blocks, ...(provider !== undefined && { provider: newName(provider) }) };
}

function newName(provider: string): string {
  return provider === 'edge' ? 'microsoft' : provider;
}

function voiceIn(options: unknown): string | null {
  if (!isOptions(options)) return null;
  for (const key of VOICE_KEYS) {
    const voice = options[key];
    if (typeof voice === 'string' && voice.trim() !== '') return voice.trim();
  }
  return null;
}
