// Stories of `voicecall tail`: what a person, or a script, sees of calls while they happen, and that it ends well.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Command } from 'commander';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { placeRequest } from '../../sim/place-request.ts';
import { storeAccess } from '../../src/record/access.ts';
import type { CliDeps } from '../../src/surface/cli/deps.ts';
import { addTail } from '../../src/surface/cli/tail.ts';
import { plainSettings, startLine, type TestLine } from './line.ts';

const none = (): never => assert.fail('nobody is asked');

/** The command at work, until `stop`. */
class TailRun {
  out = '';
  err = '';
  exitCode = 0;
  readonly #clock: HandClock;
  readonly #stop = new AbortController();
  readonly #done: Promise<unknown>;

  constructor(clock: HandClock, storeDir: string, words: readonly string[], isTerminal = false) {
    this.#clock = clock;
    const deps: CliDeps = {
      gateway: { request: none },
      admin: { request: none },
      readConfig: () => [{}, {}],
      exposeHere: none,
      ask: null,
      gatewayUrl: none,
      storeDir: none,
      ...storeAccess(storeDir),
      interrupted: () => this.#stop.signal,
      flushed: () => Promise.resolve(),
      write: (text) => {
        this.out += text;
      },
      warn: (text) => {
        this.err += text;
      },
      fail: (code) => {
        this.exitCode = code;
      },
      isTerminal,
      clock,
    };
    const program = new Command('voicecall');
    addTail(program, deps);
    this.#done = program.parseAsync(['tail', ...words], { from: 'user' });
  }

  /** What it has written since the last time, after it has looked again. */
  async news(): Promise<string[]> {
    await this.#clock.advance(300);
    // Files are read beside the loop: a few looks at the disk, and it has been.
    for (let looks = 0; looks < 20; looks += 1) {
      await stat(tmpdir());
      await settle(5);
    }
    const lines = this.out.split('\n').filter((line) => line !== '');
    this.out = '';
    return lines;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await settle(5);
    await this.#done;
  }
}

const order = placeRequest({
  to: '+15550001111',
  message: 'Your secret code is 4711.',
  mode: 'notify',
  requesterSessionKey: 'agent:main:voice:15550001111',
});

async function tailOf(t: TestContext, phone: TestLine, ...words: string[]): Promise<TailRun> {
  const tail = new TailRun(phone.clock, phone.storeDir, words);
  t.after(() => tail.stop());
  await settle(20);
  return tail;
}

const fieldsOf = (lines: readonly string[], ...names: string[]): unknown[][] =>
  lines.map((line) => names.map((name) => (JSON.parse(line) as Record<string, unknown>)[name]));

