// RehearsalText: what came of rehearsals, for a person to read.
import type { Finding, RehearsalReport } from './rehearsal.ts';

export function rehearsalText(reports: readonly RehearsalReport[]): string {
  const failed = reports.filter(({ isPassed }) => !isPassed).length;
  const all = reports.length === 1 ? 'It' : `All ${reports.length}`;
  const sum =
    failed === 0 ? `${all} went as expected.` : `${failed} of ${reports.length} did not go as expected.`;
  return [...reports.map(reportText), sum].join('\n\n');
}

function reportText({ name, isPassed, findings, transcript, outcome, ms }: RehearsalReport): string {
  return [
    `${isPassed ? 'PASSED' : 'FAILED'}  ${name} (${(ms / 1_000).toFixed(1)} s, ${outcome})`,
    ...findings.map(findingText),
    ...(isPassed ? [] : ['  What was said:', ...transcript.map((line) => `    ${line}`)]),
  ].join('\n');
}

function findingText({ what, isHeld, found, afterMs }: Finding): string {
  const time = afterMs === null ? '' : `  ${afterMs} ms`;
  return isHeld ? `  ok    ${what}${time}` : `  FAIL  ${what}${time}\n        ${found}`;
}
