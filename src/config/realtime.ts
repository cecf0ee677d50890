// Realtime: a voice model that holds the conversation itself: its options, and what we make of them.
import * as z from 'zod';
import { providerOptions, text } from './carrier-schema.ts';
import type { Options } from './merge.ts';
import { normalPath, urlPath } from './path.ts';
import type { StreamingConfig, StreamingSettings } from './streaming.ts';

/** What the voice model is told it is, unless the owner says it in their own words. */
const INSTRUCTIONS =
  'You are the voice of OpenClaw on the telephone, and a person is on the line. ' +
  'Say little at a time, the way people talk: one or two short sentences, then let them speak. ' +
  'When an answer takes real thought, fresh facts or a tool, call openclaw_agent_consult first and answer from its result.';

const customTool = z.strictObject({
  type: z.literal('function'),
  name: text.regex(/^[\w-]{1,64}$/, 'a tool name has at most 64 letters, digits, "_" and "-"'),
  description: text,
  parameters: z.strictObject({
    type: z.literal('object'),
    properties: z.record(z.string(), z.unknown()),
    required: z.array(text).optional(),
  }),
});

const fastContext = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Look into memory and earlier sessions before the agent is asked, and answer from that.')
    .meta({ label: 'Search memory first', advanced: true }),
  timeoutMs: z
    .int()
    .min(1)
    .default(800)
    .describe('How long that search may take, ms.')
    .meta({ label: 'Search at most (ms)', advanced: true }),
  maxResults: z
    .int()
    .min(1)
    .default(3)
    .describe('How many findings are handed on, at most.')
    .meta({ label: 'Findings handed on', advanced: true }),
  sources: z
    .array(z.enum(['memory', 'sessions']))
    .min(1)
    .default(['memory', 'sessions'])
    .describe('Where to search: "memory", "sessions" or both.')
    .meta({ label: 'Where to search', advanced: true }),
  fallbackToConsult: z
    .boolean()
    .default(false)
    .describe('Ask the agent when nothing was found; otherwise the caller is told that nothing was found.')
    .meta({ label: 'Ask the agent when nothing is found', advanced: true }),
});

const agentContext = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Tell the voice model who the agent is: its identity and files of its workspace.')
    .meta({ label: 'Tell the voice model who the agent is', advanced: true }),
  maxChars: z
    .int()
    .min(1)
    .default(6_000)
    .describe('Length of all that at most, characters.')
    .meta({ label: 'Length of that (characters)', advanced: true }),
  includeIdentity: z
    .boolean()
    .default(true)
    .describe("The agent's name, emoji, vibe, theme and creature.")
    .meta({ label: "With the agent's identity", advanced: true }),
  includeWorkspaceFiles: z
    .boolean()
    .default(true)
    .describe("The files below, from the agent's workspace.")
    .meta({ label: 'With files of its workspace', advanced: true }),
  files: z
    .array(text)
    .default(['SOUL.md', 'IDENTITY.md', 'USER.md'])
    .describe('Which files of the workspace, in this order; what lies outside of it is left out.')
    .meta({ label: 'Which files', advanced: true }),
});

export const realtimeSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      'Let a voice model hold the conversation over a media stream; it asks the agent when it needs to. Not together with streaming, nor while inboundPolicy is "disabled".',
    )
    .meta({ label: 'Voice model' }),
  provider: text
    .optional()
    .describe(
      'Whose voice model, e.g. "openai" or "google"; the first provider that is configured when unset.',
    )
    .meta({ label: 'Whose voice model' }),
  streamPath: urlPath
    .optional()
    .describe('Path of the media streams; beside serve.path when unset: /voice/stream/realtime.')
    .meta({ label: 'Path of its media streams', advanced: true }),
  instructions: text
    .default(INSTRUCTIONS)
    .describe('What the voice model is told about its task.')
    .meta({ label: 'Instructions for the voice model', advanced: true }),
  toolPolicy: z
    .enum(['safe-read-only', 'owner', 'none'])
    .default('safe-read-only')
    .describe(
      'What the agent may do for the voice model: read and search only, what it may do anyway, or not be asked at all.',
    )
    .meta({ label: 'What the agent may do for it' }),
  consultPolicy: z
    .enum(['auto', 'substantive', 'always'])
    .default('auto')
    .describe('When the agent is asked: as the model sees fit, for everything of substance, or always.')
    .meta({ label: 'When it asks the agent', advanced: true }),
  consultThinkingLevel: z
    .enum(['off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'adaptive', 'max', 'ultra'])
    .optional()
    .describe("How hard the agent thinks when it is asked; the agent's own level when unset.")
    .meta({ label: 'How hard the agent thinks then', advanced: true }),
  consultFastMode: z
    .boolean()
    .optional()
    .describe("Whether the agent answers in fast mode; the agent's own way when unset.")
    .meta({ label: 'Agent in fast mode then', advanced: true }),
  tools: z
    .array(customTool)
    .default([])
    .describe('More tools the voice model is offered: {type: "function", name, description, parameters}.')
    .meta({ label: 'More tools of the voice model', advanced: true }),
  fastContext: fastContext.prefault({}),
  agentContext: agentContext.prefault({}),
  providers: z
    .record(z.string(), providerOptions)
    .default({})
    .describe('Options of each voice provider, passed on as they are.')
    .meta({ label: 'Voice model options', advanced: true }),
});

