// Cli: our commands inside the host's own: the same as the quick bin's, over the same client.
import type { Command } from 'commander';
import { environment } from '../config/environment.ts';
import { locateGateway } from '../config/gateway-target.ts';
import { systemClock } from '../lib/clock.ts';
import { registerVoicecallCommands } from '../surface/cli.ts';
import { GatewayClient } from '../surface/gateway-client.ts';

/** `program` is the host's. `write` and `warn` go to standard output and error. */
export function registerHostCli(
  program: Command,
  version: string,
  out: { write(text: string): void; warn(text: string): void; fail(code: number): void; isTerminal: boolean },
): void {
  registerVoicecallCommands(program, {
    ...out,
    clock: systemClock,
    gateway: {
      async request(...asked) {
        const client = new GatewayClient({
          target: locateGateway(environment()).gateway,
          clock: systemClock,
          version,
        });
        try {
          return await client.request(...asked);
        } finally {
          client.close();
        }
      },
    },
    openStore: async (at) => {
      const { openJournal } = await import('../record/journal.ts');
      return openJournal(at ?? locateGateway(environment()).storeDir, { readOnly: true });
    },
  });
}
