// Command: the programs of this machine that open tunnels: run to their end, or kept running.
import { type ChildProcess, type ExecFileException, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface CommandDeps {
  readonly clock: Clock;
  readonly env: Env;
}

export type Outcome =
  | { readonly kind: 'ended'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'missing' }
  /** What it had said by then. */
  | { readonly kind: 'late'; readonly stdout: string; readonly stderr: string };

const MAX_OUTPUT = 1024 * 1024;

/** Runs `file` without a shell, at most `withinMs`. Never rejects. */
export function runCommand(
  { clock, env }: CommandDeps,
  file: string,
  args: readonly string[],
  withinMs: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let isLate = false;
    const options = { env: withoutSecrets(env), maxBuffer: MAX_OUTPUT, encoding: 'utf8' } as const;
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      cancel();
      if (isLate) resolve({ kind: 'late', stdout, stderr });
      else if (isMissing(error)) resolve({ kind: 'missing' });
      else resolve({ kind: 'ended', code: codeOf(error), stdout, stderr: stderr || (error?.message ?? '') });
    });
    const cancel = clock.at(clock.now() + withinMs, () => {
      isLate = true;
      kill(child);
    });
    child.stdin?.end();
  });
}

export interface Kept {
  /** Each line of its standard output and error. */
  readonly line: (text: string) => void;
  /** It ended by itself, or never began. */
  readonly ended: (how: { readonly isMissing: boolean; readonly why: string }) => void;
}

/** After SIGTERM; then it is killed. */
const LEAVE_WITHIN_MS = 2_000;

/** Keeps `file` running. The returned function ends it, and resolves once it is gone. */
export function keepRunning(
  { clock, env }: CommandDeps,
  file: string,
  args: readonly string[],
  news: Kept,
): () => Promise<void> {
  let isLeaving = false;
  const child = spawn(file, [...args], { env: withoutSecrets(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = new Promise<void>((resolve) => {
    const end = (isMissing: boolean, why: string): void => {
      resolve();
      if (!isLeaving) news.ended({ isMissing, why });
      isLeaving = true;
    };
    child.on('error', (error) => end(isMissing(error), reasonOf(error)));
    // When both streams are closed, every line was told.
    child.on('close', (code, signal) => end(false, `it ended with ${signal ?? code}`));
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (text) => {
      if (!isLeaving) news.line(text);
    });
  }
  return async () => {
    isLeaving = true;
    await end(child, gone, clock);
  };
}

async function end(child: ChildProcess, gone: Promise<void>, clock: Clock): Promise<void> {
  child.kill('SIGTERM');
  const cancel = clock.at(clock.now() + LEAVE_WITHIN_MS, () => kill(child));
  await gone;
  cancel();
}

/** Behind a wrapper another process holds its output open: nobody waits for that one. */
function kill(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** By their names; the rest of an environment is needed to find programs, homes and proxies. */
const SECRET = /TOKEN|SECRET|PASSW|API_?KEY|PRIVATE_?KEY|CREDENTIAL/i;
/** ngrok's and Tailscale's own. */
const THEIRS = /^(?:NGROK|TS)_/;

/** The secrets of this process are nothing to a tunnel's program, nor to what it may write down of itself. */
function withoutSecrets(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => THEIRS.test(name) || !SECRET.test(name)));
}

function codeOf(error: ExecFileException | null): number {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : 1;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES');
}
