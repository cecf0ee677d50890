// BareEcho: the reference of single frames: how long one takes to a bare `ws` server in another thread, and back.
import { Worker } from 'node:worker_threads';
import { WebSocket } from 'ws';
import { machineMs } from './figures.ts';

const FRAME_MS = 20;
const FRAME = JSON.stringify({
  event: 'media',
  streamSid: `MZ${'0'.repeat(32)}`,
  media: { payload: Buffer.alloc(160, 0xff).toString('base64') },
});

/** Sends so many frames, one every 20 ms; ms of each there and back. */
export async function echoTrips(frames: number): Promise<readonly number[]> {
  const echo = new Worker(new URL('./media-echo.ts', import.meta.url));
  const port = await new Promise<number>((resolve, reject) => {
    echo.once('error', reject);
    echo.once('message', (message: { readonly port: number }) => resolve(message.port));
  });
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const trips: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const sentAt = machineMs();
    const came = new Promise((resolve) => socket.once('message', resolve));
    socket.send(FRAME);
    await came;
    trips.push(machineMs() - sentAt);
    await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
  }
  socket.terminate();
  await echo.terminate();
  return trips;
}
