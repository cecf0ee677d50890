// Calling: the commands that place calls and talk on them.
import type { Command } from 'commander';
import { wait } from '../../lib/clock.ts';
import { asVoiceCallError, VoiceCallError } from '../../lib/errors.ts';
import type { CliDeps } from './deps.ts';
import { type Fields, fieldsOf, QUICK_MS, request, run } from './running.ts';

const KEYS_HELP = 'keys pressed when somebody answers, before anything is said';
/** Dialling and speaking wait for the carrier; a little longer than the telephone itself waits. */
const PATIENT_MS = 45_000;
/** What is being said is heard to its end before we hang up. */
const ENDING_MS = 75_000;
const POLL_MS = 1_000;
/** On top of what the Gateway promises, for the last answer to arrive. */
const POLL_SLACK_MS = 2_000;

export function addCalling(parent: Command, deps: CliDeps): void {
  addPlacing(parent, deps);
  addTalking(parent, deps);
}

/** With the mock carrier somebody can be played who calls us. */
export function addRing(parent: Command, deps: CliDeps): void {
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
