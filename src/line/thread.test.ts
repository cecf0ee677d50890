// Tests of the line thread as its owner sees it: webhooks, lines, its death and its end. The threads are real.
import assert from 'node:assert/strict';
import { on } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import type { WebhookRequest, WireReply } from '../carrier/carrier.ts';
import type { Handler } from '../ingress/server.ts';
import { streamUrls } from '../ingress/stream-token.ts';
import { plain } from '../ingress/webhook.ts';
import { newSecret } from '../lib/ids.ts';
import type { Log, LogFields } from '../lib/log.ts';
import type { LineEvent } from '../media/lines.ts';
import { type LineThread, type LineThreadOptions, startLineThread } from './thread.ts';

const secret = newSecret();
const PATH = '/voice/stream';

interface Owner {
  readonly thread: LineThread;
  readonly base: string;
  readonly events: LineEvent[];
  readonly logged: { text: string; fields: LogFields | undefined }[];
  readonly deaths: string[];
  readonly watchers: (() => void)[];
}

function optionsOf(owner: Pick<Owner, 'logged' | 'deaths'>): LineThreadOptions {
  const keep = (text: string, fields?: LogFields): void => void owner.logged.push({ text, fields });
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
  const limits = {
    maxConnections: 128,
    maxPendingConnections: 32,
    maxPendingConnectionsPerIp: 4,
    preStartTimeoutMs: 5_000,
  };
  return {
    host: '127.0.0.1',
    port: 0,
    stream: { path: PATH, prefix: '', secret, limits },
    log,
    onDeath: (why) => void owner.deaths.push(why),
  };
}

async function started(t: TestContext, more: Partial<LineThreadOptions> = {}): Promise<Owner> {
  const kept: Omit<Owner, 'thread' | 'base'> = { events: [], logged: [], deaths: [], watchers: [] };
  const thread = await startLineThread({ ...optionsOf(kept), ...more });
  t.after(() => thread.stop());
  thread.listen((event) => {
    kept.events.push(event);
    for (const watch of kept.watchers) watch();
  });
  return { ...kept, thread, base: `http://127.0.0.1:${thread.listener.port}` };
}

function serve({ thread }: Owner, answer: Handler['answer']): void {
  thread.listener.serve({
    publicUrls: null,
    forwarding: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
    gate: { path: '/voice/webhook', signatureHeaders: ['x-signature'] },
    answer,
  });
}

function post({ base }: Owner, path = '/voice/webhook', init: RequestInit = {}): Promise<Response> {
  const headers = { 'x-signature': 'x', 'content-type': 'text/plain' };
  return fetch(`${base}${path}`, { method: 'POST', headers, body: 'hello', ...init });
}

/** The code of a thread, for threads that are not as they should be. `port` is its way to the owner. */
function entryOf(code: string): URL {
  const head = "import { parentPort as port } from 'node:worker_threads';";
  return new URL(`data:text/javascript,${encodeURIComponent(head + code)}`);
}

const LISTENS = "port.postMessage({ kind: 'listening', port: 1 });";

/** Resolves once `isSo`, which is asked after each event. */
function until({ watchers }: Owner, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => watchers.push(() => isSo() && resolve()));
}

