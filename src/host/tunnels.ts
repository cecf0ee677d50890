// Tunnels: what tunnels are opened with in this process: its environment, and where a library for them may be installed.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { App } from '../app.ts';
import { environment } from '../config/environment.ts';
import { systemClock } from '../lib/clock.ts';
import { type ExposeRequest, expose } from '../reach/expose.ts';
import type { TunnelFor } from '../reach/reach.ts';
import { tunnels } from '../reach/tunnels.ts';
import { rawConfigIn } from './openclaw.ts';
import { theSlot } from './slot.ts';

/**
 * A plugin from a tarball runs no package manager: a library is found beside us, beside the host, or in the folder of
 * the call store, where people are told to install it.
 */
export function tunnelsHere(storeDir: string): TunnelFor {
  const here = dirname(fileURLToPath(import.meta.url));
  const host = dirname(process.argv[1] ?? here);
  return tunnels({ clock: systemClock, env: environment(), sdkFolders: [here, host, storeDir] });
}

/** `voicecall.expose`: with Tailscale of this machine, to the port the telephone runs on. */
export function exposing(api: OpenClawPluginApi): (request: ExposeRequest) => Promise<unknown> {
  return (request) => {
    const app = theSlot<App>().now();
    const runningPort = 'why' in app ? null : (app.reach?.port ?? null);
    const config = rawConfigIn(api.runtime.config.current());
    return expose(request, { config, runningPort, clock: systemClock, env: environment() });
  };
}
