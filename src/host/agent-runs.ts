// AgentRuns: how a run of the agent is asked of OpenClaw, and how its session is read and written.
import type { Memory } from 'openclaw/plugin-sdk/agent-sessions';
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { TranscriptMessage } from 'openclaw/plugin-sdk/session-transcript-runtime';
import type { AgentAnswer, AgentTurn } from '../conversation/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { NewId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { AgentRuns, OnCall, Said } from './agent.ts';

type Runtime = OpenClawPluginApi['runtime'];
type AgentRuntime = Runtime['agent'];
type RunParams = Parameters<AgentRuntime['runEmbeddedAgent']>[0];
type Told = NonNullable<RunParams['onExecutionPhase']>;
type RunResult = Awaited<ReturnType<AgentRuntime['runEmbeddedAgent']>>;

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

export interface AgentRunsDeps {
  readonly runtime: AgentHost;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** What is different about these runs: tools they may use, how hard the agent thinks. */
  readonly more?: (call: OnCall) => Pick<RunParams, OwnParams>;
}

type OwnParams =
  | 'lane'
  | 'toolsAllow'
  | 'requireWorkspaceOnly'
  | 'thinkLevel'
  | 'fastMode'
  | 'promptMode'
  | 'disableTools'
  | 'streamParams';

/** As much of a session as a phone call needs to go on where the last one ended. */
const HISTORY = { maxEvents: 80, maxBytes: 256_000 };
/** The rehearsal of a run may take this long when everything is cold. */
const REHEARSAL_MS = 20_000;

export function agentRuns(deps: AgentRunsDeps): AgentRuns<Memory> {
  return {
    remember: (call) => remember(deps, call),
    rehearse: (call) => rehearse(deps, call),
    run: async (turn, memory) => answerOf(await run(deps, turn, memory, modelAsked(turn))),
    write: (call, said) => write(deps, call, said),
  };
}

interface Place {
  readonly agentId: string;
  readonly sessionKey: string;
  readonly storePath: string;
  readonly workspaceDir: string;
  readonly agentDir: string;
  readonly config: NonNullable<RunParams['config']>;
}

