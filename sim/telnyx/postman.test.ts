// Postman: events signed, delivered, delivered again, late, twice, lost and forged; judged by the official verifier.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { TelnyxWebhook } from 'telnyx/lib/webhooks';
import { play } from '../play.ts';
import { Person } from './person.ts';
import type { TwinOptions } from './settings.ts';
import { ALICE, OURS, openStage, type Stage, type Told } from './stage.ts';

interface Scene extends Stage {
  readonly step: (until: number | (() => boolean)) => Promise<number>;
  /** Type and attempt of everything that arrived. */
  readonly arrived: () => readonly string[];
}

async function open(test: TestContext, options: TwinOptions = {}): Promise<Scene> {
  const stage = await openStage(test, options);
  return {
    ...stage,
    step: (until) => play(stage.clock, stage.twin, until),
    arrived: () => stage.plugin.told.map(({ type, attempt }) => `${type.replace('call.', '')} ${attempt}`),
  };
}

/** Someone calls in and gives up a second later: two events. */
function ring({ twin }: Stage): void {
  twin.dialIn({ from: ALICE, to: OURS, person: new Person().givesUpAfter(1_000) });
}

/** What the official verifier says at the time of the clock. */
async function isGenuine({ twin, clock }: Stage, told: Told | undefined): Promise<boolean> {
  const { headers = {}, body = '' } = told ?? {};
  const realNow = Date.now;
  Date.now = () => clock.now();
  try {
    await new TelnyxWebhook(twin.publicKey).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  } finally {
    Date.now = realNow;
  }
}

describe('an event', () => {
  it('is signed so that the official verifier accepts it', async (test) => {
    const there = await open(test);
    ring(there);
    await there.step(5_000);
    assert.deepEqual(there.arrived(), ['initiated 1', 'hangup 1']);
    for (const told of there.plugin.told) assert.equal(await isGenuine(there, told), true);
    assert.match(there.twin.publicKeyPem, /BEGIN PUBLIC KEY/);
    const [first] = there.plugin.told;
    assert.equal(first?.headers['user-agent'], 'telnyx-webhooks');
    const { data, meta } = JSON.parse(first?.body ?? '');
    assert.deepEqual([data.record_type, data.occurred_at], ['event', '2026-11-21T12:00:00.000000Z']);
    assert.equal(meta.delivered_to, `${there.plugin.origin}/voice`);
  });

  it('goes through a tunnel to its public address', async (test) => {
    const there = await open(test, { webhookUrl: 'https://voice.example.test/voice' });
    there.twin.tunnel('https://voice.example.test', there.plugin.origin);
    ring(there);
    await there.step(100);
    assert.equal(there.plugin.told[0]?.headers['x-forwarded-host'], 'voice.example.test');
    assert.equal(
      JSON.parse(there.plugin.told[0]?.body ?? '').meta.delivered_to,
      'https://voice.example.test/voice',
    );
  });

  it('that nobody asked for is a problem', async (test) => {
    const there = await open(test, { webhookUrl: undefined });
    ring(there);
    await there.step(5_000);
    assert.deepEqual(
      there.twin.problems.map(({ code }) => code),
      ['no-webhook-url', 'no-webhook-url'],
    );
  });
});

