// The telephone started and stopped over and over on a real port, with a real line thread, and failing half-way.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { liveHere } from '../../sim/live-here.ts';
import { type App, type AppDeps, startApp } from '../../src/app.ts';
import type { Settings } from '../../src/config/settings.ts';
import { Slot, type Wish } from '../../src/host/slot.ts';
import { steadyClock, systemClock, wait } from '../../src/lib/clock.ts';
import { VoiceCallError } from '../../src/lib/errors.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { startLastingLine } from '../../src/line/lasting.ts';
import { KeptLog, plainSettings, plainStreaming, ScriptedAgent } from './line.ts';

const GENERATIONS = 20;
const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-test' };

interface House {
  readonly log: KeptLog;
  readonly slot: Slot<App>;
  readonly failures: VoiceCallError[];
  port: number;
  /** Ports and threads there are in this process now. */
  held(): Record<string, number>;
  wish(changes?: Partial<AppDeps>): Wish<App>;
  answers(): Promise<number>;
}

async function house(t: TestContext): Promise<House> {
  const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-generations-'));
  const log = new KeptLog();
  const slot = new Slot<App>(systemClock);
  const failures: VoiceCallError[] = [];
  const identity = { instance: newUuid(), pid: process.pid, stateDir: storeDir };
  const settings = (port: number): Settings => ({
    ...plainSettings,
    carrier: { name: 'twilio', ...ACCOUNT, region: 'us1', apiBaseUrl: 'http://127.0.0.1:9' },
    serve: { port, bind: '127.0.0.1', path: '/voice/webhook' },
    streaming: plainStreaming,
  });
  const kept: House = {
    log,
    slot,
    failures,
    port: await freePort(),
    held: () => {
      const counts: Record<string, number> = {};
      for (const kind of process.getActiveResourcesInfo()) {
        if (/TCPServer|MessagePort|Worker/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return counts;
    },
    wish: (changes = {}) => ({
      log,
      keeps: () => false,
      leaving: () => 'handOver',
      make: (signal) =>
        startApp({
          settings: settings(kept.port),
          clock: systemClock,
          newId: newUuid,
          log,
          agent: new ScriptedAgent(() => 'Yes.'),
          live: { ...liveHere(systemClock), steady: steadyClock, openLine: startLastingLine },
          ownerAgent: () => 'main',
          storeDir,
          tell: () => undefined,
          identity,
          signal,
          ...changes,
        }),
      runs: () => undefined,
      failed: (error) => failures.push(error),
    }),
    answers: async () => {
      const knocked = await fetch(`http://127.0.0.1:${kept.port}/voice/webhook`, {
        method: 'POST',
        headers: { connection: 'close' },
      });
      return knocked.status;
    },
  };
  t.after(async () => {
    await slot.stop('the test is over', 'handOver', log);
    rmSync(storeDir, { recursive: true, force: true });
  });
  return kept;
}

async function freePort(): Promise<number> {
  const server = await taken(0);
  const { port } = server.address() as { port: number };
  await closed(server);
  return port;
}

async function taken(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

describe('Generation after generation', () => {
  it('answers on its port, and leaves neither port nor thread nor store behind', async (t) => {
    const { slot, wish, answers, failures, held, log } = await house(t);
    for (let generation = 1; generation <= GENERATIONS; generation++) {
      await slot.want(wish());
      assert.equal(await answers(), 401, `generation ${generation}: an unsigned webhook is refused`);
      assert.ok((held()['MessagePort'] ?? 0) > 0, 'a thread is seen while it lives');
      await slot.stop('a restart', 'handOver', log);
    }
    assert.deepEqual(failures, []);
    assert.deepEqual(held(), {});
    assert.equal(log.lines.filter(({ level }) => level === 'error').length, 0);
  });

  it('wanted twenty times at once is one telephone in the end', async (t) => {
    const { slot, wish, answers, failures, held, log } = await house(t);
    const all = Array.from({ length: GENERATIONS }, async (_, at) => {
      if (at % 3 === 2) await slot.stop('not now', 'handOver', log);
      else await slot.want(wish());
    });
    await Promise.all([...all, slot.want(wish())]);
    assert.equal(await answers(), 401);
    assert.deepEqual(failures, []);
    await slot.stop('enough', 'handOver', log);
    assert.deepEqual(held(), {});
  });

  it('is there by itself as soon as whoever had the port is gone, and names them until then', async (t) => {
    const { slot, wish, answers, failures, port } = await house(t);
    const other = await taken(port);
    await slot.want(wish());
    assert.match(failures[0]?.message ?? '', /is already in use by another program( \(\S+, pid \d+\))?$/);
    await closed(other);
    while ((await answers().catch(() => 0)) !== 401) await wait(systemClock, 50);
    assert.ok(await slot.current());
  });

  it('that fails half-way leaves nothing behind, wherever it fails', async (t) => {
    const { slot, wish, answers, failures, held, log } = await house(t);
    const broken = new VoiceCallError('VC_INTERNAL', { why: 'on purpose' });
    const fails = (): never => {
      throw broken;
    };
    const live = { ...liveHere(systemClock), steady: steadyClock };
    const ways: Partial<AppDeps>[] = [
      { storeDir: '/dev/null/calls' },
      { seams: { journal: fails, transport: (transport) => transport } },
      { live: { ...live, openLine: () => Promise.reject(broken) } },
      { seams: { journal: (journal) => journal, transport: fails } },
      {
        settings: { ...plainSettings, streaming: plainStreaming },
        seams: { journal: (journal) => Object.assign(journal, { open: fails }), transport: (one) => one },
      },
    ];
    for (const way of ways) await slot.want(wish(way));
    assert.equal(failures.length, ways.length);
    await slot.stop('enough', 'handOver', log);
    assert.deepEqual(held(), {});
    await slot.want(wish());
    assert.equal(await answers(), 401);
  });

  it('another Gateway on the same store waits until the first is gone', async (t) => {
    const { slot, wish, failures, log } = await house(t);
    await slot.want(wish());
    const second = new Slot<App>(systemClock);
    t.after(() => second.stop('the test is over', 'handOver', log));
    await second.want(wish());
    assert.equal(failures[0]?.code, 'VC_STORE_IN_USE');
    assert.match(failures[0]?.message ?? '', new RegExp(`in use by process ${process.pid} \\(state dir `));
    await slot.stop('it leaves', 'handOver', log);
    const until = systemClock.now() + 10_000;
    while ('why' in second.now() && systemClock.now() < until) await wait(systemClock, 50);
    assert.ok(await second.current());
  });
});
