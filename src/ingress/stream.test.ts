// Tests of who may open a media stream, with real sockets: what is refused before the 101, and what is closed after.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { Log, LogFields } from '../lib/log.ts';
import type { MediaCodec, MediaMessage } from '../media/codec.ts';
import type { MediaSocket } from '../media/playout.ts';
import { bind, type Listener } from './server.ts';
import { type DoorLines, StreamDoor } from './stream.ts';
import type { StreamLimits } from './stream-limits.ts';
import { streamUrls } from './stream-token.ts';
import { plain } from './webhook.ts';

const secret = new Uint8Array(32).fill(7);
const PATH = '/voice/stream';

/** Frames are media messages as JSON; anything else is malformed. */
const codec: MediaCodec = {
  carrier: 'paper',
  mayReorder: false,
  read(frame) {
    if (frame.includes('explode')) throw new Error('the codec is broken');
    try {
      return JSON.parse(frame) as MediaMessage;
    } catch {
      return null;
    }
  },
  writer: (streamId) => ({ audio: () => `${streamId}:audio`, mark: (name) => name, clear: () => 'clear' }),
};

/** The calls the door knows: each expects the connection given, and may not know the carrier's id yet. */
class FakeLines implements DoorLines {
  readonly expected = new Map<string, number>();
  readonly carrierIds = new Map<string, string>();
  readonly sockets = new Map<string, MediaSocket>();
  readonly heard: string[] = [];
  readonly gone: string[] = [];

  call(callId: string, n = 1, carrierCallId: string | null = `carrier-${callId}`): void {
    this.expected.set(callId, n);
    if (carrierCallId !== null) this.carrierIds.set(callId, carrierCallId);
  }
  isExpected = (callId: string, n: number): boolean => this.expected.get(callId) === n;
  codecOf = (callId: string): MediaCodec | null => (this.expected.has(callId) ? codec : null);
  carrierCallIdOf = (callId: string): string | null => this.carrierIds.get(callId) ?? null;
  attach(...[callId, n, { writer, socket }]: Parameters<DoorLines['attach']>): void {
    this.heard.push(`${callId} ${n} attached`);
    this.sockets.set(callId, socket);
    socket.send([writer.audio(new Uint8Array(0))]);
  }
  message(callId: string, n: number, message: MediaMessage): void {
    this.heard.push(`${callId} ${n} ${message.kind}`);
  }
  detached(callId: string, n: number, why: string): void {
    this.gone.push(`${callId} ${n} ${why}`);
  }
}

class Stage {
  readonly clock = new HandClock();
  readonly lines = new FakeLines();
  readonly logged: { text: string; fields: LogFields | undefined }[] = [];
  readonly door: StreamDoor;
  #listener: Listener | null = null;

  constructor(limits: Partial<StreamLimits> = {}) {
    const keep = (text: string, fields?: LogFields): void => void this.logged.push({ text, fields });
    const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
    this.door = new StreamDoor({
      lines: this.lines,
      paths: [PATH, `/prefix${PATH}`],
      secret,
      clock: this.clock,
      log,
      limits: {
        maxConnections: 128,
        maxPendingConnections: 32,
        maxPendingConnectionsPerIp: 4,
        preStartTimeoutMs: 5_000,
        ...limits,
      },
    });
  }

  static async open(t: TestContext, limits: Partial<StreamLimits> = {}): Promise<Stage> {
    const stage = new Stage(limits);
    await stage.listen(t);
    stage.serve();
    stage.lines.call('call-1');
    return stage;
  }

  async listen(t: TestContext, headWithinMs = 10_000): Promise<void> {
    const { clock, door } = this;
    const upgrade = door.upgrade.bind(door);
    const listener = await bind({ host: '127.0.0.1', port: 0, clock, upgrade, headWithinMs });
    this.#listener = listener;
    t.after(async () => {
      await Promise.all([door.close(), listener.close()]);
      assert.equal(clock.pending, 0, 'no timer is left behind');
    });
  }

