// Test: `npm test`: packs the plugin, then runs all tests; whole-Gateway tests come after the others, those that count time one by one.
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { packPlugin } from './pack.ts';
import { Terminal, Trouble } from './terminal.ts';

type TestEvent = { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
type Counts = Readonly<Record<string, number>>;

const root = path.resolve(import.meta.dirname, '..');
const PATTERNS = ['src', 'sim', 'test', 'tools', 'demo', 'bench'].map((room) => `${room}/**/*.test.ts`);
const E2E = `test${path.sep}e2e${path.sep}`;
/** Tests in a real Gateway that count milliseconds or play sound in time: nothing else runs beside them. */
const IN_TIME = /^(?:console|one-runtime|realtime|streaming|test-phone)/;
/** No file of unit tests takes longer on a busy machine; what does, hangs. */
const UNIT_FILE_MS = 180_000;
/** A Gateway takes up to half a minute to start, and a file may start several. */
const E2E_FILE_MS = 900_000;
/** The lines node's own runner ends with; ours have the counts of both runs. */
const SUMMARY_LINE = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

/** The test files whose path has one of `filters` in it; all when there is no filter. */
function filesFor(filters: readonly string[]): readonly string[] {
  const wanted = filters.map((filter) => path.normalize(filter).replace(/^\.[/\\]/, ''));
  const all = PATTERNS.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
  if (wanted.length === 0) return all;
  return all.filter((file) => wanted.some((filter) => file.includes(filter)));
}

interface Plan {
  readonly files: readonly string[];
  readonly concurrency: number;
  readonly timeoutMs: number;
}

function plansFor(files: readonly string[]): readonly Plan[] {
  const e2e = files.filter((file) => file.startsWith(E2E));
  const unit = files.filter((file) => !file.startsWith(E2E));
  const inTime = e2e.filter((file) => IN_TIME.test(path.basename(file)));
  const others = e2e.filter((file) => !inTime.includes(file));
  return [
    { files: unit, concurrency: Math.max(2, availableParallelism() - 1), timeoutMs: UNIT_FILE_MS },
    { files: others, concurrency: 2, timeoutMs: E2E_FILE_MS },
    { files: inTime, concurrency: 1, timeoutMs: E2E_FILE_MS },
  ].filter((plan) => plan.files.length > 0);
}

/** All events of all plans as one run: their summaries are added up and said once, at the end. */
async function* eventsOf(plans: readonly Plan[], total: Map<string, number>): AsyncGenerator<TestEvent> {
  const startedAt = performance.now();
  for (const { files, concurrency, timeoutMs } of plans) {
    const stream = run({ cwd: root, files: [...files], concurrency, timeout: timeoutMs });
    for await (const event of stream as AsyncIterable<TestEvent>) {
      if (isSummary(event)) add(total, event.data['counts'] as Counts);
      else if (!isSummaryLine(event)) yield event;
    }
  }
  total.set('duration_ms', performance.now() - startedAt);
  const names: Readonly<Record<string, string>> = { passed: 'pass', failed: 'fail' };
  for (const name of ['tests', 'suites', 'passed', 'failed', 'cancelled', 'skipped', 'todo', 'duration_ms']) {
    const message = `${names[name] ?? name} ${total.get(name) ?? 0}`;
    yield { type: 'test:diagnostic', data: { nesting: 0, message, level: 'info' } };
  }
}

/** Each file has a summary of its own too; only the one without a file is of the whole run. */
function isSummary({ type, data }: TestEvent): boolean {
  return type === 'test:summary' && data['file'] === undefined;
}

function isSummaryLine({ type, data }: TestEvent): boolean {
  return type === 'test:diagnostic' && data['nesting'] === 0 && SUMMARY_LINE.test(String(data['message']));
}

function add(total: Map<string, number>, counts: Counts): void {
  for (const [name, count] of Object.entries(counts)) total.set(name, (total.get(name) ?? 0) + count);
}

async function main(): Promise<number> {
  const terminal = new Terminal(process.stderr, process.env);
  const files = filesFor(process.argv.slice(2));
  if (files.length === 0) {
    throw new Trouble(
      'No test file has that in its path.',
      'Pass a part of a path, e.g. npm test -- src/call',
    );
  }
  const plans = plansFor(files);
  if (files.some((file) => file.startsWith(E2E))) {
    await terminal.step('Pack the plugin', async () => {
      process.env['VOICE_CALL_TARBALL'] = (await packPlugin()).tarball;
    });
  }
  const total = new Map<string, number>();
  const report = Readable.from(eventsOf(plans, total)).pipe(new spec());
  report.pipe(process.stdout);
  await finished(report);
  const bad = (total.get('failed') ?? 0) + (total.get('cancelled') ?? 0);
  return bad === 0 && (total.get('tests') ?? 0) > 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    new Terminal(process.stderr, process.env).trouble(error);
    process.exitCode = 1;
  },
);
