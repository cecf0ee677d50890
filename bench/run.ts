// Run: `npm run bench`: every bench, in rounds that take turns; one table, one result, and docs/performance.md from it.
//   --only turn,media   these parts alone; then nothing is written to docs/ and bench/results/
//   --rounds 1          at most so many rounds of each part: a trial, nothing is written there either
//   --out FILE          where the result goes as well; default: .cache/bench.json
//   --strict            exit code 1 when a limit is missed; without it only when a part did not run to its end
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { packPlugin } from '../tools/pack.ts';
import { scratchFolder } from '../tools/scratch.ts';
import { option, print, type Row } from './figures.ts';
import { LATEST, PAGE, performanceDoc } from './page.ts';
import { isRowKept, isWhole, merged, type Result, type ResultPart } from './result.ts';
import { tableLines } from './table.ts';

/** A quiet machine of two cores is through by then; a part gets no other round that would not fit in. */
const BUDGET_MS = 15 * 60_000;
const ROUNDS = Number(option('rounds') ?? 3);
const TAIL_LINES = 25;
/** A part that is ended stops what it started, a Gateway too. */
const GRACE_MS = 20_000;

interface Part {
  readonly name: string;
  readonly args: readonly string[];
  readonly rounds: number;
  /** A round that takes longer is ended. */
  readonly limitMs: number;
}

/** Rounds take turns, so that what the machine does meanwhile meets all of them, and shows as noise. */
const PARTS: readonly Part[] = [
  { name: 'turn', args: ['--scale', '0.2'], rounds: 3, limitMs: 180_000 },
  { name: 'realtime', args: ['--ms', '2000'], rounds: 3, limitMs: 180_000 },
  { name: 'webhooks', args: ['--ms', '1000'], rounds: 3, limitMs: 120_000 },
  { name: 'journal', args: ['--saves', '300'], rounds: 3, limitMs: 60_000 },
  { name: 'gateway', args: ['--starts', '2'], rounds: 2, limitMs: 420_000 },
  { name: 'media', args: ['--subjects', 'echo,line'], rounds: 2, limitMs: 420_000 },
];

interface Kept {
  readonly rows: readonly Row[];
  readonly notes?: readonly string[];
}

interface Progress {
  readonly part: Part;
  readonly rounds: Kept[];
  /** Of its last round, and of all. */
  lastMs: number;
  allMs: number;
  /** Why its last round did not come to its end. */
  failure: string | null;
}

const root = path.resolve(import.meta.dirname, '..');
const folder = scratchFolder('bench');
const beganAt = performance.now();
const loadBefore = Number((loadavg()[0] ?? 0).toFixed(2));

