// Fuzz: `npm run fuzz`: a million inputs over everything that strangers can reach; docs/fuzz.md says what became of them.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { keep } from './fuzz/corpus.ts';
import { fuzz } from './fuzz/fuzz.ts';
import { faultText, reportOf } from './fuzz/report.ts';
import { targets } from './fuzz/targets/index.ts';

const USAGE =
  "usage: npm run fuzz -- [--inputs 1000000] [--seed 20261121|random] [--only <part of a target's name>] [--at <one input>]";
const PAGE = path.resolve(import.meta.dirname, '../docs/fuzz.md');

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '20261121' },
    only: { type: 'string', default: '' },
    at: { type: 'string' },
  },
});

function whole(name: string, text: string, least: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value < 2 ** 32) return value;
  console.error(`--${name} is "${text}": it must be a whole number from ${least}.\n${USAGE}`);
  process.exit(2);
}

const inputs = whole('inputs', values.inputs, 1);
const seed = values.seed === 'random' ? randomInt(2 ** 31) : whole('seed', values.seed, 0);
const chosen = targets.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) {
  console.error(
    `No target has "${values.only}" in its name. There are:\n${targets.map(({ name }) => `  ${name}`).join('\n')}`,
  );
  process.exit(2);
}
const at = values.at === undefined ? null : whole('at', values.at, 0);

console.log(`seed ${seed}`);
const result = await fuzz({
  seed,
  inputs,
  targets: chosen,
  at,
  done: ({ target, result: { inputs: tried, faults }, cpuMs }) =>
    console.log(
      `${target.name.padEnd(44)} ${String(tried).padStart(8)} inputs ${(cpuMs / 1_000).toFixed(1).padStart(7)} s  ${faults.length} faults`,
    ),
});
const page = reportOf({ seed, inputs, ...result });
const isWhole = chosen.length === targets.length && at === null;
if (isWhole) writeFileSync(PAGE, page);
console.log(`\n${page}`);
for (const fault of result.faults) {
  console.log(`FAULT ${faultText(fault)}`);
  if (fault.at !== null)
    console.log(`  kept in ${keep(fault.target, { why: fault.rule, input: fault.input })}`);
}
console.log(isWhole ? `Written to ${PAGE}` : 'A part only: docs/fuzz.md is as it was.');
process.exit(result.faults.length === 0 ? 0 : 1);
