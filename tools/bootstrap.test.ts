// Tests of bootstrap.mjs as a stranger's first contact: in a folder with a space, with a pretended npm.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';

/** Behaves like npm as far as bootstrap looks: a version, and `ci`, which does what the test wants. */
function pretendNpm(ci: string, version = '11.0.0'): string {
  return `#!/bin/sh
echo "$1" >> "${folder}/asked"
if [ "$1" = "--version" ]; then echo ${version}; exit 0; fi
${ci}
`;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';

interface With {
  readonly node?: string;
  readonly searchPath?: string;
  /** Something stands between us and bootstrap, as npm does. */
  readonly isBetween?: boolean;
}

function start(
  args: readonly string[],
  {
    node = process.execPath,
    searchPath = `${folder}/bin:${process.env['PATH']}`,
    isBetween = false,
  }: With = {},
) {
  const bootstrap = path.join(folder, 'tools', 'bootstrap.mjs');
  const between = isBetween ? ['/bin/sh', '-c', '"$@"; exit', 'between'] : [];
  const [command = node, ...rest] = [...between, node, bootstrap, ...args];
  const child = spawn(command, rest, {
    env: { PATH: searchPath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const done: Promise<Ran> = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code, stdout, stderr }),
  );
  return { child, done };
}

function write(name: string, content: string, mode = 0o644): void {
  writeFileSync(path.join(folder, name), content, { mode });
}

describe('bootstrap', { skip: process.platform === 'win32' && 'the pretended npm is a shell script' }, () => {
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'voice call '));
    for (const name of ['tools', 'bin']) mkdirSync(path.join(folder, name));
    for (const name of ['bootstrap', 'install', 'lock', 'complaint'].map((file) => `${file}.mjs`)) {
      copyFileSync(path.join(import.meta.dirname, name), path.join(folder, 'tools', name));
    }
    write('package-lock.json', '{"packages":{}}');
    write('bin/npm', pretendNpm('mkdir -p node_modules'), 0o755);
    write('tools/say.ts', 'const words: string[] = process.argv.slice(2);\nconsole.log(words.join("|"));\n');
    write('tools/fail.ts', 'process.exit(3);\n');
    write(
      'tools/stay.ts',
      'process.once("SIGINT", () => process.exit(7));\nconsole.log("up");\nsetInterval(() => {}, 1000);\n',
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('installs once, then only runs the script with its arguments', async () => {
    const first = await start(['tools/say.ts', 'a b', 'c']).done;
    assert.deepEqual([first.code, first.stdout], [0, 'a b|c\n']);
    assert.match(first.stderr, /Installing packages/);
    const second = await start(['tools/say.ts', 'd']).done;
    assert.deepEqual(second, { code: 0, stdout: 'd\n', stderr: '' });
  });

  it('installs again when the locked packages change', async () => {
    await start(['tools/say.ts']).done;
    write('package-lock.json', '{"packages":{"":{}}}');
    assert.match((await start(['tools/say.ts']).done).stderr, /Installing packages/);
  });

  it('survives an installation that takes away the Node it runs on', async () => {
    const fetches = `require('fs').copyFileSync('${process.execPath}', 'bin/node')`;
    const ci = `rm -rf node_modules; mkdir -p node_modules/.bin node_modules/node/bin
echo "${fetches}" > node_modules/node/installArchSpecificPackage.js`;
    write('bin/npm', pretendNpm(ci), 0o755);
    mkdirSync(path.join(folder, 'node_modules', 'node', 'bin'), { recursive: true });
    const own = path.join(folder, 'node_modules', 'node', 'bin', 'node');
    copyFileSync(process.execPath, own);
    const { code, stdout } = await start(['tools/say.ts', 'x'], { node: own }).done;
    assert.deepEqual([code, stdout], [0, 'x\n']);
  });

  it('believes an installation made by hand', async () => {
    const packages = {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    };
    write('package-lock.json', JSON.stringify({ packages }));
    mkdirSync(path.join(folder, 'node_modules'));
    const installed = { packages: { 'node_modules/a': { version: '1.0.0' } } };
    write('node_modules/.package-lock.json', JSON.stringify(installed));
    assert.equal((await start(['tools/say.ts']).done).stderr, '');
    assert.equal(existsSync(path.join(folder, 'asked')), false);
  });

  it('ends as the script ends', async () => {
    assert.equal((await start(['tools/fail.ts']).done).code, 3);
  });

  it('hands Ctrl-C on and waits for the script', async () => {
    const { child, done } = start(['tools/stay.ts']);
    await once(child.stdout, 'readable');
    child.kill('SIGINT');
    assert.equal((await done).code, 7);
  });

  it('ends the script when whoever started it is gone', async () => {
    write('tools/stay.ts', 'console.log(process.pid);\nsetInterval(() => {}, 1000);\n');
    const { child, done } = start(['tools/stay.ts'], { isBetween: true });
    const [pid] = await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await done;
    assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
  });

  it('lets two starts at once install only once', async () => {
    write('bin/npm', pretendNpm('while [ ! -e "$PWD/go" ]; do :; done; mkdir node_modules'), 0o755);
    const both = [start(['tools/say.ts', 'x']), start(['tools/say.ts', 'x'])];
    const isWaiting = both.map(
      ({ child }) =>
        new Promise<void>((resolve) => {
          child.stderr.on('data', (said) => String(said).includes('Another start') && resolve());
        }),
    );
    await Promise.race(isWaiting);
    write('go', '');
    const ran = await Promise.all(both.map(({ done }) => done));
    assert.deepEqual(
      ran.map(({ code, stdout }) => [code, stdout]),
      [
        [0, 'x\n'],
        [0, 'x\n'],
      ],
    );
    const asked = readFileSync(path.join(folder, 'asked'), 'utf8');
    assert.equal(asked.match(/^ci$/gm)?.length, 1);
    assert.equal(existsSync(path.join(folder, '.cache', 'bootstrap.lock')), false);
  });

  it('takes over from an installer that died', async () => {
    mkdirSync(path.join(folder, '.cache'));
    // No process has this id: they end far below.
    write('.cache/bootstrap.lock', '999999999');
    assert.equal((await start(['tools/say.ts']).done).code, 0);
  });

  const failures: readonly (readonly [string, string, RegExp])[] = [
    [
      'no network',
      'echo "npm error code ENOTFOUND" >&2; exit 1',
      /ENOTFOUND\n\nThe npm registry could not be reached\./,
    ],
    ['a full disk', 'echo "npm error code ENOSPC" >&2; exit 1', /The disk is full\. Free/],
    ['anything else', 'echo "npm error oh no" >&2; exit 1', /npm error oh no\n\nThe installation failed\./],
  ];
  for (const [name, ci, says] of failures) {
    it(`says what to do about ${name}, and leaves nothing half done`, async () => {
      write('bin/npm', pretendNpm(ci), 0o755);
      const { code, stderr } = await start(['tools/say.ts']).done;
      assert.equal(code, 1);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /\n\s+at /);
      assert.equal(existsSync(path.join(folder, '.cache', 'bootstrap.lock')), false);
    });
  }

  it('says so when npm is too old or missing', async () => {
    write('bin/npm', pretendNpm('', '6.14.0'), 0o755);
    assert.match((await start(['tools/say.ts']).done).stderr, /^npm 6\.14\.0 is too old\./);
    assert.match((await start(['tools/say.ts'], { searchPath: folder }).done).stderr, /npm was not found\./);
  });
});