describe('A webhook at the line thread', () => {
  it('reaches the main thread as it came, and its answer the carrier', async (t) => {
    const owner = await started(t);
    const seen: WebhookRequest[] = [];
    serve(owner, async (request) => {
      seen.push(request);
      return { status: 201, contentType: 'text/xml', body: '<Response/>' };
    });
    const body = `${'é'.repeat(32 * 1024 - 1)}ab`;
    const response = await post(owner, '/voice/webhook?callId=1', { body });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('content-type'), 'text/xml');
    assert.equal(await response.text(), '<Response/>');
    assert.equal(seen[0]?.body, body);
    assert.equal(seen[0]?.path, '/voice/webhook?callId=1');
    assert.equal(seen[0]?.headers['x-signature'], 'x');
    assert.equal(seen[0]?.urls[0], `${owner.base}/voice/webhook?callId=1`);
  });

  const refusals: [string, string, RequestInit, number][] = [
    ['another path', '/voice/webhooks', {}, 404],
    ['another method', '/voice/webhook', { method: 'PUT' }, 405],
    ['a request without a signature', '/voice/webhook', { headers: {} }, 401],
    ['a body that is too large', '/voice/webhook', { body: 'x'.repeat(64 * 1024 + 1) }, 413],
  ];
  for (const [what, path, init, status] of refusals) {
    it(`with ${what} is answered ${status} there and then`, async (t) => {
      const owner = await started(t);
      serve(owner, () => assert.fail('the main thread was asked'));
      assert.equal((await post(owner, path, init)).status, status);
    });
  }

  it('is answered 503 while nobody serves, and 500 when the answer fails', async (t) => {
    const owner = await started(t);
    assert.equal((await post(owner)).status, 503);
    serve(owner, () => Promise.reject(new Error('no')));
    assert.equal((await post(owner)).status, 500);
    assert.deepEqual(owner.logged, [{ text: 'a webhook could not be handled', fields: { error: 'no' } }]);
  });

  it('many at once get each its own answer', async (t) => {
    const owner = await started(t);
    serve(owner, async ({ body }) => plain(200, `answer to ${body}`));
    const bodies = Array.from({ length: 50 }, (_, at) => `number ${at}`);
    const answers = await Promise.all(
      bodies.map(async (body) => (await post(owner, undefined, { body })).text()),
    );
    assert.deepEqual(
      answers,
      bodies.map((body) => `answer to ${body}`),
    );
  });

  it('on its way is still answered while the port closes', async (t) => {
    const owner = await started(t);
    const held = Promise.withResolvers<WireReply>();
    const asked = Promise.withResolvers<void>();
    serve(owner, () => {
      asked.resolve();
      return held.promise;
    });
    const answer = post(owner);
    await asked.promise;
    const closed = owner.thread.listener.close();
    held.resolve(plain(200, 'at last'));
    assert.equal(await (await answer).text(), 'at last');
    await closed;
    await assert.rejects(post(owner));
  });
});

