// Corpus: inputs that found something once, or that are worth trying every time; a file per target.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Input } from './target.ts';

export interface Kept {
  /** What it found, or why it is kept. */
  readonly why: string;
  readonly input: Input;
}

const FOLDER = path.join(import.meta.dirname, 'corpus');

function fileOf(target: string): string {
  return path.join(FOLDER, `${target.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.json`);
}

function keptOf(target: string): readonly Kept[] {
  const file = fileOf(target);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept[]) : [];
}

export function inputsOf(target: string): readonly Input[] {
  return keptOf(target).map(({ input }) => input);
}

/** Adds an input to the file of its target; gives the file. */
export function keep(target: string, kept: Kept): string {
  const known = keptOf(target);
  const isKnown = known.some(({ input }) => JSON.stringify(input) === JSON.stringify(kept.input));
  if (!isKnown) writeFileSync(fileOf(target), `${JSON.stringify([...known, kept], null, 2)}\n`);
  return fileOf(target);
}
