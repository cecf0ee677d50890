// Plugin: hangs the telephone into the host: commands, tool, methods, service. Called once per module instance.
import type { AnyAgentTool, OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import { CONFIG_PATH } from '../config/schema.ts';
import { PHONE_PATH, refuseUpgrade } from '../handset/phones.ts';
import type { OpenService } from '../operation/verb.ts';
import { exposeMethod } from '../surface/expose-method.ts';
import { rpcMethods } from '../surface/rpc.ts';
import { setupMethods } from '../surface/setup-methods.ts';
import { voiceCallTool } from '../surface/tool.ts';
import { callOfRunKey } from './agent-runs.ts';
import { PLUGIN_ID } from './openclaw.ts';
import { hostSetup } from './setup.ts';
import { theSlot } from './slot.ts';
import { type Running, Telephone } from './telephone.ts';
import { exposing } from './tunnels.ts';

const open: OpenService = async () => (await theSlot<Running>().current()).service;

/** The agent tool; also in the instance of this module that only runs tools. */
export function registerTool(api: OpenClawPluginApi): void {
  api.registerTool(
    // The host's type asks for mutable results and a TypeBox schema; ours are read-only and JSON Schema.
    (context) =>
      voiceCallTool(open, {
        sessionKey: context.sessionKey === undefined ? null : sessionOf(context.sessionKey),
        agentId: context.agentId ?? null,
      }) as unknown as AnyAgentTool,
    { name: 'voice_call' },
  );
}

/** A session's own key, or that of the session whose call asks in the middle of a turn. */
function sessionOf(key: string): string {
  const callId = callOfRunKey(key);
  const call = callId === null ? null : theSlot<Running>().running?.service.phone.find(callId);
  return call?.settings.sessionKey ?? key;
}

export function registerMethods(api: OpenClawPluginApi): void {
  for (const method of [
    ...rpcMethods(open),
    ...setupMethods(() => hostSetup(api)),
    exposeMethod(exposing(api)),
  ]) {
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
    // Nobody has let them in yet: they are not kept waiting for a telephone, to which their ticket would mean nothing.
    handleUpgrade: (request, socket, head) => {
      const telephone = theSlot<Running>().now();
      if ('why' in telephone || !telephone.testPhones) refuseUpgrade(socket, 503);
      else telephone.testPhones.upgrade(request, socket, head);
      return true;
    },
  });
}

export function registerService(api: OpenClawPluginApi): void {
  const telephone = new Telephone(api);
  api.registerService({
    id: PLUGIN_ID,
    start: (context) => telephone.start(context),
    stop: () => telephone.stop(),
  });
  // The host restarts this one when something we live by was edited, and leaves the telephone alone: `reload` of the
  // plugin (index.ts) says that none of it needs a new instance of us.
  api.registerService({
    id: `${PLUGIN_ID}-config`,
    reload: { configPrefixes: WATCHED },
    start: ({ config }) => telephone.changed(config),
  });
  // Comes before the services are stopped when the Gateway leaves, and after it when only we are replaced.
  api.on('gateway_stop', ({ reason }) => telephone.leaving(reason));
}

/** Ours, the host's voices, and its agents. */
const WATCHED = [CONFIG_PATH, 'tts', 'messages.tts', 'agents'];
