// OpenClaw: what the host tells us: our configuration, where state is kept, whose agent answers, where to log.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import { environment } from '../config/environment.ts';
import { storeFolder } from '../config/gateway-target.ts';
import { type ParsedConfig, parseConfig } from '../config/parse.ts';
import { CONFIG_PATH } from '../config/schema.ts';
import type { Settings } from '../config/settings.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import { type Log, logLine } from '../lib/log.ts';

export const PLUGIN_ID = 'voice-call';

interface WithOurs {
  readonly plugins?: {
    readonly entries?: Readonly<Record<string, { readonly config?: unknown } | undefined>>;
  };
}

/** Our configuration in the host's, as a service is given it: current, with its secrets resolved. */
export function configIn(config: unknown): ParsedConfig {
  return parseConfig(rawConfigIn(config), environment());
}

/** The same as it was written. `api.pluginConfig` would be that of the time when this instance was registered. */
export function rawConfigIn(config: unknown): unknown {
  const { plugins } = config as WithOurs;
  return plugins?.entries?.[PLUGIN_ID]?.config ?? {};
}

export function hostLog(api: OpenClawPluginApi): Log {
  const { logger } = api;
  return {
    debug: (text, fields) => logger.debug?.(logLine(text, fields)),
    info: (text, fields) => logger.info(logLine(text, fields)),
    warn: (text, fields) => logger.warn(logLine(text, fields)),
    error: (text, fields) => logger.error(logLine(text, fields)),
  };
}

/** Folder of the Gateway's state. */
export function stateDirOf(api: OpenClawPluginApi): string {
  return api.runtime.state.resolveStateDir();
}

/** Folder of the call store, found as the commands find it: `api.resolvePath` is for the plugin's own folder. */
export function storeDir(api: OpenClawPluginApi, configured: string | null): string {
  return storeFolder(configured, stateDirOf(api), environment());
}

/** The agent that owns a call: the one asked for, or the only one there is. Throws VC_AGENT_UNKNOWN. */
export function ownerAgent(api: OpenClawPluginApi, wanted: string | null): string {
  const agents = agentIds(api);
  if (wanted !== null) {
    if (agents.includes(wanted) || agents.length === 0) return wanted;
    throw new VoiceCallError('VC_AGENT_UNKNOWN', { why: `there is no agent "${wanted}"` });
  }
  const [only = 'main', ...others] = agents;
  if (others.length === 0) return only;
  throw new VoiceCallError('VC_AGENT_UNKNOWN', { why: `${agents.length} agents are configured` });
}

/** Numbers whose calls nobody would own: better said at the start than when somebody calls. */
export function ownerlessNumbers(api: OpenClawPluginApi, { numbers }: Settings): readonly string[] {
  return [...numbers].flatMap(([number, { agentId }]) => {
    try {
      if (agentId !== null) ownerAgent(api, agentId);
      return [];
    } catch (error) {
      return [`${CONFIG_PATH}.numbers.${number}.agentId: ${reasonOf(error)}`];
    }
  });
}

function agentIds(api: OpenClawPluginApi): readonly string[] {
  const { agents } = api.runtime.config.current() as { agents?: { entries?: Record<string, unknown> } };
  return Object.keys(agents?.entries ?? {});
}
