// Streaming: live audio over a media stream of our own: its options, their old names, and what we make of them.
import * as z from 'zod';
import { text } from './carrier-schema.ts';
import { merged, type Options } from './merge.ts';

const options = z.record(z.string(), z.unknown());
const OLD = 'Old name of';

export const streamingSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      'Hold conversations over a media stream: live transcription, the voice of "tts", interruption.',
    ),
  provider: text
    .optional()
    .describe(
      'Who transcribes, e.g. "deepgram" or "openai"; the first provider that is configured when unset.',
    ),
  streamPath: text
    .regex(/^[^\s?#]+$/, 'a path has no spaces, "?" or "#"')
    .default('/voice/stream')
    .describe('Path of the media streams, on the same port as the webhook.'),
  providers: z
    .record(z.string(), options)
    .default({})
    .describe('Options of each transcription provider, passed on as they are.'),
  interruptSensitivity: z
    .enum(['low', 'medium', 'high'])
    .default('medium')
    .describe('How easily a caller interrupts: low takes clear, longer speech, high the first syllable.'),
  preStartTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(5_000)
    .describe('How long a connected media stream may take to say which call it is, ms.'),
  maxPendingConnections: z
    .int()
    .min(1)
    .default(32)
    .describe('Media streams that have not said yet which call they are, at most.'),
  maxPendingConnectionsPerIp: z.int().min(1).default(4).describe('The same, from one address.'),
  maxConnections: z.int().min(1).default(128).describe('Open media streams, at most.'),
  sttProvider: text.optional().describe(`${OLD} streaming.provider; still understood.`),
  openaiApiKey: text.optional().describe(`${OLD} streaming.providers.openai.apiKey; still understood.`),
  sttModel: text.optional().describe(`${OLD} streaming.providers.openai.model; still understood.`),
  silenceDurationMs: z
    .int()
    .min(1)
    .optional()
    .describe(`${OLD} streaming.providers.openai.silenceDurationMs; still understood.`),
  vadThreshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(`${OLD} streaming.providers.openai.vadThreshold; still understood.`),
});

export type StreamingConfig = z.output<typeof streamingSchema>;

/** Live audio, once it is switched on. */
export interface StreamingSettings {
  /** The provider's id; null: the first one that is configured. */
  readonly provider: string | null;
  /** By provider id, as the provider's plugin understands them; may hold secrets. */
  readonly providers: Readonly<Record<string, Options>>;
  /** One leading slash, none at the end. */
  readonly path: string;
  readonly sensitivity: 'low' | 'medium' | 'high';
  readonly preStartTimeoutMs: number;
  readonly maxPendingConnections: number;
  readonly maxPendingConnectionsPerIp: number;
  readonly maxConnections: number;
}

/** The old keys of `streaming`, each with the key of `providers.openai` that has its value now. */
const MOVED = [
  ['openaiApiKey', 'apiKey'],
  ['sttModel', 'model'],
  ['silenceDurationMs', 'silenceDurationMs'],
  ['vadThreshold', 'vadThreshold'],
] as const;

/** Null when it is switched off. */
export function streamingSettings(config: StreamingConfig): StreamingSettings | null {
  if (!config.enabled) return null;
  const moved = MOVED.filter(([old]) => config[old] !== undefined);
  const old = Object.fromEntries(moved.map(([from, to]): [string, unknown] => [to, config[from]]));
  const providers = moved.length === 0 ? config.providers : merged({ openai: old }, config.providers);
  return {
    provider: config.provider ?? config.sttProvider ?? null,
    providers: providers as StreamingSettings['providers'],
    path: `/${config.streamPath.replace(/^\/+|\/+$/g, '')}`,
    sensitivity: config.interruptSensitivity,
    preStartTimeoutMs: config.preStartTimeoutMs,
    maxPendingConnections: config.maxPendingConnections,
    maxPendingConnectionsPerIp: config.maxPendingConnectionsPerIp,
    maxConnections: config.maxConnections,
  };
}

/** Which old names stand in the configuration, and what became of them. */
export function oldStreamingNames(
  config: StreamingConfig,
): readonly (readonly [key: string, fate: string])[] {
  const { openai = {} } = config.providers;
  const fate = (to: string, isSet: boolean): string =>
    isSet ? `${to} is set and wins` : `it is read as ${to}`;
  const names = MOVED.filter(([old]) => config[old] !== undefined).map(
    ([old, to]) =>
      [`streaming.${old}`, fate(`streaming.providers.openai.${to}`, openai[to] !== undefined)] as const,
  );
  if (config.sttProvider === undefined) return names;
  return [['streaming.sttProvider', fate('streaming.provider', config.provider !== undefined)], ...names];
}
