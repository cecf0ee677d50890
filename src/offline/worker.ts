// Worker: where the threads of the embedded voice and ear begin: what takes long runs here, away from the Gateway.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../lib/errors.ts';
import { voiceActivity } from '../media/activity.ts';
import { sileroModel } from '../media/silero.ts';
import { flite } from './flite.ts';
import { Listening } from './listening.ts';
import { moonshine } from './moonshine.ts';
import type { FromOffline, OfflineStart, ToOffline } from './protocol.ts';

/** Half a second of sound. */
const MOST_BEHIND = 25;

const { role, folder } = workerData as OfflineStart;
/** What has come and is not done yet. */
const queue: ToOffline[] = [];
const take = role === 'voice' ? voice() : ear();
parentPort?.on('message', (message: ToOffline) => {
  queue.push(message);
  for (let next = queue.shift(); next; next = queue.shift()) guarded(next);
});
post({ kind: 'ready' });

function voice(): (message: ToOffline) => void {
  const speak = flite(folder);
  return (message) => {
    if (message.kind === 'speak') post({ kind: 'spoken', id: message.id, wav: speak(message.text) });
  };
}

function ear(): (message: ToOffline) => void {
  const recognise = moonshine(folder);
  const callers = new Map<number, Listening>();
  const newcomer = (id: number): Listening =>
    new Listening({
      activity: voiceActivity({ sensitivity: 'medium', model: sileroModel() }),
      recognise,
      onPartial: (text) => post({ kind: 'partial', id, text }),
      onFinal: (text) => post({ kind: 'final', id, text }),
      isBehind,
    });
  return (message) => {
    if (message.kind === 'open') callers.set(message.id, newcomer(message.id));
    else if (message.kind === 'hear') callers.get(message.id)?.hear(message.mulaw);
    else callers.delete(message.id);
  };
}

/** Looks at what came while we were at work. */
function isBehind(): boolean {
  for (;;) {
    const next = parentPort ? receiveMessageOnPort(parentPort) : undefined;
    if (!next) return queue.length > MOST_BEHIND;
    queue.push(next.message as ToOffline);
  }
}

function guarded(message: ToOffline): void {
  try {
    take(message);
  } catch (error) {
    post({ kind: 'failed', id: message.id, why: reasonOf(error) });
  }
}

function post(message: FromOffline): void {
  parentPort?.postMessage(message);
}
