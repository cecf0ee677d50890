// AgentRuns: how a run of the agent is asked of OpenClaw.
import type { Memory } from 'openclaw/plugin-sdk/agent-sessions';
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { AgentAnswer, AgentTurn } from '../conversation/ports.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { AgentRuns, OnCall } from './agent.ts';
import { type AgentSessionDeps, placeOf, remember, write } from './agent-session.ts';

type Runtime = OpenClawPluginApi['runtime'];
type AgentRuntime = Runtime['agent'];
type RunParams = Parameters<AgentRuntime['runEmbeddedAgent']>[0];
type Told = NonNullable<RunParams['onExecutionPhase']>;
type RunResult = Awaited<ReturnType<AgentRuntime['runEmbeddedAgent']>>;

export interface AgentRunsDeps extends AgentSessionDeps {
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
