// TunnelChecks: what no tunnel can be opened with, and what is hardly meant about one.
import { UNRESOLVED } from './credentials.ts';
import { type Problem, problem } from './problem.ts';
import type { Config } from './schema.ts';
import { tailscaleMode } from './tunnel.ts';

/** Ports Tailscale lets the internet in by. */
const FUNNEL_PORTS = [443, 8_443, 10_000];

/** What is wrong with `port` for a funnel, to stand behind the key; null when nothing is. */
export function barredPort(port: number): string | null {
  if (FUNNEL_PORTS.includes(port)) return null;
  return `is ${port}: Tailscale Funnel HTTPS port must be one of ${FUNNEL_PORTS.join(', ')}`;
}

export function tunnelProblems(config: Config): readonly Problem[] {
  const { tunnel, tailscale } = config;
  const barred = tailscaleMode(config) === 'funnel' ? barredPort(tailscale.port) : null;
  const isUnresolved = tunnel.provider === 'ngrok' && typeof tunnel.ngrokAuthToken === 'object';
  return [
    ...(barred === null ? [] : [problem('tailscale.port', barred)]),
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
  } else if (publicUrl !== undefined && opens) {
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
