// Tailscale: ways in through `tailscale serve` and `tailscale funnel`. What others set up there is never changed.
import type { TailscaleSettings } from '../config/tunnel.ts';
import { streamPrefix } from '../ingress/stream-token.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { type CommandDeps, type Outcome, runCommand } from './command.ts';
import { fieldsOf, type PortRoutes, routesOn } from './serve-config.ts';
import type { LocalDoor, OpenTunnel, Tunnel, TunnelNews } from './tunnel.ts';

const LOOK_WITHIN_MS = 2_500;
const SET_WITHIN_MS = 10_000;
const OFF_WITHIN_MS = 5_000;

/** One path Tailscale shows, and where on this machine it leads. */
export interface Route {
  readonly path: string;
  readonly target: string;
}

/** This machine in its tailnet. */
export interface Node {
  readonly host: string;
  readonly id: string;
}

type Way = Pick<TailscaleSettings, 'mode' | 'port'>;

/** The `tailscale` command, as far as we use it. Every method throws VoiceCallError. */
export class TailscaleCli {
  readonly #deps: CommandDeps;

  constructor(deps: CommandDeps) {
    this.#deps = deps;
  }

  async node(): Promise<Node> {
    const status = fieldsOf(json(await this.#run(['status', '--json'], LOOK_WITHIN_MS, 'Tailscale')));
    const { BackendState: state, Self: self } = status;
    const { DNSName: name, ID: id } = fieldsOf(self);
    if (state !== 'Running')
      throw down('Tailscale', `it is not connected (${String(state)})`, 'Run "tailscale up"');
    if (typeof name !== 'string' || name === '') {
      const cure = 'Turn on MagicDNS in the Tailscale admin console (DNS)';
      throw down('Tailscale', 'this machine has no name in the tailnet', cure);
    }
    return { host: name.replace(/\.$/, ''), id: String(id ?? '') };
  }

  /**
   * Shows these routes, all or none, and returns those that were not there before. Refuses with VC_TUNNEL_TAKEN what
   * would change somebody else's: another target, or who reaches what is on this port already.
   */
  async show(routes: readonly Route[], way: Way, node: Node): Promise<readonly Route[]> {
    const status = await this.#run(['serve', 'status', '--json'], LOOK_WITHIN_MS, nameOf(way));
    const missing = missingFrom(parsedRoutes(status, node, way), routes, way);
    const added: Route[] = [];
    try {
      for (const route of missing) {
        added.push(route);
        await this.#set(route, way, node);
      }
    } catch (error) {
      await this.hide(added, way, node).catch(() => undefined);
      throw error;
    }
    return added;
  }

  /** Takes these routes back where they still lead to us. All are tried before the first failure is thrown. */
  async hide(routes: readonly Route[], way: Way, node: Node): Promise<void> {
    if (routes.length === 0) return;
    const status = await this.#run(['serve', 'status', '--json'], LOOK_WITHIN_MS, nameOf(way));
    const { handlers } = parsedRoutes(status, node, way);
    const failures: unknown[] = [];
    for (const { path, target } of routes) {
      if (handlers.get(path) !== target) continue;
      const args = [way.mode, `--https=${way.port}`, `--set-path=${path}`, 'off'];
      await this.#run(args, OFF_WITHIN_MS, nameOf(way)).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** The same, however they are shown. */
  async hideAny(routes: readonly Route[], port: number, node: Node): Promise<void> {
    const status = await this.#run(['serve', 'status', '--json'], LOOK_WITHIN_MS, 'Tailscale');
    const { isFunnel } = parsedRoutes(status, node, { mode: 'serve', port });
    await this.hide(routes, { mode: isFunnel ? 'funnel' : 'serve', port }, node);
  }

  async #set({ path, target }: Route, way: Way, node: Node): Promise<void> {
    const args = [way.mode, '--bg', '--yes', `--https=${way.port}`, `--set-path=${path}`, target];
    await this.#run(args, SET_WITHIN_MS, nameOf(way), enableUrl(way, node));
  }

  async #run(args: readonly string[], withinMs: number, name: string, enable?: string): Promise<string> {
    const outcome = await runCommand(this.#deps, 'tailscale', args, withinMs);
    if (outcome.kind === 'ended' && outcome.code === 0) return outcome.stdout;
    throw failureOf(outcome, { name, withinMs, enable });
  }
}

function nameOf({ mode }: Pick<Way, 'mode'>): string {
  return mode === 'funnel' ? 'Tailscale Funnel' : 'Tailscale Serve';
}

/** Where serve or funnel is switched on for this machine, by who may. */
export function enableUrl({ mode }: Pick<Way, 'mode'>, { id }: Node): string {
  return `https://login.tailscale.com/f/${mode}?node=${encodeURIComponent(id)}`;
}

/** The webhook, and the media streams behind the same prefix, where there are any. */
export function routesFor(door: LocalDoor, publicPath: string): readonly Route[] {
  const to = (path: string): string => `http://${door.at}${path}`;
  const webhook = { path: publicPath, target: to(door.webhookPath) };
  if (door.streamPath === null) return [webhook];
  const prefix = streamPrefix(`https://any${publicPath}`, door.webhookPath);
  return [webhook, { path: `${prefix}${door.streamPath}`, target: to(door.streamPath) }];
}

/** The address outside of what is shown at `path`. */
export function urlAt({ host }: Node, port: number, path: string): string {
  return `https://${host}${port === 443 ? '' : `:${port}`}${path}`;
}

export interface TailscaleDeps extends CommandDeps {
  readonly settings: TailscaleSettings;
  readonly door: LocalDoor;
}

export function tailscale(deps: TailscaleDeps): Tunnel {
  return { name: nameOf(deps.settings), open: (news) => openRoutes(deps, news) };
}

function openRoutes({ settings, door, ...deps }: TailscaleDeps, news: TunnelNews): OpenTunnel {
  const cli = new TailscaleCli(deps);
  const routes = routesFor(door, settings.path);
  let isClosed = false;
  const opening = cli
    .node()
    .then(async (node) => ({ node, added: await cli.show(routes, settings, node) }))
    .then(
      ({ node, added }) => {
        if (!isClosed) news.opened(urlAt(node, settings.port, settings.path));
        return { node, added };
      },
      (error: unknown) => {
        if (!isClosed) news.died(asOurs(error, nameOf(settings)));
        return null;
      },
    );
  return {
    close: async () => {
      isClosed = true;
      const shown = await opening;
      if (shown) await cli.hide(shown.added, settings, shown.node).catch(() => undefined);
    },
  };
}

function asOurs(error: unknown, name: string): VoiceCallError {
  return error instanceof VoiceCallError
    ? error
    : down(name, 'it said something we do not understand', UPDATE);
}

const UPDATE = 'Update Tailscale, and look at "tailscale serve status"';

/** What is not shown yet; refuses when anything would have to give way for it. */
function missingFrom(port: PortRoutes, routes: readonly Route[], way: Way): readonly Route[] {
  const taken = (what: string): VoiceCallError =>
    new VoiceCallError('VC_TUNNEL_TAKEN', { what: `Tailscale already ${what}`, cure: LEFT_ALONE });
  if (port.isTaken) throw taken(`leads all of port ${way.port} somewhere else`);
  for (const { path, target } of routes) {
    const present = port.handlers.get(path);
    if (present !== undefined && present !== target)
      throw taken(`leads ${path} on port ${way.port} to ${present}`);
  }
  const others = [...port.handlers.keys()].filter((path) => !routes.some((route) => route.path === path));
  const isOther = port.isFunnel !== (way.mode === 'funnel');
  // One switch for the whole port: turning it would open, or close, what is not ours.
  if (isOther && others.length > 0) {
    const [from, to] = port.isFunnel
      ? ['the internet', 'the tailnet alone']
      : ['the tailnet alone', 'the internet'];
    throw taken(
      `shows ${others.join(', ')} on port ${way.port} to ${from}, and ours would turn that to ${to}`,
    );
  }
  return routes.filter(({ path }) => isOther || !port.handlers.has(path));
}

const LEFT_ALONE =
  'It is left as it is. Free it yourself, or set tailscale.path or tailscale.port to something else.';

function parsedRoutes(text: string, { host }: Node, way: Way): PortRoutes {
  try {
    return routesOn(text, host, way.port);
  } catch (cause) {
    throw down(nameOf(way), 'its status cannot be read', UPDATE, cause);
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw down('Tailscale', 'its status cannot be read', UPDATE, cause);
  }
}

function down(tunnel: string, why: string, cure: string, cause?: unknown): VoiceCallError {
  return new VoiceCallError('VC_TUNNEL_DOWN', { tunnel, why, cure }, { cause });
}

interface Asked {
  readonly name: string;
  readonly withinMs: number;
  readonly enable: string | undefined;
}

function failureOf(outcome: Outcome, { name, withinMs, enable }: Asked): VoiceCallError {
  if (outcome.kind === 'missing') {
    return new VoiceCallError('VC_TUNNEL_MISSING', {
      what: 'Tailscale: there is no command "tailscale"',
      cure: 'Install it from https://tailscale.com/download and run "tailscale up"; or set publicUrl.',
    });
  }
  const said = `${outcome.stdout}\n${outcome.stderr}`;
  // Where it is not allowed yet the command prints an address and waits for somebody to open it.
  const link = /https:\/\/login\.tailscale\.com\/f\/\S+/.exec(said)?.[0];
  if (link !== undefined || /not enabled/i.test(said)) {
    return down(
      name,
      'it is not enabled for this machine',
      `Open ${link ?? enable ?? 'the Tailscale admin console'}`,
    );
  }
  if (/access denied|permission denied|operator/i.test(said)) {
    return down(name, 'we may not change it', 'Run "sudo tailscale set --operator=$USER"');
  }
  if (outcome.kind === 'late') {
    return down(name, `the command did not end within ${withinMs} ms`, 'Check "tailscale status"');
  }
  const [first = ''] = outcome.stderr.trim().split('\n');
  return down(name, first === '' ? `the command ended with ${outcome.code}` : first.slice(0, 200), UPDATE);
}
