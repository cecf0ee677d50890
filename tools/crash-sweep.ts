// CrashSweep: `npm run crash-sweep`: kills our process at every write and every request, and prints what held.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SINS } from './crash-sweep/orders.ts';
import { type Row, sweep, type Trial } from './crash-sweep/sweep.ts';
import { INVARIANTS, type Invariant } from './crash-sweep/trial.ts';

const USAGE = `npm run crash-sweep -- [--quick] [--only <part of "carrier: scenario">] [--break <rule>]

  Kills the process (SIGKILL) before and after every durable write and every request to a carrier, starts
  another one on the same store after 1 s, after 20 s, or never, and asks the carrier's own ledger what became of
  the calls. --quick tries a small part, about a minute. --break breaks a rule of ours on purpose, to see it caught:
  ${SINS.map((sin) => `"${sin}"`).join(', ')}.
`;

/** With `--quick`, one point of so many is tried. */
const QUICK_STEP = 16;

/** Invariants that no death shows, and the tests that hold them. */
const ELSEWHERE = {
  I5: {
    what: 'any order of events, and any repetition, gives the same end',
    files: ['src/call/properties.test.ts'],
  },
  I8: {
    what: 'a peer that stops reading or floods us costs a bounded amount of memory',
    files: [
      'src/media/engine.properties.test.ts',
      'src/ingress/stream-limits.test.ts',
      'test/story/streaming-line.test.ts',
    ],
  },
  I9: {
    what: 'after an outage of the carrier the next call works, and none is forgotten',
    files: ['test/story/outage.test.ts'],
  },
} as const;

const root = path.resolve(import.meta.dirname, '..');
const print = (line = ''): boolean => process.stdout.write(`${line}\n`);

function printRows(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ scenario }) => scenario.length)) + 2;
  print(`\n  ${'scenario'.padEnd(width)}carrier   points   deaths   violations`);
  for (const { scenario, carrier, points, trials } of rows) {
    const bad = trials.filter(({ violations }) => violations.length > 0).length;
    const deaths = trials.filter(({ hasDied }) => hasDied).length;
    print(
      `  ${scenario.padEnd(width)}${carrier.padEnd(8)}${String(points).padStart(8)}${String(deaths).padStart(9)}${String(bad).padStart(13)}`,
    );
  }
}

function printInvariants(trials: readonly Trial[]): void {
  print('\n  checked   invariant');
  for (const [name, what] of Object.entries(INVARIANTS) as [Invariant, string][]) {
    const times = trials.reduce((sum, { checked }) => sum + (checked[name] ?? 0), 0);
    print(`  ${String(times).padStart(7)}   ${name.padEnd(4)} ${what}`);
  }
}

function printViolations(rows: readonly Row[]): void {
  for (const { scenario, carrier, trials } of rows) {
    for (const { point, downMs, violations } of trials.filter((trial) => trial.violations.length > 0)) {
      const back = downMs === null ? 'never back' : `back after ${downMs} ms`;
      print(`\n  ✗ ${carrier}: ${scenario}, died at ${point}, ${back}`);
      for (const violation of violations) print(`    ${violation}`);
    }
  }
}

/** Runs the tests of what the sweep itself cannot show; how many of them fail. */
async function elsewhere(): Promise<number> {
  let failed = 0;
  for (const [name, { what, files }] of Object.entries(ELSEWHERE)) {
    const child = spawn(process.execPath, ['--test', ...files], { cwd: root, stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    if (code !== 0) failed += 1;
    print(`  ${code === 0 ? '  tests' : ' FAILED'}   ${name.padEnd(4)} ${what} (${files.join(', ')})`);
  }
  return failed;
}

function progress(done: number, of: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r  ${done} of ${of} `);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      break: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const sin = SINS.find((one) => one === values.break) ?? null;
  if (values.help || (values.break !== undefined && sin === null)) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const startedAt = performance.now();
  const rows = await sweep({
    step: values.quick ? QUICK_STEP : 1,
    only: values.only,
    sin,
    onTrial: progress,
  });
  const trials = rows.flatMap((row) => row.trials);
  printRows(rows);
  printInvariants(trials);
  const failed = values.quick || sin ? 0 : await elsewhere();
  printViolations(rows);
  const points = rows.reduce((sum, row) => sum + row.points, 0);
  const deaths = trials.filter(({ hasDied }) => hasDied).length;
  const checks = trials
    .flatMap(({ checked }) => Object.values(checked))
    .reduce((sum, times) => sum + times, 0);
  const violations = trials.flatMap((trial) => trial.violations).length + failed;
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  print(`\n  ${points} points, ${deaths} deaths, ${checks} checks, ${violations} violations; ${seconds} s`);
  return violations === 0 && deaths > 0 ? 0 : 1;
}

process.exitCode = await main();
