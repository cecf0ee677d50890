// Tests of the probe: it finds our own listener through real sockets, and says what else it found there.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { bind } from '../ingress/server.ts';
import { StreamDoor } from '../ingress/stream.ts';
import { plain } from '../ingress/webhook.ts';
import { newUuid } from '../lib/ids.ts';
import { type ProbeTarget, type ProbeVerdict, probePublicAddress } from './probe.ts';

const key = new Uint8Array(32).fill(3);
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Our own door, with media streams. */
async function ourselves(t: TestContext, clock: HandClock): Promise<number> {
  const door = new StreamDoor({
    lines: {
      isExpected: () => false,
      codecOf: () => null,
      carrierCallIdOf: () => null,
      attach: () => undefined,
      message: () => undefined,
      detached: () => undefined,
    },
    paths: ['/voice/stream'],
    secret: key,
    clock,
    log: quiet,
    limits: {
      maxConnections: 2,
      maxPendingConnections: 2,
      maxPendingConnectionsPerIp: 2,
      preStartTimeoutMs: 5_000,
    },
  });
  const upgrade = door.upgrade.bind(door);
  const listener = await bind({ host: '127.0.0.1', port: 0, clock, upgrade });
  listener.serve({
    publicUrls: null,
    forwarding: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
    gate: { path: '/voice/webhook', signatureHeaders: [], probeKey: key },
    answer: async () => plain(200, 'in'),
  });
  t.after(() => listener.close());
  return listener.port;
}

/** Another program. */
async function stranger(t: TestContext, handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function targetAt(port: number, more: Partial<ProbeTarget> = {}): ProbeTarget {
  return {
    webhookUrl: `http://127.0.0.1:${port}/voice/webhook`,
    streamBase: `ws://127.0.0.1:${port}/voice/stream`,
    key,
    clock: new HandClock(),
    newId: newUuid,
    ...more,
  };
}

function faultOf(verdict: ProbeVerdict): string {
  return verdict.ok ? 'ok' : `${verdict.at}: ${verdict.fault}: ${verdict.error.message}`;
}

describe('The probe of the public address', () => {
  it('finds us, over HTTP and as a WebSocket', async (t) => {
    const clock = new HandClock();
    const port = await ourselves(t, clock);
    const verdict = await probePublicAddress(targetAt(port, { clock }));
    assert.deepEqual(verdict, { ok: true, webhookMs: 0, streamMs: 0 });
    assert.deepEqual(await probePublicAddress(targetAt(port, { clock, streamBase: null })), {
      ok: true,
      webhookMs: 0,
      streamMs: null,
    });
  });

  it('shows no password that stands in the address', async () => {
    const clock = new HandClock();
    const webhookUrl = 'http://me:hunter2@127.0.0.1:9/voice/webhook';
    const verdict = await probePublicAddress({ webhookUrl, streamBase: null, key, clock, newId: newUuid });
    assert.ok(!verdict.ok);
    assert.match(verdict.error.message, /me:\*\*\*@127\.0\.0\.1:9/);
    assert.doesNotMatch(verdict.error.message, /hunter2/);
  });

  it('takes another process of ours for another program', async (t) => {
    const clock = new HandClock();
    const port = await ourselves(t, clock);
    const other = new Uint8Array(32).fill(4);
    const verdict = await probePublicAddress(targetAt(port, { clock, key: other, streamBase: null }));
    assert.match(faultOf(verdict), /^webhook: wrong-program: .* it answered 405$/);
    const stream = await probePublicAddress({
      ...targetAt(port, { clock }),
      webhookUrl: `http://127.0.0.1:${port}/voice/webhook`,
      streamBase: `ws://127.0.0.1:${port}/elsewhere`,
    });
    assert.match(faultOf(stream), /^stream: path-not-forwarded: .* answered the upgrade with 404$/);
  });

  const pages: [what: string, handler: RequestListener, expected: RegExp][] = [
    [
      'a page',
      (_, to) => to.end('<html>Welcome</html>'),
      /^webhook: wrong-program: .*somebody else answered/,
    ],
    ['a missing path', (_, to) => to.writeHead(404).end(), /^webhook: path-not-forwarded: .*it answered 404/],
    ['a dead backend', (_, to) => to.writeHead(502).end(), /^webhook: wrong-status: .*it answered 502/],
    [
      'a login',
      (_, to) => to.writeHead(302, { location: 'https://login.example' }).end(),
      /^webhook: wrong-status: .*it answered 302 and sent us elsewhere/,
    ],
    [
      'a tunnel that is offline',
      (_, to) => to.writeHead(404, { 'ngrok-error-code': 'ERR_NGROK_3200' }).end(),
      /^webhook: path-not-forwarded: .*it answered 404 \(ERR_NGROK_3200\)/,
    ],
    ['a broken connection', (request) => request.socket.destroy(), /^webhook: refused: .*ECONNRESET/],
  ];
  for (const [what, handler, expected] of pages) {
    it(`tells ${what} from us`, async (t) => {
      const port = await stranger(t, handler);
      assert.match(faultOf(await probePublicAddress(targetAt(port))), expected);
    });
  }

  it('tells that only WebSockets do not get through', async (t) => {
    const clock = new HandClock();
    const port = await ourselves(t, clock);
    const barred = await stranger(t, (_, to) => to.writeHead(400).end());
    const streamBase = `ws://127.0.0.1:${barred}/voice/stream`;
    const verdict = await probePublicAddress(targetAt(port, { clock, streamBase }));
    assert.match(faultOf(verdict), /^stream: upgrade-not-forwarded: .*answered the upgrade with 400$/);
  });

  it('tells a WebSocket of somebody else from ours', async (t) => {
    const clock = new HandClock();
    const port = await ourselves(t, clock);
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    t.after(() => server.close());
    server.on('connection', (socket) => socket.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const streamBase = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    const verdict = await probePublicAddress(targetAt(port, { clock, streamBase }));
    assert.match(faultOf(verdict), /^stream: wrong-program: .*it closed without an answer$/);
  });

  it('tells that nobody listens, that the name is unknown and that there is no TLS', async (t) => {
    const port = await stranger(t, (_, to) => to.end());
    const tls = { webhookUrl: `https://127.0.0.1:${port}/voice/webhook`, streamBase: null };
    assert.match(faultOf(await probePublicAddress(targetAt(port, tls))), /^webhook: tls: .*TLS failed/);
    const nowhere = { webhookUrl: 'http://voice.invalid/voice/webhook', streamBase: null };
    assert.match(faultOf(await probePublicAddress(targetAt(1, nowhere))), /^webhook: dns: .*not known/);
    const verdict = await probePublicAddress(targetAt(1, { streamBase: null }));
    assert.match(faultOf(verdict), /^webhook: refused: .*ECONNREFUSED/);
    assert.ok(!verdict.ok && /^Start the proxy or tunnel/.test(verdict.error.cure));
  });

  it('does not wait for ever', async (t) => {
    const port = await stranger(t, () => undefined);
    const clock = new HandClock();
    const asked = probePublicAddress(targetAt(port, { clock, streamBase: null }));
    await settle(20);
    await clock.advance(5_000);
    assert.match(faultOf(await asked), /^webhook: timeout: .*within 5000 ms$/);
    assert.equal(clock.pending, 0);
  });
});
