// Bench: how many two-way calls one line thread carries until its frames are no longer even, beside a bare echo.
import { cpus } from 'node:os';
import { codeFor, HEAD, keep, machine, option, print, printRow } from './figures.ts';
import { notesOf } from './media-knee.ts';
import { rowsOf } from './media-rows.ts';
import { climb, STEP_HEAD, type SubjectResult } from './media-run.ts';
import type { SubjectName } from './media-wire.ts';

const bounds = {
  offBeatMs: 10,
  rate: 49,
  steps: (option('steps') ?? '1,10,50,100,200,350,500,700,1000').split(',').map(Number),
  measureMs: Number(option('ms') ?? 3_000),
  tries: Number(option('tries') ?? 2),
  subjectMs: 75_000,
};
const SUBJECTS = (option('subjects') ?? 'echo,line').split(',') as SubjectName[];
const NAMES: Readonly<Record<SubjectName, string>> = {
  echo: 'a bare ws echo',
  line: 'our line thread as it is built',
  'line-none': 'without a detector of the voice',
  'line-energy': 'with the detector of loudness',
};

print(`Two-way calls over WebSockets, 50 frames a second each way, one thread for all of them. ${machine()}`);
print(
  `A step is uneven when the p99 of |gap - 20 ms| exceeds ${bounds.offBeatMs} ms, fewer than ${bounds.rate} frames a second come, or a`,
);
print(
  `stream is lost, ${bounds.tries} times in a row. Loads are of one core; the client and both our threads share the machine:`,
);
print(
  'a client that sends late itself (or a busy machine) is the limit then, not the thread. Best on a machine with no other work.',
);
print(STEP_HEAD);

const results: SubjectResult[] = [];
for (const name of SUBJECTS) results.push(await climb(name, bounds));

print();
const rows = rowsOf(results, (name) => NAMES[name]);
print(HEAD);
for (const row of rows) printRow(row);

const notes = results.flatMap((result) => notesOf(result, NAMES[result.name], cpus().length));
for (const note of notes) print(`  ${note}`);
print(`  ${machine()}`);
print(`  figures: ${keep('media', rows, { notes, results })}`);
process.exitCode = codeFor(rows);
