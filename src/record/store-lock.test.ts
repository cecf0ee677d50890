// Tests of the store lock, with real files and, where it matters, real processes.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { lockStore } from './store-lock.ts';

const us = { pid: process.pid, stateDir: '/home/ada/.openclaw' };

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'voice-call-lock-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('The lock of a call store', () => {
  it('is had by one at a time, who is named to the next, and is free once released', (t) => {
    const dir = folder(t);
    const lock = lockStore(dir, us);
    assert.throws(
      () => lockStore(dir, { pid: 1, stateDir: '/elsewhere' }),
      (error: Error & { code?: string }) =>
        error.code === 'VC_STORE_IN_USE' &&
        error.message.includes(`process ${process.pid} (state dir /home/ada/.openclaw)`),
    );
    lock.release();
    lock.release();
    lockStore(dir, us).release();
  });

  it('is free the moment its process is killed', async (t) => {
    const dir = folder(t);
    const program = `import { lockStore } from ${JSON.stringify(import.meta.resolve('./store-lock.ts'))};
      lockStore(${JSON.stringify(dir)}, { pid: process.pid, stateDir: '/first' }); process.send('locked');
      process.on('message', () => undefined);`;
    const first = fork('-', [], {
      execArgv: ['--input-type=module', '-e', program],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    t.after(() => first.kill('SIGKILL'));
    await once(first, 'message');
    assert.throws(() => lockStore(dir, us), new RegExp(`process ${first.pid} \\(state dir /first\\)`));
    first.kill('SIGKILL');
    await once(first, 'exit');
    lockStore(dir, us).release();
  });

  it('says what is wrong when the folder cannot be made', () => {
    assert.throws(() => lockStore('/dev/null/calls', us), { code: 'VC_STORE_FAILED' });
  });
});
