// PrintDocs: writes the printed documents of docs/ from what they describe; --check only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { PAGE, performanceDoc } from '../bench/page.ts';
import type { DeadlineName, Phase } from '../src/call/call.ts';
import {
  ANSWER_GRACE_MS,
  DRIVER_FILLER_MS,
  deadlineReasons,
  FIRST_FILLER_MS,
  GOODBYE_MS,
  HANGUP_CONFIRM_MS,
  KEYS_PAUSE_MS,
  MAX_HANGUPS,
  MAX_SILENCES,
  NEXT_FILLER_MS,
  RETELL_MS,
  SILENCE_GRACE_MS,
  SILENCE_MS,
  STREAM_GRACE_MS,
  STREAM_WITHIN_MS,
} from '../src/call/deadline.ts';
import { table } from '../src/call/transition.ts';
import { errorTable } from '../src/lib/errors.ts';
import { apiDoc } from './api-doc.ts';
import { cliDoc } from './cli-doc.ts';
import { configurationDoc } from './config-doc.ts';
import { tableOf } from './markdown.ts';
import { meaningsDoc } from './meanings-doc.ts';

const NOTE = 'Printed by `npm run docs` from';

const phases: Readonly<Record<Phase, string>> = {
  dialing: 'We asked the carrier to dial. Saved before it is asked, and never dialled twice.',
  ringing: 'The phone rings: theirs when we call, ours when they do.',
  live: 'Somebody is on the line.',
  ending: 'We decided to hang up and the carrier has not confirmed it yet.',
  ended: 'It is over. Nothing changes an ended call, whatever still arrives.',
};

const seconds = (...ms: number[]): string => `${ms.map((one) => one / 1_000).join(' + ')} s`;

/** How long each deadline is, in words; the numbers are those of src/call/deadline.ts. */
const lengths: Readonly<Record<DeadlineName, string>> = {
  answer: `\`ringTimeoutMs\` + ${seconds(ANSWER_GRACE_MS)} (the carrier's own ring time comes first)`,
  maxDuration: `\`maxDurationSeconds\` from the answer, of which the last ${seconds(GOODBYE_MS)} are for the goodbye`,
  played:
    'the time a slow voice needs; twice that + 10 s where nobody may answer and the carrier should report it',
  silence: `${seconds(SILENCE_MS)}, ${MAX_SILENCES} times, then goodbye; + ${seconds(SILENCE_GRACE_MS)} where the carrier reports silence itself`,
  keys: `${seconds(KEYS_PAUSE_MS)} after the latest key, on carriers that report each key by itself`,
  filler: `${seconds(FIRST_FILLER_MS)}, then every ${seconds(NEXT_FILLER_MS)}; ${seconds(DRIVER_FILLER_MS)} when a person thinks, not the agent`,
  reply: '`responseTimeoutMs`',
  transcript: '`transcriptTimeoutMs`',
  notifyHangup: '`outbound.notifyHangupDelaySec`',
  hangup: `${seconds(...Array.from({ length: MAX_HANGUPS }, (_, round) => HANGUP_CONFIRM_MS * 2 ** round))}, then the call is closed on our side`,
  stream: `${seconds(STREAM_WITHIN_MS)} to connect, ${seconds(STREAM_GRACE_MS)} to come back`,
  retell: `${RETELL_MS.map((ms) => `${ms} ms`).join(', ')}, then the call is ended`,
};

/** docs/states.md: what can happen to a call in each phase. */
export function statesDoc(): string {
  const sections = (Object.keys(table) as Phase[]).map(
    (phase) => `## ${phase}\n\n${phases[phase]}\n\n${rowsOf(phase)}`,
  );
  return `# What can happen to a call

${NOTE} \`src/call/transition.ts\` and \`src/call/deadline.ts\`; do not edit.

\`\`\`
 we call:    dialing ---> ringing ---.
                |            |       v
 they call:     |         ringing -> live ---> ending ---> ended
                |            |        |           ^          ^
                '------------'--------'-----------'          |
                |            |        |   we hang up         |
                '------------'--------'----------------------'
                          they hang up, or the carrier gives up
\`\`\`

An event that a phase does not name changes nothing, so reports may come late, twice or out of order. The first
reason to end wins. Every open call has a deadline; it is saved with the call and outlives a restart.

${sections.join('\n\n')}

## Deadlines

${tableOf(
  ['deadline', 'what it means when it passes', 'how long'],
  (Object.keys(deadlineReasons) as DeadlineName[]).map((name) => [
    `\`${name}\``,
    deadlineReasons[name],
    lengths[name],
  ]),
)}
`;
}

function rowsOf(phase: Phase): string {
  const rows = Object.entries(table[phase]);
  if (rows.length === 0) return 'Nothing.';
  return tableOf(
    ['event', 'what it does', 'leads to'],
    rows.map(([event, row]) => [`\`${event}\``, row.does, row.to.join(', ')]),
  );
}

/** docs/errors.md: every failure a person can meet, and what to do. */
export function errorsDoc(): string {
  const faults = {
    user: 'the request or the configuration',
    remote: 'the carrier, a provider or the person called',
    local: 'ours',
  };
  const sections = Object.entries(errorTable).map(
    ([code, row]) => `## ${code}\n\n> ${row.message}\n\n${row.cure}\n\nFault: ${faults[row.fault]}.`,
  );
  return `# Errors

${NOTE} \`src/lib/errors.ts\`; do not edit. Words in braces are replaced by the values of the case.

${sections.join('\n\n')}
`;
}

/** Every printed document: where it is, and what stands in it. */
export const documents: readonly { readonly path: string; readonly text: () => string }[] = [
  { path: 'docs/states.md', text: statesDoc },
  { path: 'docs/errors.md', text: errorsDoc },
  { path: 'docs/configuration.md', text: configurationDoc },
  { path: 'docs/cli.md', text: cliDoc },
  { path: 'docs/tool-and-rpc.md', text: apiDoc },
  { path: PAGE, text: performanceDoc },
  { path: 'docs/meanings.md', text: meaningsDoc },
];

/** What stands at `path` in this repository; empty when nothing does. */
export function written(path: string): string {
  try {
    return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  } catch {
    return '';
  }
}

function main(check: boolean): void {
  const old = documents.filter(({ path, text }) => written(path) !== text());
  for (const { path, text } of old) {
    if (check) console.error(`${path} is out of date: run "npm run docs"`);
    else writeFileSync(new URL(`../${path}`, import.meta.url), text());
  }
  if (check && old.length > 0) process.exitCode = 1;
}

if (import.meta.main) main(process.argv.includes('--check'));
