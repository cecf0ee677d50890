// Compare: `npm run bench:compare -- old.json new.json`: what got worse, what better, beyond the noise; 1 when anything did.
import { readFileSync } from 'node:fs';
import { print } from './figures.ts';
import type { Result } from './result.ts';
import { figuresFor, type Verdict, verdicts } from './verdict.ts';

const [oldFile, newFile] = process.argv.slice(2);
if (oldFile === undefined || newFile === undefined) {
  process.stderr.write('Two results are compared: npm run bench:compare -- old.json new.json\n');
  process.exit(2);
}
const before = read(oldFile);
const after = read(newFile);

const isAlike = figuresFor(before, after).includes('p50');
print(`${oldFile} (${before.version}, ${before.at}) -> ${newFile} (${after.version}, ${after.at})`);
print('Worse: the middle round moved by more than the rounds of both results lie apart together.');
if (!isAlike) print('The machines differ: only ratios to what was measured beside are compared.');

const all = verdicts(before, after);
for (const [kind, title] of [
  ['worse', 'WORSE'],
  ['better', 'better'],
  ['unclear', 'unclear: only one round of all in this part, so its noise is not known'],
  ['missing', 'missing: one of the two has nothing to compare'],
] as const) {
  const found = all.filter((verdict) => verdict.kind === kind);
  if (found.length > 0) print(`\n${title}`);
  for (const verdict of found)
    print(kind === 'missing' ? `  ${verdict.what} (${verdict.id})` : lineOf(verdict));
}
const count = (kind: Verdict['kind']): number => all.filter((verdict) => verdict.kind === kind).length;
print(
  `\n${count('worse')} worse, ${count('better')} better, ${count('same')} the same, ${count('unclear')} unclear, ${count('missing')} missing`,
);
process.exitCode = count('worse') > 0 ? 1 : 0;

function read(file: string): Result {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Result;
  } catch (error) {
    process.stderr.write(`${file} is no result of "npm run bench": ${(error as Error).message}\n`);
    process.exit(2);
  }
}

function lineOf({ what, figure, before: old, after: fresh, moved, noise }: Verdict): string {
  const way = moved > 0 ? 'worse' : 'better';
  const may = Number.isNaN(noise) ? '' : `, noise ${percent(noise)}`;
  return `  ${what.padEnd(74)} ${figure} ${old} -> ${fresh} (${percent(Math.abs(moved))} ${way}${may})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
