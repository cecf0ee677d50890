// Tests of the door with real sockets: what is refused before its body is read, and what gets in.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { Carrier, WebhookRequest, WireReply } from '../carrier/carrier.ts';
import { mockCarrier } from '../carrier/mock/index.ts';
import { MAX_BODY_BYTES, MAX_UNREAD_PER_ADDRESS } from './limits.ts';
import { bind, type Listener } from './server.ts';
import { plain } from './webhook.ts';

const carrier: Carrier = { ...mockCarrier({ streamUrl: null }), signatureHeaders: ['x-signature'] };

interface Door {
  readonly listener: Listener;
  readonly clock: HandClock;
  readonly seen: WebhookRequest[];
  answers: () => Promise<WireReply>;
}

async function door(t: TestContext): Promise<Door> {
  const clock = new HandClock();
  const listener = await bind({ host: '127.0.0.1', port: 0, clock });
  t.after(() => listener.close());
  const seen: WebhookRequest[] = [];
  const open: Door = { listener, clock, seen, answers: async () => plain(200, 'in') };
  listener.serve({
    publicUrls: null,
    forwarding: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
    gate: { path: '/voice/webhook', signatureHeaders: carrier.signatureHeaders },
    answer: (request) => {
      seen.push(request);
      return open.answers();
    },
  });
  return open;
}

function post({ listener }: Door, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${listener.port}${path}`, {
    method: 'POST',
    headers: { 'x-signature': 'x', 'content-type': 'text/plain' },
    body: 'hello',
    ...init,
  });
}

/** Sends a request head that promises more body than follows; resolves to what comes back until the end. */
function halfSent({ listener }: Door): { socket: Socket; answer: Promise<string> } {
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(
    'POST /voice/webhook HTTP/1.1\r\nhost: x\r\nx-signature: x\r\ncontent-length: 100\r\n\r\nhalf of it',
  );
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
  return { socket, answer };
}

async function arrived(socket: Socket): Promise<void> {
  while (socket.bytesWritten === 0 || socket.connecting) await settle(1);
  await settle(20);
}

async function arrivedAt({ seen }: Door): Promise<void> {
  while (seen.length === 0) await settle(1);
}

describe('The door', () => {
  it('lets a complete request in, with its bytes and the addresses it may have been sent to', async (t) => {
    const open = await door(t);
    const response = await post(open, '/voice/webhook?callId=1');
    assert.equal(response.status, 200);
    assert.equal(open.seen[0]?.body, 'hello');
    assert.deepEqual(open.seen[0]?.urls, [
      `http://127.0.0.1:${open.listener.port}/voice/webhook?callId=1`,
      `https://127.0.0.1:${open.listener.port}/voice/webhook?callId=1`,
    ]);
  });

  const refusals: [string, string, RequestInit, number][] = [
    ['another path', '/voice/webhooks', {}, 404],
    ['a path that only begins alike', '/voice/webhook/more', {}, 404],
    ['another method', '/voice/webhook', { method: 'PUT' }, 405],
    ['a request without a signature', '/voice/webhook', { headers: {} }, 401],
    ['a body that is too large', '/voice/webhook', { body: 'x'.repeat(MAX_BODY_BYTES + 1) }, 413],
  ];
  for (const [what, path, init, status] of refusals) {
    it(`refuses ${what}`, async (t) => {
      const open = await door(t);
      const response = await post(open, path, init);
      assert.equal(response.status, status);
      assert.equal(open.seen.length, 0);
    });
  }

  it('tolerates one slash at the end of the path', async (t) => {
    const open = await door(t);
    assert.equal((await post(open, '/voice/webhook/')).status, 200);
  });

  it('gives a body five seconds to arrive', async (t) => {
    const open = await door(t);
    const slow = halfSent(open);
    await arrived(slow.socket);
    await open.clock.advance(5_000);
    assert.match(await slow.answer, /^HTTP\/1.1 408 /);
  });

  it('still lets honest webhooks in when one address has many half-sent ones', async (t) => {
    const open = await door(t);
    const slow = Array.from({ length: MAX_UNREAD_PER_ADDRESS + 4 }, () => halfSent(open));
    for (const one of slow) await arrived(one.socket);
    assert.equal((await post(open, '/voice/webhook')).status, 200);
    assert.match(await (slow[0]?.answer ?? ''), /^HTTP\/1.1 408 /, 'the oldest was cut');
    for (const one of slow) one.socket.destroy();
  });

  it('when it closes lets nobody in, and still gives the answers on their way', async (t) => {
    const open = await door(t);
    const held = Promise.withResolvers<void>();
    open.answers = () => held.promise.then(() => plain(200, 'at last'));
    const answer = post(open, '/voice/webhook');
    await arrivedAt(open);
    const closed = open.listener.close();
    await assert.rejects(post(open, '/voice/webhook'));
    held.resolve();
    assert.equal(await (await answer).text(), 'at last');
    await closed;
    assert.equal(open.clock.pending, 0);
  });

  it('when it closes waits a second for an answer, and no longer', async (t) => {
    const open = await door(t);
    const held = Promise.withResolvers<WireReply>();
    open.answers = () => held.promise;
    const answer = assert.rejects(post(open, '/voice/webhook'));
    await arrivedAt(open);
    const closed = open.listener.close();
    await open.clock.advance(1_000);
    await closed;
    await answer;
    held.resolve(plain(200, 'too late'));
  });

  it('names the port when somebody else has it', async (t) => {
    const open = await door(t);
    const again = bind({ host: '127.0.0.1', port: open.listener.port, clock: open.clock });
    await assert.rejects(again, {
      code: 'VC_PORT_IN_USE',
      message: `Port ${open.listener.port} on 127.0.0.1 is already in use by another program`,
    });
  });

  it('answers a nonsense request target without falling over', async (t) => {
    const open = await door(t);
    const socket = connect(open.listener.port, '127.0.0.1');
    socket.write('POST http://[bad HTTP/1.1\r\nhost: a b\r\nx-signature: x\r\ncontent-length: 0\r\n\r\n');
    const answer = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(String(data))),
    );
    socket.destroy();
    assert.match(answer, /^HTTP\/1.1 40[04] /);
  });
});