describe('The line thread', () => {
  it('names the port when somebody else has it', async (t) => {
    const { thread } = await started(t);
    const { port } = thread.listener;
    await assert.rejects(started(t, { port }), {
      code: 'VC_PORT_IN_USE',
      message: `Port ${port} on 127.0.0.1 is already in use by another program`,
    });
  });

  it('says why when it cannot listen or cannot run', async (t) => {
    await assert.rejects(started(t, { host: '192.0.2.1' }), {
      code: 'VC_INTERNAL',
      message: /EADDRNOTAVAIL/,
    });
    const entry = entryOf("throw new Error('no engine');");
    await assert.rejects(started(t, { entry }), { code: 'VC_INTERNAL', message: /no engine/ });
  });

  it('that does not get ready is given up after ten seconds', async () => {
    const clock = new HandClock();
    const kept = { logged: [], deaths: [] };
    const entry = entryOf('port.on("message", () => undefined);');
    const starting = assert.rejects(startLineThread({ ...optionsOf(kept), entry, clock }), {
      code: 'VC_INTERNAL',
      message: /did not start in time/,
    });
    await clock.advance(10_000);
    await starting;
    assert.deepEqual(kept.deaths, []);
  });

  it('that dies reports its lines closed, then its death, and nothing waits for it', async (t) => {
    const opened = { kind: 'opened', callId: 'call-1', at: 1, n: 3 };
    const entry = entryOf(`${LISTENS}
      port.on('message', ({ kind }) => {
        if (kind === 'identify') port.postMessage(${JSON.stringify({ kind: 'event', event: opened })});
        if (kind === 'understood') throw new Error('the engine broke');
      });`);
    const order: string[] = [];
    const dead = Promise.withResolvers<void>();
    const onDeath = (why: string): void => {
      order.push(why);
      dead.resolve();
    };
    const owner = await started(t, { entry, onDeath });
    const { lines } = owner.thread;
    for (const callId of ['call-1', 'call-2', 'call-3'])
      lines.open({ callId, carrier: 'twilio', sensitivity: 'medium' });
    lines.identify('call-1', 'CA1');
    lines.close('call-3');
    owner.thread.listen((event) => {
      if (event.kind === 'closed') order.push(`${event.callId} ${event.n} ${event.isOver} ${event.why}`);
      if (event.kind === 'closed' && event.callId === 'call-1') throw new Error('the owner stumbles');
    });
    lines.understood('call-1', 'die');
    await dead.promise;
    assert.deepEqual(order, [
      'call-1 3 false the line thread died',
      'call-2 1 false the line thread died',
      'the engine broke',
    ]);
    lines.say('call-1', { id: 'u', interruptible: true });
    await owner.thread.listener.close();
    await owner.thread.stop();
  });

  it('that dies leaves its port to the next', async (t) => {
    const owner = await started(t);
    const { port } = owner.thread.listener;
    await owner.thread.stop();
    const next = await started(t, { port });
    serve(next, async () => plain(200, 'in'));
    assert.equal((await post(next)).status, 200);
  });

  it('that hangs is ended after ten seconds, and counts as dead', async (t) => {
    const entry = entryOf(`${LISTENS} port.on('message', () => { for (;;); });`);
    const clock = new HandClock();
    const dead = Promise.withResolvers<string>();
    await started(t, { entry, clock, onDeath: dead.resolve });
    await clock.advance(10_000);
    assert.equal(await dead.promise, 'it did not answer for ten seconds');
    assert.equal(clock.pending, 0);
  });

  it('stops within two seconds even when it does not listen to us any more', async () => {
    const kept = { logged: [], deaths: [] as string[] };
    const entry = entryOf(`${LISTENS} port.on('message', () => { for (;;); });`);
    const thread = await startLineThread({ ...optionsOf(kept), entry });
    const startedAt = performance.now();
    await thread.stop();
    const took = performance.now() - startedAt;
    assert.ok(took > 1_000 && took < 2_000, `it took ${took} ms`);
    assert.deepEqual(kept.deaths, []);
  });
});

/** A carrier in a thread of its own: starts a stream, notes when each frame of audio comes, sends back audio. */
const CARRIER = `
  import { parentPort as port, workerData } from 'node:worker_threads';
  const { WebSocket } = await import(workerData.ws);
  const socket = new WebSocket(workerData.url);
  socket.on('error', () => undefined);
  const arrivals = [];
  let chunk = 0;
  const say = (frame) => socket.send(JSON.stringify({ streamSid: 'MZ1', ...frame }));
  const media = (payload) => {
    chunk += 1;
    const numbers = { chunk: String(chunk), timestamp: String(20 * chunk) };
    say({ event: 'media', sequenceNumber: String(chunk), media: { track: 'inbound', ...numbers, payload } });
  };
  socket.on('open', () => {
    say({ event: 'connected', protocol: 'Call', version: '1.0.0' });
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    const parameters = { customParameters: { token: workerData.token }, mediaFormat };
    say({ event: 'start', start: { streamSid: 'MZ1', callSid: 'CA1', tracks: ['inbound'], ...parameters } });
    for (const byte of [1, 2, 3]) media(Buffer.alloc(160, byte).toString('base64'));
    socket.ping();
  });
  socket.on('pong', () => port.postMessage('waiting'));
  socket.on('message', (text) => {
    const frame = JSON.parse(text);
    if (frame.event === 'media') arrivals.push({ at: performance.now(), bytes: atob(frame.media.payload).length });
    if (frame.event === 'mark') say({ event: 'mark', mark: frame.mark });
  });
  socket.on('close', (code) => port.postMessage({ arrivals, code }));
`;

interface Arrival {
  /** Ms on the carrier's own clock. */
  readonly at: number;
  readonly bytes: number;
}

