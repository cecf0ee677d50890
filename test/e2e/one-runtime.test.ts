// One runtime in a real Gateway: edits, reloads and restarts with a call on the line; goodbyes; and two Gateways.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { phrasesFor } from '../../src/call/phrases.ts';
import { systemClock, wait } from '../../src/lib/clock.ts';
import { GatewayClient } from '../../src/surface/gateway-client.ts';
import { freePort, Home, type View } from './home.ts';
import { factsOf } from './process-facts.ts';
import { type CarrierLine, type TwinCall, twilioLine } from './streaming-lines.ts';
import { answerOf, answerTo } from './streaming-talk.ts';
import { StreamingVoices } from './streaming-voices.ts';

const GREETING = 'Good day to you.';
const EVENING = 'Good evening to you.';
const CALLER = '+15550002222';
/** What a caller hears as a dead line. */
const LONGEST_GAP_MS = 1_500;
const GENERATIONS = 20;

interface Status {
  readonly calls: readonly View[];
  readonly health?: readonly { readonly subject: string; readonly code: string; readonly message: string }[];
}

describe('One telephone in a real Gateway', () => {
  const voices = new StreamingVoices();
  let home: Home;
  let line: CarrierLine;
  let port: number;
  let config: object;

  before(async () => {
    await voices.listen();
    const { home: installed, installed: result } = await Home.install({
      env: voices.env,
      model: { firstTokenMs: 150, tokenMs: 60, reply: answerOf },
    });
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    line = await twilioLine();
    port = await freePort();
    config = {
      ...line.config(port),
      inboundPolicy: 'open',
      inboundGreeting: GREETING,
      streaming: voices.streaming,
      tts: voices.tts('elevenlabs'),
    };
    await home.start(config);
    await home.logged(/voice call is ready/);
  });
  after(async () => {
    await home?.remove();
    await line?.close();
    await voices.close();
  });

  /** Edits the configuration while the Gateway runs and waits until it was taken up. */
  async function edit(changes: object, taken: RegExp): Promise<number> {
    const { length } = home.log;
    const began = systemClock.now();
    config = { ...config, ...changes };
    await home.reconfigure(config);
    await home.logged(taken, length);
    return systemClock.now() - began;
  }

  /** What the caller heard so far. */
  const spoken = (call: TwinCall): string => call.ear.words.map(({ text }) => text).join(' ');
  const said = (call: TwinCall, text: string): Promise<void> =>
    until(
      () => flat(spoken(call)).includes(flat(text)),
      30_000,
      () => `${text} in ${spoken(call)}`,
    );

  it('takes up a greeting, a voice and a policy with the next call; the one on the line hears nothing of it', async (test) => {
    const call = line.dialIn(CALLER, (person) =>
      person.says('Item one').says('Item two').says('Item three').hangsUp({ afterMs: 9_000 }),
    );
    await said(call, answerTo('one'));
    const elsewhere = voices.openai.requests.length;
    const tookMs = await edit(
      { inboundGreeting: EVENING, tts: voices.tts('openai') },
      /the configuration changed: the next call has it/,
    );
    await until(() => !call.isAlive, 60_000);
    assert.equal(call.streams.length, 1, 'the media stream was not touched');
    assert.ok(flat(spoken(call)).startsWith(flat(GREETING)), spoken(call));
    test.diagnostic(`an edit is taken up after ${tookMs} ms`);
    const next = line.dialIn(CALLER, (person) => person.says('Item four').hangsUp({ afterMs: 5_000 }));
    await said(next, EVENING);
    assert.ok(voices.openai.requests.length > elsewhere, 'the next call has the other voice');
    await until(() => !next.isAlive, 60_000);
    assert.deepEqual(line.problems, []);
  });

  it('builds the telephone anew for another key, and the call on the line is there again within a second', async (test) => {
    const call = line.dialIn(CALLER, (person) =>
      person.says('Item one').says('Item two').says('Item four').hangsUp({ afterMs: 6_000 }),
    );
    await said(call, answerTo('one'));
    await edit({ streaming: { ...voices.streaming, maxConnections: 64 } }, /voice call is ready/);
    await until(() => !call.isAlive, 60_000);
    assert.ok(flat(spoken(call)).includes(flat(answerTo('four'))), spoken(call));
    assert.equal(call.streams.length, 2, 'the carrier connected again');
    const gapMs = gapOf(call);
    test.diagnostic(`without a media stream for ${gapMs} ms`);
    assert.ok(gapMs <= LONGEST_GAP_MS, `${gapMs} ms`);
  });

  it('goes on as before when an edit cannot be used, says why, and is well again with the next', async () => {
    await edit({ fromNumber: undefined }, /not well.*VC_CONFIG_REFUSED/);
    const { health } = await home.rpc<Status>('voicecall.status', {});
    assert.match(JSON.stringify(health), /fromNumber/);
    const call = line.dialIn(CALLER, (person) => person.says('Item one').hangsUp({ afterMs: 4_000 }));
    await said(call, EVENING);
    await until(() => !call.isAlive, 60_000);
    await edit({ fromNumber: '+15550000001' }, /well again.*config/);
    assert.deepEqual((await home.rpc<Status>('voicecall.status', {})).health ?? [], []);
  });

  it(`answers in each of ${GENERATIONS} generations of a reload, and nothing of the old ones is left`, async (test) => {
    await reload();
    const before = factsOf(home.gateway.pid);
    const gaps: number[] = [];
    for (let generation = 1; generation <= GENERATIONS; generation++) {
      const watch = watchDoor(port);
      await reload();
      gaps.push(await watch.done());
      // Asked at once: whoever comes too early waits for the next generation.
      await home.rpc<Status>('voicecall.status', {});
      assert.ok(factsOf(home.gateway.pid).ports.includes(port), `generation ${generation} does not listen`);
    }
    const now = factsOf(home.gateway.pid);
    assert.doesNotMatch(home.log, /EADDRINUSE|VC_PORT_IN_USE|VC_STORE_IN_USE/);
    assert.deepEqual(now.ports, before.ports);
    assert.ok(now.threads <= before.threads + 2, `${before.threads} threads became ${now.threads}`);
    assert.ok(now.files <= before.files + 10, `${before.files} files became ${now.files}`);
    test.diagnostic(`threads ${before.threads} -> ${now.threads}, files ${before.files} -> ${now.files}`);
    test.diagnostic(`the port was closed for ms: ${gaps.join(' ')}`);
    const call = line.dialIn(CALLER, (person) => person.says('Item one').hangsUp({ afterMs: 5_000 }));
    await said(call, answerTo('one'));
    await until(() => !call.isAlive, 60_000);
  });

  it('carries a call over a restart inside the process', async (test) => {
    const call = line.dialIn(CALLER, (person) =>
      person
        .says('Item one')
        // Nobody hears it if the Gateway is away for longer; then it is said again when somebody asks.
        .says('Item two', { afterMs: 9_000 })
        .says('Item two', { afterMs: 2_000 })
        .hangsUp({ afterMs: 6_000 }),
    );
    await said(call, answerTo('one'));
    const { length } = home.log;
    const began = systemClock.now();
    process.kill(home.gateway.pid, 'SIGUSR2');
    await home.logged(/voice call is ready/, length, 90_000);
    test.diagnostic(`the restart took ${systemClock.now() - began} ms`);
    await until(() => !call.isAlive, 90_000);
    test.diagnostic(`without a media stream for ${gapOf(call)} ms`);
    assert.ok(flat(spoken(call)).includes(flat(answerTo('two'))), spoken(call));
    await home.rpc('voicecall.status', {});
  });

  it('says goodbye when the Gateway stops for good', async (test) => {
    const call = line.dialIn(CALLER, (person) => person.says('Item one'));
    await said(call, answerTo('one'));
    const began = systemClock.now();
    await home.stop();
    test.diagnostic(`stopping took ${systemClock.now() - began} ms`);
    assert.ok(flat(spoken(call)).endsWith(flat(phrasesFor('en-US').closing)), spoken(call));
    assert.equal(call.isAlive, false);
    await home.start(config);
    const { calls } = await home.rpc<Status>('voicecall.status', { limit: 1 });
    assert.equal(calls[0]?.['endReason'], 'hangup-bot');
  });

  it('names the Gateway that has the port or the store, and comes up by itself when that is gone', async (test) => {
    const second = await secondHome(test);
    await second.start({ ...config, ...{ store: undefined } }).catch(() => undefined);
    await second.logged(/not well/);
    const owner = new RegExp(`another Gateway \\(pid ${home.gateway.pid}, state dir ${home.stateDir}\\)`);
    assert.match(second.log, owner);
    await assert.rejects(second.rpc('voicecall.status', {}), owner);
    await second.reconfigure({
      ...config,
      serve: { port: await freePort() },
      store: `${home.stateDir}/voice-calls`,
    });
    await second.logged(new RegExp(`in use by process ${home.gateway.pid}`));
    await assert.rejects(second.rpc('voicecall.status', {}), /is in use by process/);
    const { length } = second.log;
    await home.stop();
    await second.logged(/voice call is ready/, length);
    await second.rpc('voicecall.status', {});
  });

  /** What "openclaw plugins reload voice-call" asks of the Gateway, without the seconds that command takes to start. */
  async function reload(): Promise<void> {
    const { url, token } = home.gateway;
    const scopes = ['operator.admin', 'operator.read', 'operator.write'];
    const target = { url, token, password: null };
    const admin = new GatewayClient({ target, clock: systemClock, version: 'tools', scopes });
    try {
      await patiently(() =>
        admin.request('plugins.reload', { plugins: [{ pluginId: 'voice-call' }] }, { timeoutMs: 60_000 }),
      );
    } finally {
      admin.close();
    }
  }

  async function secondHome(test: TestContext): Promise<Home> {
    const { home: second, installed } = await Home.install({ env: voices.env });
    test.after(() => second.remove());
    assert.equal(installed.code, 0);
    return second;
  }
});

