// Fix: shows what would be changed at the carrier, asks, and has it done. Nothing else is changed, and nothing bought.
import type { Change, Repaired, RepairPlan } from '../../setup/repair.ts';
import { changeLines, pasteLines } from '../setup-text.ts';
import { isYes, stopped } from '../terminal.ts';
import type { CliDeps } from './deps.ts';
import { request, requestAsAdmin } from './running.ts';

/** Some questions to the carrier, one after the other. */
const CARRIER_MS = 60_000;

export interface FixOptions {
  readonly yes?: boolean;
  readonly evenIfBound?: boolean;
  /** False: what is returned is for scripts, and nobody is asked. */
  readonly isForPeople: boolean;
}

interface Fixed {
  readonly ok: true;
  readonly changes: readonly Change[];
}

/** Throws VC_SETUP_STOPPED when it is not wanted, not confirmed, or not possible. */
export async function fix(deps: CliDeps, options: FixOptions): Promise<Fixed | string> {
  const plan = (await request(deps, 'setup.plan', {}, CARRIER_MS)) as RepairPlan;
  if (plan.kind === 'impossible') throw stopped(plan.why, plan.cure);
  if (plan.kind === 'right') {
    return options.isForPeople ? `Nothing to do: ${plan.message}.` : { ok: true, changes: [] };
  }
  const { changes, bound, place } = plan;
  if (options.isForPeople) deps.write(`${[place, ...changeLines(changes)].join('\n')}\n`);
  const despite = await isAgreed(deps, options, bound);
  const done = (await requestAsAdmin(
    deps,
    'setup.fix',
    { agreed: changes, despite },
    CARRIER_MS,
  )) as Repaired;
  if (!done.ok) {
    if (done.paste) deps.warn(`${pasteLines(done.paste).join('\n')}\n`);
    throw stopped(done.why, done.cure);
  }
  if (!options.isForPeople) return { ok: true, changes };
  return `Done: ${changes.length === 1 ? 'one setting' : `${changes.length} settings`} changed at the carrier.`;
}

/** True: although the number belongs to something else. Throws VC_SETUP_STOPPED when it is not agreed to. */
async function isAgreed(deps: CliDeps, options: FixOptions, bound: string | null): Promise<boolean> {
  if (options.yes) {
    if (bound === null || options.evenIfBound) return bound !== null;
    throw stopped(bound, 'If that is what you want, add --even-if-bound.');
  }
  if (deps.ask === null || !options.isForPeople) {
    throw stopped('nobody could be asked', 'Run it at a terminal, or add --yes.');
  }
  if (bound !== null) deps.write(`Beware: ${bound}.\n`);
  const answer = await deps.ask('Change this at the carrier? [y/N] ');
  if (isYes(answer, false)) return bound !== null;
  throw stopped('you did not want it', 'Run "voicecall setup --fix" when you do.');
}
