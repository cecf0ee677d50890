// Tests of Voicecall: the command as it is run, in a process of its own, against a Gateway and without one.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { FakeGateway } from '../../sim/fake-gateway.ts';
import { someCall } from '../../sim/fake-phone.ts';
import { openJournal } from '../record/journal.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const BIN = join(import.meta.dirname, 'voicecall.ts');

describe('the voicecall command', () => {
  let folder = '';
  const gateway = new FakeGateway({
    token: 'secret',
    methods: { 'voicecall.status': () => ({ found: true, calls: [] }) },
  });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'voicecall-bin-'));
    const { port } = await gateway.listening();
    writeFileSync(join(folder, 'openclaw.json'), `{ gateway: { port: ${port}, auth: { token: 'secret' } } }`);
  });
  after(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const options = { env: { PATH: process.env['PATH'], OPENCLAW_STATE_DIR: folder, ...env } };
    return new Promise((resolve) => {
      execFile(process.execPath, [BIN, ...words], options, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  }

  it('finds the Gateway and its token by the config file, asks, prints and ends', async () => {
    const { code, out, err } = await run(['status']);
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(JSON.parse(out), { found: true, calls: [] });
  });

  it('says in one line what is wrong, without a stack trace', async () => {
    const { code, out, err } = await run(['end', '--call-id', 'x']);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^The Gateway at ws:\S+ runs without Voice Call: [^\n]+\n$/);
    const broken = await run(['status'], { OPENCLAW_GATEWAY_PORT: 'abc' });
    assert.equal(broken.code, 1);
    assert.match(
      broken.err,
      /^The way to the Gateway cannot be read: port abc is not a port number\.[^\n]+\n$/,
    );
  });

  it('reads the store when no Gateway runs', async () => {
    const store = openJournal(join(folder, 'voice-calls'));
    store.save(someCall(), { kind: 'began', at: 1_000 });
    store.close();
    // Port 1 is nobody's.
    const { code, out, err } = await run(['status', '--call-id', 'call-1'], { OPENCLAW_GATEWAY_PORT: '1' });
    assert.equal(code, 0);
    assert.match(
      err,
      /^No OpenClaw Gateway answers at ws:\/\/127\.0\.0\.1:1: this is what the call store says\.\n$/,
    );
    const { call } = JSON.parse(out) as { call: { callId: string } };
    assert.equal(call.callId, 'call-1');
  });

  describe('that follows calls', () => {
    /** Starts it on a store of one call; resolves when it has written that. */
    async function follow(dir: string): Promise<ChildProcessByStdio<null, Readable, Readable>> {
      const store = openJournal(join(dir, 'voice-calls'));
      store.save(someCall(), { kind: 'began', at: 1_000 });
      store.close();
      const env = { PATH: process.env['PATH'], OPENCLAW_STATE_DIR: dir };
      const child = spawn(process.execPath, [BIN, 'tail', '--poll', '50'], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [first] = await once(child.stdout, 'data');
      assert.match(String(first), /"callId":"call-1".*\n$/);
      return child;
    }

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`ends well at ${signal}`, async (test) => {
        const dir = mkdtempSync(join(tmpdir(), 'voicecall-tail-'));
        test.after(() => rmSync(dir, { recursive: true }));
        const child = await follow(dir);
        let err = '';
        child.stderr.on('data', (text) => {
          err += text;
        });
        child.kill(signal);
        assert.deepEqual([...(await once(child, 'close')), err], [0, null, '']);
      });
    }

    it('ends well when nobody reads it any more', async (test) => {
      const dir = mkdtempSync(join(tmpdir(), 'voicecall-tail-'));
      test.after(() => rmSync(dir, { recursive: true }));
      const child = await follow(dir);
      child.stdout.destroy();
      const store = openJournal(join(dir, 'voice-calls'));
      store.save({ ...someCall(), phase: 'ringing' }, { kind: 'rang', at: 2_000 });
      store.close();
      assert.deepEqual(await once(child, 'close'), [0, null]);
    });
  });

  it('imports the calls of an earlier version, once', async (test) => {
    const dir = mkdtempSync(join(tmpdir(), 'voicecall-import-'));
    test.after(() => rmSync(dir, { recursive: true }));
    const file = join(dir, 'old.jsonl');
    writeFileSync(
      file,
      `${JSON.stringify({
        ...{ callId: 'old', provider: 'twilio', direction: 'inbound', state: 'completed', startedAt: 1 },
        ...{ from: '+15550001111', to: '+15550002222', transcript: [], metadata: {} },
      })}\n{\n`,
    );
    const env = { OPENCLAW_STATE_DIR: dir };
    const [first, second] = [await run(['import', file], env), await run(['import', file], env)];
    assert.deepEqual(JSON.parse(first.out), { file, imported: 1, known: 0, skipped: 1 });
    assert.deepEqual(JSON.parse(second.out), { file, imported: 0, known: 1, skipped: 1 });
    const { out } = await run(['latency', '--file', file], env);
    assert.equal(JSON.parse(out).recordsScanned, 1);
    const wrong = await run(['import', join(dir, 'none')], env);
    assert.deepEqual([wrong.code, wrong.out], [1, '']);
    assert.match(wrong.err, /^No calls can be read from \S+none: there is no such file\.[^\n]+\n$/);
    writeFileSync(file, 'What is no call\n');
    const other = await run(['import', file], env);
    assert.deepEqual([other.code, other.out], [1, '']);
    assert.match(other.err, /^No calls can be read from \S+old\.jsonl: no line of it is a call\.[^\n]+\n$/);
  });

  for (const [command, lacking] of [
    ['status', 'websocket'],
    ['tail', 'sqlite'],
  ] as const) {
    it(`on a Node without ${lacking} says which Node would do`, async () => {
      const { code, err } = await run([command], { NODE_OPTIONS: `--no-experimental-${lacking}` });
      assert.equal(code, 1);
      assert.match(err, /^Node \S+ is too old for voicecall\. Run it with Node 24\.16 or newer, [^\n]+\n$/);
    });
  }

  it('says in one line where to look when the command itself is wrong', async () => {
    for (const [words, said] of [
      [['stats'], "unknown command 'stats' (Did you mean status?)"],
      [['speak', '--call-id', 'x'], "required option '--message <text>' not specified."],
    ] as const) {
      const { code, err } = await run(words);
      assert.deepEqual(
        [code, err],
        [1, `error: ${said} "voicecall --help" lists the commands; each has --help.\n`],
      );
    }
  });
});