/** Knocks all the time; tells for how long at a stretch nobody was there. */
function watchDoor(port: number): { done(): Promise<number> } {
  let isOver = false;
  const watching = (async () => {
    let closedAt = 0;
    let longest = 0;
    while (!isOver) {
      const isOpen = await fetch(`http://127.0.0.1:${port}/voice/webhook`, { method: 'POST' }).then(
        () => true,
        () => false,
      );
      const now = systemClock.now();
      if (isOpen) closedAt = 0;
      else closedAt ||= now;
      if (closedAt) longest = Math.max(longest, now - closedAt);
      await wait(systemClock, 10);
    }
    return longest;
  })();
  return {
    done: () => {
      isOver = true;
      return watching;
    },
  };
}

/** The longest time between one media stream of a call and the next, ms. */
function gapOf({ streams }: TwinCall): number {
  const gaps = streams.slice(1).map((stream, index) => {
    const before = streams[index]?.end?.at ?? 0;
    return (stream.openedAt ?? Number.POSITIVE_INFINITY) - before;
  });
  return Math.max(0, ...gaps);
}

/** The host does one such thing at a time, and says so while it is at another. */
async function patiently(ask: () => Promise<unknown>): Promise<void> {
  const end = systemClock.now() + 30_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (!/already running; retry/.test(String(error)) || systemClock.now() > end) throw error;
      await wait(systemClock, 250);
    }
  }
}

function flat(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
}

async function until(isSo: () => boolean, withinMs: number, what: () => string = () => 'it'): Promise<void> {
  const end = systemClock.now() + withinMs;
  while (!isSo()) {
    if (systemClock.now() > end) throw new Error(`not in time: ${what()}`);
    await wait(systemClock, 50);
  }
}
