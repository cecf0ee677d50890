// AgentSession: what the agent remembers of a call and of those before it: how its session is read and written.
import type { Memory } from 'openclaw/plugin-sdk/agent-sessions';
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { TranscriptMessage } from 'openclaw/plugin-sdk/session-transcript-runtime';
import type { Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { OnCall, Said } from './agent.ts';

type Runtime = OpenClawPluginApi['runtime'];
type AgentRuntime = Runtime['agent'];
type HostConfig = NonNullable<Parameters<AgentRuntime['runEmbeddedAgent']>[0]['config']>;

/** As much of the host's runtime as running an agent takes. */
export interface AgentHost {
  readonly config: Pick<Runtime['config'], 'current'>;
  readonly agent: Pick<
    AgentRuntime,
    | 'runEmbeddedAgent'
    | 'resolveAgentDir'
    | 'resolveAgentWorkspaceDir'
    | 'resolveAgentIdentity'
    | 'ensureAgentWorkspace'
  > & {
    readonly session: Pick<
      AgentRuntime['session'],
      'resolveStorePath' | 'getSessionEntry' | 'upsertSessionEntry'
    >;
  };
}

export interface AgentSessionDeps {
  readonly runtime: AgentHost;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}

/** As much of a session as a phone call needs to go on where the last one ended. */
const HISTORY = { maxEvents: 80, maxBytes: 256_000 };

interface Place {
  readonly agentId: string;
  readonly sessionKey: string;
  readonly storePath: string;
  readonly workspaceDir: string;
  readonly agentDir: string;
  readonly config: HostConfig;
}

/** Where the agent and its session of this call are. */
export function placeOf({ runtime }: AgentSessionDeps, { agentId, sessionKey }: OnCall): Place {
  // Read-only to us; the run wants the same object in its own, mutable type.
  const config = runtime.config.current() as HostConfig;
  const { agent } = runtime;
  return {
    agentId,
    sessionKey,
    storePath: agent.session.resolveStorePath(config.session?.store, { agentId }),
    workspaceDir: agent.resolveAgentWorkspaceDir(config, agentId),
    agentDir: agent.resolveAgentDir(config, agentId),
    config,
  };
}

/** Everything the session of this call has so far. */
export async function remember(deps: AgentSessionDeps, call: OnCall): Promise<Memory> {
  const { SessionManager } = await import('openclaw/plugin-sdk/agent-sessions');
  const place = placeOf(deps, call);
  const { workspaceDir: cwd } = place;
  await deps.runtime.agent.ensureAgentWorkspace({ dir: cwd });
  const sessionId = sessionIdOf(deps, place);
  if (sessionId === null) return SessionManager.inMemory(cwd);
  try {
    const stored = await SessionManager.openDetachedBoundedAsync(
      { ...place, sessionId },
      { cwd, ...HISTORY },
    );
    return copyOf(stored, SessionManager.inMemory(cwd));
  } catch (error) {
    // A caller who has to introduce themselves again is better than one who hears nothing.
    deps.log.warn('the session of earlier calls could not be read', { error: reasonOf(error) });
    return SessionManager.inMemory(cwd);
  }
}

/** Under an id of its own: by the stored id the host would find the row, as it would by the key. */
function copyOf(stored: Memory, memory: Memory): Memory {
  for (const message of stored.buildSessionContext().messages) {
    if (message.role === 'user' || message.role === 'assistant' || message.role === 'toolResult') {
      memory.appendMessage(message);
    }
  }
  return memory;
}

function sessionIdOf({ runtime }: AgentSessionDeps, place: Place): string | null {
  const { agentId, sessionKey, storePath } = place;
  const entry = runtime.agent.session.getSessionEntry({ agentId, sessionKey, storePath });
  return entry?.sessionId ?? null;
}

/** Adds what was said. The session's row is made "done" at once: one left "running" would be run again when the Gateway restarts. */
export async function write(deps: AgentSessionDeps, call: OnCall, said: readonly Said[]): Promise<void> {
  const { appendSessionTranscriptMessagesByIdentity } = await import(
    'openclaw/plugin-sdk/session-transcript-runtime'
  );
  const place = placeOf(deps, call);
  const { agentId, sessionKey, storePath, workspaceDir: cwd } = place;
  const sessionId = sessionIdOf(deps, place) ?? (await newSession(deps, place));
  const messages = said.flatMap(messagesOf).map((message) => ({ message }));
  await appendSessionTranscriptMessagesByIdentity({
    agentId,
    sessionKey,
    sessionId,
    storePath,
    cwd,
    messages,
  });
}

async function newSession({ runtime, clock, newId }: AgentSessionDeps, place: Place): Promise<string> {
  const { agentId, sessionKey, storePath } = place;
  const entry = {
    sessionId: newId(),
    updatedAt: clock.now(),
    status: 'done' as const,
    displayName: displayName(sessionKey),
  };
  await runtime.agent.session.upsertSessionEntry({ agentId, sessionKey, storePath, entry });
  return entry.sessionId;
}

/** How the session is called in the list of all sessions. */
function displayName(sessionKey: string): string {
  const number = /:voice:(\d+)$/.exec(sessionKey)?.[1];
  return number === undefined ? 'Phone call' : `Phone +${number}`;
}

const NOTHING = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

function messagesOf({ words, answer, at }: Said): readonly TranscriptMessage[] {
  return [
    { role: 'user', content: [{ type: 'text', text: words }], timestamp: at },
    {
      role: 'assistant',
      content: [{ type: 'text', text: answer }],
      timestamp: at,
      // The run itself was counted where it happened; this is a copy of what was said.
      api: 'openai-completions',
      provider: 'voice-call',
      model: 'call',
      stopReason: 'stop',
      usage: { ...NOTHING, totalTokens: 0, cost: { ...NOTHING, total: 0 } },
    },
  ];
}
