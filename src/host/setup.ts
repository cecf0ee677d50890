// Setup: what the checks of the set-up need of this host: providers, model, agent, folder, port.
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { App } from '../app.ts';
import { environment } from '../config/environment.ts';
import { parseConfig } from '../config/parse.ts';
import type { Settings } from '../config/settings.ts';
import { namingOwner } from '../ingress/port-owner.ts';
import { bind } from '../ingress/server.ts';
import { systemClock } from '../lib/clock.ts';
import { asVoiceCallError, reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { Trouble } from '../lib/health.ts';
import { newUuid } from '../lib/ids.ts';
import { NUMBER_SUBJECT } from '../reach/number-address.ts';
import { Setup, type SetupDeps } from '../setup/setup.ts';
import { agentRuns } from './agent-runs.ts';
import { hostLog, ownerAgent, ownerlessNumbers, rawConfigIn, storeDir } from './openclaw.ts';
import { theSlot } from './slot.ts';
import { synthesizer } from './speech.ts';
import { findTranscriber } from './transcription.ts';
import { findVoiceModel } from './voice-model.ts';

/** Less than this is soon nothing. */
const LEAST_FREE_BYTES = 50_000_000;
/** Some models refuse to be asked for fewer. */
const FEW_TOKENS = 16;

/** The checks for the configuration as it stands now, whether a telephone runs on it or not. */
export function hostSetup(api: OpenClawPluginApi): Setup {
  const { runtime } = api;
  const log = hostLog(api);
  const parsed = parseConfig(rawConfigIn(runtime.config.current()), environment());
  const { settings } = parsed;
  const running = (): App | { readonly why: string } => theSlot<App>().now();
  return new Setup({
    parsed,
    settings,
    clock: systemClock,
    ownerAgent: () => ownerAgent(api, settings.agentId),
    ownerless: () => ownerlessNumbers(api, settings),
    telephone: () => {
      const app = running();
      return 'why' in app ? app : telephone(app);
    },
    health: () => {
      const app = running();
      // Where the number leads is asked of the carrier, which knows better.
      const isAsked = ({ subject }: Trouble): boolean => subject === NUMBER_SUBJECT;
      return 'why' in app ? [] : app.health.troubles().filter((trouble) => !isAsked(trouble));
    },
    numberLeadsTo: (webhookUrl) => {
      const app = running();
      if (!('why' in app)) app.reach?.numberLeadsTo(webhookUrl);
    },
    inTheWay,
    storeTrouble: () => storeTrouble(storeDir(api, settings.store)),
    synthesizer: () => synthesizer({ runtime, log, options: () => settings.tts }),
    transcriber: async () =>
      settings.streaming === null ? NO_AUDIO : findTranscriber(runtime, settings.streaming, log),
    voiceModel: async () =>
      settings.realtime === null ? NO_AUDIO : findVoiceModel(runtime, settings.realtime, log),
    askModel: (agentId, signal) => askModel(api, { settings, agentId, signal }),
  });
}

/** While the way in is closed there is no address, neither to ask through nor to write down at the carrier. */
function telephone({ reach }: App): ReturnType<SetupDeps['telephone']> {
  if (reach === null) return { webhookUrl: null, probe: null };
  const { trouble, webhookUrl, signed } = reach.address;
  if (trouble) return { webhookUrl: null, probe: null, trouble };
  return { webhookUrl, probe: signed === null ? null : () => reach.probe() };
}

const NO_AUDIO = { why: 'it is switched off' };

/** The way calls take to the model, without tools and with hardly a prompt. */
async function askModel(
  api: OpenClawPluginApi,
  asked: { readonly settings: Settings; readonly agentId: string; readonly signal: AbortSignal },
): Promise<string> {
  const { settings, agentId, signal } = asked;
  const { SessionManager } = await import('openclaw/plugin-sdk/agent-sessions');
  const { runtime } = api;
  const runs = agentRuns({
    runtime,
    clock: systemClock,
    newId: newUuid,
    log: hostLog(api),
    more: () => ({ promptMode: 'none', disableTools: true, streamParams: { maxTokens: FEW_TOKENS } }),
  });
  const callId = `setup-${newUuid()}`;
  const turn = {
    callId,
    turn: 0,
    agentId,
    sessionKey: `agent:${agentId}:voice:${callId}`,
    words: 'Answer with the word: ready',
    instructions: '',
    model: settings.responseModel,
    timeoutMs: settings.responseTimeoutMs,
    callerIsOwner: false,
    signal,
  };
  const config = runtime.config.current() as Parameters<typeof runtime.agent.resolveAgentWorkspaceDir>[0];
  const dir = runtime.agent.resolveAgentWorkspaceDir(config, agentId);
  await runtime.agent.ensureAgentWorkspace({ dir });
  const { payloads } = await runs.run(turn, SessionManager.inMemory(dir));
  return payloads.map(({ text }) => text).join(' ');
}

/** Tries to listen there, as the telephone would; null when nobody does. */
async function inTheWay(host: string, port: number): Promise<VoiceCallError | null> {
  try {
    const at = { port, bind: host };
    const listener = await namingOwner(at, undefined, () => bind({ host, port, clock: systemClock }));
    await listener.close();
    return null;
  } catch (error) {
    return asVoiceCallError(error);
  }
}

async function storeTrouble(path: string): Promise<VoiceCallError | null> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK);
    const { bavail, bsize } = await statfs(path);
    if (bavail * bsize >= LEAST_FREE_BYTES) return null;
    const why = `only ${Math.floor((bavail * bsize) / 1_000_000)} MB are free`;
    return new VoiceCallError('VC_STORE_FAILED', { why, path });
  } catch (error) {
    return new VoiceCallError('VC_STORE_FAILED', { why: reasonOf(error), path });
  }
}
