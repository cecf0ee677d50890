// Status: the command that shows calls, from the Gateway or from the store.
import { type Command, Option } from 'commander';
import { VoiceCallError } from '../../lib/errors.ts';
import {
  type CallQuery,
  type CallSource,
  type CallStatus,
  DEFAULT_LIMIT,
  MAX_LIMIT,
  statusOf,
} from '../../operation/call-status.ts';
import { statusText } from '../status-text.ts';
import type { CliDeps } from './deps.ts';
import { jsonText, numberOf, QUICK_MS, request, run } from './running.ts';

interface StatusOptions extends Omit<CallQuery, 'limit'> {
  readonly callId?: string;
  readonly limit: string;
  readonly json?: true;
}

export function addStatus(parent: Command, deps: CliDeps): void {
  parent
    .command('status')
    .description('Show a call, or the open and latest ones')
    .option('--call-id <id>', 'only this call')
    .option('--limit <n>', 'how many calls are listed at most', String(DEFAULT_LIMIT))
    .option('--before <cursor>', 'the calls after those listed before: the "next" that was printed')
    .addOption(new Option('--state <state>', 'only calls that are open, or over').choices(['open', 'ended']))
    .addOption(
      new Option('--direction <way>', 'only calls we get, or place').choices(['inbound', 'outbound']),
    )
    .option('--json', 'print JSON, as is done anyway when standard output is not a terminal')
    .action(({ callId, limit, json, ...rest }: StatusOptions) =>
      run(deps, async () => {
        const count = numberOf({ flag: 'limit', text: limit, min: 1, max: MAX_LIMIT });
        const status = await readStatus(deps, callId, { ...rest, limit: count });
        const isText = deps.isTerminal && !json;
        if (!status.found) throw notFound(deps, callId, isText ? null : status);
        return isText ? statusText(status) : status;
      }),
    );
}

/** Scripts that read the answer find what they always found; those that look at the exit code know too. */
function notFound(deps: CliDeps, callId = '', answer: CallStatus | null): VoiceCallError {
  if (answer) deps.write(jsonText(answer));
  return new VoiceCallError('VC_CALL_NOT_FOUND', { callId });
}

async function readStatus(deps: CliDeps, callId: string | undefined, query: CallQuery): Promise<CallStatus> {
  try {
    return (await request(deps, 'status', callId === undefined ? query : { callId }, QUICK_MS)) as CallStatus;
  } catch (error) {
    if (!(error instanceof VoiceCallError) || error.code !== 'VC_GATEWAY_UNREACHABLE') throw error;
    // Without a store there was never a call: then the Gateway that is not there is what matters.
    const store = await openIfThere(deps);
    if (!store) throw error;
    deps.warn(`${error.message}: this is what the call store says.\n`);
    return statusOf(store, callId, query);
  }
}

async function openIfThere(deps: CliDeps): Promise<CallSource | null> {
  try {
    return await deps.openStore();
  } catch {
    return null;
  }
}
