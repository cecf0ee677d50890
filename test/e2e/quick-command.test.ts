// Tests of the packed package's own command: installed as the README says, it is there and answers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { packPlugin } from '../../tools/pack.ts';

const execute = promisify(execFile);

it('the quick command is there after the package was installed globally', async (test) => {
  const prefix = mkdtempSync(path.join(tmpdir(), 'voicecall-global-'));
  test.after(() => rmSync(prefix, { recursive: true }));
  const tarball = process.env['VOICE_CALL_TARBALL'] ?? (await packPlugin()).tarball;
  await execute('npm', ['install', '-g', tarball, '--offline', '--prefix', prefix], { timeout: 60_000 });
  const command = path.join(prefix, 'bin', 'voicecall');
  const { stdout } = await execute(command, ['--version'], { timeout: 30_000 });
  assert.equal(stdout.trim(), packageJson.version);
});
