// The clock of the machine is set forward or back by hours: a call that is live notices nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { someCall } from '../../sim/fake-phone.ts';
import { placeRequest } from '../../sim/place-request.ts';
import { type App, startApp } from '../../src/app.ts';
import type { Call } from '../../src/call/call.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { afterStepping } from '../../src/runtime/deadlines.ts';
import { KeptLog, ownerAmong, plainSettings, ScriptedAgent } from './line.ts';

const HOUR_MS = 60 * 60_000;
/** Nothing here takes longer. */
const WITHIN_MS = 20_000;

/** The mock carrier on the clock of the machine, where people talk fast. */
async function started(test: TestContext, says: readonly string[], maxDurationMs: number): Promise<App> {
  const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-jump-'));
  let ids = 0;
  const app = await startApp({
    settings: {
      ...plainSettings,
      maxDurationMs,
      carrier: { name: 'mock', says, answerAfterMs: 50, pace: 5 },
    },
    clock: systemClock,
    log: new KeptLog(),
    agent: new ScriptedAgent(({ words }) => `You said: ${words}`),
    live: null,
    storeDir,
    newId: () => `id-${++ids}`,
    ownerAgent: ownerAmong(undefined),
    tell: () => undefined,
  });
  test.after(async () => {
    await app.stop();
    rmSync(storeDir, { recursive: true, force: true });
  });
  return app;
}

async function until(isMet: () => boolean): Promise<void> {
  const began = performance.now();
  while (!isMet()) {
    assert.ok(performance.now() - began < WITHIN_MS, 'it never came to that');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function place(app: App): Promise<Call> {
  return app.phone.place(placeRequest({ to: '+15550001234', message: 'Hello.' }));
}

function jump(test: TestContext, byMs: number): void {
  const real = Date.now.bind(Date);
  test.mock.method(Date, 'now', () => real() + byMs);
}

for (const [name, byMs] of [
  ['forward by three hours', 3 * HOUR_MS],
  ['back by three hours', -3 * HOUR_MS],
] as const) {
  describe(`A clock that is set ${name}`, () => {
    it('leaves a conversation as it is', async (test) => {
      const app = await started(test, ['One', 'Two'], 300_000);
      const { id } = await place(app);
      await until(() => app.phone.find(id)?.phase === 'live');
      jump(test, byMs);
      await until(() => app.openCalls() === 0);
      const call = app.phone.find(id);
      assert.deepEqual(
        call?.transcript.map(({ text }) => text),
        ['Hello.', 'One', 'You said: One', 'Two', 'You said: Two'],
      );
      assert.equal(call?.end?.reason, 'hangup-user');
    });

    it('neither ends a call at once nor lets it last for ever', async (test) => {
      const app = await started(test, ['and so on '.repeat(300)], 1_500);
      const { id } = await place(app);
      await until(() => app.phone.find(id)?.phase === 'live');
      jump(test, byMs);
      const began = performance.now();
      await until(() => app.openCalls() === 0);
      const took = performance.now() - began;
      assert.equal(app.phone.find(id)?.end?.reason, 'timeout');
      assert.ok(took > 1_000, `it took ${took} ms`);
    });
  });
}

describe('A call taken up after the clock was set back', () => {
  const call = someCall({ deadlines: { maxDuration: 10_000, silence: 4_000 } });

  it('has its deadlines as soon as it would have had them', () => {
    assert.deepEqual(afterStepping(call, 3_000, 1_000).deadlines, { maxDuration: 8_000, silence: 2_000 });
  });

  it('is left alone when time only went by', () => {
    assert.equal(afterStepping(call, 3_000, 5_000), call);
  });
});
