// Installed: what a package brings along where it is installed: really installed into an empty folder, and counted there.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { npm } from './pack.ts';

export interface Installed {
  /** Every package in node_modules, this one among them, as `name@version`. */
  readonly packages: readonly string[];
  /** Of all files in node_modules. */
  readonly bytes: number;
}

/** Installs `wanted` (a .tgz, or `name@version` from the registry) as a user's npm does, runs `look` there, and takes it away. */
export async function installed(
  wanted: readonly string[],
  look: (folder: string) => Promise<void> = async () => undefined,
): Promise<Installed> {
  const folder = await mkdtemp(path.join(tmpdir(), 'voice-call-installed-'));
  try {
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
    const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...wanted];
    await npm('The package could not be installed.', args, folder);
    await look(folder);
    return { packages: await packagesIn(folder), bytes: await bytesIn(path.join(folder, 'node_modules')) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** npm leaves a list of what it put there. */
async function packagesIn(folder: string): Promise<readonly string[]> {
  const list = path.join(folder, 'node_modules', '.package-lock.json');
  const { packages }: { packages: Readonly<Record<string, { readonly version: string }>> } = JSON.parse(
    await readFile(list, 'utf8'),
  );
  return Object.entries(packages).map(
    ([at, { version }]) => `${at.split('node_modules/').at(-1)}@${version}`,
  );
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(path.join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
