// VictimProcess: a process of its own that runs the app on the real clock, to be killed without a word.
import { startApp } from '../../src/app.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { KeptLog, ownerAmong, ScriptedAgent } from '../story/line.ts';
import type { Orders } from './victim.ts';

/** The carrier's clock stands still at some time of its story; webhooks it signed are only believed near that. */
function shifted(nowMs: number): Clock {
  const byMs = nowMs - systemClock.now();
  return { now: () => systemClock.now() + byMs, at: (atMs, run) => systemClock.at(atMs - byMs, run) };
}

process.once('message', async ({ settings, storeDir, nowMs }: Orders) => {
  const log = new KeptLog();
  let ids = 0;
  await startApp({
    settings,
    clock: shifted(nowMs),
    log,
    agent: new ScriptedAgent((turn) => `You said: ${turn.words}`),
    live: null,
    storeDir,
    newId: () => `id-${++ids}`,
    ownerAgent: ownerAmong(undefined),
    tell: () => undefined,
  });
  process.send?.(log.lines.find(({ fields }) => fields['port'] !== undefined)?.fields['port']);
});
