// TunnelChecks: what no tunnel can be opened with, and what is hardly meant about one.
import { UNRESOLVED } from './credentials.ts';
import { type Problem, problem } from './problem.ts';
import type { Config } from './schema.ts';
import { tailscaleMode } from './tunnel.ts';

/** Ports Tailscale lets the internet in by. */
const FUNNEL_PORTS = [443, 8_443, 10_000];

export function tunnelProblems(config: Config): readonly Problem[] {
  const { tunnel, tailscale } = config;
  const isBarred = tailscaleMode(config) === 'funnel' && !FUNNEL_PORTS.includes(tailscale.port);
  const barred = `is ${tailscale.port}: Tailscale Funnel HTTPS port must be one of ${FUNNEL_PORTS.join(', ')}`;
  const isUnresolved = tunnel.provider === 'ngrok' && typeof tunnel.ngrokAuthToken === 'object';
  return [
    ...(isBarred ? [problem('tailscale.port', barred)] : []),
    ...(isUnresolved ? [problem('tunnel.ngrokAuthToken', `is not known: ${UNRESOLVED}`)] : []),
  ];
}

type Doubt = readonly [key: string, what: string];

export function tunnelDoubts(config: Config): readonly Doubt[] {
  const { publicUrl, tunnel, tailscale, provider } = config;
  const doubtful: Doubt[] = [];
  const mode = tailscaleMode(config);
  const key = tunnel.provider === 'none' ? 'tailscale.mode' : 'tunnel.provider';
  const opens = tunnel.provider !== 'none' || mode !== 'off';
  if (provider === 'mock' && opens) {
    doubtful.push([key, 'opens nothing: the mock carrier has no port to lead to']);
  } else if (publicUrl !== undefined && (tunnel.provider !== 'none' || mode !== 'off')) {
    doubtful.push([key, 'opens nothing: publicUrl is set and wins']);
  } else if (tunnel.provider !== 'none' && tailscale.mode !== 'off' && tailscale.mode !== mode) {
    doubtful.push(['tailscale.mode', `is not used: tunnel.provider "${tunnel.provider}" wins`]);
  }
  if (publicUrl === undefined && mode === 'serve' && provider !== 'mock') {
    doubtful.push([key, `is serve: only your own tailnet reaches it, no carrier does. Use funnel`]);
  }
  if (tunnel.allowNgrokFreeTierLoopbackBypass && (tunnel.provider !== 'ngrok' || publicUrl !== undefined)) {
    doubtful.push([
      'tunnel.allowNgrokFreeTierLoopbackBypass',
      'has no effect: it is for an ngrok tunnel of ours',
    ]);
  }
  return doubtful;
}
