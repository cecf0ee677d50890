// Farewell: the Gateway goes for good: calls finish what is being said, hear a goodbye, and are hung up, all in time.
import { type Call, isOpen } from '../call/call.ts';
import { wait } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { CallLoop } from './call-loop.ts';
import type { Calls } from './calls.ts';
import type { RuntimeDeps } from './deps.ts';

/** Kept back for the goodbye itself: a sentence or two at the pace of telephone voices. */
const GOODBYE_MS = 5_000;
/** And for the carrier to confirm the hang-up, which is one request. */
const HANGUP_MS = 1_000;
const LOOK_AGAIN_MS = 100;

interface Deps extends Pick<RuntimeDeps, 'clock'> {
  readonly log: Log;
}

/** Resolves when no call is open any more, or after `withinMs`; what is still open then is for the next process. */
export async function sayGoodbye(calls: Calls, { clock, log }: Deps, withinMs: number): Promise<void> {
  const until = clock.now() + withinMs;
  const left = (keptBackMs: number): number => Math.max(0, until - clock.now() - keptBackMs);
  const loops = calls.openLoops();
  if (loops.length === 0) return;
  log.info('the Gateway stops: saying goodbye', { calls: loops.length, withinMs });
  const close = (loop: CallLoop): void => loop.post({ kind: 'closing', at: clock.now() });
  await Promise.all(
    loops.map(async (loop) => {
      await untilSo(loop, (call) => !isBusy(call), left(GOODBYE_MS + HANGUP_MS));
      close(loop);
      await untilSo(loop, (call) => call.phase === 'ending' || !isOpen(call), left(HANGUP_MS));
    }),
  );
  // Those who called meanwhile were told that nobody is here; now the line is needed.
  for (const loop of calls.openLoops()) if (loop.call.phase !== 'ending') close(loop);
  while (calls.openLoops().length > 0 && left(0) > 0) await wait(clock, Math.min(LOOK_AGAIN_MS, left(0)));
  const open = calls.openLoops().length;
  if (open > 0) log.warn('not every call was over in time: the next start ends them', { calls: open });
}

function untilSo(loop: CallLoop, isSo: (call: Call) => boolean, withinMs: number): Promise<true> {
  return loop.until((call) => (isSo(call) || !isOpen(call) ? true : undefined), {
    withinMs,
    late: () => true,
  });
}

/** Somebody is in the middle of something that is worth its end: a sentence of ours, an answer, a message. */
function isBusy({ phase, floor, queue, mode }: Call): boolean {
  if (phase !== 'live') return false;
  if (mode === 'notify') return true;
  return floor.kind === 'speaking' || floor.kind === 'thinking' || queue.length > 0;
}
