// Expose: the command that shows the webhook and the streams through Tailscale, or takes them back.
import type { Command } from 'commander';
import { asVoiceCallError } from '../../lib/errors.ts';
import { exposeRequest } from '../expose-method.ts';
import type { CliDeps } from './deps.ts';
import { isNobodyThere, numberOf, requestAsAdmin, run } from './running.ts';

/** Three commands of Tailscale, each with a deadline of its own. */
const EXPOSE_MS = 45_000;

interface Options {
  readonly mode: string;
  readonly path?: string;
  readonly port?: string;
  readonly servePath?: string;
}

export function addExpose(parent: Command, deps: CliDeps): void {
  parent
    .command('expose')
    .description('Show the webhook and the media streams through Tailscale, or take them back')
    .option(
      '--mode <mode>',
      'funnel: the internet; serve: your own tailnet only; off: take them back',
      'funnel',
    )
    .option('--path <path>', 'path outside (default: tailscale.path, else the path of the webhook)')
    .option('--port <n>', 'port of our listener (default: the one that runs, else serve.port)')
    .option('--serve-path <path>', 'path of the webhook on this machine (default: serve.path)')
    .action((options: Options) => run(deps, () => exposed(deps, options)));
}

/** On the machine of the Gateway, whose Tailscale it is; without one, on this machine. */
async function exposed(deps: CliDeps, { mode, path, port, servePath }: Options): Promise<unknown> {
  const number = port === undefined ? undefined : numberOf({ flag: 'port', text: port, min: 1, max: 65_535 });
  const asked = exposeRequest({ mode, path, port: number, servePath });
  try {
    return await requestAsAdmin(deps, 'expose', asked, EXPOSE_MS);
  } catch (error) {
    if (!isNobodyThere(asVoiceCallError(error))) throw error;
    return deps.exposeHere(asked);
  }
}
