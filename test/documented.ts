// Documented: every command and every JSON example that stands in a document or in the cure of an error, found by reading.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { allCommands, allGroups } from '../tools/cli-doc.ts';

export interface Found {
  /** As it is written, in one line. */
  readonly text: string;
  readonly where: string;
}

export interface JsonFound extends Found {
  /** The example that follows in the same document; null after the last. */
  readonly next: string | null;
}

const root = path.resolve(import.meta.dirname, '..');
const COMMAND = /^(?:voicecall|openclaw|npm|npx) \S/;
const FENCE = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;

function documents(): readonly string[] {
  const docs = readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`);
  return [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'ARCHITECTURE.md',
    'skills/voice-call/SKILL.md',
    ...docs,
  ];
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** Each command once, with where it was found first. */
export function documentedCommands(): readonly Found[] {
  const all = [...documents().flatMap(commandsIn), ...sources().flatMap(quotedIn)];
  return [...new Map(all.toReversed().map((found) => [found.text, found])).values()].toReversed();
}

export function documentedJson(): readonly JsonFound[] {
  return documents().flatMap((where) => {
    const blocks = fencesIn(where, 'json').map((block) => block.replace(/\s*\n\s*/g, ' ').trim());
    const inline = codeIn(where).filter((code) => /^\{ ?"(?:action|mode)"/.test(code));
    return [
      ...blocks.map((text, at) => ({ text, where, next: blocks[at + 1] ?? null })),
      ...inline.map((text) => ({ text, where, next: null })),
    ];
  });
}

/** Everything else in code letters: names of keys, methods, files. */
export function documentedWords(): readonly Found[] {
  return documents().flatMap((where) => codeIn(where).map((text) => ({ text, where })));
}

function commandsIn(where: string): readonly Found[] {
  const lines = [...fencesIn(where, 'sh'), ...fencesIn(where, 'bash')]
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => line.replace(/\s+#.*$/, '').split(' && '));
  const all = [...lines, ...codeIn(where)].map((text) => text.trim()).filter((text) => COMMAND.test(text));
  return [...all.map((text) => ({ text, where })), ...quoted(read(where), where)];
}

function fencesIn(where: string, language: string): readonly string[] {
  return [...read(where).matchAll(FENCE)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? '');
}

/** Inline code, which may go over the end of a line; in tables a bar is escaped. */
function codeIn(where: string): readonly string[] {
  const prose = read(where)
    .replace(FENCE, '')
    .replace(/\n(?!\n)/g, ' ');
  return [...prose.matchAll(/`([^`]+)`/g)].map((match) => (match[1] ?? '').replaceAll('\\|', '|').trim());
}

function sources(): readonly string[] {
  return readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => `src/${file}`);
}

/** Cures tell commands in quotes; what is filled in later stands for itself. */
function quotedIn(where: string): readonly Found[] {
  return quoted(read(where).replaceAll(/\$\{(\w+)[^}]*\}/g, '<$1>'), where);
}

function quoted(text: string, where: string): readonly Found[] {
  return [...text.matchAll(/"((?:voicecall|openclaw|npm|npx) [^"\n`]+)"/g)].map((match) => ({
    text: match[1] ?? '',
    where,
  }));
}

/** Where links lead, as files of this repository with the heading after `#`, if there is one. */
export function documentedLinks(): readonly {
  readonly file: string;
  readonly heading: string;
  readonly where: string;
}[] {
  return documents().flatMap((where) =>
    [...read(where).matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)].map(([, to = '', heading = '']) => ({
      file: to === '' ? where : path.posix.join(path.posix.dirname(where), to),
      heading,
      where,
    })),
  );
}

/** The headings of a document as links name them. */
export function headingsOf(file: string): readonly string[] {
  const titles = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Scripted callers. */
export function documentedScenarios(): readonly Found[] {
  return documents().flatMap((where) => fencesIn(where, 'yaml').map((text) => ({ text, where })));
}

export interface OurCommand {
  /** Its words: `pairing approve`; a group such as `pairing` too. */
  readonly name: string;
  readonly command: Command;
  /** What follows its words. */
  readonly args: readonly string[];
  readonly throughOpenclaw: boolean;
}

/** Our own command in what is written; null when it is none of ours, an error when there is no such command. */
export function ourCommand(text: string): OurCommand | null {
  const words = wordsOf(text);
  const throughOpenclaw = words[0] === 'openclaw' && words[1] === 'voicecall';
  if (words[0] !== 'voicecall' && !throughOpenclaw) return null;
  const rest = words.slice(throughOpenclaw ? 2 : 1);
  const [first = ''] = rest;

  if (['', '…', '...', '--help', '--version'].includes(first))
    return { name: '', command: new Command(), args: ['--help'], throughOpenclaw };
  const known = [...allCommands(), ...allGroups()].toSorted((a, b) => b.name.length - a.name.length);
  const found = known.find(({ name }) => `${rest.join(' ')} `.startsWith(`${name} `));
  if (!found) throw new Error(`there is no command "${text}"`);
  return { ...found, args: rest.slice(found.name.split(' ').length), throughOpenclaw };
}

/** As a shell would cut it; quotes hold words together. */
export function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
}

/** All that must be given to run it is there. */
export function isComplete({ command, args }: OurCommand): boolean {
  if (command.commands.length > 0) return false;
  const needs = command.options.filter(({ mandatory }) => mandatory);
  const hasOptions = needs.every(
    ({ long, short }) => args.includes(long ?? '') || args.includes(short ?? ''),
  );
  const words = args.filter((arg) => !arg.startsWith('-'));
  return hasOptions && words.length >= command.registeredArguments.filter(({ required }) => required).length;
}