function placeOf({ runtime }: AgentRunsDeps, { agentId, sessionKey }: OnCall): Place {
  // Read-only to us; the run wants the same object in its own, mutable type.
  const config = runtime.config.current() as NonNullable<RunParams['config']>;
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

async function remember(deps: AgentRunsDeps, call: OnCall): Promise<Memory> {
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

function sessionIdOf({ runtime }: AgentRunsDeps, place: Place): string | null {
  const { agentId, sessionKey, storePath } = place;
  const entry = runtime.agent.session.getSessionEntry({ agentId, sessionKey, storePath });
  return entry?.sessionId ?? null;
}

/** Nothing of it reaches the model or the memory of the call. */
async function rehearse(deps: AgentRunsDeps, call: OnCall): Promise<void> {
  const { SessionManager } = await import('openclaw/plugin-sdk/agent-sessions');
  const rehearsed = new AbortController();
  const turn: AgentTurn = {
    ...call,
    turn: 0,
    words: 'Hello',
    instructions: '',
    model: null,
    timeoutMs: REHEARSAL_MS,
    callerIsOwner: false,
    signal: rehearsed.signal,
  };
  const memory = SessionManager.inMemory(placeOf(deps, call).workspaceDir);
  await run(deps, turn, memory, ({ phase }) => {
    if (phase === 'context_assembled') rehearsed.abort();
  }).catch((error: unknown) => {
    if (!rehearsed.signal.aborted) throw error;
  });
}

async function run(
  deps: AgentRunsDeps,
  turn: AgentTurn,
  memory: Memory,
  onExecutionPhase?: Told,
): Promise<RunResult> {
  const { runDetachedWebhookWork } = await import('openclaw/plugin-sdk/webhook-request-guards');
  const { workspaceDir, agentDir, config } = placeOf(deps, turn);
  const params: RunParams = {
    sessionId: memory.getSessionId(),
    sessionKey: runKey(turn),
    // Sandbox and tool policy are those of the session the call belongs to.
    sandboxSessionKey: turn.sessionKey,
    agentId: turn.agentId,
    workspaceDir,
    agentDir,
    config,
    prompt: turn.words,
    extraSystemPrompt: turn.instructions,
    timeoutMs: turn.timeoutMs,
    runId: `voice-${deps.newId()}`,
    // Runs of one lane wait for each other, so every call has its own.
    lane: `voice:${turn.callId}`,
    abortSignal: turn.signal,
    senderIsOwner: turn.callerIsOwner,
    messageProvider: 'voice',
    requireExplicitMessageTarget: true,
    sessionManager: memory,
    sessionPersistence: 'detached',
    disableTrajectory: true,
    // Without it the host would tell the text only once the message is complete.
    suppressLiveStreamOutput: turn.onText === undefined,
    terminalReplyExpectation: 'required',
    verboseLevel: 'off',
    reasoningLevel: 'off',
    toolResultFormat: 'plain',
    // Without a provider the host resolves aliases and short names as everywhere else.
    ...(turn.model !== null && { model: turn.model }),
    ...(onExecutionPhase && { onExecutionPhase }),
    ...(turn.onText && { onPartialReply: textTo(turn, turn.onText) }),
    ...deps.more?.(turn),
  };
  // Our turns start from our own sockets and timers, which may descend from a request that is over.
  return runDetachedWebhookWork(() => deps.runtime.agent.runEmbeddedAgent(params));
}

function modelAsked({ onModelAsked }: AgentTurn): Told | undefined {
  if (!onModelAsked) return undefined;
  const once = { isTold: false };
  return ({ phase }) => {
    if (phase !== 'model_call_started' || once.isTold) return;
    once.isTold = true;
    onModelAsked();
  };
}

/** The host tells the whole of the message so far; a run that was given up tells nobody any more. */
function textTo(
  { signal }: AgentTurn,
  onText: (text: string) => void,
): NonNullable<RunParams['onPartialReply']> {
  return ({ text }) => {
    if (!signal.aborted && text) onText(text);
  };
}

/**
 * A key that has no row in the store. The host marks the row of a run as running; if it dies meanwhile, it runs
 * that turn again by itself at the next start, when nobody is on the phone any more. The host also writes the key of a
 * run that was given up into its log, so it names the call and not, as the session's own key does, the caller's number.
 */
function runKey({ agentId, callId }: OnCall): string {
  return `agent:${agentId}${LIVE}${callId}`;
}

const LIVE = ':voice:live:';

/** The call whose run has this key; null when it is the key of a session. */
export function callOfRunKey(key: string): string | null {
  return key.split(LIVE, 2)[1] ?? null;
}

function answerOf({ payloads = [], meta }: RunResult): AgentAnswer {
  const answer = payloads.map(
    ({ text = '', isError = false, isReasoning = false, isCommentary = false }) => ({
      text,
      isError,
      isReasoning: isReasoning || isCommentary,
    }),
  );
  const failure = meta.error?.message ?? answer.find(({ isError }) => isError)?.text;
  const isAnswered = answer.some(({ isError, isReasoning }) => !isError && !isReasoning);
  if (!isAnswered && (failure !== undefined || meta.aborted)) {
    throw new VoiceCallError('VC_AGENT_FAILED', { why: failure ?? 'the run was stopped' });
  }
  return { payloads: answer };
}

/** The session's row is made "done" at once: one left "running" would be run again when the Gateway restarts. */
async function write(deps: AgentRunsDeps, call: OnCall, said: readonly Said[]): Promise<void> {
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

async function newSession({ runtime, clock, newId }: AgentRunsDeps, place: Place): Promise<string> {
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
