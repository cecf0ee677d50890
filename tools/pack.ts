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
  /** What is in it, relative to the package. */
  readonly files: readonly string[];
  /** Of the .tgz, and of all files in it. */
  readonly bytes: number;
  readonly unpackedBytes: number;
}

/** What npm says of a package it packed. */
interface Listed {
  readonly filename?: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const root = path.resolve(import.meta.dirname, '..');
const LIMIT_MS = 180_000;

/** `folder`: where the .tgz is put. */
export async function packPlugin(folder = path.join(root, '.cache')): Promise<Packed> {
  await run('The plugin could not be built.', process.execPath, [path.join(root, 'tools', 'build.ts')]);
  await mkdir(folder, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const {
    filename = '',
    size,
    unpackedSize,
    files,
  } = listed(await npm('The plugin could not be packed.', args));
  const tarball = path.join(folder, filename);
  if (filename === '' || !existsSync(tarball)) {
    throw new Trouble('npm did not say what it packed.', 'Update npm: npm install -g npm@latest');
  }
  const hash = createHash('sha256')
    .update(await readFile(tarball))
    .digest('hex');
  return { tarball, hash, files: files.map((file) => file.path), bytes: size, unpackedBytes: unpackedSize };
}

/** npm lists what it packed: an array up to version 11, an object by package name from 12 on. */
function listed(text: string): Listed {
  const [entry] = Object.values(JSON.parse(text) as Record<string, Listed>);
  return entry ?? { size: 0, unpackedSize: 0, files: [] };
}

/** Runs npm in `cwd`, by default here, and gives what it printed. Throws a Trouble that begins with `failure`. */
export function npm(failure: string, args: readonly string[], cwd = root): Promise<string> {
  return run(failure, process.platform === 'win32' ? 'npm.cmd' : 'npm', args, cwd);
}

function run(failure: string, command: string, args: readonly string[], cwd = root): Promise<string> {
  const options = { cwd, timeout: LIMIT_MS, maxBuffer: 64e6, shell: command.endsWith('.cmd') };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const detail = `${stdout}${stderr}`.trim() || error.message;
      reject(new Trouble(failure, 'Correct what is named above.', { detail, cause: error }));
    });
  });
}
