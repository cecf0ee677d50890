// Repair: has the carrier send the calls of our number to us: shown first, done when told to, and buys nothing.
import { type OurNumber, wrongFields } from '../carrier/account.ts';
import { ask, type CarrierDesk, findNumber, pasteFor } from './carrier-checks.ts';
import type { Paste } from './check.ts';

export interface Change {
  /** As the carrier's console names it. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export type RepairPlan =
  /** `bound`: what else would be changed by it; then it is only done when that is confirmed too. */
  | {
      readonly kind: 'changes';
      readonly changes: readonly Change[];
      readonly bound: string | null;
      readonly place: string;
    }
  | { readonly kind: 'right'; readonly message: string }
  | { readonly kind: 'impossible'; readonly why: string; readonly cure: string };

export type Repaired =
  | { readonly ok: true; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly why: string; readonly cure: string; readonly paste?: Paste };

/** `desk` null: the mock carrier. */
export async function planRepair(desk: CarrierDesk | null): Promise<RepairPlan> {
  const found = await number(desk);
  if (found.kind !== 'found') return found;
  const changes = changesOf(found.ours);
  if (changes.length === 0) {
    return { kind: 'right', message: `calls to ${found.desk.fromNumber} lead to ${found.desk.webhookUrl}` };
  }
  return { kind: 'changes', changes, bound: found.ours.bound, place: found.ours.place };
}

/**
 * Does what `planRepair` showed. `despite`: although something else is bound to the number; `agreed`: the changes
 * that were shown, so that nothing else is done when the carrier's settings have changed since.
 */
export async function repair(
  desk: CarrierDesk | null,
  { agreed, despite }: { readonly agreed: readonly Change[]; readonly despite: boolean },
): Promise<Repaired> {
  const found = await number(desk);
  if (found.kind === 'right') return { ok: true, changes: [] };
  if (found.kind === 'impossible') return { ok: false, why: found.why, cure: found.cure };
  const { ours } = found;
  const changes = changesOf(ours);
  if (JSON.stringify(changes) !== JSON.stringify(agreed)) {
    const why = 'the settings at the carrier have changed since they were shown';
    return { ok: false, why, cure: 'Look at them again with "voicecall setup --fix".' };
  }
  if (ours.bound !== null && !despite) {
    const cure = 'Confirm it at the terminal, or with --even-if-bound in a script.';
    return { ok: false, why: ours.bound, cure };
  }
  const refused = await ask(found.desk, ours.repair());
  if (refused !== null) {
    const cure = 'Enter what is printed below in the console.';
    return { ok: false, why: refused, cure, paste: pasteFor(ours) };
  }
  return verified(found.desk, changes);
}

/** What the carrier says it did is not what counts. */
async function verified(desk: CarrierDesk, changes: readonly Change[]): Promise<Repaired> {
  const after = await findNumber(desk);
  if (after.kind === 'ours' && changesOf(after).length === 0) return { ok: true, changes };
  const why = 'the carrier took the changes, but its settings are not as they should be';
  const cure = 'Enter what is printed below in the console.';
  return { ok: false, why, cure, ...(after.kind === 'ours' && { paste: pasteFor(after) }) };
}

type Found = { readonly kind: 'found'; readonly desk: CarrierDesk; readonly ours: OurNumber };

async function number(desk: CarrierDesk | null): Promise<Found | Exclude<RepairPlan, { kind: 'changes' }>> {
  if (desk === null) return { kind: 'right', message: 'the mock carrier has nothing to set' };
  if (desk.webhookUrl === null) {
    const cure = 'Set publicUrl, or wait until the tunnel is open.';
    return { kind: 'impossible', why: 'there is no public address the number could lead to', cure };
  }
  const account = await ask(desk, desk.account.credentials());
  if (account.kind !== 'good') return { kind: 'impossible', why: account.why, cure: account.cure };
  const ours = await findNumber(desk);
  if (ours.kind !== 'ours') return { kind: 'impossible', why: ours.why, cure: ours.cure };
  return { kind: 'found', desk, ours };
}

function changesOf(ours: OurNumber): readonly Change[] {
  return wrongFields(ours).map(({ name, now, wanted }) => ({ name, before: now, after: wanted }));
}
