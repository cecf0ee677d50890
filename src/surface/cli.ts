// Cli: the verbs as commands. Every one asks the running Gateway; `status` can also read the store.
import type { Command } from 'commander';
import { type Clock, wait } from '../lib/clock.ts';
import { asVoiceCallError, VoiceCallError } from '../lib/errors.ts';
import { type CallSource, type CallStatus, MAX_LIMIT, statusOf } from '../operation/call-status.ts';
import { DEFAULT_LAST, latencyReport, MAX_LAST } from '../operation/latency.ts';
import type { Gateway } from './gateway.ts';
import { latencyText } from './latency-text.ts';
import { oneLine } from './one-line.ts';
import { type PairingList, pairingsText, statusText } from './status-text.ts';

export interface CliDeps {
  readonly gateway: Gateway;
  /** The calls on disk, for when no Gateway runs; `at` names another store. Throws VC_STORE_FAILED when there is none. */
  openStore(at?: string): CallSource | Promise<CallSource>;
  /** To standard output. */
  write(text: string): void;
  /** To standard error. */
  warn(text: string): void;
  /** The process is to end with this code once everything is written. */
  fail(exitCode: number): void;
  /** A person reads standard output: `status` is then text unless --json is given. */
  readonly isTerminal: boolean;
  readonly clock: Clock;
}

const KEYS_HELP = 'keys pressed when somebody answers, before anything is said';
const QUICK_MS = 5_000;
/** Dialling and speaking wait for the carrier; a little longer than the telephone itself waits. */
const PATIENT_MS = 45_000;
/** What is being said is heard to its end before we hang up. */
const ENDING_MS = 75_000;
const POLL_MS = 1_000;
/** On top of what the Gateway promises, for the last answer to arrive. */
const POLL_SLACK_MS = 2_000;

/** Adds `voicecall` with all its commands to the host's program. */
export function registerVoicecallCommands(program: Command, deps: CliDeps): void {
  addCommands(program.command('voicecall').description('Make, hold and inspect phone calls'), deps);
}

/** Adds the commands to `parent` itself: `call`, `start`, `continue`, `speak`, `dtmf`, `end`, ... */
export function addCommands(parent: Command, deps: CliDeps): void {
  addPlacing(parent, deps);
  addTalking(parent, deps);
  addPairing(parent, deps);
  addStatus(parent, deps);
  addLatency(parent, deps);
  parent
    .command('ring')
    .description('With the mock carrier: be called by somebody')
    .option('--from <phone>', 'number of the caller')
    .option('--say <text...>', 'what the caller says, one line per turn')
    .action(({ from, say: says }) => run(deps, () => request(deps, 'ring', { from, says }, PATIENT_MS)));
}

function addPlacing(parent: Command, deps: CliDeps): void {
  parent
    .command('call')
    .description('Call somebody and say a message')
    .requiredOption('-m, --message <text>', 'what is said first')
    .option('-t, --to <phone>', 'number to call (default: toNumber of the configuration)')
    .option('--mode <mode>', 'notify or conversation', 'conversation')
    .option('--dtmf-sequence <keys>', KEYS_HELP)
    .option('--language <tag>', 'language to speak, e.g. de-DE')
    .option('--voice <name>', "the carrier's name of a voice")
    .action((options) => run(deps, () => place(deps, 'initiate', options)));
  parent
    .command('start')
    .description('Call a number; the message may be left out')
    .requiredOption('--to <phone>', 'number to call')
    .option('--message <text>', 'what is said first')
    .option('--mode <mode>', 'notify or conversation', 'conversation')
    .option('--dtmf-sequence <keys>', KEYS_HELP)
    .option('--language <tag>', 'language to speak, e.g. de-DE')
    .option('--voice <name>', "the carrier's name of a voice")
    .action((options) => run(deps, () => place(deps, 'start', options)));
}

