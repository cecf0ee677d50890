// Tunnels: from the settings to the tunnel: ngrok by its library where that is installed, else by its command; Tailscale.
import type { TunnelSettings } from '../config/tunnel.ts';
import type { CommandDeps } from './command.ts';
import { ngrokCli } from './ngrok-cli.ts';
import { findNgrokSdk, type NgrokSdk, ngrokSdk } from './ngrok-sdk.ts';
import type { TunnelFor } from './reach.ts';
import { tailscale } from './tailscale.ts';
import type { LocalDoor, Tunnel } from './tunnel.ts';

export interface TunnelsDeps extends CommandDeps {
  /** Where ngrok's library may be installed; the last one is what people are told. */
  readonly sdkFolders: readonly string[];
  /** Tests have one of their own. */
  readonly findSdk?: (folders: readonly string[]) => NgrokSdk | null;
}

export function tunnels(deps: TunnelsDeps): TunnelFor {
  return (settings, door) => tunnelOf(settings, door, deps);
}

function tunnelOf(settings: TunnelSettings, door: LocalDoor, deps: TunnelsDeps): Tunnel {
  if (settings.kind === 'tailscale') return tailscale({ ...deps, settings, door });
  const { sdkFolders, findSdk = findNgrokSdk, env } = deps;
  const sdk = findSdk(sdkFolders);
  if (sdk !== null) return ngrokSdk({ sdk, settings, door, env });
  return ngrokCli({ ...deps, settings, door, sdkFolder: sdkFolders.at(-1) ?? '.' });
}
