// Setup: the command that says whether the telephone can be used, asks for what is missing, and puts the number right.
import type { Command } from 'commander';
import { parseConfig } from '../../config/parse.ts';
import { asVoiceCallError, type VoiceCallError } from '../../lib/errors.ts';
import { runChecks, type SetupReport } from '../../setup/check.ts';
import { configuredChecks, policyChecks } from '../../setup/configured.ts';
import { setupText } from '../setup-text.ts';
import type { CliDeps } from './deps.ts';
import { firstRun } from './first-run.ts';
import { fix } from './fix.ts';
import { isNobodyThere, request, run } from './running.ts';

/** A model that is cold takes a minute. */
const CHECK_MS = 90_000;

interface Options {
  readonly json?: boolean;
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly evenIfBound?: boolean;
}

export function addSetup(parent: Command, deps: CliDeps): void {
  parent
    .command('setup')
    .description('Check everything the telephone needs; at a terminal, ask for what is missing')
    .option('--fix', 'have the carrier send the calls of our number to us; asks before, and buys nothing')
    .option('--yes', 'with --fix: do not ask')
    .option('--even-if-bound', 'with --fix --yes: also when the number belongs to something else')
    .option('--json', 'print JSON, as is done anyway when standard output is not a terminal')
    .action((options: Options) =>
      run(deps, async () => {
        const isForPeople = deps.isTerminal && !options.json;
        if (options.fix) return fix(deps, { ...options, isForPeople });
        const report = await readiness(deps);
        if (isForPeople && deps.ask !== null && canBeAsked(report)) {
          return firstRun(deps, () => readiness(deps));
        }
        if (!report.ok) deps.fail(1);
        return isForPeople ? setupText(report) : report;
      }),
    );
}

/** What the Gateway finds; without one, what the configuration file alone can tell. */
export async function readiness(deps: CliDeps): Promise<SetupReport> {
  try {
    return (await request(deps, 'setup', {}, CHECK_MS)) as SetupReport;
  } catch (error) {
    const failure = asVoiceCallError(error);
    if (!isNobodyThere(failure)) throw error;
    return withoutGateway(deps, failure);
  }
}

async function withoutGateway(deps: CliDeps, { message, cure }: VoiceCallError): Promise<SetupReport> {
  const parsed = parseConfig(...deps.readConfig());
  const checks = [...configuredChecks(parsed), ...policyChecks(parsed.settings)];
  const { checks: known } = await runChecks(checks, deps.clock);
  const gateway = { id: 'gateway' as const, ok: false, message, cure };
  return { ok: false, checks: [...known, gateway] };
}

/** Something is missing, so there is nothing to check yet; what is written wrong would stay, whatever is answered. */
function canBeAsked({ checks }: SetupReport): boolean {
  const lacksSettings = checks.some(({ id, ok }) => (id === 'provider' || id === 'provider-config') && !ok);
  return lacksSettings && !checks.some(({ miswritten }) => miswritten);
}
