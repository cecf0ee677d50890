// Sdk: types for the parts of the plugin SDK that ship none; only what we use of them.

declare module 'openclaw/plugin-sdk/agent-sessions' {
  import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';

  type RunParams = Parameters<OpenClawPluginApi['runtime']['agent']['runEmbeddedAgent']>[0];
  /** What an agent remembers of a conversation. */
  export type Memory = NonNullable<RunParams['sessionManager']>;

  export const SessionManager: {
    inMemory(cwd: string): Memory;
    /** A copy of the latest part of a stored session; nothing of it is written back. */
    openDetachedBoundedAsync(
      target: {
        readonly agentId: string;
        readonly sessionId: string;
        readonly sessionKey: string;
        readonly storePath: string;
      },
      limits: { readonly cwd: string; readonly maxEvents: number; readonly maxBytes: number },
    ): Promise<Memory>;
  };
}

declare module 'openclaw/plugin-sdk/session-transcript-runtime' {
  interface Text {
    readonly type: 'text';
    readonly text: string;
  }
  interface Costs {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  }
  interface UserMessage {
    readonly role: 'user';
    readonly content: readonly Text[];
    readonly timestamp: number;
  }
  interface AssistantMessage {
    readonly role: 'assistant';
    readonly content: readonly Text[];
    readonly timestamp: number;
    readonly api: string;
    readonly provider: string;
    readonly model: string;
    readonly stopReason: 'stop';
    readonly usage: Costs & {
      readonly totalTokens: number;
      readonly cost: Costs & { readonly total: number };
    };
  }
  export type TranscriptMessage = UserMessage | AssistantMessage;

  /** Appends all messages or none, in their order. */
  export function appendSessionTranscriptMessagesByIdentity(params: {
    readonly agentId: string;
    readonly sessionKey: string;
    readonly sessionId: string;
    readonly storePath: string;
    readonly cwd: string;
    readonly messages: readonly { readonly message: TranscriptMessage }[];
  }): Promise<unknown>;
}

declare module 'openclaw/plugin-sdk/realtime-transcription' {
  import type {
    OpenClawPluginApi,
    RealtimeTranscriptionProviderPlugin,
  } from 'openclaw/plugin-sdk/plugin-entry';

  type Config = ReturnType<OpenClawPluginApi['runtime']['config']['current']>;

  /** Finds a provider by id or alias, also one that is only loaded when somebody asks for it. */
  export function getRealtimeTranscriptionProvider(
    id: string,
    cfg: Config,
  ): RealtimeTranscriptionProviderPlugin | undefined;
  /** The providers that are loaded. */
  export function listRealtimeTranscriptionProviders(
    cfg: Config,
  ): readonly RealtimeTranscriptionProviderPlugin[];
}

declare module 'openclaw/plugin-sdk/realtime-voice' {
  import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';

  type Config = ReturnType<OpenClawPluginApi['runtime']['config']['current']>;
  type Registered = Parameters<OpenClawPluginApi['registerRealtimeVoiceProvider']>[0];
  export type RealtimeVoiceProvider = Exclude<Registered, (...args: never[]) => unknown>;

  /** Finds a provider by id or alias, also one that is only loaded when somebody asks for it. */
  export function getRealtimeVoiceProvider(id: string, cfg: Config): RealtimeVoiceProvider | undefined;
  /** The providers that are loaded, and those named. */
  export function listRealtimeVoiceProviders(
    cfg: Config,
    ids?: readonly string[],
  ): readonly RealtimeVoiceProvider[];

  /** Searches memory and earlier sessions. Never rejects; `handled: false` asks for the agent instead. */
  export function resolveRealtimeVoiceFastContextConsult(params: {
    readonly cfg: Config;
    readonly agentId: string;
    readonly sessionKey: string;
    readonly config: {
      readonly enabled: boolean;
      readonly timeoutMs: number;
      readonly maxResults: number;
      readonly sources: readonly ('memory' | 'sessions')[];
      readonly fallbackToConsult: boolean;
    };
    readonly args: { readonly question: string; readonly context?: string };
    readonly logger: { readonly debug?: (message: string) => void };
    readonly labels?: { readonly audienceLabel?: string; readonly contextName?: string };
  }): Promise<{ readonly handled: boolean; readonly result?: { readonly text: string } }>;
}
