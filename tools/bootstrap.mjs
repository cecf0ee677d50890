// Bootstrap: installs what is missing (packages, Node 24), then runs one of our scripts with Node 24. Runs on Node 18 or later.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
const isWindows = process.platform === 'win32';
/** What one install needs on disk: measured 870 MB, and room for the package manager's own copies. */
const NEEDED_BYTES = 1_500_000_000;
/** A cold install took about a minute; a slow line may need many. Nobody waits longer than this for another's. */
const INSTALL_LIMIT_MS = 30 * 60_000;
/** An installer touches its lock every 5 s; one untouched this long belongs to a process that died. */
const LOCK_STALE_MS = 60_000;

/** A failure said in one sentence, with what the person can do about it. */
class Trouble extends Error {
  constructor(message, cure, detail = '') {
    super(message);
    this.cure = cure;
    this.detail = detail;
  }
}

async function main() {
  refuseOldNode();
  const [script, ...args] = process.argv.slice(2);
  if (!script)
    throw new Trouble('No script was named.', 'Use: node tools/bootstrap.mjs <script.ts> [arguments]');
  if (!isReady()) await underLock(install);
  return run(nodeToUse(), [path.resolve(root, script), ...args]);
}

function refuseOldNode() {
  if (Number(process.versions.node.split('.')[0]) >= 18) return;
  throw new Trouble(
    `Node ${process.versions.node} is too old to start with.`,
    'Install Node 18 or later (nodejs.org); Node 24 is then fetched into this folder by itself.',
  );
}

// What is there already

function stampNow() {
  const lock = fs.readFileSync(path.join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex');
}

const stampFile = path.join(modules, '.voice-call-stamp');

function isReady() {
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

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** The Node to run with: the one in this folder, else the current one if OpenClaw accepts it, else null. */
function nodeToUse() {
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

async function install() {
  if (isReady()) return;
  refuseFullDisk();
  await refuseOldNpm();
  fs.rmSync(stampFile, { force: true });
  const ci = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  await step('Installing packages (once; about 650 MB)', () => npm(ci));
  if (nodeToUse() === null) {
    await step('Fetching Node 24 (once; about 45 MB)', fetchNode);
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

/** What npm's complaints mean, first match wins. */
const complaints = [
  [
    /npm: not found|not recognized as an internal/,
    'npm was not found.',
    'Install Node with npm (nodejs.org), 18 or later.',
  ],
  [/ENOSPC|no space left/i, 'The disk is full.', 'Free about 1.5 GB and run the command again.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    'The npm registry could not be reached.',
    'Only the first start needs a network. Check the connection, or the proxy and registry in your npm configuration.',
  ],
  [
    /EACCES|EPERM|EROFS/,
    'This folder may not be written to.',
    'Correct its owner or permissions, then run the command again.',
  ],
  [/EINTEGRITY/, 'A downloaded package is damaged.', 'Run "npm cache verify", then run the command again.'],
  [
    /EUSAGE|in sync/,
    'package.json and package-lock.json disagree.',
    'Run "npm install" once, or restore both files with git.',
  ],
  [
    /E40[134]/,
    'The npm registry refused a package.',
    'Check the registry and login in your npm configuration.',
  ],
  [
    /EBADPLATFORM|ETARGET|notsup/,
    `There is no Node 24 for ${process.platform}-${process.arch}.`,
    'Install Node 24.16 or later yourself (nodejs.org).',
  ],
];

function explain(said) {
  const found = complaints.find(([pattern]) => pattern.test(said));
  const [, message, cure] = found ?? [
    '',
    'The installation failed.',
    'Read the lines above, then run it again.',
  ];
  return new Trouble(message, cure, withoutHelp(said));
}

/** npm prints its whole manual after some errors. */
function withoutHelp(said) {
  return said
    .replace(/npm error\s*\nnpm error Clean install a project[\s\S]*?(?=npm error A complete log|$)/, '')
    .trim();
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

// One installer at a time

const lockFile = path.join(root, '.cache', 'bootstrap.lock');

async function underLock(work) {
  fs.mkdirSync(path.dirname(lockFile), { recursive: true });
  await takeLock(Date.now() + INSTALL_LIMIT_MS);
  const beating = setInterval(() => fs.utimes(lockFile, new Date(), new Date(), () => undefined), 5000);
  const letGo = () => fs.rmSync(lockFile, { force: true });
  process.once('exit', letGo);
  const leave = (signal) => process.exit(128 + osConstants.signals[signal]);
  process.once('SIGINT', leave).once('SIGTERM', leave).once('SIGHUP', leave);
  try {
    await work();
  } finally {
    clearInterval(beating);
    letGo();
    process.off('exit', letGo).off('SIGINT', leave).off('SIGTERM', leave).off('SIGHUP', leave);
  }
}

async function takeLock(untilMs) {
  let isTold = false;
  while (!tryLock()) {
    const holder = read(lockFile);
    if (isAbandoned(holder)) {
      breakLock(holder);
      continue;
    }
    if (Date.now() > untilMs) {
      throw new Trouble(
        `Process ${holder} has been installing for too long.`,
        'End it, then run the command again.',
      );
    }
    if (!isTold) process.stderr.write(`Another start is installing (process ${holder}); waiting for it …\n`);
    isTold = true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function tryLock() {
  try {
    fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw explain(`${error.code}: ${error.message}`);
  }
}

function isAbandoned(holder) {
  try {
    if (Date.now() - fs.statSync(lockFile).mtimeMs > LOCK_STALE_MS) return true;
    // An empty lock is being written just now.
    if (holder) process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Moves an abandoned lock away; if another process took it meanwhile, puts theirs back. */
function breakLock(holder) {
  const aside = `${lockFile}.${process.pid}`;
  try {
    fs.renameSync(lockFile, aside);
    if (read(aside) !== holder) fs.linkSync(aside, lockFile);
    fs.rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
}

// Running the script

/** Runs the script to its end and gives back its exit code. */
function run(node, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
      stdio: 'inherit',
      env: { ...process.env, VOICE_CALL_BOOTSTRAP: String(process.pid) },
    });
    passSignals(child);
    child.on('error', (error) =>
      reject(new Trouble(`Node 24 could not be started: ${error.message}`, cureForNode)),
    );
    child.on('close', (code, signal) => resolve(code ?? 128 + (osConstants.signals[signal] ?? 1)));
  });
}

const cureForNode = 'Delete the node_modules folder and run the command again.';

function passSignals(child) {
  let passedAtMs = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: the script has it already, and npm sends it once more.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      if (Date.now() - passedAtMs < 500) return;
      passedAtMs = Date.now();
      child.kill(signal);
    });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
    // The signal handlers must not keep a finished bootstrap alive.
    process.exit();
  },
  (error) => {
    if (error.detail) process.stderr.write(`${error.detail}\n\n`);
    process.stderr.write(`${error.message} ${error.cure ?? 'Please report this.'}\n`);
    process.exit(1);
  },
);
