// Tests of the keeper: a tunnel that dies, hangs, moves or leads nowhere, on a hand-moved clock.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { Health } from '../lib/health.ts';
import { Keeper } from './keeper.ts';
import type { ProbeVerdict } from './probe.ts';
import { PublicAddress } from './public-address.ts';
import type { TunnelNews } from './tunnel.ts';

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const A = 'https://a.example/v';
const B = 'https://b.example/v';
const good: ProbeVerdict = { ok: true, webhookMs: 1, streamMs: null };
const bad: ProbeVerdict = {
  ok: false,
  at: 'webhook',
  fault: 'wrong-status',
  error: new VoiceCallError('VC_PUBLIC_URL_BROKEN', { url: A, why: 'it answered 502', cure: 'look' }),
};
const died = new VoiceCallError('VC_TUNNEL_DOWN', { tunnel: 'paper', why: 'it ended', cure: 'wait' });

class Scene {
  readonly clock = new HandClock();
  readonly health = new Health(this.clock, quiet);
  readonly address = new PublicAddress({
    clock: this.clock,
    localUrl: 'http://127.0.0.1:1/v',
    servePath: '/v',
    streamPath: null,
    secret: new Uint8Array(32),
    graceMs: 1_000,
  });
  readonly opened: TunnelNews[] = [];
  closed = 0;
  verdict = good;
  asked = 0;
  closing: Promise<void> = Promise.resolve();
  readonly keeper = new Keeper({
    clock: this.clock,
    log: quiet,
    health: this.health,
    address: this.address,
    tunnel: {
      name: 'paper',
      open: (news) => {
        this.opened.push(news);
        return {
          close: () => {
            this.closed += 1;
            return this.closing;
          },
        };
      },
    },
    probe: async () => {
      this.asked += 1;
      return this.verdict;
    },
  });

  get news(): TunnelNews {
    const last = this.opened.at(-1);
    assert.ok(last);
    return last;
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await settle(3);
  }

  get troubles(): readonly string[] {
    return this.health.troubles().map(({ subject, message }) => `${subject}: ${message}`);
  }
}

async function open(): Promise<Scene> {
  const scene = new Scene();
  const started = scene.keeper.start();
  scene.news.opened(A);
  await started;
  await settle(3);
  return scene;
}

describe('The keeper of a tunnel', () => {
  it('opens it, looks whether it leads to us, and takes it down', async () => {
    const scene = await open();
    assert.equal(scene.address.webhookUrl, A);
    assert.equal(scene.asked, 1);
    await scene.pass(60_000);
    assert.equal(scene.asked, 2);
    await scene.keeper.stop();
    scene.address.close();
    assert.equal(scene.closed, 1);
    assert.equal(scene.clock.pending, 0);
  });

  it('opens it again when it dies, waiting longer each time; meanwhile no call is placed, and health says why', async () => {
    const scene = await open();
    const pauses = [1_000, 2_000, 5_000, 15_000, 60_000, 60_000];
    for (const [n, pauseMs] of pauses.entries()) {
      scene.news.died(died);
      assert.throws(() => scene.address.assertOpen(), { code: 'VC_TUNNEL_DOWN' });
      assert.deepEqual(scene.troubles, ['tunnel: The paper tunnel does not lead to us: it ended']);
      await scene.pass(pauseMs - 1);
      assert.equal(scene.opened.length, n + 1);
      await scene.pass(1);
      assert.equal(scene.opened.length, n + 2);
    }
    scene.news.opened(B);
    scene.address.assertOpen();
    assert.deepEqual(scene.troubles, []);
    assert.deepEqual(scene.address.signed, [B, A].slice(0, 2));
    await scene.pass(60_000);
    scene.news.died(died);
    await scene.pass(1_000);
    assert.equal(
      scene.opened.length,
      pauses.length + 2,
      'after a long life its death is the first one again',
    );
    await scene.keeper.stop();
  });

  it('does not hold up the start when it does not open, and gives up on one that hangs', async () => {
    const scene = new Scene();
    const started = scene.keeper.start();
    scene.news.died(died);
    await started;
    await scene.pass(1_000);
    await scene.pass(30_000);
    assert.match(scene.troubles[0] ?? '', /did not open within 30 s/);
    await scene.pass(2_000);
    assert.equal(scene.opened.length, 3);
    await scene.keeper.stop();
  });

  it('follows an address that changes, and believes nothing of a tunnel it has given up', async () => {
    const scene = await open();
    const [former] = scene.opened;
    former?.opened(B);
    assert.equal(scene.address.webhookUrl, B);
    former?.died(died);
    former?.opened(A);
    assert.throws(() => scene.address.assertOpen());
    await scene.pass(1_000);
    former?.opened(A);
    former?.died(died);
    assert.throws(() => scene.address.assertOpen());
    scene.news.opened(A);
    scene.address.assertOpen();
    await scene.keeper.stop();
  });

  it('replaces a tunnel that led to us and does not any more, after three looks', async () => {
    const scene = await open();
    scene.verdict = bad;
    await scene.pass(60_000);
    await scene.pass(10_000);
    assert.equal(scene.opened.length, 1);
    scene.address.assertOpen();
    await scene.pass(10_000);
    assert.match(scene.troubles[0] ?? '', /does not lead to us: it answered 502/);
    assert.equal(scene.closed, 1);
    await scene.pass(1_000);
    assert.equal(scene.opened.length, 2);
    await scene.keeper.stop();
  });

  it('keeps one it could never look through: it may be that only we cannot; but it says so', async () => {
    const scene = new Scene();
    scene.verdict = bad;
    const started = scene.keeper.start();
    scene.news.opened(A);
    await started;
    for (let n = 0; n < 6; n += 1) await scene.pass(10_000);
    assert.match(scene.troubles[0] ?? '', /does not lead to us: it answered 502/);
    scene.address.assertOpen();
    assert.equal(scene.opened.length, 1);
    scene.verdict = good;
    await scene.pass(10_000);
    assert.deepEqual(scene.troubles, []);
    await scene.keeper.stop();
  });

  it('takes its trouble along when it is not wanted any more', async () => {
    const scene = await open();
    scene.news.died(died);
    assert.equal(scene.troubles.length, 1);
    await scene.keeper.stop();
    assert.deepEqual(scene.troubles, []);
  });

  it('leaves behind one that does not let itself be taken down', async () => {
    const scene = await open();
    scene.closing = new Promise(() => undefined);
    const stopped = scene.keeper.stop();
    await scene.pass(6_000);
    await stopped;
    assert.equal(scene.clock.pending, 0);
  });
});
