// Worker: where the line thread begins: the engine of all calls behind a switchboard on the thread's own port.
import { parentPort, workerData } from 'node:worker_threads';
import { mediaCodecs } from '../carrier/codecs.ts';
import { Beat } from '../lib/beat.ts';
import { steadyClock, systemClock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import { voiceActivity } from '../media/activity.ts';
import { energyModel } from '../media/energy.ts';
import { Engine } from '../media/engine.ts';
import { FRAME_MS } from '../media/frame.ts';
import { sileroModel } from '../media/silero.ts';
import { soundReader } from '../media/sound.ts';
import { keyTones } from '../media/tones.ts';
import { firstThatRuns } from './first-that-runs.ts';
import type { FromLine, LineStart, ToLine } from './protocol.ts';
import { Switchboard } from './switchboard.ts';

const start = workerData as LineStart;
const speechModel = firstThatRuns(sileroModel, energyModel, (error) =>
  post({
    kind: 'log',
    level: 'warn',
    text: 'the detector of speech does not run here: any sound counts as speech',
    fields: { error: reasonOf(error) },
  }),
);
const switchboard = new Switchboard(
  {
    post,
    makeEngine: (listen) =>
      new Engine({
        clock: steadyClock,
        listen,
        codecs: mediaCodecs,
        activityFor: (sensitivity) => voiceActivity({ sensitivity, model: speechModel() }),
        soundReader,
        keyTones,
      }),
    clock: systemClock,
    beat: new Beat({ everyMs: FRAME_MS, tell: (load) => post({ kind: 'load', load }) }),
  },
  start,
);
parentPort?.on('message', (message: ToLine) => switchboard.take(message));
await switchboard.open(start);

function post(message: FromLine, move: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, [...move]);
}
