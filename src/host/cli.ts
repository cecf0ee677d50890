// Cli: our commands inside the host's own: the same as the quick bin's, over the same client.
import type { Command } from 'commander';
import { environment } from '../config/environment.ts';
import { locateGateway } from '../config/gateway-target.ts';
import { systemClock } from '../lib/clock.ts';
import { exposeHere } from '../reach/expose-here.ts';
import type { StoreAccess } from '../record/access.ts';
import type { CliDeps } from '../surface/cli/deps.ts';
import { registerVoicecallCommands } from '../surface/cli.ts';
import type { Gateway } from '../surface/gateway.ts';
import { ADMIN_SCOPES, GatewayClient } from '../surface/gateway-client.ts';
import { flushed, interrupted } from '../surface/interrupt.ts';

type Out = Pick<CliDeps, 'write' | 'warn' | 'fail' | 'isTerminal' | 'ask'>;

/** `program` is the host's. `write` and `warn` go to standard output and error. */
export function registerHostCli(program: Command, version: string, out: Out): void {
  registerVoicecallCommands(program, {
    ...out,
    clock: systemClock,
    gateway: gatewayOf({ version }),
    admin: gatewayOf({ version, scopes: ADMIN_SCOPES }),
    readConfig: () => [locateGateway(environment()).plugin, environment()],
    gatewayUrl: () => locateGateway(environment()).gateway.url,
    storeDir: () => locateGateway(environment()).storeDir,
    exposeHere: (request) => exposeHere(request, environment()),
    openStore: async (at) => (await store()).openStore(at),
    openFeed: async (...asked) => (await store()).openFeed(...asked),
    importCalls: async (file) => (await store()).importCalls(file),
    interrupted,
    flushed,
  });
}

/** A connection for each question: the host decides when its process may end. */
function gatewayOf(who: { readonly version: string; readonly scopes?: readonly string[] }): Gateway {
  return {
    async request(...asked) {
      const target = locateGateway(environment()).gateway;
      const client = new GatewayClient({ target, clock: systemClock, ...who });
      try {
        return await client.request(...asked);
      } finally {
        client.close();
      }
    },
  };
}

/** Loaded when it is wanted: node:sqlite costs more than all the rest. */
async function store(): Promise<StoreAccess> {
  const { storeAccess } = await import('../record/access.ts');
  return storeAccess(locateGateway(environment()).storeDir);
}
