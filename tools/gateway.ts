// Gateway: starts a real OpenClaw Gateway in a folder of its own, and runs OpenClaw commands beside it.
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { systemClock, wait } from '../src/lib/clock.ts';
import { GatewayClient } from '../src/surface/gateway-client.ts';

const OPENCLAW = path.resolve(import.meta.dirname, '..', 'node_modules', 'openclaw', 'openclaw.mjs');
const openclawVersion = packageJson.devDependencies.openclaw;
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 15_000;
const CLI_LIMIT_MS = 180_000;
const POLL_MS = 150;

export interface GatewayOptions {
  /** Holds everything this Gateway writes; also the configuration, as `openclaw.json`. */
  readonly stateDir: string;
  readonly port: number;
  /** Must name the token at `gateway.auth.token`. */
  readonly config: object;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Told the process as soon as there is one, so that it can be found again if we are killed. */
  readonly onSpawn?: (pid: number) => void;
  /** Gives up starting it. */
  readonly signal?: AbortSignal;
}

export interface Gateway {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  rpc(method: string, params: object, timeoutMs?: number): Promise<unknown>;
  /** SIGTERM, and SIGKILL if that does not help. */
  stop(): Promise<void>;
  /** SIGKILL: the power went out. */
  kill(): Promise<void>;
  /** Resolves when the process has ended, however. */
  readonly exited: Promise<void>;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts it and waits until it answers. Rejects when it ends before, or does not answer in time. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { stateDir, port, config, env, logFile, signal } = options;
  await writeConfig(path.join(stateDir, 'openclaw.json'), config);
  const log = openSync(logFile, 'w');
  const args = [OPENCLAW, 'gateway', 'run', '--port', String(port), '--bind', 'loopback'];
  // Its own group: Ctrl-C at the terminal is ours to handle, and we end the Gateway in order.
  const child = spawn(process.execPath, args, {
    env,
    stdio: ['ignore', log, log],
    detached: true,
    cwd: stateDir,
  });
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  const guard = guardOf(child.pid);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(() => guard?.kill());
  const url = `ws://127.0.0.1:${port}`;
  const token = tokenOf(config);
  const client = new GatewayClient({
    target: { url, token, password: null },
    clock: systemClock,
    version: 'tools',
  });
  const gateway: Gateway = {
    pid: child.pid ?? 0,
    url,
    token,
    rpc: (method, params, timeoutMs = 30_000) => client.request(method, params, { timeoutMs }),
    stop: () => end(child, client, exited, 'SIGTERM'),
    kill: () => end(child, client, exited, 'SIGKILL'),
    exited,
  };
  try {
    await untilHealthy(port, child, signal);
    return gateway;
  } catch (error) {
    await gateway.stop();
    throw error;
  }
}

/**
 * Ends the Gateway when we are gone and could not: a shell that waits for the end of its input, which comes with ours.
 * Null where there are no groups of processes.
 */
function guardOf(pid: number | undefined): ChildProcess | null {
  if (pid === undefined || process.platform === 'win32') return null;
  const script = 'read -r _; kill -s TERM -- "-$0"';
  const guard = spawn('/bin/sh', ['-c', script, String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the Gateway is as it was without a guard.
  guard.on('error', () => undefined);
  guard.unref();
  return guard;
}

/** Runs one OpenClaw command to its end. Never rejects for a failing command: its code says so. */
export function openclawCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<CliResult> {
  return command([OPENCLAW, ...args], env, signal);
}

/** Runs a script with this Node; `signal` ends it. */
export function command(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: CLI_LIMIT_MS,
      ...(signal && { signal }),
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, ...said }));
  });
}

/** Once OpenClaw has written a file itself it takes one without its mark for damaged, and restores an older one. */
export async function writeConfig(file: string, config: object): Promise<void> {
  const meta = { lastTouchedVersion: openclawVersion };
  await writeFile(file, `${JSON.stringify({ meta, ...config }, null, 2)}\n`, { mode: 0o600 });
}

function tokenOf(config: object): string {
  const { gateway } = config as { gateway?: { auth?: { token?: string } } };
  return gateway?.auth?.token ?? '';
}

async function untilHealthy(port: number, child: ChildProcess, signal?: AbortSignal): Promise<void> {
  const until = systemClock.now() + START_LIMIT_MS;
  while (systemClock.now() < until) {
    signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error('the Gateway ended while starting');
    const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    if (response?.ok) return;
    await wait(systemClock, POLL_MS);
  }
  throw new Error(`the Gateway did not answer within ${START_LIMIT_MS / 1000} s`);
}

async function end(
  child: ChildProcess,
  client: GatewayClient,
  exited: Promise<void>,
  first: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  client.close();
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(first);
  await Promise.race([exited, wait(systemClock, STOP_LIMIT_MS)]);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await exited;
}
