// MediaLine: where the line thread of the media bench begins: the real one, or one with another detector, and its cost.
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads';
import { mediaCodecs } from '../src/carrier/codecs.ts';
import { Beat } from '../src/lib/beat.ts';
import { steadyClock, systemClock } from '../src/lib/clock.ts';
import type { LineStart, ToLine } from '../src/line/protocol.ts';
import { Switchboard } from '../src/line/switchboard.ts';
import { voiceActivity } from '../src/media/activity.ts';
import { energyModel } from '../src/media/energy.ts';
import { Engine } from '../src/media/engine.ts';
import { FRAME_MS } from '../src/media/frame.ts';
import { soundReader } from '../src/media/sound.ts';
import { keyTones } from '../src/media/tones.ts';
import type { VoiceActivity } from '../src/media/voice.ts';
import { DETECTOR, type FromLineThread, type Hot, LINE_CHANNEL, type ToLineThread } from './media-wire.ts';

const HOTTEST = 10;
type Node = Profiler.ProfileNode;
type Frame = Node['callFrame'];

/** What is no work of the thread. */
const IDLE = /^\((?:idle|root|program)\)$/;

const channel = new BroadcastChannel(LINE_CHANNEL);
const tell = (message: FromLineThread): void => channel.postMessage(message);
channel.onmessage = (event) => {
  const message = (event as { readonly data: ToLineThread }).data;
  if (message.kind === 'cpu') {
    const { user, system } = process.threadCpuUsage();
    tell({ kind: 'cpuWas', ms: (user + system) / 1_000 });
  } else if (message.kind === 'profile')
    void profile(message.ms).then((hot) => tell({ kind: 'profiled', hot }));
};

async function profile(ms: number): Promise<readonly Hot[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 250 });
  await session.post('Profiler.start');
  await new Promise((resolve) => setTimeout(resolve, ms));
  const { profile: taken } = await session.post('Profiler.stop');
  session.disconnect();
  const working = taken.nodes.filter(({ callFrame }) => !IDLE.test(callFrame.functionName));
  return [...hottest(working, partOf), ...hottest(working, placeOf)];
}

/** Own time, summed up by what `nameOf` calls it. */
function hottest(nodes: readonly Node[], nameOf: (frame: Frame) => string): readonly Hot[] {
  const own = new Map<string, number>();
  let all = 0;
  for (const { callFrame, hitCount = 0 } of nodes) {
    const name = nameOf(callFrame);
    own.set(name, (own.get(name) ?? 0) + hitCount);
    all += hitCount;
  }
  return [...own]
    .map(([name, hits]) => ({ name, percent: (hits * 100) / all }))
    .sort((a, b) => b.percent - a.percent)
    .slice(0, HOTTEST);
}

function placeOf({ functionName, url, lineNumber }: Frame): string {
  const file = url.split('/').slice(-2).join('/');
  return `${functionName || 'anonymous'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
}

/** A room of ours, a package, Node, or a function of the machine below it. */
function partOf({ functionName, url }: Frame): string {
  const room = /\/src\/(\w+)\//.exec(url)?.[1];
  if (room !== undefined) return `src/${room}`;
  const ours = /\/node_modules\/(\w+)\//.exec(url)?.[1];
  if (ours !== undefined) return ours;
  if (url.startsWith('node:')) return 'Node, JavaScript';
  return url.startsWith('wasm:') ? 'WebAssembly: the detector' : functionName || 'Node, native';
}

const DEAF: VoiceActivity = { isSpeaking: false, isOurVoiceOn: false, push: () => null };

/** As worker.ts does it, but for the detector. */
async function begin(detector: string): Promise<void> {
  const start = workerData as LineStart;
  const switchboard = new Switchboard(
    {
      post: (message, move) => parentPort?.postMessage(message, [...move]),
      makeEngine: (listen) =>
        new Engine({
          clock: steadyClock,
          listen,
          codecs: mediaCodecs,
          activityFor: (sensitivity) =>
            detector === 'none' ? DEAF : voiceActivity({ sensitivity, model: energyModel() }),
          soundReader,
          keyTones,
        }),
      clock: systemClock,
      beat: new Beat({ everyMs: FRAME_MS, tell: (load) => parentPort?.postMessage({ kind: 'load', load }) }),
    },
    start,
  );
  parentPort?.on('message', (message: ToLine) => switchboard.take(message));
  await switchboard.open(start);
}

const detector = process.env[DETECTOR] ?? '';
if (detector === '') await import('../src/line/worker.ts');
else await begin(detector);
