// Conformance: `npm run conformance`: plays every story on every carrier with every fault, and prints the table.
import path from 'node:path';
import { CELLS, type Cell, EXPLAINED, FAULTS, playCell, SPARED } from '../test/conformance/cells.ts';
import { CARRIERS, type CarrierName } from '../test/conformance/exchanges.ts';
import { STORIES } from '../test/conformance/stories.ts';
import type { AnyFault, Story } from '../test/conformance/story.ts';
import { ADVISORIES } from '../test/security/advisories.ts';
import type { Advisory } from '../test/security/advisory.ts';

type Result = { readonly cell: Cell; readonly mark: '✓' | '○' | '✗' | '–'; readonly why: string };

const print = (line = ''): boolean => process.stdout.write(`${line}\n`);

async function resultOf(cell: Cell): Promise<Result> {
  if (cell.senseless !== null) return { cell, mark: '–', why: cell.senseless };
  try {
    const outcome = await playCell(cell);
    return { cell, mark: outcome === 'struck' ? '✓' : '○', why: '' };
  } catch (error) {
    return { cell, mark: '✗', why: error instanceof Error ? error.message : String(error) };
  }
}

/** One letter per fault, explained above the table. */
const letter = (index: number): string => String.fromCharCode(65 + index);
const FIRST_OF_STREAMS = FAULTS.indexOf('stream');

function printTable(results: readonly Result[]): void {
  const width = Math.max(...STORIES.map(({ name }) => name.length)) + 2;
  print('  the carrier speaks and listens for us:');
  FAULTS.forEach((fault, index) => {
    if (index === FIRST_OF_STREAMS) print('  we speak and listen ourselves, over media streams:');
    const meaning = EXPLAINED[fault];
    print(`  ${letter(index)}  ${fault}${meaning === undefined ? '' : `: ${meaning}`}`);
  });
  const columns = FAULTS.map((_, index) => letter(index)).join(' ');
  print(`\n  ${''.padEnd(width)}${CARRIERS.map((name) => name.padEnd(columns.length + 3)).join('')}`);
  print(`  ${'story'.padEnd(width)}${CARRIERS.map(() => columns.padEnd(columns.length + 3)).join('')}`);
  for (const story of STORIES) {
    const rows = CARRIERS.map((carrier) =>
      results
        .filter(({ cell }) => cell.story === story && cell.carrier === carrier)
        .map(({ mark }) => mark)
        .join(' '),
    );
    print(
      `  ${story.name.padEnd(width)}${rows.map((row) => row.padEnd(columns.length + 3)).join('')}`.trimEnd(),
    );
  }
}

function printReasons(results: readonly Result[]): void {
  const marked = (mark: Result['mark']): readonly Cell[] =>
    results.filter((result) => result.mark === mark).map(({ cell }) => cell);
  print(
    '\n  ✓ green, and the fault struck   ○ green, and the fault had no occasion   ✗ red   – makes no sense',
  );
  const spared = new Set(marked('○').map(({ fault }) => fault));
  if (spared.size > 0) print('\n  ○ no occasion:');
  for (const fault of spared) print(`    ${fault}: ${SPARED[fault]}`);
  const reasons = new Map<string, Set<string>>();
  for (const { story, fault, senseless } of marked('–')) {
    const what = senseless ?? '';
    reasons.set(what, (reasons.get(what) ?? new Set()).add(senselessName(story, fault)));
  }
  if (reasons.size > 0) print('\n  – makes no sense:');
  for (const [why, cells] of reasons) print(`    ${why}: ${[...cells].join('; ')}`);
  for (const { cell, why } of results.filter(({ mark }) => mark === '✗'))
    print(`\n  ✗ ${cell.carrier}: ${cell.story.name}, ${cell.fault}\n    ${why.replaceAll('\n', '\n    ')}`);
}

/** What of a story and a fault is worth naming: not the other where the reason is in the one. */
function senselessName(story: Story, fault: AnyFault): string {
  if (FAULTS.indexOf(fault) >= FIRST_OF_STREAMS) return story.streamless === undefined ? fault : story.name;
  return story.brings === undefined ? `${story.name}, ${fault}` : story.name;
}

/** Tries every advisory on every carrier and prints the table; how many do not hold. */
async function advisories(): Promise<number> {
  const width = Math.max(...ADVISORIES.map(({ id }) => id.length)) + 2;
  let red = 0;
  print(`\n  ${'advisory'.padEnd(width)}${CARRIERS.map((name) => name.padEnd(8)).join('')}the rule`);
  for (const advisory of ADVISORIES) {
    const marks: string[] = [];
    for (const carrier of CARRIERS) marks.push(await markOf(advisory, carrier));
    red += marks.filter((mark) => mark === '✗').length;
    print(`  ${advisory.id.padEnd(width)}${marks.map((mark) => mark.padEnd(8)).join('')}${advisory.rule}`);
  }
  return red;
}

async function markOf({ id, attempt }: Advisory, carrier: CarrierName): Promise<string> {
  try {
    await attempt(carrier);
    return '✓';
  } catch (error) {
    print(`  ✗ ${id} on ${carrier}: ${error instanceof Error ? error.message : String(error)}`);
    return '✗';
  }
}

async function main(): Promise<number> {
  const [wanted = ''] = process.argv.slice(2);
  const startedAt = performance.now();
  const results: Result[] = [];
  for (const cell of CELLS) {
    const name = `${cell.carrier}: ${cell.story.name}, ${cell.fault}`;
    if (name.includes(wanted)) results.push(await resultOf(cell));
  }
  printTable(results);
  printReasons(results);
  const count = (mark: Result['mark']): number => results.filter((result) => result.mark === mark).length;
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  print(
    `\n  ${count('✓') + count('○')} green (${count('○')} of them spared by the fault), ${count('✗')} red, ${count('–')} make no sense; ${seconds} s`,
  );
  const red = wanted === '' ? await advisories() : 0;
  return count('✗') + red === 0 && results.length > 0 ? 0 : 1;
}

if (import.meta.filename === path.resolve(process.argv[1] ?? '')) process.exitCode = await main();
