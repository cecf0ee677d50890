// Tests of a line that lasts, with threads that die when told to and a hand-moved clock.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { Health } from '../lib/health.ts';
import { newSecret } from '../lib/ids.ts';
import { startLastingLine } from './lasting.ts';

const nothing = (): undefined => undefined;
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const limits = {
  maxConnections: 1,
  maxPendingConnections: 1,
  maxPendingConnectionsPerIp: 1,
  preStartTimeoutMs: 5_000,
};
/** A thread that dies when it is asked for levels. */
const mortal = `
  import { parentPort as port } from 'node:worker_threads';
  port.postMessage({ kind: 'listening', port: 1 });
  port.on('message', ({ kind }) => kind === 'meter' && process.exit(1));
`;

describe('A line whose thread died', () => {
  it('is in trouble until there is another thread, or no telephone any more', {
    timeout: 10_000,
  }, async () => {
    const clock = new HandClock();
    const health = new Health(clock, quiet);
    const codes = (): readonly string[] => health.troubles().map(({ code }) => code);
    let changed = Promise.withResolvers<void>();
    health.listen(() => changed.resolve());
    const line = await startLastingLine({
      host: '127.0.0.1',
      port: 0,
      stream: { path: '/voice/stream', prefix: '', secret: newSecret(), limits },
      log: quiet,
      health,
      clock,
      entry: new URL(`data:text/javascript,${encodeURIComponent(mortal)}`),
    });
    for (const after of [() => clock.advance(1), () => line.stop()]) {
      changed = Promise.withResolvers<void>();
      line.meter('call-1', 1_000);
      await changed.promise;
      assert.deepEqual(codes(), ['VC_LINE_DIED']);
      changed = Promise.withResolvers<void>();
      await Promise.all([after(), changed.promise]);
      assert.deepEqual(codes(), []);
    }
  });
});
