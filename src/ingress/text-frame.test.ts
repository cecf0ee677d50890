// Tests of the text frames we write ourselves: what a `ws` client reads of them is what was written.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from './text-frame.ts';

/** What a client makes of these bytes, behind which a last frame says that this was all. */
async function readBy(t: TestContext, bytes: Buffer): Promise<readonly string[]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  server.on('connection', (webSocket, { socket }) => {
    socket.write(bytes);
    webSocket.close();
  });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const read: string[] = [];
  client.on('message', (message, isBinary) => read.push(isBinary ? 'binary' : String(message)));
  await once(client, 'close');
  return read;
}

it('a text frame is read as it was written, in any language and of any length', async (t) => {
  const edges = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000].flatMap((length) => [
    'x'.repeat(length),
    'é'.repeat(length),
  ]);
  const texts = [...edges, ...fc.sample(fc.string({ unit: 'grapheme', maxLength: 400 }), 500)];
  assert.deepEqual(await readBy(t, Buffer.concat(texts.map(textFrame))), texts);
});
