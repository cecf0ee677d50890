// What the documents tell people to type is known to a test: commands, configurations, methods, keys. Run: test/e2e/docs.test.ts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import { readScenario } from '../src/caller/scenario.ts';
import { keys } from '../src/config/keys.ts';
import { parseConfig } from '../src/config/parse.ts';
import { exposeMethod } from '../src/surface/expose-method.ts';
import { rpcMethods } from '../src/surface/rpc.ts';
import { setupMethods } from '../src/surface/setup-methods.ts';
import { tarballName } from '../tools/cli-doc.ts';
import {
  documentedCommands,
  documentedJson,
  documentedLinks,
  documentedScenarios,
  documentedWords,
  headingsOf,
  ourCommand,
} from './documented.ts';
import { elsewhere, measuring } from './documented-elsewhere.ts';
import { hostCommands } from './documented-host.ts';

const root = path.resolve(import.meta.dirname, '..');
const closed = (): never => assert.fail('nothing is asked here');

describe('Every command in the documents and in the cures of errors', () => {
  const isElsewhere = (text: string): boolean => elsewhere.some(({ command }) => command.test(text));

  it('is one of ours, one of the host that is run, or run elsewhere', () => {
    for (const { text, where } of documentedCommands()) {
      const isKnown =
        isElsewhere(text) ||
        measuring.test(text) ||
        ourCommand(text) !== null ||
        hostCommands.some(({ command }) => command.test(text));
      assert.ok(isKnown, `${where}: no test knows "${text}"`);
    }
  });

  it('of ours has the options it is told with', () => {
    for (const { text, where } of documentedCommands()) {
      const { name = '', command, args = [] } = ourCommand(text) ?? {};
      const known = ['--help', ...(command?.options ?? []).flatMap(({ long, short }) => [long, short])];
      if (name === '') continue;
      for (const arg of args.filter((one) => /^--?[a-z]/.test(one))) {
        assert.ok(known.includes(arg), `${where}: "${text}" has no ${arg}`);
      }
    }
  });

  it('that is run elsewhere is run there, and stands in a document', () => {
    const all = documentedCommands().map(({ text }) => text);
    for (const { command, file, shows } of elsewhere) {
      assert.ok(
        readFileSync(path.join(root, file), 'utf8').includes(shows),
        `${file} does not show ${shows}`,
      );
      assert.ok(
        all.some((text) => command.test(text)),
        `no document tells ${command}`,
      );
    }
  });

  it('of npm is a script of this package, whose file is there', () => {
    const scripts: Readonly<Record<string, string>> = packageJson.scripts;
    for (const { text } of documentedCommands()) {
      const [, name] = /^npm (?:run )?(start|test|[a-z]+(?:[-:][a-z]+)*)/.exec(text) ?? [];
      if (name === undefined || ['pack', 'ping', 'install'].includes(name)) continue;
      const file = scripts[name]?.split(' ').at(-1) ?? '';
      assert.ok(file !== '' && existsSync(path.join(root, file)), text);
    }
  });

  it('names the package of this version', () => {
    const named = documentedCommands().flatMap(({ text, where }) =>
      [...text.matchAll(/[\w-]+-\d\S*\.tgz/g)].map(([name]) => ({ name, where })),
    );
    assert.ok(named.length >= 2, `${named.length} packages`);
    for (const { name, where } of named) assert.equal(name, tarballName, where);
  });

  it('that prints its documents says so when one is out of date', () => {
    const { status, stderr } = spawnSync(process.execPath, ['tools/print-docs.ts', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });
});

describe('Every link in the documents', () => {
  it('leads to something that is there', () => {
    const links = documentedLinks();
    assert.ok(links.length > 30, `${links.length} links`);
    for (const { file, heading, where } of links) {
      assert.ok(existsSync(path.join(root, file)), `${where}: ${file} is not there`);
      if (heading !== '')
        assert.ok(headingsOf(file).includes(heading), `${where}: ${file} has no #${heading}`);
    }
  });
});

describe('Every example in the documents', () => {
  const methods = [...rpcMethods(closed), ...setupMethods(closed), exposeMethod(closed)].map(
    ({ name }) => name,
  );

  it('of the configuration is one we take', () => {
    let seen = 0;
    for (const { text, where } of documentedJson()) {
      const isPart = text.startsWith('"');
      if (!isPart && !text.startsWith('{ "enabled"')) continue;
      seen++;
      const config: object = isPart
        ? { provider: 'mock', ...JSON.parse(`{${text}}`) }
        : JSON.parse(text).config;
      const parsed = parseConfig(config, {});
      assert.deepEqual(parsed.ok ? [] : parsed.problems, [], `${where}: ${text}`);
    }
    assert.ok(seen >= 8, `${seen} configurations`);
  });

  it('of a scripted caller is one we take', () => {
    const scenarios = documentedScenarios();
    assert.ok(scenarios.length > 0);
    for (const { text, where } of scenarios) assert.ok(readScenario(text, where).steps.length > 0, where);
  });

  it('of a method names one that exists', () => {
    for (const { text, where } of documentedWords()) {
      const [, name] = /^(voicecall\.[a-z]+(?:\.[a-z]+)*)$/.exec(text) ?? [];
      if (name !== undefined) assert.ok(methods.includes(name), `${where}: ${name}`);
    }
  });

  it('of a key names one that exists', () => {
    const known = keys().map((key) => key.path);
    const sections = known.filter((key) => known.some((other) => other.startsWith(`${key}.`)));
    for (const { text, where } of documentedWords()) {
      const [section = ''] = text.split('.');
      if (
        !/^[a-z]\w*(\.[\w*]+)+$/.test(text) ||
        !sections.includes(section) ||
        where.endsWith('configuration.md')
      )
        continue;
      const isKey = known.includes(text) || known.some((key) => matches(key, text));
      assert.ok(isKey, `${where}: ${text} is no key`);
    }
  });
});

function matches(key: string, text: string): boolean {
  const [wanted, given] = [key.split('.'), text.split('.')];
  return wanted.length === given.length && wanted.every((word, at) => word === '*' || word === given[at]);
}
