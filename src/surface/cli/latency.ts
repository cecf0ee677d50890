// Latency: the command that tells how long turns took.
import type { Command } from 'commander';
import { DEFAULT_LAST, latencyReport, MAX_LAST } from '../../operation/latency.ts';
import { latencyText } from '../latency-text.ts';
import type { CliDeps } from './deps.ts';
import { numberOf, run } from './running.ts';

export function addLatency(parent: Command, deps: CliDeps): void {
  parent
    .command('latency')
    .description('How long turns took on past calls, stage by stage')
    .option('--file <path>', 'call store to read (default: the one of this OpenClaw)')
    .option('--last <n>', 'how many calls are looked at', String(DEFAULT_LAST))
    .option('--json', 'print JSON, as is done anyway when standard output is not a terminal')
    .action(({ file, last, json }) =>
      run(deps, async () => {
        const count = numberOf({ flag: 'last', text: last, min: 1, max: MAX_LAST });
        const report = latencyReport(await deps.openStore(file), count);
        return deps.isTerminal && !json ? latencyText(report) : report;
      }),
    );
}