  serve(trustsProxy = false): void {
    this.#listener?.serve({
      publicUrls: null,
      forwarding: { allowedHosts: [], trustForwardingHeaders: trustsProxy, trustedProxyIPs: [] },
      gate: { path: '/voice/webhook', signatureHeaders: [] },
      answer: async () => plain(200, 'in'),
    });
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  address(callId = 'call-1', n = 1, forMs = 60_000): { readonly url: string; readonly token: string } {
    const base = `http://127.0.0.1:${this.port}`;
    return streamUrls({ base, path: PATH, secret })(callId, n, this.clock.now() + forMs);
  }

  dial(url = this.address().url, options: ClientOptions = {}): Peer {
    return new Peer(url, options);
  }

  /** A stream whose start was accepted. */
  async started(callId = 'call-1', n = 1): Promise<Peer> {
    const peer = this.dial(this.address(callId, n).url);
    await peer.open();
    peer.say(startOf(callId));
    await peer.hears('stream-1:audio');
    return peer;
  }
}

/** The carrier's side of a stream. */
class Peer {
  readonly socket: WebSocket;
  /** `open`, or the status and body it was refused with. */
  readonly greeted: Promise<string>;
  readonly closed: Promise<string>;
  readonly heard: string[] = [];

  constructor(url: string, options: ClientOptions) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.socket.on('message', (data) => this.heard.push(String(data)));
    this.greeted = new Promise((resolve) => {
      this.socket.on('open', () => resolve('open'));
      this.socket.on('error', (error) => resolve(error.message));
      this.socket.on('unexpected-response', (_request, response) => {
        response.setEncoding('utf8');
        let body = '';
        response.on('data', (part: string) => {
          body += part;
        });
        response.on('end', () => resolve(`${response.statusCode} ${body}`));
      });
    });
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => resolve(`${code} ${reason}`.trim())),
    );
  }

  async open(): Promise<void> {
    assert.equal(await this.greeted, 'open');
  }

  say(message: Partial<MediaMessage> | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async hears(text: string): Promise<void> {
    while (!this.heard.includes(text)) await settle(1);
  }
}

function startOf(callId: string, more: Partial<Extract<MediaMessage, { kind: 'start' }>> = {}): MediaMessage {
  const carrierCallId = `carrier-${callId}`;
  return { kind: 'start', carrierCallId, streamId: 'stream-1', token: null, isOurFormat: true, ...more };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await settle(1);
}

function rawUpgrade(port: number, head: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  socket.write(head);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const answer = new Promise<string>((resolve) => {
    socket.on('error', () => resolve(text)).on('close', () => resolve(text));
  });
  return { socket, answer };
}

const UPGRADE =
  'host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n';

