// Rehearse: scripted callers play against the agent as it is configured, and say what did not go as expected.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { RehearsalReport } from '../../caller/rehearsal.ts';
import type { readScenario, Scenario } from '../../caller/scenario.ts';
import { steadyClock } from '../../lib/clock.ts';
import { VoiceCallError } from '../../lib/errors.ts';
import type { CliDeps } from './deps.ts';
import { fieldsOf, QUICK_MS, request, run } from './running.ts';

interface Options {
  readonly sound: boolean;
  readonly json?: boolean;
}

export function addRehearse(parent: Command, deps: CliDeps): void {
  parent
    .command('rehearse [scenarios...]')
    .description(
      'With the mock carrier: let scripted callers call your agent; without names, those of the package',
    )
    .option('--no-sound', 'read the answers at once instead of at the speed of speech')
    .option('--json', 'print JSON, as is done anyway when standard output is not a terminal')
    .action((names: readonly string[], options: Options) =>
      run(deps, () => rehearseAll(deps, names, options)),
    );
}

async function rehearseAll(deps: CliDeps, names: readonly string[], options: Options): Promise<unknown> {
  // Loaded here: no other command needs a reader of YAML.
  const [{ readScenario }, { rehearse }, { rehearsalText }] = await Promise.all([
    import('../../caller/scenario.ts'),
    import('../../caller/rehearsal.ts'),
    import('../../caller/rehearsal-text.ts'),
  ]);
  // All are read before the first is played: a fault in the last is not found after minutes.
  const scenarios = (names.length > 0 ? names : shipped()).map((name) => scenarioOf(name, readScenario));
  const stop = deps.interrupted();
  const reports: RehearsalReport[] = [];
  for (const scenario of scenarios) {
    if (stop.aborted) break;
    const opened = fieldsOf(await request(deps, 'phone.open', { sound: options.sound }, QUICK_MS));
    const url = new URL(String(opened['url']), deps.gatewayUrl()).href;
    if (deps.isTerminal) deps.warn(`${scenario.name} ...\n`);
    reports.push(await rehearse(scenario, { url, clock: steadyClock, stop }));
  }
  const isPassed = reports.length === scenarios.length && reports.every((report) => report.isPassed);
  if (!isPassed) deps.fail(1);
  return deps.isTerminal && !options.json ? rehearsalText(reports) : { ok: isPassed, reports };
}

function scenarioOf(name: string, read: typeof readScenario): Scenario {
  const own = join(folder(), `${name}.yaml`);
  const file = existsSync(name) || !existsSync(own) ? name : own;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(name, error);
  }
  return read(text, name);
}

function unreadable(file: string, cause: unknown): VoiceCallError {
  return new VoiceCallError('VC_SCENARIO_UNREADABLE', { file, known: shipped().join(', ') }, { cause });
}

/** The names of the scenarios that come with the package. */
function shipped(): readonly string[] {
  return readdirSync(folder())
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** Beside `dist` and `src`, wherever this file came to lie in them. */
function folder(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'scenarios')) && dirname(at) !== at) at = dirname(at);
  return join(at, 'scenarios');
}
