// Streaming: live audio over a media stream of our own: its options, and what we make of them.
import * as z from 'zod';
import { providerOptions, text } from './carrier-schema.ts';
import type { Options } from './merge.ts';
import { normalPath, urlPath } from './path.ts';

export const streamingSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Hold conversations over a media stream: live transcription, the voice of "tts", interruption.')
    .meta({ label: 'Live audio' }),
  provider: text
    .optional()
    .describe(
      'Who transcribes, e.g. "deepgram" or "openai"; the first provider that is configured when unset.',
    )
    .meta({ label: 'Who transcribes' }),
  streamPath: urlPath
    .default('/voice/stream')
    .describe('Path of the media streams, on the same port as the webhook.')
    .meta({ label: 'Path of media streams', advanced: true }),
  providers: z
    .record(z.string(), providerOptions)
    .default({})
    .describe('Options of each transcription provider, passed on as they are.')
    .meta({ label: 'Transcription options', advanced: true }),
  interruptSensitivity: z
    .enum(['low', 'medium', 'high'])
    .default('medium')
    .describe('How easily a caller interrupts: low takes clear, longer speech, high the first syllable.')
    .meta({ label: 'How easily callers interrupt', advanced: true }),
  preStartTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(5_000)
    .describe('How long a connected media stream may take to say which call it is, ms.')
    .meta({ label: 'Media stream must begin within (ms)', advanced: true }),
  maxPendingConnections: z
    .int()
    .min(1)
    .default(32)
    .describe('Media streams that have not said yet which call they are, at most.')
    .meta({ label: 'Pending media streams', advanced: true }),
  maxPendingConnectionsPerIp: z
    .int()
    .min(1)
    .default(4)
    .describe('The same, from one address.')
    .meta({ label: 'Pending media streams per address', advanced: true }),
  maxConnections: z
    .int()
    .min(1)
    .default(128)
    .describe('Open media streams, at most; on one more call the carrier speaks and listens.')
    .meta({ label: 'Media streams at the same time', advanced: true }),
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

/** Null when it is switched off. */
export function streamingSettings(config: StreamingConfig): StreamingSettings | null {
  return config.enabled ? settingsOf(config) : null;
}

function settingsOf(config: StreamingConfig): StreamingSettings {
  return {
    provider: config.provider ?? null,
    providers: config.providers,
    path: normalPath(config.streamPath),
    sensitivity: config.interruptSensitivity,
    preStartTimeoutMs: config.preStartTimeoutMs,
    maxPendingConnections: config.maxPendingConnections,
    maxPendingConnectionsPerIp: config.maxPendingConnectionsPerIp,
    maxConnections: config.maxConnections,
  };
}

/** As nobody configured it: for sound that needs no provider. */
export const PLAIN_STREAMING: StreamingSettings = settingsOf(streamingSchema.parse({}));