function addTalking(parent: Command, deps: CliDeps): void {
  parent
    .command('continue')
    .description('Say something and wait for the answer')
    .requiredOption('--call-id <id>', 'the call')
    .requiredOption('--message <text>', 'what is said')
    .action(({ callId, message }) => run(deps, () => converse(deps, { callId, message })));
  parent
    .command('speak')
    .description('Say something without waiting for an answer')
    .requiredOption('--call-id <id>', 'the call')
    .requiredOption('--message <text>', 'what is said')
    .action(({ callId, message }) =>
      run(deps, () => request(deps, 'speak', { callId, message }, PATIENT_MS)),
    );
  parent
    .command('dtmf')
    .description('Press keys')
    .requiredOption('--call-id <id>', 'the call')
    .requiredOption('--digits <keys>', 'keys; "," waits a second, "w" half a second')
    .action(({ callId, digits }) => run(deps, () => request(deps, 'dtmf', { callId, digits }, PATIENT_MS)));
  parent
    .command('end')
    .description('Hang up')
    .requiredOption('--call-id <id>', 'the call')
    .action(({ callId }) => run(deps, () => request(deps, 'end', { callId }, ENDING_MS)));
}

function addPairing(parent: Command, deps: CliDeps): void {
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

function addStatus(parent: Command, deps: CliDeps): void {
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

function addLatency(parent: Command, deps: CliDeps): void {
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

/** Writes what `work` returns: text as it is, all else as JSON. A failure is one line and exit code 1. */
async function run(deps: CliDeps, work: () => Promise<unknown>): Promise<void> {
  try {
    const result = await work();
    deps.write(`${typeof result === 'string' ? result : JSON.stringify(result, null, 2)}\n`);
  } catch (error) {
    deps.warn(`${oneLine(asVoiceCallError(error))}\n`);
    deps.fail(1);
  }
}

function request(deps: CliDeps, verb: string, params: object, timeoutMs: number): Promise<unknown> {
  return deps.gateway.request(`voicecall.${verb}`, params, { timeoutMs });
}

interface PlaceParams {
  readonly to: string | undefined;
  readonly message: string | undefined;
  readonly mode: string;
  readonly dtmfSequence?: string;
  readonly language?: string;
  readonly voice?: string;
}

async function place(deps: CliDeps, verb: string, params: PlaceParams): Promise<unknown> {
  try {
    const { callId } = fieldsOf(await request(deps, verb, params, PATIENT_MS));
    return { callId };
  } catch (error) {
    // The Gateway knows parameters; a person at a terminal knows options.
    const lacksNumber = params.to === undefined && asVoiceCallError(error).message === 'to required';
    throw lacksNumber ? new VoiceCallError('VC_NO_TARGET', {}, { cause: error }) : error;
  }
}

/** Asks once a second, so that no connection has to stay open for minutes. */
async function converse(deps: CliDeps, params: object): Promise<unknown> {
  const { gateway, clock } = deps;
  const begun = fieldsOf(await request(deps, 'continue.start', params, QUICK_MS));
  const patienceMs = Number(begun['pollTimeoutMs']) + POLL_SLACK_MS;
  const until = clock.now() + patienceMs;
  while (clock.now() < until) {
    await wait(clock, POLL_MS);
    const method = 'voicecall.continue.result';
    const { operationId } = begun;
    const polled = fieldsOf(await gateway.request(method, { operationId }, { timeoutMs: QUICK_MS }));
    if (polled['status'] === 'completed') return polled['result'];
    if (polled['status'] === 'failed') throw requestFailed(polled);
  }
  throw new VoiceCallError('VC_GATEWAY_TIMEOUT', { method: 'voicecall.continue', afterMs: patienceMs });
}

function requestFailed({ error, cure }: Fields): VoiceCallError {
  return new VoiceCallError('VC_REQUEST_FAILED', { why: String(error), cure: String(cure ?? '') });
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

interface Flag {
  readonly flag: string;
  readonly text: string;
  readonly min: number;
  readonly max: number;
}

function numberOf({ flag, text, min, max }: Flag): number {
  const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new VoiceCallError('VC_FLAG_NOT_NUMERIC', { flag, value: text, min, max });
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(payload: unknown): Fields {
  return typeof payload === 'object' && payload !== null ? (payload as Fields) : {};
}
