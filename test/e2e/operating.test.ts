// What an owner sees and allows, in a real Gateway: limits, status, tail, log lines and the calls of an earlier version.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Home, type View } from './home.ts';

interface Listed {
  readonly calls: readonly View[];
  readonly next?: string;
  readonly outbound24h?: { readonly calls: number; readonly maxCalls?: number; readonly minutes: number };
}

const ended = (call: View): boolean => typeof call['endReason'] === 'string';
const config = {
  provider: 'mock',
  mock: { says: ['My number is 4711.'], answerAfterMs: 300, pace: 20 },
  toNumber: '+15550001111',
  outbound: { maxCallsPerDay: 3 },
};

describe('An owner of the plugin in a real Gateway', () => {
  let home: Home;

  before(async () => {
    const { home: installed, installed: result } = await Home.install();
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    const folder = path.join(home.stateDir, 'voice-calls');
    mkdirSync(folder, { recursive: true });
    const old = {
      ...{ callId: 'from-before', provider: 'twilio', direction: 'inbound', state: 'listening' },
      ...{ from: '+15550002222', to: '+15550003333', startedAt: Date.now() - 86_400_000, transcript: [] },
    };
    writeFileSync(path.join(folder, 'calls.jsonl'), `${JSON.stringify(old)}\n`);
    await home.start(config);
  });
  after(() => home?.remove());

  const status = (...words: string[]): Promise<Listed> =>
    home.voicecall('status', '--json', ...words).then(({ stdout }) => JSON.parse(stdout) as Listed);

  it('finds the calls of an earlier version, over', async () => {
    const { calls, outbound24h } = await status();
    assert.deepEqual(
      calls.map((call) => [call['callId'], call['state']]),
      [['from-before', 'error']],
    );
    assert.deepEqual(outbound24h, { calls: 0, maxCalls: 3, minutes: 0, maxMinutes: 180 });
  });

  it('knows that emergency numbers are refused on every way in', async () => {
    for (const to of ['+1911', '+112', '911', '+44999', '+49110']) {
      const told = await home.tool({ action: 'initiate_call', to, message: 'Help!', mode: 'notify' });
      assert.match(String(told['error']), /is an emergency number/, to);
    }
    await assert.rejects(home.rpc('voicecall.start', { to: '+49112' }), /is an emergency number/);
    const cli = await home.openclaw('voicecall', 'call', '--to', '+1911', '--message', 'Help!');
    assert.notEqual(cli.code, 0);
    assert.match(cli.stderr, /\+1911 is an emergency number: no machine calls it\. /);
    assert.equal((await status()).calls.length, 1, 'no call was begun');
  });

  it('follows calls, masked, over a restart of the Gateway, and reads no more than that in the log', async () => {
    const bin = path.resolve(import.meta.dirname, '..', '..', 'dist', 'bin', 'voicecall.js');
    const tail = spawn(process.execPath, [bin, 'tail', '--since', '0'], { env: home.env });
    let [out, err] = ['', ''];
    tail.stdout.on('data', (text) => {
      out += text;
    });
    tail.stderr.on('data', (text) => {
      err += text;
    });
    const from = home.log.length;
    const call = async (): Promise<string> => {
      const placed = await home.voicecall('call', '-m', 'Hello from your agent.');
      assert.equal(placed.code, 0, placed.stderr);
      const { callId } = JSON.parse(placed.stdout) as { callId: string };
      await home.call(callId, ended);
      return callId;
    };
    const first = await call();
    await home.logged(new RegExp(`call ended callId=${first}`), from);
    // Each Gateway begins its log anew.
    const before = home.log.slice(from);
    await home.restart();
    const second = await call();
    await home.logged(new RegExp(`call ended callId=${second}`));
    const log = `${before}\n${home.log}`;
    // It looks four times a second.
    while (!out.includes(`"callId":"${second}"`) || !/"state":"hangup-user".*\n$/.test(out)) {
      await once(tail.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
    }
    tail.kill('SIGINT');
    assert.deepEqual([...(await once(tail, 'close')), err], [0, null, '']);
    const states = (id: string): unknown[] =>
      out
        .split('\n')
        .filter((line) => line.includes(id))
        .map((line) => (JSON.parse(line) as View)['state']);
    assert.equal(states(first).at(-1), 'hangup-user');
    assert.equal(states(second).at(-1), 'hangup-user');
    assert.ok(states(second).length > 3, states(second).join());
    // The host has lines of its own about an agent that was prepared and not needed.
    const ours = log
      .split('\n')
      .filter((line) => line.includes('[plugins]') && line.includes(first))
      .map((line) => /call (\w+) callId/.exec(line)?.[1]);
    assert.deepEqual(ours, ['dialing', 'ringing', 'live', 'ended']);
    for (const secret of ['4711', '50001111', 'Hello from']) {
      assert.ok(!out.includes(secret), `${secret} in the tail`);
      assert.ok(!log.includes(secret), `${secret} in the log`);
    }
  });

  it('sees past calls page by page, and what is used of the day', async () => {
    const first = await status('--limit', '2');
    assert.deepEqual([first.calls.length, first.outbound24h?.calls], [2, 2]);
    const rest = await status('--limit', '2', '--before', first.next ?? '');
    assert.deepEqual(
      rest.calls.map((call) => call['callId']),
      ['from-before'],
    );
    assert.equal(rest.next, undefined);
  });

  it('has calls refused that go beyond the day, and is told when there is room', async () => {
    const third = await home.voicecall('call', '-m', 'Hello.');
    assert.equal(third.code, 0, third.stderr);
    await home.call((JSON.parse(third.stdout) as { callId: string }).callId, ended);
    await home.restart();
    const fourth = await home.voicecall('call', '-m', 'Hello.');
    assert.equal(fourth.code, 1);
    assert.match(
      fourth.stderr,
      /^The 3 outbound calls of 24 hours are used up; there is room again at \d{4}-\S+Z\. Wait, or raise outbound\.maxCallsPerDay\./,
    );
  });
});
