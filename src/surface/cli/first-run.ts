// FirstRun: asks for what the telephone needs, writes it once, waits for it to come up, and ends with a call.
import { wait } from '../../lib/clock.ts';
import { asVoiceCallError } from '../../lib/errors.ts';
import type { SetupReport } from '../../setup/check.ts';
import { setupText } from '../setup-text.ts';
import { type Ask, isYes, stopped } from '../terminal.ts';
import type { CliDeps } from './deps.ts';
import { fix } from './fix.ts';
import { type Answers, interview, summaryOf } from './interview.ts';
import { type Fields, fieldsOf, QUICK_MS, request } from './running.ts';
import { placeAndJudge, verdictText } from './test-call.ts';

/** The host answers once the change is in force. */
const WRITE_MS = 90_000;
const UP_WITHIN_MS = 90_000;
const LOOK_MS = 1_000;

/** `recheck` runs all checks anew. Nothing is written before everything was asked and agreed to. */
export async function firstRun(deps: CliDeps, recheck: () => Promise<SetupReport>): Promise<string> {
  const { ask } = deps;
  if (ask === null) throw stopped('nobody could be asked');
  deps.write(`${GREETING}\n`);
  // Better known before ten questions than after.
  await snapshot(deps);
  const answers = await interview(ask, (line) => deps.write(`${line}\n`));
  deps.write(`\n${summaryOf(answers).join('\n')}\n`);
  if (!isYes(await ask("Write this into OpenClaw's configuration? [Y/n] "), true)) {
    throw stopped('you did not want it');
  }
  await write(deps, answers);
  deps.write('Written. The telephone is starting ...\n');
  await untilItRuns(deps);
  return finish(deps, ask, { answers, recheck });
}

const GREETING = `Voice Call gives your agent a telephone. It is not set up yet: here are some questions.
Nothing is written before you have seen it all. Ctrl-C leaves everything as it is.
`;

/** One write, against the very configuration that was read: whoever else changed it meanwhile is not overwritten. */
async function write(deps: CliDeps, { config }: Answers): Promise<void> {
  const { hash, config: whole } = await snapshot(deps);
  const change = {
    plugins: {
      entries: { 'voice-call': { enabled: true, config: { ...config, ...alsoAllowed(config, whole) } } },
    },
  };
  await deps.admin.request(
    'config.patch',
    {
      raw: JSON.stringify(change),
      ...(typeof hash === 'string' && { baseHash: hash }),
      note: 'voicecall setup',
    },
    { timeoutMs: WRITE_MS },
  );
}

/** Who may call already may still: a list is replaced, not added to. */
function alsoAllowed({ allowFrom }: Answers['config'], whole: unknown): Fields {
  if (!Array.isArray(allowFrom)) return {};
  const ours = ['plugins', 'entries', 'voice-call', 'config'].reduce<unknown>(
    (section, key) => fieldsOf(section)[key],
    whole,
  );
  const { allowFrom: before } = fieldsOf(ours);
  return { allowFrom: [...new Set([...(Array.isArray(before) ? before : []), ...allowFrom])] };
}

/** The configuration as it is. Throws VC_SETUP_STOPPED when nobody gives it out. */
async function snapshot({ admin }: CliDeps): Promise<Fields> {
  try {
    return fieldsOf(await admin.request('config.get', {}, { timeoutMs: WRITE_MS }));
  } catch (error) {
    const { message, cure } = asVoiceCallError(error);
    throw stopped(message, cure);
  }
}

async function untilItRuns(deps: CliDeps): Promise<void> {
  const { clock } = deps;
  const until = clock.now() + UP_WITHIN_MS;
  for (;;) {
    try {
      await request(deps, 'status', { limit: 1 }, QUICK_MS);
      return;
    } catch (error) {
      // The checks that follow say what keeps it from starting.
      if (asVoiceCallError(error).code === 'VC_GATEWAY_REFUSED' || clock.now() > until) return;
      await wait(clock, LOOK_MS);
    }
  }
}

async function finish(
  deps: CliDeps,
  ask: Ask,
  { answers, recheck }: { readonly answers: Answers; readonly recheck: () => Promise<SetupReport> },
): Promise<string> {
  let report = await recheck();
  deps.write(`\n${setupText(report)}\n`);
  if (report.checks.some(({ id, ok, skipped }) => id === 'number-webhook' && !ok && !skipped)) {
    deps.write('\nThe number does not lead to us yet. This would be changed:\n');
    deps.write(`${String(await fix(deps, { isForPeople: true }))}\n`);
    report = await recheck();
    deps.write(`\n${setupText(report)}\n`);
  }
  if (!report.ok) {
    deps.fail(1);
    return 'Not ready yet: put right what FAIL says, then run "voicecall setup" again.';
  }
  const { owner } = answers;
  if (owner === null || !isYes(await ask(`Call you at ${owner} now? [Y/n] `), true)) {
    return 'Ready. Try it with: voicecall smoke --to <phone> --yes';
  }
  const call = await placeAndJudge(deps, { to: owner, message: HELLO, mode: 'notify' });
  if (!call.ok) deps.fail(1);
  return verdictText(call);
}

const HELLO = 'Hello! This is your agent. The telephone is set up. Goodbye.';