export type RealtimeConfig = z.output<typeof realtimeSchema>;

export type ThinkingLevel = NonNullable<RealtimeConfig['consultThinkingLevel']>;

/** What a media stream is allowed; the same as with streaming, whose options they are. */
type StreamLimits = Pick<
  StreamingSettings,
  | 'path'
  | 'sensitivity'
  | 'preStartTimeoutMs'
  | 'maxPendingConnections'
  | 'maxPendingConnectionsPerIp'
  | 'maxConnections'
>;

/** The voice model and the agent behind it, once they are switched on. */
export interface RealtimeSettings extends StreamLimits {
  /** The provider's id; null: the first one that is configured. */
  readonly provider: string | null;
  /** By provider id, as the provider's plugin understands them; may hold secrets. */
  readonly providers: Readonly<Record<string, Options>>;
  readonly instructions: string;
  readonly toolPolicy: RealtimeConfig['toolPolicy'];
  readonly consultPolicy: RealtimeConfig['consultPolicy'];
  /** null: as the agent thinks anyway. */
  readonly consultThinkingLevel: ThinkingLevel | null;
  /** null: as the agent answers anyway. */
  readonly consultFastMode: boolean | null;
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly parameters: Readonly<Record<string, unknown>>;
  }[];
  /** Searched before the agent is asked; null: never. */
  readonly fastContext: {
    readonly timeoutMs: number;
    readonly maxResults: number;
    readonly sources: readonly ('memory' | 'sessions')[];
    readonly fallbackToConsult: boolean;
  } | null;
  /** What the model is told about the agent; null: nothing. */
  readonly agentContext: {
    readonly maxChars: number;
    readonly includeIdentity: boolean;
    /** Relative to the agent's workspace; empty when no files are wanted. */
    readonly files: readonly string[];
  } | null;
}

/** Null when it is switched off. `servePath` as in Settings. */
export function realtimeSettings(
  config: RealtimeConfig,
  streaming: StreamingConfig,
  servePath: string,
): RealtimeSettings | null {
  if (!config.enabled) return null;
  return {
    provider: config.provider ?? null,
    providers: config.providers,
    path: config.streamPath === undefined ? pathBeside(servePath) : normalPath(config.streamPath),
    sensitivity: streaming.interruptSensitivity,
    preStartTimeoutMs: streaming.preStartTimeoutMs,
    maxPendingConnections: streaming.maxPendingConnections,
    maxPendingConnectionsPerIp: streaming.maxPendingConnectionsPerIp,
    maxConnections: streaming.maxConnections,
    instructions: config.instructions,
    toolPolicy: config.toolPolicy,
    consultPolicy: config.consultPolicy,
    consultThinkingLevel: config.consultThinkingLevel ?? null,
    consultFastMode: config.consultFastMode ?? null,
    tools: config.tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    fastContext: fastContextOf(config.fastContext),
    agentContext: agentContextOf(config.agentContext),
  };
}

function fastContextOf({
  enabled,
  ...search
}: RealtimeConfig['fastContext']): RealtimeSettings['fastContext'] {
  return enabled ? search : null;
}

function agentContextOf(config: RealtimeConfig['agentContext']): RealtimeSettings['agentContext'] {
  const { enabled, maxChars, includeIdentity, includeWorkspaceFiles, files } = config;
  return enabled ? { maxChars, includeIdentity, files: includeWorkspaceFiles ? files : [] } : null;
}

/** Where the plugin of the same name has its streams: in place of a final `/webhook`, or below the path. */
function pathBeside(servePath: string): string {
  const base = servePath.replace(/\/webhook$/, '');
  return `${servePath === '/' ? '/voice' : base}/stream/realtime`;
}