describe('an event that is not taken', () => {
  it('within two seconds comes again, newly signed, with the same id', async (test) => {
    const there = await open(test);
    there.plugin.answers = ({ attempt }) => (attempt === 1 ? new Promise<number>(() => undefined) : 200);
    ring(there);
    await there.step(3_500);
    const [first, , again] = there.plugin.told;
    assert.deepEqual(there.arrived().slice(0, 3), ['initiated 1', 'hangup 1', 'initiated 2']);
    assert.equal(again?.id, first?.id);
    assert.notEqual(again?.headers['telnyx-timestamp'], first?.headers['telnyx-timestamp']);
    assert.equal(await isGenuine(there, again), true);
    assert.match(there.twin.ledger.hooks[0]?.failure ?? '', /no answer within 2000 ms/);
  });

  for (const status of [408, 429, 500, 503]) {
    it(`but answered ${status} comes again, at last no more`, async (test) => {
      const there = await open(test);
      there.plugin.answers = ({ type }) => (type === 'call.initiated' ? status : 200);
      ring(there);
      await there.step(60_000);
      assert.equal(there.arrived().filter((line) => line.startsWith('initiated')).length, 4);
      assert.deepEqual(
        there.twin.problems.map(({ code }) => code),
        ['webhook-failed'],
      );
    });
  }

  it('but refused does not come again', async (test) => {
    const there = await open(test);
    there.plugin.answers = () => 401;
    ring(there);
    await there.step(60_000);
    assert.deepEqual(there.arrived(), ['initiated 1', 'hangup 1']);
    assert.deepEqual(
      there.twin.problems.map(({ code }) => code),
      ['webhook-refused', 'webhook-refused'],
    );
  });

  it('goes to the failover address as well', async (test) => {
    const there = await open(test);
    there.plugin.answers = ({ path }) => (path === '/voice' ? 500 : 200);
    const failoverUrl = `${there.plugin.origin}/failover`;
    there.twin.dialIn({ from: ALICE, to: OURS, person: new Person(), failoverUrl });
    await there.step(10_000);
    assert.deepEqual(
      there.plugin.told.map(({ path }) => path),
      ['/voice', '/failover'],
    );
    assert.deepEqual(there.twin.problems, []);
  });
});

describe('the network', () => {
  it('loses a delivery, so that the next attempt is the first to arrive', async (test) => {
    const there = await open(test);
    there.twin.faults.hook({ do: 'drop', attempts: 2 }, { times: 1 });
    ring(there);
    await there.step(60_000);
    assert.deepEqual(there.arrived(), ['hangup 1', 'initiated 3']);
  });

  it('loses an event for good', async (test) => {
    const there = await open(test);
    there.twin.faults.hook({ do: 'drop' }, { only: ({ type }) => type === 'call.hangup' });
    ring(there);
    await there.step(60_000);
    assert.deepEqual([there.arrived(), there.twin.problems], [['initiated 1'], []]);
  });

  it('delivers late, out of order, and twice', async (test) => {
    const isFirst = { only: ({ type }: { readonly type: string }) => type === 'call.initiated' };
    for (const [fault, expected] of [
      [{ do: 'delay', ms: 3_000 }, ['hangup 1', 'initiated 1']],
      [{ do: 'holdUntilNext' }, ['hangup 1', 'initiated 1']],
      [{ do: 'holdUntilEnd' }, ['hangup 1', 'initiated 1']],
      [{ do: 'duplicate', ms: 100 }, ['initiated 1', 'initiated 2', 'hangup 1']],
    ] as const) {
      const there = await open(test);
      there.twin.faults.hook(fault, isFirst);
      ring(there);
      await there.step(10_000);
      assert.deepEqual(there.arrived(), expected, fault.do);
    }
  });

  it('can deliver everything twice, and in another order than it happened', async (test) => {
    const there = await open(test, { duplicates: true, jitterMs: 9_000 });
    ring(there);
    await there.step(30_000);
    assert.deepEqual(there.arrived().toSorted(), ['hangup 1', 'hangup 2', 'initiated 1', 'initiated 2']);
    assert.equal(there.arrived()[0], 'hangup 1');
    assert.equal(new Set(there.plugin.told.map(({ id }) => id)).size, 2);
  });
});

it('what is forged, unsigned, stale or tampered with is not genuine', async (test) => {
  for (const fault of ['wrongKey', 'unsigned', 'stale', 'tamper'] as const) {
    const there = await open(test);
    there.twin.faults.hook({ do: fault });
    ring(there);
    await there.step(100);
    assert.equal(await isGenuine(there, there.plugin.told[0]), false, fault);
  }
});

it('a delivery can be replayed byte for byte', async (test) => {
  const there = await open(test);
  ring(there);
  await there.step(100);
  const [hook] = there.twin.ledger.hooks;
  const again = await there.twin.replay(hook ?? assert.fail('nothing was delivered'));
  assert.equal(again.status, 200);
  assert.equal(there.plugin.told.at(-1)?.body, there.plugin.told[0]?.body);
});

it('closing leaves nothing behind, in the middle of anything', async (test) => {
  const there = await open(test);
  there.plugin.answers = () => new Promise<number>(() => undefined);
  ring(there);
  await there.step(500);
  await there.twin.close();
  await there.twin.close();
  assert.equal(there.clock.pending, 0);
  assert.deepEqual(there.twin.problems, []);
});
