// The package as npm hands it out: only what a user needs, nothing beside it, and it runs where nothing else is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { type Installed, installed } from '../../tools/installed.ts';
import { packPlugin } from '../../tools/pack.ts';

const execute = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..', '..');

/** Every file is one of these; each of these is there. */
const EXPECTED: readonly RegExp[] = [
  /^package\.json$/,
  /^openclaw\.plugin\.json$/,
  /^(?:README|ARCHITECTURE|CONTRIBUTING|CHANGELOG|THIRD-PARTY)\.md$/,
  /^LICENSE$/,
  /^docs\/[a-z-]+\.md$/,
  /^scenarios\/[a-z-]+\.yaml$/,
  /^skills\/voice-call\/SKILL\.md$/,
  /^dist\/(?:index|line-worker|offline-worker|doctor-contract-api)\.js$/,
  /^dist\/bin\/voicecall\.js$/,
  // What several ways in share, and what is loaded when it is wanted.
  /^dist\/[a-z-]+-[A-Z0-9]{8}\.js$/,
  /^dist\/console\/(?:native|page|worklet)\.js$/,
  /^dist\/console\/(?:native|page)\.css$/,
  /^dist\/console\/chunk-[A-Z0-9]{8}\.js$/,
];
/** What npm would run on the machine of whoever installs it. */
const LIFECYCLE = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preuninstall'];
const MAX_BYTES = 4_000_000;

interface Said {
  readonly version: string;
  readonly help: string;
  /** What OpenClaw is given: id and name. */
  readonly plugin: string;
}

describe('The package, installed into an empty folder', () => {
  let there: Installed;
  let files: readonly string[];
  const texts = new Map<string, string>();
  let said: Said;

  before(async () => {
    const tarball = process.env['VOICE_CALL_TARBALL'] ?? (await packPlugin()).tarball;
    there = await installed([tarball], async (folder) => {
      const home = path.join(folder, 'node_modules', packageJson.name);
      files = readdirSync(home, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) =>
          path.relative(home, path.join(parentPath, name)).replaceAll(path.sep, '/'),
        );
      for (const file of files) texts.set(file, readFileSync(path.join(home, file), 'utf8'));
      said = await tried(folder, home);
    });
  });

  it('has what a user needs, and nothing else', () => {
    const strangers = files.filter((file) => !EXPECTED.some((expected) => expected.test(file)));
    assert.deepEqual(strangers, []);
    for (const expected of EXPECTED)
      assert.ok(
        files.some((file) => expected.test(file)),
        `no ${expected}`,
      );
  });

  it('brings no other package, runs nothing while it is installed, and stays small', () => {
    assert.deepEqual(there.packages, [`${packageJson.name}@${packageJson.version}`]);
    const { scripts } = JSON.parse(texts.get('package.json') ?? '');
    assert.deepEqual(
      LIFECYCLE.filter((name) => name in scripts),
      [],
    );
    assert.ok(there.bytes < MAX_BYTES, `${there.bytes} bytes`);
  });

  it('holds neither source maps nor paths of the machine that built it', () => {
    for (const [file, text] of texts) {
      assert.doesNotMatch(text, /sourceMappingURL=/, file);
      assert.ok(!text.includes(root), file);
    }
  });

  it('has every document its documents lead to', () => {
    let links = 0;
    for (const [file, text] of texts) {
      if (!file.endsWith('.md')) continue;
      for (const [, to = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        links++;
        assert.ok(texts.has(path.posix.join(path.posix.dirname(file), to)), `${file} leads to ${to}`);
      }
    }
    assert.ok(links > 30, `${links} links`);
  });

  it('starts its command there, and gives OpenClaw the plugin', () => {
    assert.equal(said.version, packageJson.version);
    assert.match(said.help, /^ {2}rehearse /m);
    assert.equal(said.plugin, 'voice-call Voice Call');
  });
});

/** OpenClaw is there when it loads us; the command needs nothing. */
async function tried(folder: string, home: string): Promise<Said> {
  const command = path.join(folder, 'node_modules', '.bin', 'voicecall');
  const limit = { cwd: folder, timeout: 60_000 };
  const version = await execute(command, ['--version'], limit);
  const help = await execute(command, ['--help'], limit);
  const host = path.join(folder, 'node_modules', 'openclaw');
  assert.ok(!existsSync(host));
  symlinkSync(path.join(root, 'node_modules', 'openclaw'), host, 'junction');
  const asks = `import('./index.js').then(({ default: { id, name } }) => console.log(id, name))`;
  const plugin = await execute(process.execPath, ['-e', asks], { ...limit, cwd: path.join(home, 'dist') });
  return { version: version.stdout.trim(), help: help.stdout, plugin: plugin.stdout.trim() };
}
