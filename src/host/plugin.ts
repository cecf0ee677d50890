// Plugin: hangs the telephone into the host: commands, tool, methods, service. Called once per module instance.
import type { AnyAgentTool, OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import { type App, startApp } from '../app.ts';
import type { Settings } from '../config/settings.ts';
import type { Told } from '../feed/feed.ts';
import { PHONE_PATH, refuseUpgrade } from '../handset/phones.ts';
import { systemClock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import type { Trouble } from '../lib/health.ts';
import { newUuid } from '../lib/ids.ts';
import { Continues } from '../operation/continues.ts';
import type { OpenService, VoiceService } from '../operation/verb.ts';
import { rpcMethods } from '../surface/rpc.ts';
import { setupMethods } from '../surface/setup-methods.ts';
import { voiceCallTool } from '../surface/tool.ts';
import { PhoneAgent } from './agent.ts';
import { agentRuns, sessionOfKey } from './agent-runs.ts';
import { hostConsultant, releasedWith } from './consult.ts';
import { openLiveAudio } from './live-audio.ts';
import { currentConfig, hostLog, ownerAgent, ownerlessNumbers, PLUGIN_ID, storeDir } from './openclaw.ts';
import { hostSetup } from './setup.ts';
import { theSlot } from './slot.ts';
import { tunnelsHere } from './tunnels.ts';

/** The running telephone with what the verbs need beside it. */
interface Running extends App {
  readonly service: VoiceService;
}

const open: OpenService = async () => (await theSlot<Running>().current(systemClock)).service;

/** The agent tool; also in the instance of this module that only runs tools. */
export function registerTool(api: OpenClawPluginApi): void {
  api.registerTool(
    // The host's type asks for mutable results and a TypeBox schema; ours are read-only and JSON Schema.
    (context) =>
      voiceCallTool(open, {
        sessionKey: context.sessionKey === undefined ? null : sessionOfKey(context.sessionKey),
        agentId: context.agentId ?? null,
      }) as unknown as AnyAgentTool,
    { name: 'voice_call' },
  );
}

export function registerMethods(api: OpenClawPluginApi): void {
  for (const method of [...rpcMethods(open), ...setupMethods(() => hostSetup(api))]) {
    api.registerGatewayMethod(
      method.name,
      async ({ params, client, respond }) => {
        const answer = await method.handle(params, { isTrusted: isPlugin(client) });
        if (answer.ok) respond(true, answer.payload);
        else respond(false, undefined, answer.error);
      },
      { scope: method.scope },
    );
  }
}

/** Another plugin of this Gateway asks, not somebody on a socket. */
function isPlugin(client: unknown): boolean {
  const { internal } = (client ?? {}) as { internal?: { pluginRuntimeOwnerId?: string } };
  return typeof internal?.pluginRuntimeOwnerId === 'string';
}

/** The sockets of test phones: their ticket says that the Gateway has let them in. */
export function registerPhoneRoute(api: OpenClawPluginApi): void {
  api.registerHttpRoute({
    path: PHONE_PATH,
    auth: 'plugin',
    match: 'exact',
    handler: (_request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
      response.end('A test phone connects here by WebSocket.');
      return true;
    },
    handleUpgrade: async (request, socket, head) => {
      const telephone = await theSlot<Running>()
        .current(systemClock)
        .catch(() => null);
      if (telephone?.testPhones) telephone.testPhones.upgrade(request, socket, head);
      else refuseUpgrade(socket, 503);
      return true;
    },
  });
}

export function registerService(api: OpenClawPluginApi): void {
  const slot = theSlot<Running>();
  const log = hostLog(api);
  api.registerService({
    id: PLUGIN_ID,
    async start(context) {
      const config = currentConfig(api);
      if (!config.ok) {
        log.warn(`setup is incomplete, the telephone is not started: ${config.problems.join('; ')}`);
        await slot.stop(config.problems.join('; '));
        return;
      }
      for (const notice of [...config.notices, ...ownerlessNumbers(api, config.settings)]) log.warn(notice);
      if (!config.settings.enabled) {
        await slot.stop(new VoiceCallError('VC_DISABLED').message);
        return;
      }
      const tell = (told: Told): void => {
        try {
          // The host's type asks for mutable JSON; the feed tells plain JSON, read-only.
          context.gatewayEvents?.emit(told.name, told.payload as never, { scope: 'operator.read' });
        } catch (error) {
          // The host takes no more events of a service that it stops; a call goes on whoever looks.
          log.debug('an event could not be told', { event: told.name, error: reasonOf(error) });
        }
      };
      await slot.start(async () => {
        const telephone = await startTelephone(api, config.settings, tell);
        telephone.health.listen((troubles) => tellHost(context.serviceHealth, troubles));
        return telephone;
      });
    },
    stop: () => slot.stop('it was stopped with the Gateway'),
  });
}

type ServiceContext = Parameters<Parameters<OpenClawPluginApi['registerService']>[0]['start']>[0];

/** The host knows one failure per service: ours is the list of what does not work. */
function tellHost(serviceHealth: ServiceContext['serviceHealth'], troubles: readonly Trouble[]): void {
  if (troubles.length === 0) serviceHealth?.clearFailure();
  else
    serviceHealth?.reportFailure(
      new Error(troubles.map(({ message, cure }) => `${message}. ${cure}`).join(' ')),
    );
}

async function startTelephone(
  api: OpenClawPluginApi,
  settings: Settings,
  tell: (told: Told) => void,
): Promise<Running> {
  const log = hostLog(api);
  const host = { runtime: api.runtime, clock: systemClock, newId: newUuid, log };
  const phoneAgent = new PhoneAgent({ runs: agentRuns(host), clock: systemClock, log });
  const consultant = settings.realtime && hostConsultant(host, settings.realtime);
  const app = await startApp({
    settings,
    log,
    clock: systemClock,
    newId: newUuid,
    agent: consultant ? releasedWith(phoneAgent, consultant) : phoneAgent,
    live: await openLiveAudio(api, settings, log, consultant),
    ownerAgent: (configured) => ownerAgent(api, configured),
    storeDir: storeDir(api, settings.store),
    tunnelFor: tunnelsHere(storeDir(api, settings.store)),
    tell,
  });
  const service: VoiceService = {
    phone: app.phone,
    health: app.health,
    watch: app.watch,
    defaults: {
      toNumber: settings.toNumber,
      mode: settings.defaultMode,
      transcriptTimeoutMs: settings.transcriptTimeoutMs,
    },
    continues: new Continues(systemClock, newUuid),
    testPhones: app.testPhones ?? null,
  };
  return { ...app, service };
}
