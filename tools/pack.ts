// Pack: builds the plugin and packs it as it would be published; the hash tells whether anything changed.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Trouble } from './terminal.ts';

export interface Packed {
  /** Absolute path of the .tgz. */
  readonly tarball: string;
  /** Of its content: npm packs equal files into equal bytes. */
  readonly hash: string;
}

const root = path.resolve(import.meta.dirname, '..');
const cache = path.join(root, '.cache');
const LIMIT_MS = 180_000;

export async function packPlugin(): Promise<Packed> {
  await tool('The plugin could not be built.', process.execPath, [path.join(root, 'tools', 'build.ts')]);
  await mkdir(cache, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', cache];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const listed: unknown = JSON.parse(await tool('The plugin could not be packed.', npm, args));
  const tarball = path.join(cache, filenameIn(listed));
  const hash = createHash('sha256')
    .update(await readFile(tarball))
    .digest('hex');
  return { tarball, hash };
}

/** npm lists what it packed: an array up to version 11, an object by package name from 12 on. */
function filenameIn(listed: unknown): string {
  const [entry] = Object.values(listed as Record<string, { readonly filename?: string }>);
  const name = entry?.filename ?? '';
  if (name === '' || !existsSync(path.join(cache, name))) {
    throw new Trouble('npm did not say what it packed.', 'Update npm: npm install -g npm@latest');
  }
  return name;
}

function tool(failure: string, command: string, args: readonly string[]): Promise<string> {
  const options = { cwd: root, timeout: LIMIT_MS, maxBuffer: 64e6, shell: command.endsWith('.cmd') };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const detail = `${stdout}${stderr}`.trim() || error.message;
      reject(new Trouble(failure, 'Correct what is named above.', { detail, cause: error }));
    });
  });
}
