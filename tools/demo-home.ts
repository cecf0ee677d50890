// DemoHome: the OpenClaw that lives in this checkout: its folder, its environment, its configuration, what it left running.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { systemClock, wait } from '../src/lib/clock.ts';
import { hasParts, partsFolder } from '../src/offline/parts.ts';
import { Trouble } from './terminal.ts';

type Env = Readonly<Record<string, string | undefined>>;

const root = path.resolve(import.meta.dirname, '..');
const state = path.join(root, '.state');

export const paths = {
  root,
  state,
  config: path.join(state, 'openclaw.json'),
  log: path.join(state, 'gateway.log'),
  run: path.join(state, 'run.json'),
  /** Hash of the package that is installed. */
  installed: path.join(state, 'installed'),
};

/** What a program needs of the surrounding environment; everything of OpenClaw or npm stays outside. */
const PASSED_ON =
  /^(PATH|LANG|LC_\w+|TERM|TMPDIR|TEMP|TMP|SHELL|USER|LOGNAME|TZ|SYSTEMROOT|COMSPEC|PATHEXT|NODE_EXTRA_CA_CERTS|\w+_PROXY)$/i;

/** The environment of the Gateway and of every OpenClaw command: nothing of the person's own OpenClaw is touched. */
export function demoEnv(from: Env, extraNames: readonly string[], port: number): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && (PASSED_ON.test(name) || extraNames.includes(name))) env[name] = value;
  }
  return {
    ...env,
    HOME: path.join(state, 'home'),
    USERPROFILE: path.join(state, 'home'),
    OPENCLAW_STATE_DIR: state,
    OPENCLAW_CONFIG_PATH: paths.config,
    OPENCLAW_GATEWAY_PORT: String(port),
    OPENCLAW_DISABLE_BONJOUR: '1',
    NO_COLOR: '1',
  };
}

export function newToken(): string {
  return randomBytes(24).toString('hex');
}

export async function prepareFolders(): Promise<void> {
  await mkdir(path.join(state, 'home'), { recursive: true });
}

/** Puts the embedded voice and ear where the telephone looks for them. */
export async function keepSpeech(parts: string): Promise<void> {
  const folder = partsFolder(path.join(state, 'voice-calls'));
  if (!hasParts(folder)) await cp(parts, folder, { recursive: true });
}

async function writeJson(file: string, value: object): Promise<void> {
  // It holds the token of the Gateway.
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

export function writeText(file: string, text: string): Promise<void> {
  return writeFile(file, text);
}

/** A path as a person types it here. */
export function shown(file: string): string {
  return path.relative(process.cwd(), file) || '.';
}

/** A file to be sourced: points `openclaw` and `voicecall` of this checkout at the Gateway of the demo. */
export async function writeEnvFile(env: Env): Promise<void> {
  const bin = path.join(root, 'node_modules', '.bin');
  const lines = Object.entries(env)
    .filter(([name]) => name.startsWith('OPENCLAW_'))
    .map(([name, value]) => `export ${name}=${quoted(value ?? '')}`);
  const voicecall = `voicecall() { ${quoted(path.join(bin, 'node'))} ${quoted(path.join(root, 'dist', 'bin', 'voicecall.js'))} "$@"; }`;
  await writeFile(
    path.join(state, 'env'),
    `${lines.join('\n')}\nexport PATH=${quoted(bin)}:$PATH\n${voicecall}\n`,
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** What a healthy Gateway says too: without a network, and when a call that is prepared is not needed any more. */
const HARMLESS = /catalog refresh failed|This operation was aborted/;

/** The last lines of the Gateway's log that say what went wrong; without such lines, simply the last ones. */
export async function tellingLogLines(count = 12): Promise<string> {
  const lines = (await readText(paths.log)).trimEnd().split('\n');
  const telling = lines.filter((line) => /error|fail|invalid|refus|cannot|EADDRINUSE|denied/i.test(line));
  const serious = telling.filter((line) => !HARMLESS.test(line));
  return (serious.length > 0 ? serious : lines).slice(-count).join('\n');
}

// One run at a time

/** Two numbers can come again; a process id together with its start time cannot. */
interface ProcessMark {
  readonly pid: number;
  readonly startedAt: string;
}

interface RunFile {
  readonly owner?: ProcessMark;
  readonly gateway?: ProcessMark;
}

async function readRun(): Promise<RunFile> {
  try {
    return JSON.parse(await readText(paths.run)) as RunFile;
  } catch {
    // None, or one that was being written when the machine stopped.
    return {};
  }
}

export async function markRun(gatewayPid: number | null): Promise<void> {
  const owner = await markOf(process.pid);
  const gateway = gatewayPid === null ? null : await markOf(gatewayPid);
  await writeJson(paths.run, { ...(owner && { owner }), ...(gateway && { gateway }) });
}

export async function forgetRun(): Promise<void> {
  await rm(paths.run, { force: true });
}

/** Ends a Gateway that an earlier start left behind; true when there was one. Refuses while that start still runs. */
export async function clearLeftovers(): Promise<boolean> {
  const { owner, gateway } = await readRun();
  if (owner && owner.pid !== process.pid && (await isAlive(owner))) {
    throw new Trouble(
      `"npm start" already runs in this folder (process ${owner.pid}).`,
      'Use it, or stop it with Ctrl-C in its terminal, and run the command again.',
    );
  }
  if (!gateway || !(await isAlive(gateway))) return false;
  await endProcess(gateway);
  return true;
}

async function endProcess(mark: ProcessMark): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', 15_000],
    ['SIGKILL', 5_000],
  ] as const) {
    process.kill(mark.pid, signal);
    const until = systemClock.now() + patienceMs;
    while (systemClock.now() < until) {
      if (!(await isAlive(mark))) return;
      await wait(systemClock, 200);
    }
  }
  throw new Trouble(
    `Process ${mark.pid}, left behind by an earlier start, does not end.`,
    `End it: kill -9 ${mark.pid}`,
  );
}

async function isAlive(mark: ProcessMark): Promise<boolean> {
  return (await markOf(mark.pid))?.startedAt === mark.startedAt;
}

/** Null when there is no such process, or no way to tell. */
async function markOf(pid: number): Promise<ProcessMark | null> {
  const startedAt = process.platform === 'linux' ? await startInProc(pid) : await startByPs(pid);
  return startedAt === '' ? null : { pid, startedAt };
}

/** Field 22 of /proc/<pid>/stat; the second is the name in brackets, which may hold spaces. */
async function startInProc(pid: number): Promise<string> {
  const stat = await readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function startByPs(pid: number): Promise<string> {
  const options = { env: { ...process.env, LC_ALL: 'C' } };
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', String(pid)], options, (error, stdout) => {
      resolve(error ? '' : stdout.trim());
    });
  });
}