describe('voicecall tail', () => {
  it('shows calls as they change, without numbers and words, and ends when it is told to', async (t) => {
    const phone = await startLine();
    t.after(() => phone.stop());
    const tail = await tailOf(t, phone);
    assert.deepEqual(await tail.news(), []);
    const { id } = await phone.app.phone.place(order);
    const seen = [...(await tail.news())];
    for (let round = 0; round < 60; round += 1) seen.push(...(await tail.news()));
    const states = fieldsOf(seen, 'callId', 'state').filter(
      ([, state], at, all) => state !== all[at - 1]?.[1],
    );
    assert.deepEqual(states[0], [id, 'initiated']);
    assert.deepEqual(states.at(-1), [id, 'hangup-bot']);
    assert.ok(
      states.some(([, state]) => state === 'speaking'),
      JSON.stringify(states),
    );
    const text = seen.join('\n');
    for (const secret of ['50001111', '4711', 'secret'])
      assert.ok(!text.includes(secret), `${secret} in ${text}`);
    assert.match(text, /"to":"\+1\*{8}11"/);
    assert.match(text, /"text":"\(5 words\)"/);
    await tail.stop();
    assert.deepEqual([tail.exitCode, tail.err], [0, '']);
  });

  it('shows them as they are when asked to, and lines to a person', async (t) => {
    const phone = await startLine();
    t.after(() => phone.stop());
    await phone.app.phone.place(order);
    await phone.clock.advance(60_000);
    const whole = await tailOf(t, phone, '--reveal');
    assert.match((await whole.news()).join(), /"to":"\+15550001111".*Your secret code is 4711\./);
    const person = new TailRun(phone.clock, phone.storeDir, [], true);
    t.after(() => person.stop());
    const [line = '', ...others] = await person.news();
    assert.deepEqual(others, []);
    assert.match(
      line,
      /^\d\d:\d\d:\d\d {2}id-\S+ +hangup-bot +to \+1\*{8}11 +0 turns +lasted \d+\.\d s: message delivered$/,
    );
  });

  it('begins with the latest ones, or with none', async (t) => {
    const phone = await startLine({ ...plainSettings });
    t.after(() => phone.stop());
    const ids: string[] = [];
    for (let calls = 0; calls < 4; calls += 1) {
      ids.push((await phone.app.phone.place(order)).id);
      await phone.clock.advance(60_000);
    }
    const [some, no] = [await tailOf(t, phone, '--since', '2'), await tailOf(t, phone, '--since', '0')];
    assert.deepEqual(
      fieldsOf(await some.news(), 'callId'),
      ids.slice(2).map((id) => [id]),
    );
    assert.deepEqual(await no.news(), []);
    const { id } = await phone.app.phone.place(order);
    assert.deepEqual(new Set(fieldsOf(await no.news(), 'callId').flat()), new Set([id]));
  });

  it('goes on when the Gateway is started again, and when the store is another one', async (t) => {
    let phone = await startLine();
    t.after(() => phone.stop());
    await phone.app.phone.place(order);
    const tail = await tailOf(t, phone);
    await phone.clock.advance(60_000);
    assert.ok((await tail.news()).length > 0);
    phone = await phone.restart();
    const { id } = await phone.app.phone.place(order);
    assert.deepEqual(fieldsOf(await tail.news(), 'callId')[0], [id]);
    await phone.app.stop();
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(phone.storeDir, `calls.sqlite${end}`), { force: true });
    assert.deepEqual(await tail.news(), []);
    assert.match(
      tail.err,
      /^No calls can be read from .*calls\.sqlite: there is no such file\. [^\n]* Waiting for it\.\n$/,
    );
    await tail.news();
    phone = await phone.restart();
    const fresh = await phone.app.phone.place(order);
    assert.deepEqual(fieldsOf(await tail.news(), 'callId')[0], [fresh.id]);
    assert.equal(tail.err.split('\n').length, 2, 'said once');
  });

  it('says at once that there is nothing to look at, and what a poll may be', async () => {
    const nowhere = new TailRun(new HandClock(), '/nowhere/at/all', []);
    await nowhere.stop();
    assert.match(nowhere.err, /^No calls can be read from \/nowhere\/at\/all: there is no such file\. /);
    assert.equal(nowhere.exitCode, 1);
    const hasty = new TailRun(new HandClock(), '/nowhere', ['--poll', '49']);
    await hasty.stop();
    assert.match(hasty.err, /Invalid numeric value for --poll: 49/);
  });
});

describe('voicecall tail of an old calls.jsonl', () => {
  const record = (callId: string, state: string): string =>
    JSON.stringify({
      ...{
        callId,
        provider: 'twilio',
        direction: 'inbound',
        state,
        from: '+15550001111',
        to: '+15550002222',
      },
      ...{
        startedAt: 1_700_000_000_000,
        transcript: [{ timestamp: 1_700_000_001_000, speaker: 'user', text: 'Zürich' }],
      },
    });

  it('follows complete lines, a file that is replaced and one that is cut', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'voice-call-tail-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const file = join(dir, 'calls.jsonl');
    writeFileSync(
      file,
      `${record('a', 'ringing')}\nnonsense\n${record('b', 'ringing')}\n${record('b', 'listening')}\n`,
    );
    const tail = new TailRun(new HandClock(), dir, ['--file', file, '--since', '2', '--reveal']);
    t.after(() => tail.stop());
    const seen = async (): Promise<unknown[][]> => fieldsOf(await tail.news(), 'callId', 'state');
    assert.deepEqual(await seen(), [
      ['b', 'ringing'],
      ['b', 'listening'],
    ]);
    const [head, tailEnd] = [
      Buffer.from(record('c', 'busy')).subarray(0, -40),
      Buffer.from(record('c', 'busy')).subarray(-40),
    ];
    appendFileSync(file, head);
    assert.deepEqual(await seen(), []);
    appendFileSync(file, tailEnd);
    appendFileSync(file, '\n');
    assert.deepEqual(await seen(), [['c', 'busy']]);
    writeFileSync(join(dir, 'new'), `${record('d', 'completed')}\n`);
    renameSync(join(dir, 'new'), file);
    assert.deepEqual(await seen(), [['d', 'completed']]);
    truncateSync(file, 0);
    assert.deepEqual(await seen(), []);
    appendFileSync(file, `${record('e', 'failed')}\n`);
    assert.deepEqual(await seen(), [['e', 'failed']]);
  });
});
