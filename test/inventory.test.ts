// Everything a user can meet, as the code has it, stands in a document: variables, scripts, troubles, paths, wire words, log lines.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import lock from '../package-lock.json' with { type: 'json' };
import { toolActions } from '../src/surface/tool.ts';
import { allCommands } from '../tools/cli-doc.ts';
import { usage } from '../tools/start-options.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const documents = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)];
const documented = documents.map(read).join('\n');
/** Every source of ours but tests, as one text. */
const code = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
  .map((file) => read(path.join('src', file)))
  .join('\n');

/** What `pattern` finds in `text`: its group, each once. */
function found(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, group = '']) => group))];
}

/** `words` stand in `text` in code letters; at least `least` were found, or we look wrongly. */
function allStandIn(text: string, words: readonly string[], least: number): void {
  assert.ok(words.length >= least, `only ${words.length}: ${words.join(', ')}`);
  const missing = words.filter((word) => !text.includes(`\`${word}\``));
  assert.deepEqual(missing, []);
}

/** What stands in code letters in the first column of tables, without what is different each time. */
function signsIn(text: string): readonly string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  const signs = rows.flatMap((row) => found(row.split(' | ')[0] ?? '', /`([^`]+)`/g));
  const pieces = signs.flatMap((sign) => sign.split(/…|\.\.\.|\d+/).map((piece) => piece.trim()));
  // Commands of the host are its own.
  return pieces.filter((piece) => piece.length > 11 && !piece.startsWith('openclaw '));
}

/** In the code a value stands where the document has one for the example. */
function allAreOurs(signs: readonly string[], least: number, where: string): void {
  assert.ok(signs.length >= least, `${where}: only ${signs.length}`);
  const plain = (text: string): string =>
    text.replaceAll(/\$?\{[\w.]+\}|127\.0\.0\.1/g, '').replaceAll(/\s+/g, ' ');
  const known = plain(code);
  const strangers = signs.filter((sign) => !known.includes(sign) && !known.includes(plain(sign).trim()));
  assert.deepEqual(strangers, [], where);
}

describe('Everything a user can meet is documented', () => {
  it('each variable of the environment', () => {
    allStandIn(documented, found(code, /\b(?:env|environment)\['([A-Z][A-Z0-9_]+)'\]/g), 10);
    allStandIn(documented, found(code, /\benv: '([A-Z][A-Z0-9_]+)'/g), 8);
  });

  it('each command, in the list of the README', () => {
    const [, section = ''] = read('README.md').split('## Commands');
    const [named = ''] = section.split(': [docs/cli.md]');
    assert.deepEqual(
      allCommands()
        .map(({ name }) => name)
        .filter((name) => !new RegExp(`\`(?:voicecall )?${name}\``).test(named)),
      [],
    );
  });

  it('each script of the package', () => {
    const contributing = read('CONTRIBUTING.md');
    for (const name of Object.keys(packageJson.scripts)) {
      const command = name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`;
      assert.match(contributing, new RegExp(`${command}(?![\\w:-])`), command);
    }
  });

  it('each option of npm start', () => {
    const options = found(usage, /(--\w+)/g);
    assert.ok(options.length >= 3, options.join());
    for (const option of options) {
      if (option !== '--help') assert.ok(read('README.md').includes(`npm start -- ${option}`), option);
    }
  });

  it('each subject that may be in trouble', () => {
    const subjects = [...found(code, /\btrouble\('([a-z ]+)'/g), ...found(code, /SUBJECT = '([a-z ]+)'/g)];
    allStandIn(read('docs/meanings.md'), subjects, 8);
  });

  it('each path we answer at', () => {
    allStandIn(documented, [...found(code, /_PATH = '(\/[^']+)'/g), '/voice/webhook'], 4);
  });

  it('each message of the test phone', () => {
    const wire = read('docs/test-phone.md');
    const types = found(read('src/handset/protocol.ts'), /\btype: '(\w+)'/g);
    assert.ok(types.length >= 15, types.join());
    for (const type of types) assert.ok(wire.includes(`"type":"${type}"`), type);
  });

  it('each key of a scripted caller', () => {
    const scenario = read('docs/rehearsals.md');
    const keys = found(
      read('src/caller/scenario.ts').split('export type Step')[0] ?? '',
      /(?:\{ |, |^ {2,4})([a-z_]+): (?:words|ms|pattern|z\.)/gm,
    );
    assert.ok(keys.length >= 12, keys.join());
    for (const key of keys) assert.match(scenario, new RegExp(`\\b${key}\\b`), key);
  });

  it('each end of a call and each right of the host a method asks for', () => {
    const ends = found(
      read('src/call/call.ts').split('export type EndReason')[1]?.split(';')[0] ?? '',
      /'([\w-]+)'/g,
    );
    allStandIn(read('docs/meanings.md'), ends, 9);
    for (const right of ['read', 'write', 'admin'])
      assert.ok(documented.includes(`\`operator.${right}\``), right);
  });

  it('and nothing else: each action the skill teaches is one of the tool, each error one of ours', () => {
    const skill = read('skills/voice-call/SKILL.md');
    const words = found(skill.replaceAll(/```[\s\S]*?```/g, ''), /`([a-z]+_[a-z_]+)`/g);
    const actions = [...Object.keys(toolActions), 'voice_call'];
    assert.deepEqual(
      words.filter((word) => !actions.includes(word)),
      [],
    );
    assert.deepEqual(
      Object.keys(toolActions).filter((action) => !skill.includes(`\`${action}\``)),
      [],
    );
    const [, table = ''] = skill.split('| error begins with |');
    allAreOurs(signsIn(table), 20, 'the skill');
  });

  it('and nothing else: each line a reader is told to look for is one we, or OpenClaw, write', () => {
    allAreOurs(signsIn(read('docs/troubleshooting.md')), 20, 'docs/troubleshooting.md');
  });
});

describe('The version', () => {
  it('is the same in the package, its lock, the manifest and at the head of the changelog', () => {
    const { version } = packageJson;
    const manifest: { readonly version: string } = JSON.parse(read('openclaw.plugin.json'));
    const [, newest] = /^## \[(.+?)\]/m.exec(read('CHANGELOG.md')) ?? [];
    assert.deepEqual(
      [lock.version, lock.packages[''].version, manifest.version, newest],
      [version, version, version, version],
    );
  });
});