const wanted = option('only')?.split(',') ?? PARTS.map(({ name }) => name);
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `No such part: ${unknown.join(', ')}. There are ${PARTS.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}

const result = await measured();
for (const line of tableLines(result)) print(line);
save(result);
const failed = result.parts.filter(({ failure }) => failure !== null);
for (const { name, failure } of failed) print(`${name} did not run to its end: ${failure}`);
const isMissed = result.rows.some((row) => isRowKept(row) === false);
process.exitCode = failed.length > 0 || (isMissed && process.argv.includes('--strict')) ? 1 : 0;

async function measured(): Promise<Result> {
  const parts = PARTS.filter(({ name }) => wanted.includes(name));
  print(
    `${parts.length} parts, up to ${ROUNDS} rounds; load average ${loadBefore} before. Best on a quiet machine.`,
  );
  if (parts.some(({ name }) => name === 'gateway')) {
    print(`${sofar()}  building and packing the plugin`);
    process.env['VOICE_CALL_TARBALL'] = (await packPlugin()).tarball;
  }
  const all = parts.map((part): Progress => ({ part, rounds: [], lastMs: 0, allMs: 0, failure: null }));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const one of all) if (isDue(one, round)) await runRound(one, round);
  }
  const node = process.version;
  return {
    at: new Date().toISOString(),
    version: packageJson.version,
    machine: { processor: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, node },
    loadBefore,
    seconds: Math.round((performance.now() - beganAt) / 1_000),
    parts: all.map(partOf),
    rows: all.flatMap(({ part, rounds }) =>
      merged(
        part.name,
        rounds.map(({ rows }) => rows),
      ),
    ),
  };
}

/** The first round of every part is run; more only while there is time. */
function isDue({ part, lastMs }: Progress, round: number): boolean {
  if (round > part.rounds) return false;
  if (round === 1 || performance.now() - beganAt + lastMs <= BUDGET_MS) return true;
  print(`${sofar()}  ${part.name}: no time for round ${round}`);
  return false;
}

async function runRound(progress: Progress, round: number): Promise<void> {
  const { part, rounds } = progress;
  print(`${sofar()}  ${part.name}, round ${round} of ${Math.min(part.rounds, ROUNDS)}`);
  const out = path.join(folder, `${part.name}-${round}.json`);
  const from = performance.now();
  const failure = await runPart(part, out);
  progress.lastMs = performance.now() - from;
  progress.allMs += progress.lastMs;
  progress.failure = failure;
  if (failure === null) rounds.push(JSON.parse(readFileSync(out, 'utf8'), orNothing) as Kept);
  else print(`${sofar()}  ${part.name}, round ${round}: ${failure}`);
}

/** JSON has no word for "nothing was measured" but null. */
function orNothing(key: string, value: unknown): unknown {
  return value === null && ['p50', 'p95', 'p99', 'max'].includes(key) ? Number.NaN : value;
}

/** Runs it to its end, in a process of its own; null, or why it failed. */
function runPart({ name, args, limitMs }: Part, out: string): Promise<string | null> {
  const file = path.join(import.meta.dirname, `${name}.ts`);
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', file, ...args, '--out', out],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what it starts itself ends with it.
      detached: true,
    },
  );
  const end = (): void => endGroup(child.pid, 'SIGTERM');
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    end();
  }, limitMs);
  const tooLate = setTimeout(() => endGroup(child.pid, 'SIGKILL'), limitMs + GRACE_MS);
  process.once('exit', end);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  return new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      if (code === 0) return resolve(null);
      print(said.trimEnd().split('\n').slice(-TAIL_LINES).join('\n'));
      resolve(isLate ? `it took more than ${limitMs / 1_000} s` : `it ended with ${code ?? signal}`);
    });
  }).finally(() => {
    clearTimeout(late);
    clearTimeout(tooLate);
    process.off('exit', end);
    end();
  });
}

/** Whoever is left of it. */
function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody is left.
  }
}

function partOf({ part, rounds, allMs, failure }: Progress): ResultPart {
  const notes = rounds.flatMap(({ notes = [] }, nth) => notes.map((note) => `round ${nth + 1}: ${note}`));
  const seconds = Math.round(allMs / 1_000);
  // One round that came to its end is enough to have figures.
  return {
    name: part.name,
    rounds: rounds.length,
    seconds,
    notes,
    failure: rounds.length === 0 ? failure : null,
  };
}

/** A run of less than everything is no record: it must not take the place of one. */
function save(result: Result): void {
  const text = `${JSON.stringify(result, null, 1)}\n`;
  const out = path.resolve(option('out') ?? path.join(root, '.cache', 'bench.json'));
  mkdirSync(path.dirname(out), { recursive: true });
  writeFileSync(out, text);
  print(`\nThe result: ${path.relative(process.cwd(), out)}`);
  const names = PARTS.map(({ name }) => name);
  if (option('rounds') !== null || !isWhole(result, names))
    return void print('Not everything was measured: docs/ and bench/results/ stay as they are.');
  writeFileSync(path.join(root, LATEST), text);
  writeFileSync(path.join(root, PAGE), performanceDoc());
  print(`Also ${LATEST}, and ${PAGE} from it.`);
  const baseline = path.join(root, 'bench', 'results', `${packageJson.version}.json`);
  if (existsSync(baseline)) return;
  writeFileSync(baseline, text);
  print(`The first of this version is what later ones are compared with: ${path.relative(root, baseline)}.`);
}

function sofar(): string {
  const seconds = Math.round((performance.now() - beganAt) / 1_000);
  return `  ${`${Math.floor(seconds / 60)}`.padStart(2)}:${`${seconds % 60}`.padStart(2, '0')}`;
}
