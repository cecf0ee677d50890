// Report: what was tried, what became of it and what was found, as the page docs/fuzz.md.
import { arch, availableParallelism, cpus, platform } from 'node:os';
import type { Fault, Result } from './engine.ts';
import type { Target } from './target.ts';

export interface Tried {
  readonly target: Target;
  readonly result: Result;
  readonly cpuMs: number;
}

export interface Whole {
  readonly seed: number;
  /** How many were asked for. */
  readonly inputs: number;
  readonly tried: readonly Tried[];
  readonly faults: readonly Fault[];
}

const count = (n: number): string => n.toLocaleString('en-US');

export function reportOf({ seed, inputs, tried, faults }: Whole): string {
  const all = tried.reduce((sum, { result }) => sum + result.inputs, 0);
  const forgeries = faults.filter(({ rule }) => rule.includes('forgery')).length;
  return [
    '# Fuzz',
    '',
    `This page is written by \`npm run fuzz\`: what strangers, carriers, models and people may send us, made up from a seed, and what must hold for every one of it.`,
    '',
    `**${count(all)} inputs, ${count(faults.length)} faults, ${count(forgeries)} accepted forgeries.** Seed ${seed}.`,
    '',
    `- To repeat it: \`npm run fuzz -- --inputs ${inputs} --seed ${seed}\`: the same inputs, the same answers.`,
    '- To try others: `npm run fuzz -- --seed random`. A part: `--only webhooks`. One input: `--only "<target>" --at <number>`.',
    '- A fault is printed with the smallest input that has it, kept in `tools/fuzz/corpus/`, and ends the run with exit code 1.',
    '- `npm test` tries everything in the corpus, and some thousand inputs of this seed.',
    '',
    '**A forgery** is a request that we accept as a carrier’s although the carrier’s signer, given that very request and our key, makes no such signature; or one that is accepted as new although what it says was never signed.',
    '',
    ...families(tried),
    ...found(faults),
    ...machine(tried),
    '',
  ].join('\n');
}

function families(tried: readonly Tried[]): string[] {
  const names = [...new Set(tried.map(({ target }) => target.family))];
  return names.flatMap((family) => {
    const of = tried.filter(({ target }) => target.family === family);
    const sum = of.reduce((all, { result }) => all + result.inputs, 0);
    return [`## ${family[0]?.toUpperCase()}${family.slice(1)}: ${count(sum)}`, '', ...of.flatMap(section)];
  });
}

function section({ target, result }: Tried): string[] {
  const [, name = target.name] = target.name.split(': ');
  const kinds = [...result.kinds].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const ends = kinds.map(([kind, times]) => `${named(kind)}: ${count(times)}`).join('; ');
  return [`**${name}, ${count(result.inputs)}.** ${target.promise}`, '', `What became of them: ${ends}.`, ''];
}

/** Two numbers side by side are one too many. */
function named(kind: string): string {
  return /^\d+$/.test(kind) ? `HTTP ${kind}` : kind;
}

function found(faults: readonly Fault[]): string[] {
  if (faults.length === 0) return ['## Faults', '', 'None.', ''];
  return ['## Faults', '', ...faults.flatMap((fault) => ['```', faultText(fault), '```', ''])];
}

/** What a person needs to see it again. */
export function faultText({ target, rule, detail, seed, at, input }: Fault): string {
  const again =
    at === null ? 'from the corpus' : `npm run fuzz -- --only "${target}" --seed ${seed} --at ${at}`;
  return `${target}: ${rule}\n  ${detail.slice(0, 500)}\n  ${JSON.stringify(input).slice(0, 2_000)}\n  ${again}`;
}

function machine(tried: readonly Tried[]): string[] {
  const seconds = Math.round(tried.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1_000);
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return [
    '## Machine',
    '',
    `${model}, ${availableParallelism()} cores, ${platform()} ${arch()}, Node ${process.versions.node}; ${seconds} s of one core.`,
  ];
}