describe('Before the upgrade', () => {
  const refusals: [string, string, (stage: Stage) => string][] = [
    ['another path', '404 Not Found', (stage) => stage.address().url.replace('/stream/', '/streams/')],
    ['a path without a token', '404 Not Found', ({ port }) => `ws://127.0.0.1:${port}${PATH}`],
    ['the path of webhooks', '404 Not Found', ({ port }) => `ws://127.0.0.1:${port}/voice/webhook`],
    ['a token that is too old', '403 Forbidden', (stage) => stage.address('call-1', 1, 0).url],
    ['a call nobody knows', '403 Forbidden', (stage) => stage.address('call-9').url],
    ['a connection that is not due yet', '403 Forbidden', (stage) => stage.address('call-1', 2).url],
    [
      "another call's token",
      '401 Unauthorized',
      (stage) => stage.address().url.replace(/[^/]+$/, stage.address('call-2').token),
    ],
    [
      'an expiry put off',
      '401 Unauthorized',
      (stage) => stage.address().url.replace(/[^/]+(\/[^/]+)$/, 'zzzzzzzz$1'),
    ],
  ];
  for (const [what, answer, urlOf] of refusals) {
    it(`${what} is answered ${answer}`, async (t) => {
      const stage = await Stage.open(t);
      assert.equal(await stage.dial(urlOf(stage)).greeted, answer);
      assert.deepEqual(stage.lines.heard, []);
    });
  }

  it('another method is answered 405, and the socket is destroyed', async (t) => {
    const stage = await Stage.open(t);
    const { pathname } = new URL(stage.address().url);
    const { answer } = rawUpgrade(stage.port, `POST ${pathname} HTTP/1.1\r\n${UPGRADE}\r\n`);
    assert.match(await answer, /^HTTP\/1\.1 405 .*\r\n\r\nMethod Not Allowed$/s);
  });

  it('nobody comes in before webhooks do', async (t) => {
    const stage = new Stage();
    await stage.listen(t);
    stage.lines.call('call-1');
    assert.equal(await stage.dial().greeted, '503 Service Unavailable');
    stage.serve();
    await stage.dial().open();
  });

  it('an address behind the prefix of a proxy is as good', async (t) => {
    const stage = await Stage.open(t);
    await stage.dial(stage.address().url.replace(PATH, `/prefix${PATH}`)).open();
  });

  it('the token of an older connection is worth nothing once a newer one is due', async (t) => {
    const stage = await Stage.open(t);
    const older = stage.address('call-1', 1).url;
    stage.lines.call('call-1', 2);
    assert.equal(await stage.dial(older).greeted, '403 Forbidden');
    await stage.dial(stage.address('call-1', 2).url).open();
  });

  it('a token lets in one connection, also when the first has gone', async (t) => {
    const stage = await Stage.open(t);
    const { url } = stage.address();
    const first = stage.dial(url);
    await first.open();
    assert.equal(await stage.dial(url).greeted, '403 Forbidden');
    first.socket.terminate();
    await first.closed;
    assert.equal(await stage.dial(url).greeted, '403 Forbidden');
  });

  it('a token that could not be used, because the handshake was wrong, is still good', async (t) => {
    const stage = await Stage.open(t);
    const { url } = stage.address();
    const head = UPGRADE.replace(/sec-websocket-key.*\r\n/, '');
    const { answer } = rawUpgrade(stage.port, `GET ${new URL(url).pathname} HTTP/1.1\r\n${head}\r\n`);
    assert.match(await answer, /^HTTP\/1\.1 400 /);
    await stage.dial(url).open();
  });

  it('one connection too many is answered 503, until another has gone', async (t) => {
    const stage = await Stage.open(t, { maxConnections: 1 });
    stage.lines.call('call-2');
    const first = await stage.started();
    assert.equal(await stage.dial(stage.address('call-2').url).greeted, '503 Service Unavailable');
    first.socket.terminate();
    await until(() => stage.lines.gone.length === 1);
    await stage.started('call-2');
  });

  it('nothing is compressed, whatever the other side offers', async (t) => {
    const stage = await Stage.open(t);
    const peer = stage.dial(undefined, { perMessageDeflate: true });
    await peer.open();
    assert.equal(peer.socket.extensions, '');
  });

  it('half a head is given ten seconds, here a few ms', async (t) => {
    const stage = new Stage();
    await stage.listen(t, 40);
    stage.serve();
    const { answer } = rawUpgrade(stage.port, 'GET /voice/stream/x HTTP/1.1\r\nhost: x\r\nupgra');
    assert.match(await answer, /^HTTP\/1\.1 408 /);
  });

  it('an HTTP client that offers HTTP/2 with its webhook gets its answer', async (t) => {
    const stage = await Stage.open(t);
    const head = 'POST /voice/webhook HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n';
    const { answer } = rawUpgrade(stage.port, `${head}content-length: 2\r\n\r\nhi`);
    assert.match(await answer, /^HTTP\/1\.1 200 .*in/s);
  });

  it('the log is told of strangers once in a while, with their number and no token', async (t) => {
    const stage = await Stage.open(t);
    const { url, token } = stage.address('call-9');
    for (let at = 0; at < 3; at++) await stage.dial(url).greeted;
    await stage.clock.advance(5_000);
    await stage.dial(url).greeted;
    assert.deepEqual(
      stage.logged.map(({ fields }) => fields?.['refusedSince']),
      [1, 3],
    );
    assert.doesNotMatch(JSON.stringify(stage.logged), new RegExp(token));
  });
});

