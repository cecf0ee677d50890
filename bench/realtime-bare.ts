// RealtimeBare: what the realtime bench compares with: a bare `ws` server between the carrier's socket and the same model.
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { machineMs } from './figures.ts';
import { GREETING_FRAMES, Measuring } from './realtime-measuring.ts';
import { stamped } from './realtime-wire.ts';

interface Message {
  readonly event: string;
  readonly media?: { readonly payload: string };
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await new Promise((resolve) => server.once('listening', resolve));
const { port } = server.address() as AddressInfo;

const measuring = new Measuring(async () => ({ port, path: '/', callSid: 'CA1', token: '' }));

server.on('connection', (socket) => {
  const send = (mulaw: Uint8Array): void => {
    const payload = Buffer.from(mulaw).toString('base64');
    socket.send(JSON.stringify({ event: 'media', streamSid: 'MZ1', media: { payload } }));
  };
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const { event, media } = JSON.parse(data.toString()) as Message;
    if (media) measuring.hear(Buffer.from(media.payload, 'base64'));
    if (event !== 'start') return;
    for (let frame = 0; frame < GREETING_FRAMES; frame++) send(stamped(machineMs(), 0));
    measuring.speak({ sound: (_reply, frame) => send(frame), over: () => undefined });
  });
});
