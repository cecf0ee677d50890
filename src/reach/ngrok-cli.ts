// NgrokCli: a tunnel by the `ngrok` command: its log tells the address, its death that of the tunnel.
import type { NgrokSettings } from '../config/tunnel.ts';
import { type CommandDeps, keepRunning, runCommand } from './command.ts';
import { ngrokCode, ngrokError, ngrokMissing } from './ngrok-errors.ts';
import type { LocalDoor, OpenTunnel, Tunnel, TunnelNews } from './tunnel.ts';

export interface NgrokCliDeps extends CommandDeps {
  readonly settings: NgrokSettings;
  readonly door: LocalDoor;
  /** Where the SDK could be installed instead, for who has neither. */
  readonly sdkFolder: string;
}

const HELP_WITHIN_MS = 5_000;

/** The authtoken goes by the environment of the child only: the user's own ngrok configuration stays as it is. */
export function ngrokCli(deps: NgrokCliDeps): Tunnel {
  return { name: 'ngrok', open: (news) => openCli(deps, news) };
}

function openCli(deps: NgrokCliDeps, news: TunnelNews): OpenTunnel {
  const { settings, door, sdkFolder } = deps;
  let isClosed = false;
  let stop: () => Promise<void> = async () => undefined;
  let code: string | null = null;
  const env = settings.authToken === null ? deps.env : { ...deps.env, NGROK_AUTHTOKEN: settings.authToken };
  const starting = domainFlags(deps).then((domain) => {
    if (isClosed) return;
    const args = ['http', door.at, '--log', 'stdout', '--log-format', 'json', ...domain];
    stop = keepRunning({ ...deps, env }, 'ngrok', args, {
      line: (text) => {
        code = ngrokCode(text) ?? code;
        const url = urlIn(text);
        if (url !== null) news.opened(`${url}${door.webhookPath}`);
      },
      ended: ({ isMissing, why }) => news.died(isMissing ? ngrokMissing(sdkFolder) : ngrokError(code, why)),
    });
  });
  return {
    close: async () => {
      isClosed = true;
      await starting;
      await stop();
    },
  };
}

/** `--domain` is the older name of `--url`; each version of the agent knows at least one of them. */
async function domainFlags({ settings: { domain }, ...deps }: NgrokCliDeps): Promise<readonly string[]> {
  if (domain === null) return [];
  const help = await runCommand(deps, 'ngrok', ['http', '--help'], HELP_WITHIN_MS);
  const said = help.kind === 'missing' ? '' : `${help.stdout}${help.stderr}`;
  return /--url\b/.test(said) ? ['--url', `https://${domain}`] : ['--domain', domain];
}

/** The https address in a line of the log that says that the tunnel began; null in all others. */
function urlIn(line: string): string | null {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return null;
  }
  const { msg, url } = (entry ?? {}) as { readonly msg?: unknown; readonly url?: unknown };
  if (msg !== 'started tunnel' || typeof url !== 'string' || !URL.canParse(url)) return null;
  const { protocol, origin } = new URL(url);
  return protocol === 'https:' ? origin : null;
}