describe('Connections that have not started', () => {
  it('are closed with 1013 when there are too many from one address; the token stays good', async (t) => {
    const stage = await Stage.open(t, { maxPendingConnectionsPerIp: 2 });
    for (const callId of ['call-2', 'call-3']) stage.lines.call(callId);
    const [first] = ['call-1', 'call-2'].map((callId) => stage.dial(stage.address(callId).url));
    assert.ok(first);
    await first.open();
    const { url } = stage.address('call-3');
    assert.equal(await stage.dial(url).closed, '1013 Too many pending media stream connections');
    first.say(startOf('call-1'));
    await first.hears('stream-1:audio');
    await stage.started('call-3');
  });

  it('are counted for the address a trusted proxy names, and in all', async (t) => {
    const stage = await Stage.open(t, { maxPendingConnections: 2, maxPendingConnectionsPerIp: 1 });
    stage.serve(true);
    for (const callId of ['call-2', 'call-3']) stage.lines.call(callId);
    const from = (callId: string, ip: string): Peer =>
      stage.dial(stage.address(callId).url, { headers: { 'x-forwarded-for': ip } });
    await from('call-1', '198.51.100.1').open();
    assert.match(await from('call-2', '198.51.100.1').closed, /^1013 /);
    await from('call-2', '198.51.100.2').open();
    assert.match(await from('call-3', '198.51.100.3').closed, /^1013 /);
  });

  it('have five seconds', async (t) => {
    const stage = await Stage.open(t);
    const peer = stage.dial();
    await peer.open();
    peer.say({ kind: 'ignored' });
    await stage.clock.advance(4_999);
    assert.equal(peer.socket.readyState, WebSocket.OPEN);
    await stage.clock.advance(1);
    assert.equal(await peer.closed, '1008 Start timeout');
  });

  it('and take no close frame are cut after a second', async (t) => {
    const stage = await Stage.open(t);
    const { pathname } = new URL(stage.address().url);
    const { socket, answer } = rawUpgrade(stage.port, `GET ${pathname} HTTP/1.1\r\n${UPGRADE}\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    await stage.clock.advance(5_000);
    assert.equal(socket.destroyed, false);
    await stage.clock.advance(1_000);
    assert.match(await answer, /^HTTP\/1\.1 101 /);
  });

  const faults: [string, string, (peer: Peer) => void][] = [
    ['8 KB and more in a frame', '1009 Frame too large', (peer) => peer.say('x'.repeat(8 * 1024 + 1))],
    [
      'bytes',
      '1003 Text frames only',
      (peer) => peer.socket.send(Buffer.from(JSON.stringify(startOf('call-1')))),
    ],
    ['audio', '1008 Start expected', (peer) => peer.say({ kind: 'audio', chunk: 1 })],
    ['chatter', '1008 Start timeout', (peer) => repeat(21, () => peer.say({ kind: 'ignored' }))],
    ['noise', '1008 Malformed frames', (peer) => repeat(20, () => peer.say('noise'))],
    ['the start of another call', '1008 Unknown call', (peer) => peer.say(startOf('call-2'))],
    ['another token', '1008 Unknown call', (peer) => peer.say(startOf('call-1', { token: 'A'.repeat(24) }))],
    [
      'another format',
      '1003 Unsupported media format',
      (peer) => peer.say(startOf('call-1', { isOurFormat: false })),
    ],
    ['what the codec stumbles over', '1011 Internal error', (peer) => peer.say('explode')],
  ];
  for (const [what, closed, say] of faults) {
    it(`and send ${what} are closed: ${closed}`, async (t) => {
      const stage = await Stage.open(t);
      const peer = stage.dial();
      await peer.open();
      say(peer);
      assert.equal(await peer.closed, closed);
      assert.deepEqual([stage.lines.heard, stage.lines.gone], [[], []]);
    });
  }

  it('are closed when their call ends, or a newer connection of it begins', async (t) => {
    const stage = await Stage.open(t);
    const peer = stage.dial();
    await peer.open();
    stage.lines.call('call-1', 2);
    peer.say(startOf('call-1'));
    assert.equal(await peer.closed, '1008 Unknown call');
  });
});

describe('A start', () => {
  it('with the id of the call and the token of the path is accepted, and the stream is handed over', async (t) => {
    const stage = await Stage.open(t);
    const { url, token } = stage.address();
    const peer = stage.dial(url);
    await peer.open();
    peer.say({ kind: 'ignored' });
    peer.say(startOf('call-1', { token }));
    peer.say({ kind: 'audio', chunk: 1 });
    await peer.hears('stream-1:audio');
    await until(() => stage.lines.heard.length === 2);
    assert.deepEqual(stage.lines.heard, ['call-1 1 attached', 'call-1 1 audio']);
    await stage.clock.advance(5_000);
    assert.equal(peer.socket.readyState, WebSocket.OPEN, 'the start timeout is off');
  });

  it('waits to learn what the carrier calls the call; what comes meanwhile is kept', async (t) => {
    const stage = await Stage.open(t);
    stage.lines.call('call-2', 1, null);
    const peer = stage.dial(stage.address('call-2').url);
    await peer.open();
    peer.say(startOf('call-2'));
    peer.say({ kind: 'audio', chunk: 1 });
    peer.say({ kind: 'digit', digit: '1' });
    peer.socket.ping();
    await new Promise((resolve) => peer.socket.once('pong', resolve));
    assert.deepEqual(stage.lines.heard, []);
    stage.lines.call('call-2', 1);
    stage.door.identified('call-1');
    assert.deepEqual(stage.lines.heard, []);
    stage.door.identified('call-2');
    assert.deepEqual(stage.lines.heard, ['call-2 1 attached', 'call-2 1 audio', 'call-2 1 digit']);
  });

  it('of a call that turns out to be another is refused', async (t) => {
    const stage = await Stage.open(t);
    stage.lines.call('call-2', 1, null);
    const peer = stage.dial(stage.address('call-2').url);
    await peer.open();
    peer.say(startOf('call-1'));
    peer.socket.ping();
    await new Promise((resolve) => peer.socket.once('pong', resolve));
    stage.lines.call('call-2', 1);
    stage.door.identified('call-2');
    assert.equal(await peer.closed, '1008 Unknown call');
  });

  it('of a call whose id never becomes known is refused when its time is over', async (t) => {
    const stage = await Stage.open(t);
    stage.lines.call('call-2', 1, null);
    const peer = stage.dial(stage.address('call-2').url);
    await peer.open();
    peer.say(startOf('call-2'));
    peer.socket.ping();
    await new Promise((resolve) => peer.socket.once('pong', resolve));
    await stage.clock.advance(5_000);
    assert.equal(await peer.closed, '1008 Start timeout');
    assert.deepEqual(stage.lines.heard, []);
  });
});

describe('A stream that has started', () => {
  const faults: [string, string, (peer: Peer) => void][] = [
    ['a second start', '1008 Duplicate start', (peer) => peer.say(startOf('call-1'))],
    ['more than 64 KB in a frame', '1009', (peer) => peer.say('x'.repeat(64 * 1024 + 1))],
    ['bytes', '1003 Text frames only', (peer) => peer.socket.send(Buffer.from('{}'))],
    ['a flood', '1008 Too many frames', (peer) => repeat(1_001, () => peer.say({ kind: 'ignored' }))],
    ['noise', '1008 Malformed frames', (peer) => repeat(20, () => peer.say('noise'))],
  ];
  for (const [what, closed, say] of faults) {
    it(`and sends ${what} is closed: ${closed}; the engine is told`, async (t) => {
      const stage = await Stage.open(t);
      const peer = await stage.started();
      say(peer);
      assert.equal(await peer.closed, closed);
      assert.equal(stage.lines.gone.length, 1);
    });
  }

  it('and breaks the protocol is cut after a second, when it takes no close frame', async (t) => {
    const stage = await Stage.open(t);
    const peer = await stage.started();
    peer.socket.pause();
    peer.say('x'.repeat(64 * 1024 + 1));
    await until(() => stage.lines.gone.length === 1);
    assert.deepEqual(stage.lines.gone, ['call-1 1 Max payload size exceeded']);
    const isDown = (): boolean => stage.logged.some(({ text }) => text === 'media stream ended');
    await stage.clock.advance(999);
    assert.equal(isDown(), false);
    await stage.clock.advance(1);
    await until(isDown);
  });

  it('may send frames of 64 KB, and noise now and then', async (t) => {
    const stage = await Stage.open(t);
    const peer = await stage.started();
    repeat(3, () => {
      repeat(19, () => peer.say('x'.repeat(64 * 1024)));
      peer.say({ kind: 'mark', name: 'm' });
    });
    await until(() => stage.lines.heard.length === 4);
    assert.equal(peer.socket.readyState, WebSocket.OPEN);
  });

  it('is closed after thirty seconds without a frame, not before', async (t) => {
    const stage = await Stage.open(t);
    const peer = await stage.started();
    await stage.clock.advance(20_000);
    peer.say({ kind: 'audio', chunk: 1 });
    await until(() => stage.lines.heard.length === 2);
    await stage.clock.advance(29_999);
    assert.equal(peer.socket.readyState, WebSocket.OPEN);
    await stage.clock.advance(1);
    assert.equal(await peer.closed, '1001 Idle');
    assert.deepEqual(stage.lines.gone, ['call-1 1 nothing came for 30 s']);
  });

  it('that the carrier leaves is reported with its code', async (t) => {
    const stage = await Stage.open(t);
    const peer = await stage.started();
    peer.socket.close(1000);
    await until(() => stage.lines.gone.length === 1);
    assert.deepEqual(stage.lines.gone, ['call-1 1 the carrier closed the socket (1000)']);
  });

  it('can be closed by the engine, which is told when it is down and not before', async (t) => {
    const stage = await Stage.open(t);
    const peer = await stage.started();
    const socket = stage.lines.sockets.get('call-1');
    socket?.close(1000, 'Done');
    assert.deepEqual(stage.lines.gone, []);
    socket?.send(['too late']);
    assert.equal(await peer.closed, '1000 Done');
    await until(() => stage.lines.gone.length === 1);
    assert.deepEqual(peer.heard, ['stream-1:audio']);
  });

  it('tells how much has not left for the network', async (t) => {
    const stage = await Stage.open(t);
    const peer = await stage.started();
    peer.socket.pause();
    const socket = stage.lines.sockets.get('call-1');
    assert.ok(socket);
    assert.equal(socket.bufferedBytes, 0);
    repeat(400, () => socket.send(['x'.repeat(64 * 1024)]));
    assert.ok(socket.bufferedBytes > 1_000_000);
    peer.socket.terminate();
  });

  it('goes when the door closes, and nobody comes any more', async (t) => {
    const stage = await Stage.open(t);
    const peer = await stage.started();
    const closed = stage.door.close();
    assert.equal(await peer.closed, '1001 Going away');
    await closed;
    assert.equal(stage.lines.gone.length, 1);
    stage.lines.call('call-2');
    assert.equal(await stage.dial(stage.address('call-2').url).greeted, '503 Service Unavailable');
  });
});

function repeat(times: number, run: () => void): void {
  for (let at = 0; at < times; at++) run();
}
