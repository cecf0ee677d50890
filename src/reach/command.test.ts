// Tests of command.ts: a program is never waited for longer than said, whatever stands between it and us.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { steadyClock, systemClock } from '../lib/clock.ts';
import { keepRunning, runCommand } from './command.ts';

const deps = { clock: systemClock, env: process.env };
/** A wrapper, as package managers make them: killed, it leaves the real program with our pipes. */
const WRAPPER = ['-c', 'echo begun; trap "" TERM; sleep 6; echo too late'];

describe('A program behind a wrapper', { skip: process.platform === 'win32' }, () => {
  it('is given up in time when it is run to its end', async () => {
    const began = steadyClock.now();
    const outcome = await runCommand(deps, '/bin/sh', WRAPPER, 300);
    assert.deepEqual(outcome, { kind: 'late', stdout: 'begun\n', stderr: '' });
    assert.ok(steadyClock.now() - began < 3_000);
  });

  it('is given up in time when it is kept running, and does not go', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const end = keepRunning(deps, '/bin/sh', WRAPPER, { line: () => resolve(), ended: () => undefined });
    await begun;
    const began = steadyClock.now();
    await end();
    assert.ok(steadyClock.now() - began < 4_500);
  });
});

it('A program is given none of our secrets, and what it needs to work', async () => {
  const env = {
    PATH: process.env['PATH'],
    HTTPS_PROXY: 'http://proxy',
    NGROK_AUTHTOKEN: 'theirs',
    TWILIO_AUTH_TOKEN: 'ours',
    OPENCLAW_GATEWAY_PASSWORD: 'ours',
    OPENAI_API_KEY: 'ours',
  };
  const outcome = await runCommand({ ...deps, env }, process.execPath, ['-e', PRINT], 10_000);
  assert.ok(outcome.kind === 'ended');
  assert.deepEqual(JSON.parse(outcome.stdout), ['PATH', 'HTTPS_PROXY', 'NGROK_AUTHTOKEN']);
});

const PRINT = `const known = ['PATH', 'HTTPS_PROXY', 'NGROK_AUTHTOKEN', 'TWILIO_AUTH_TOKEN', 'OPENCLAW_GATEWAY_PASSWORD', 'OPENAI_API_KEY'];
console.log(JSON.stringify(known.filter((name) => name in process.env)))`;
