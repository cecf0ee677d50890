// SetupText: the checks as people read them: each with what to do, and what to paste into the carrier's console.
import type { CheckResult, Paste, SetupReport } from '../setup/check.ts';
import type { Change } from '../setup/repair.ts';

export function setupText({ ok, checks }: SetupReport): string {
  const lines = [`Voice Call setup: ${ok ? 'OK' : 'needs attention'}`, ...checks.flatMap(linesOf)];
  return lines.join('\n');
}

function linesOf(check: CheckResult): readonly string[] {
  const { id, message, cure, paste } = check;
  return [
    `${wordFor(check)} ${id}: ${message}`,
    ...(cure === undefined ? [] : [`     ${cure}`]),
    ...(paste === undefined ? [] : pasteLines(paste)),
  ];
}

function wordFor({ ok, warning, skipped }: CheckResult): string {
  if (skipped) return 'SKIP';
  if (!ok) return 'FAIL';
  return warning ? 'WARN' : 'OK';
}

export function pasteLines({ place, fields }: Paste): readonly string[] {
  return [`     ${place}`, ...fields.map(({ name, value }) => `       ${name}: ${value || '(empty)'}`)];
}

export function changeLines(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(({ name, before, after }) => [
    `  ${name}`,
    `    now:  ${before || '(empty)'}`,
    `    then: ${after || '(empty)'}`,
  ]);
}
