// Victim: starts the app in another process, and kills that process the moment it has answered a webhook.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Settings } from '../../src/config/settings.ts';
import type { Letter } from '../conformance/exchange.ts';
import { bytesOf, knockRaw } from './knock.ts';

export interface Orders {
  readonly settings: Settings;
  readonly storeDir: string;
  /** What the clock of the process says when it starts. */
  readonly nowMs: number;
}

const PROGRAM = join(import.meta.dirname, 'victim-process.ts');

/** Gives the letters to a process of their own, one by one; with the first byte of the last answer it is killed. */
export async function killedAfter(letters: readonly Letter[], orders: Orders): Promise<void> {
  const child = fork(PROGRAM, { serialization: 'advanced', execArgv: [], stdio: 'inherit' });
  const gone = once(child, 'exit');
  try {
    child.send(orders);
    const [port] = await Promise.race([once(child, 'message'), gone.then(neverReady)]);
    for (const letter of letters.slice(0, -1)) {
      const { status } = await knockRaw(port, bytesOf(letter));
      if (status >= 300) throw new Error(`a genuine webhook was answered ${status}`);
    }
    await answeredAndKilled(port, letters.at(-1), child);
    const [, signal] = await gone;
    if (signal !== 'SIGKILL') throw new Error('the process went by itself');
  } finally {
    child.kill('SIGKILL');
  }
}

function neverReady(): never {
  throw new Error('the process ended before it was ready');
}

async function answeredAndKilled(
  port: number,
  letter: Letter | undefined,
  child: ChildProcess,
): Promise<void> {
  if (!letter) throw new Error('no letter to be killed after');
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).write(bytesOf(letter));
  const [first] = await once(socket, 'data');
  child.kill('SIGKILL');
  socket.destroy();
  const head = String(first);
  if (!/^HTTP\/1\.1 2\d\d /.test(head)) throw new Error(`not acknowledged: ${head.slice(0, 40)}`);
}