/** How much sound the carrier had in hand, at the worst moment, if it played what it had since the first frame. */
function leastAheadMs(arrivals: readonly Arrival[]): number {
  const startedAt = arrivals[0]?.at ?? 0;
  const { least } = arrivals.reduce(
    ({ bytes, least }, arrival) => ({
      bytes: bytes + arrival.bytes,
      least: Math.min(least, bytes / 8 - (arrival.at - startedAt)),
    }),
    { bytes: 0, least: 0 },
  );
  return least;
}

interface Dialled {
  /** The line thread has read the start. */
  readonly waiting: Promise<unknown>;
  readonly ended: Promise<{ readonly arrivals: readonly Arrival[]; readonly code: number }>;
}

function dial(owner: Owner, callId: string): Dialled {
  const stream = streamUrls({ base: owner.base, path: PATH, secret })(callId, 1, Date.now() + 60_000);
  const workerData = { ...stream, ws: import.meta.resolve('ws') };
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(CARRIER)}`), { workerData });
  const messages = on(worker, 'message');
  const next = async () => (await messages.next()).value?.[0];
  const waiting = next();
  return { waiting, ended: waiting.then((first) => (first === 'waiting' ? next() : first)) };
}

describe('A media stream in the line thread', () => {
  it('brings the caller to us and us to the caller, in step though the main thread is blocked', async (t) => {
    const owner = await started(t);
    serve(owner, async () => plain(200, ''));
    const { lines } = owner.thread;
    lines.open({ callId: 'call-1', carrier: 'twilio', sensitivity: 'medium' });
    const { waiting, ended } = dial(owner, 'call-1');
    await waiting;
    assert.equal(owner.events.length, 0);
    lines.identify('call-1', 'CA1');
    await until(owner, () => owner.events.filter(({ kind }) => kind === 'audio').length === 3);
    const heard = owner.events.flatMap((event) => (event.kind === 'audio' ? [[...event.mulaw]] : []));
    assert.deepEqual(
      heard,
      [1, 2, 3].map((byte) => Array<number>(160).fill(byte)),
    );

    const voice = Buffer.alloc(8_000 * 2, 0x2a);
    lines.say('call-1', { id: 'u1', interruptible: true });
    lines.sound('call-1', 'u1', { encoding: 'mulaw', sampleRate: 8_000, bytes: voice });
    lines.finish('call-1', 'u1');
    assert.equal(voice[0], 0x2a, 'what was handed over is still ours');
    await until(owner, () => owner.events.some(({ kind }) => kind === 'began'));
    for (let block = 0; block < 4; block++) {
      const freeAt = performance.now() + 400;
      while (performance.now() < freeAt);
      await settle(1);
    }
    await until(owner, () => owner.events.some(({ kind }) => kind === 'played'));
    lines.close('call-1');

    const { arrivals, code } = await ended;
    assert.equal(code, 1000);
    assert.equal(
      arrivals.reduce((sum, { bytes }) => sum + bytes, 0),
      voice.length,
    );
    assert.ok(leastAheadMs(arrivals) > -100, `the caller heard nothing for ${-leastAheadMs(arrivals)} ms`);
  });

  it('is told that we are going when the thread stops, and so are we', async (t) => {
    const owner = await started(t);
    serve(owner, async () => plain(200, ''));
    owner.thread.lines.open({ callId: 'call-1', carrier: 'twilio', sensitivity: 'medium' });
    owner.thread.lines.identify('call-1', 'CA1');
    const { ended } = dial(owner, 'call-1');
    await until(owner, () => owner.events.some(({ kind }) => kind === 'opened'));
    await owner.thread.stop();
    assert.equal((await ended).code, 1001);
    assert.equal(owner.events.at(-1)?.kind, 'closed');
    assert.deepEqual(owner.deaths, []);
  });

  it('is let in by nobody but its own call', async (t) => {
    const owner = await started(t);
    serve(owner, async () => plain(200, ''));
    const { code } = await dial(owner, 'call-1').ended;
    assert.equal(code, 1006);
    // What the thread has logged is here before it says that it is shut.
    await owner.thread.stop();
    assert.match(JSON.stringify(owner.logged), /the call does not expect it/);
  });
});
