// Pairing: the commands about callers who wait to be approved.
import type { Command } from 'commander';
import { type PairingList, pairingsText } from '../status-text.ts';
import type { CliDeps } from './deps.ts';
import { QUICK_MS, request, run } from './running.ts';

export function addPairing(parent: Command, deps: CliDeps): void {
  const pairing = parent.command('pairing').description('Callers who wait to be approved');
  pairing
    .command('list')
    .description('Show who waits, and with which code')
    .action(() =>
      run(deps, async () => {
        const answer = await request(deps, 'pairing.list', {}, QUICK_MS);
        return deps.isTerminal ? pairingsText(answer as PairingList) : answer;
      }),
    );
  pairing
    .command('approve <code>')
    .description('Let the caller who was told this code call from now on')
    .action((code: string) => run(deps, () => request(deps, 'pairing.approve', { code }, QUICK_MS)));
}
