// Install: what bootstrap.mjs needs in this folder: the locked packages and Node 24. Runs on Node 18 or later.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { explain, Trouble } from './complaint.mjs';
import { INSTALL_LIMIT_MS, read, underLock } from './lock.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
const isWindows = process.platform === 'win32';
/** What one install needs on disk: measured 1.1 GB, and room for the package manager's own copies. */
const NEEDED_BYTES = 1_500_000_000;

// What is there already

function stampNow() {
  const lock = fs.readFileSync(path.join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex');
}

const stampFile = path.join(modules, '.voice-call-stamp');

export function isReady() {
  if (nodeToUse() === null) return false;
  if (read(stampFile) === stampNow()) return true;
  if (!holdsTheLockedPackages()) return false;
  fs.writeFileSync(stampFile, `${stampNow()}\n`);
  return true;
}

/** True when somebody ran `npm install` or `npm ci` by hand: npm then left a list of what it put here. */
function holdsTheLockedPackages() {
  const installed = packagesOf(path.join(modules, '.package-lock.json'));
  const locked = Object.entries(packagesOf(path.join(root, 'package-lock.json')));
  return (
    locked.length > 1 &&
    locked.every(([name, entry]) => {
      const there = installed[name];
      return there ? there.version === entry.version : name === '' || entry.optional === true;
    })
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** The Node to run with: the one in this folder, else the current one if OpenClaw accepts it, else null. */
export function nodeToUse() {
  const own = path.join(modules, 'node', 'bin', isWindows ? 'node.exe' : 'node');
  // The Windows package leaves a small placeholder text beside the real program.
  if (fs.existsSync(own) && fs.statSync(own).size > 1_000_000) return own;
  return suits(process.versions.node) && !isGone() ? process.execPath : null;
}

/** True when the Node that runs us came from this folder and an installation took it away. */
function isGone() {
  return !fs.existsSync(process.execPath);
}

/** The versions OpenClaw runs on: >=24.16 <25, or >=26.1. */
function suits(version) {
  const [major, minor] = version.split('.').map(Number);
  return (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
}

// Installing

/** Installs what is missing; when another process is doing that, waits for it. */
export function installOnce() {
  return underLock(path.join(root, '.cache', 'bootstrap.lock'), install);
}

async function install() {
  if (isReady()) return;
  refuseFullDisk();
  await refuseOldNpm();
  fs.rmSync(stampFile, { force: true });
  const ci = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  await step('Installing packages (once; about 900 MB on disk)', () => npm(ci));
  if (nodeToUse() === null) {
    await step('Fetching Node 24 (once; about 190 MB on disk)', fetchNode);
  }
  if (nodeToUse() === null) {
    throw new Trouble(
      `There is no ready-made Node 24 for ${process.platform}-${process.arch}.`,
      'Install Node 24.16 or later yourself (nodejs.org) and run this command with it.',
    );
  }
  fs.writeFileSync(stampFile, `${stampNow()}\n`);
}

/** The `node` package's own install step, run directly: package managers may block install scripts. */
async function fetchNode() {
  const cwd = path.join(modules, 'node');
  await capture(isGone() ? 'node' : process.execPath, ['installArchSpecificPackage'], { cwd });
  const link = path.join(modules, '.bin', 'node');
  if (!isWindows && !fs.existsSync(link)) {
    fs.rmSync(link, { force: true });
    fs.symlinkSync(path.join('..', 'node', 'bin', 'node'), link);
  }
}

function refuseFullDisk() {
  // statfs came with Node 18.15; without it npm itself will say so.
  if (typeof fs.statfsSync !== 'function') return;
  const { bavail, bsize } = fs.statfsSync(root);
  if (bavail * bsize >= NEEDED_BYTES) return;
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  throw new Trouble(
    `Only ${freeMb} MB are free on this disk; the first start needs 1500 MB.`,
    'Free some space.',
  );
}

async function refuseOldNpm() {
  const version = (await npm(['--version'])).trim();
  if (Number(version.split('.')[0]) >= 9) return;
  throw new Trouble(
    `npm ${version} is too old.`,
    'Update it with "npm install -g npm@latest" (9 or later is needed).',
  );
}

function npm(args) {
  return capture(isWindows ? 'npm.cmd' : 'npm', args, { cwd: root, shell: isWindows });
}

/** Runs a program quietly and gives back what it printed; its words are shown in full only when it fails. */
function capture(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      env: installEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: INSTALL_LIMIT_MS,
    });
    const endWithUs = () => child.kill();
    process.once('exit', endWithUs);
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
    });
    child.stderr.on('data', (bytes) => {
      said += bytes;
    });
    child.on('error', (error) => reject(explain(error.code === 'ENOENT' ? 'npm: not found' : error.message)));
    child.on('close', (code) => {
      process.off('exit', endWithUs);
      if (code === 0) resolve(said);
      else reject(explain(said));
    });
  });
}

/** Our environment without what `npm start` added to it: an install must not run inside the folder it replaces. */
function installEnv() {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^npm_(lifecycle|package)_|^npm_config_local_prefix$|^NODE_ENV$/i.test(name)) delete env[name];
    if (name.toUpperCase() === 'PATH') env[name] = withoutOwnBin(env[name] ?? '');
  }
  return env;
}

function withoutOwnBin(searchPath) {
  const isOurs = (folder) => path.resolve(folder || '.').startsWith(modules + path.sep);
  return searchPath
    .split(path.delimiter)
    .filter((folder) => !isOurs(folder))
    .join(path.delimiter);
}

/** Shows one line while `work` runs, and how long it took. */
async function step(title, work) {
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  const isLive = process.stderr.isTTY === true;
  if (!isLive) process.stderr.write(`${title} …\n`);
  const show = () => process.stderr.write(`\r\u001b[2K  … ${title}  ${seconds()}`);
  if (isLive) show();
  const ticking = isLive ? setInterval(show, 1000) : undefined;
  try {
    await work();
    process.stderr.write(isLive ? `\r\u001b[2K  ✓ ${title}  ${seconds()}\n` : `  done in ${seconds()}\n`);
  } catch (error) {
    if (isLive) process.stderr.write('\r\u001b[2K');
    throw error;
  } finally {
    clearInterval(ticking);
  }
}
