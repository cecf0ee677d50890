// Check: `npm run check`: every gate a change has to pass, in order; stops at the first that fails.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { seconds, Terminal } from './terminal.ts';

interface Gate {
  readonly name: string;
  /** A program of node_modules/.bin, or one of our scripts. */
  readonly command: readonly [string, ...string[]];
  /** What to run when it fails. */
  readonly cure: string;
}

const root = path.resolve(import.meta.dirname, '..');
const bin = path.join(root, 'node_modules', '.bin');

const gates: readonly Gate[] = [
  {
    name: 'Format and lint',
    command: ['biome', 'check', '--error-on-warnings', '.'],
    cure: 'npx biome check --write .',
  },
  { name: 'Types', command: ['tsc', '-p', '.'], cure: 'npx tsc -p .' },
  { name: 'Types of the page', command: ['tsc', '-p', 'src/console'], cure: 'npx tsc -p src/console' },
  { name: 'Dead code', command: ['knip'], cure: 'npx knip' },
  { name: 'Manifest is what the code says', command: ['tools/build.ts', '--check'], cure: 'npm run build' },
  { name: 'Docs are what the code says', command: ['tools/print-docs.ts', '--check'], cure: 'npm run docs' },
];

/** Runs one gate quietly; its words are shown only when it fails. */
function passes({ name, command: [program, ...args], cure }: Gate, terminal: Terminal): boolean {
  const startedAt = performance.now();
  const isScript = program.endsWith('.ts');
  const ran = isScript
    ? spawnSync(process.execPath, [path.join(root, program), ...args], { cwd: root, encoding: 'utf8' })
    : spawnSync(path.join(bin, program), args, {
        cwd: root,
        encoding: 'utf8',
        shell: process.platform === 'win32',
      });
  const took = terminal.dim(seconds(performance.now() - startedAt).padStart(8));
  if (ran.status === 0) {
    terminal.line(`  ${terminal.style('green', '✓')} ${name.padEnd(58)} ${took}`);
    return true;
  }
  terminal.line(`  ${terminal.style('red', '✗')} ${name.padEnd(58)} ${took}\n`);
  terminal.line(`${ran.stdout ?? ''}${ran.stderr ?? ''}${ran.error?.message ?? ''}`.trim());
  terminal.line(`\n  ${terminal.style('red', `Stopped at: ${name}.`)} To see it again: ${cure}`);
  return false;
}

function main(): number {
  const terminal = new Terminal(process.stdout, process.env);
  const there = gates.filter(
    ({ command: [program] }) => !program.endsWith('.ts') || existsSync(path.join(root, program)),
  );
  if (!there.every((gate) => passes(gate, terminal))) return 1;
  if (process.argv.includes('--no-tests')) return 0;
  const tests = spawnSync(process.execPath, [path.join(root, 'tools', 'test.ts')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (tests.status !== 0) terminal.line(`\n  ${terminal.style('red', 'Stopped at: Tests.')}`);
  return tests.status ?? 1;
}

process.exitCode = main();
