// Smoke: the checks, and then a real call that says whether it was heard.
import type { Command } from 'commander';
import { setupText } from '../setup-text.ts';
import type { CliDeps } from './deps.ts';
import { run } from './running.ts';
import { readiness } from './setup.ts';
import { placeAndJudge, verdictText } from './test-call.ts';

interface Options {
  readonly to?: string;
  readonly message: string;
  readonly mode: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addSmoke(parent: Command, deps: CliDeps): void {
  parent
    .command('smoke')
    .description(
      'Run the checks, then call a number and say whether we were heard; calls only with --to and --yes',
    )
    .option('-t, --to <phone>', 'number to call')
    .option('--message <text>', 'what is said', 'OpenClaw voice call smoke test.')
    .option('--mode <mode>', 'notify or conversation', 'notify')
    .option('--yes', 'really call; without it --to is only a dry run')
    .option('--json', 'print JSON, as is done anyway when standard output is not a terminal')
    .action((options: Options) => run(deps, () => smoke(deps, options)));
}

async function smoke(deps: CliDeps, options: Options): Promise<unknown> {
  const { to, yes } = options;
  const isForPeople = deps.isTerminal && !options.json;
  const setup = await readiness(deps);
  if (!setup.ok) {
    deps.fail(1);
    return isForPeople ? setupText(setup) : { ok: false, setup };
  }
  if (isForPeople) deps.write(`${setupText(setup)}\n`);
  if (to === undefined) {
    return isForPeople
      ? 'live-call: skipped (pass --to and --yes to call)'
      : { ok: true, setup, liveCall: false };
  }
  if (!yes) {
    return isForPeople
      ? `live-call: dry run for ${to} (add --yes to call)`
      : { ok: true, setup, liveCall: false, wouldCall: to };
  }
  const verdict = await placeAndJudge(deps, { to, message: options.message, mode: options.mode });
  if (!verdict.ok) deps.fail(1);
  const { callId, ok } = verdict;
  return isForPeople
    ? `live-call: started ${callId}\n${verdictText(verdict)}`
    : { ok, setup, liveCall: true, callId, verdict };
}
