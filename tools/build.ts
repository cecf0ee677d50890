// Build: bundles the plugin into dist/ and keeps what is generated in step: manifest, version, licences.
// --check changes nothing and fails when something generated is out of date.
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { manifestFields } from '../src/config/manifest.ts';

import { bundledPackages, consolePackages } from './bundle.ts';

const root = path.resolve(import.meta.dirname, '..');
const checkOnly = process.argv.includes('--check');
const outOfDate: string[] = [];

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** What stands in our sources as bytes, where the bundler does not see whose it is. */
const EMBEDDED = ['minimp3-wasm'];

const at = (...parts: string[]): string => path.join(root, ...parts);

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

/** Writes a generated file, or with --check only notes that it differs. */
async function keep(file: string, text: string): Promise<void> {
  const now = await readFile(at(file), 'utf8').catch(() => '');
  if (now === text) return;
  if (checkOnly) outOfDate.push(file);
  else await writeFile(at(file), text);
}

async function keepManifest(version: string): Promise<void> {
  const manifest = await readJson<Record<string, unknown>>(at('openclaw.plugin.json'));
  const next = { ...manifest, version, ...manifestFields() };
  await keep('openclaw.plugin.json', `${JSON.stringify(next, null, 2)}\n`);
}

/** Every package whose code ends up in dist/, with its licence, as its terms ask. */
async function keepLicences(bundled: readonly string[]): Promise<void> {
  const parts = ['# Third-party software', 'The files in `dist/` contain code of these packages.'];
  for (const name of [...bundled, ...EMBEDDED]) {
    const folder = at('node_modules', name);
    const { version, license } = await readJson<PackageJson>(path.join(folder, 'package.json'));
    const text = await licenceText(folder);
    parts.push(
      `## ${name} ${version} (${license ?? 'see below'})`,
      ['```text', text.trim(), '```'].join('\n'),
    );
  }
  const weights = await readFile(at('tools/silero/NOTICE.md'), 'utf8');
  await keep('THIRD-PARTY.md', `${parts.join('\n\n')}\n\n${weights.trim()}\n`);
}

async function licenceText(folder: string): Promise<string> {
  for (const name of ['LICENSE', 'LICENSE.md', 'license', 'LICENSE.txt']) {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => null);
    if (text !== null) return text;
  }
  throw new Error(`${path.basename(folder)} has no licence file`);
}

async function bundle(): Promise<readonly string[]> {
  if (checkOnly) return all(await bundledPackages({ write: false }), await consolePackages({ write: false }));
  await rm(at('dist'), { recursive: true, force: true });
  const packages = await bundledPackages({ outdir: at('dist') });
  await chmod(at('dist/bin/voicecall.js'), 0o755);
  return all(packages, await consolePackages({ outdir: at('dist/console') }));
}

function all(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].sort();
}

const { version } = await readJson<PackageJson>(at('package.json'));
await keepManifest(version);
// The manifest is part of the bundle, so it comes first.
await keepLicences(await bundle());
if (outOfDate.length > 0) {
  console.error(`Out of date: ${outOfDate.join(', ')}. Run "npm run build" and commit the result.`);
  process.exitCode = 1;
}
