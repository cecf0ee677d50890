// Expose: shows the webhook and the streams through Tailscale by hand, or takes them back: what `voicecall expose` does.
import { parseConfig } from '../config/parse.ts';
import { normalPath } from '../config/path.ts';
import type { Settings } from '../config/settings.ts';
import { barredPort } from '../config/tunnel-checks.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { CommandDeps } from './command.ts';
import { enableUrl, routesFor, TailscaleCli, urlAt } from './tailscale.ts';
import { type LocalDoor, localAt } from './tunnel.ts';

export const EXPOSE_MODES = ['off', 'serve', 'funnel'] as const;

export interface ExposeRequest {
  readonly mode: (typeof EXPOSE_MODES)[number];
  /** Path outside; `tailscale.path` or the path of the webhook when absent. */
  readonly path?: string | undefined;
  /** Port of our listener; `serve.port` when absent. */
  readonly port?: number | undefined;
  /** Path of the webhook on this machine; `serve.path` when absent. */
  readonly servePath?: string | undefined;
}

type Exposed =
  | { readonly ok: true; readonly mode: 'off'; readonly path: string }
  | {
      readonly ok: true;
      readonly mode: 'serve' | 'funnel';
      readonly path: string;
      readonly streamPaths: readonly string[];
      readonly localUrl: string;
      readonly publicUrl: string;
      readonly hint: { readonly note: string; readonly enableUrl: string };
    };

export interface ExposeDeps extends CommandDeps {
  /** The plugin's part of the configuration. */
  readonly config: unknown;
  /** Port of the listener that runs; null: none does, or it is not known. */
  readonly runningPort: number | null;
}

/** Stays until it is taken back by `off`: not with the Gateway, which only takes back what its configuration opened. */
export async function expose(request: ExposeRequest, deps: ExposeDeps): Promise<Exposed> {
  // It may lack everything else: people expose first, and fill in what they then know.
  const { settings } = parseConfig(deps.config, deps.env);
  const { raw, port: outside } = tailscaleOf(deps.config);
  const servePath = normalPath(request.servePath ?? settings.serve.path);
  const path = normalPath(request.path ?? raw ?? servePath);
  const local = request.port ?? deps.runningPort ?? settings.serve.port;
  const streamPath = (settings.realtime ?? settings.streaming)?.path ?? null;
  const door: LocalDoor = { at: localAt(settings.serve.bind, local), webhookPath: servePath, streamPath };
  const routes = routesFor(door, path);
  const cli = new TailscaleCli(deps);
  const node = await cli.node();
  if (request.mode === 'off') {
    refuseToClose(settings, path, outside);
    await cli.hideAny(routes, outside, node);
    return { ok: true, mode: 'off', path };
  }
  const way = { mode: request.mode, port: outside };
  if (way.mode === 'funnel') checkPort(outside);
  await cli.show(routes, way, node);
  return {
    ok: true,
    mode: way.mode,
    path,
    streamPaths: routes.slice(1).map((route) => route.path),
    localUrl: `http://${door.at}${servePath}`,
    publicUrl: urlAt(node, outside, path),
    hint: { note: noteFor(way.mode), enableUrl: enableUrl(way, node) },
  };
}

function noteFor(mode: 'serve' | 'funnel'): string {
  return mode === 'serve'
    ? 'Only your own tailnet reaches this address, no carrier does: use --mode funnel for calls'
    : 'Set publicUrl to this address; where it is not reached, allow it at enableUrl';
}

/** The keeper would open it again at once. */
function refuseToClose({ tunnel }: Settings, path: string, port: number): void {
  if (tunnel?.kind !== 'tailscale' || tunnel.path !== path || tunnel.port !== port) return;
  const why = 'the configuration keeps it open; set tunnel.provider to "none" and tailscale.mode to "off"';
  throw new VoiceCallError('VC_PARAM_INVALID', { name: 'mode', why });
}

function checkPort(port: number): void {
  const barred = barredPort(port);
  if (barred !== null)
    throw new VoiceCallError('VC_CONFIG_INVALID', { problems: `tailscale.port ${barred}` });
}

function tailscaleOf(config: unknown): { readonly raw: string | undefined; readonly port: number } {
  const { tailscale } = (config ?? {}) as { readonly tailscale?: { path?: unknown; port?: unknown } };
  const { path, port } = tailscale ?? {};
  return { raw: typeof path === 'string' ? path : undefined, port: typeof port === 'number' ? port : 443 };
}
