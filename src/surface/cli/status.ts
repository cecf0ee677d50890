// Status: the command that shows calls, from the Gateway or from the store.
import type { Command } from 'commander';
import { VoiceCallError } from '../../lib/errors.ts';
import { type CallSource, type CallStatus, MAX_LIMIT, statusOf } from '../../operation/call-status.ts';
import { statusText } from '../status-text.ts';
import type { CliDeps } from './deps.ts';
import { numberOf, QUICK_MS, request, run } from './running.ts';

export function addStatus(parent: Command, deps: CliDeps): void {
  parent
    .command('status')
    .description('Show a call, or the open and latest ones')
    .option('--call-id <id>', 'only this call')
    .option('--limit <n>', 'how many calls are listed at most')
    .option('--json', 'print JSON, as is done anyway when standard output is not a terminal')
    .action(({ callId, limit, json }) =>
      run(deps, async () => {
        const status = await readStatus(deps, callId, countOf('limit', limit));
        return deps.isTerminal && !json ? statusText(status) : status;
      }),
    );
}

async function readStatus(deps: CliDeps, callId?: string, limit?: number): Promise<CallStatus> {
  try {
    return (await request(deps, 'status', { callId, limit }, QUICK_MS)) as CallStatus;
  } catch (error) {
    if (!(error instanceof VoiceCallError) || error.code !== 'VC_GATEWAY_UNREACHABLE') throw error;
    // Without a store there was never a call: then the Gateway that is not there is what matters.
    const store = await openIfThere(deps);
    if (!store) throw error;
    deps.warn(`${error.message}: this is what the call store says.\n`);
    return statusOf(store, callId, limit);
  }
}

async function openIfThere(deps: CliDeps): Promise<CallSource | null> {
  try {
    return await deps.openStore();
  } catch {
    return null;
  }
}

function countOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return numberOf({ flag, text, min: 1, max: MAX_LIMIT });
}
