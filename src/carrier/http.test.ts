// Tests of http.ts: real servers on loopback that answer, hang, break and mislead.
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import type { WireRequest, WireResponse } from './carrier.ts';
import { httpTransport } from './http.ts';

const never = new AbortController().signal;

async function listening(server: Server | ReturnType<typeof createSocketServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function post(url: string, body = 'a=b'): WireRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-a': '1' },
    body,
  };
}

type Send = (path: string, signal?: AbortSignal) => Promise<WireResponse>;

/** Runs `story` against a server that answers like `listener`. */
async function against(
  listener: RequestListener,
  story: (send: Send, clock: HandClock) => Promise<void>,
): Promise<void> {
  const server = createServer(listener);
  const host = `127.0.0.1:${await listening(server)}`;
  const clock = new HandClock();
  const send = httpTransport({ allowedHosts: new Set([host]), clock });
  try {
    await story((path, signal = never) => send(post(`http://${host}${path}`), signal), clock);
    assert.equal(clock.pending, 0, 'no timer is left');
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const unreachable = (response: WireResponse): Extract<WireResponse, { kind: 'unreachable' }> =>
  response.kind === 'unreachable' ? response : assert.fail(`answered ${response.status}`);

it('a request arrives as it was written, and its answer comes back', async () => {
  const seen: unknown[] = [];
  await against(
    (request, reply) => {
      request
        .setEncoding('utf8')
        .on('data', (body) => seen.push([request.method, request.headers['x-a'], body]));
      reply.writeHead(201, { 'content-type': 'application/json' }).end('{"ok":"ä"}');
    },
    async (send) => {
      const expected = { kind: 'answered', status: 201, body: '{"ok":"ä"}', retryAfterMs: null };
      assert.deepEqual(await send('/x'), expected);
      assert.deepEqual(seen, [['POST', '1', 'a=b']]);
    },
  );
});

it('an answer without a body is an answer', async () => {
  await against(
    (_request, reply) => reply.writeHead(204).end(),
    async (send) =>
      assert.deepEqual(await send('/'), { kind: 'answered', status: 204, body: '', retryAfterMs: null }),
  );
});

it('a busy server says when to come back, in seconds or as a date', async () => {
  const clock = new HandClock();
  const headers = ['7', new Date(clock.now() + 5_000).toUTCString(), 'Thu, 01 Jan 1970 00:00:00 GMT', 'soon'];
  await against(
    (_request, reply) => reply.writeHead(503, { 'retry-after': headers.shift() }).end('busy'),
    async (send) => {
      for (const retryAfterMs of [7_000, 5_000, 0, null]) {
        assert.deepEqual(await send('/'), { kind: 'answered', status: 503, body: 'busy', retryAfterMs });
      }
    },
  );
});

it('a redirect is an answer like any other: nothing follows it', async () => {
  const seen: (string | undefined)[] = [];
  await against(
    (request, reply) => {
      seen.push(request.url);
      reply.writeHead(307, { location: '/elsewhere' }).end();
    },
    async (send) => {
      const response = await send('/here');
      assert.equal(response.kind === 'answered' && response.status, 307);
      assert.deepEqual(seen, ['/here']);
    },
  );
});

it('a server that never answers is given up at the deadline, and may have heard us', async () => {
  let arrived = (): void => assert.fail('arrived twice');
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await against(
    () => arrived(),
    async (send, clock) => {
      const answer = send('/');
      await arrival;
      await clock.advance(9_999);
      assert.equal(clock.pending, 1);
      await clock.advance(1);
      const { why, mayHaveArrived } = unreachable(await answer);
      assert.match(why, /no answer within 10000 ms/);
      assert.equal(mayHaveArrived, true);
    },
  );
});

it('a server that stops in the middle of its answer is given up at the deadline too', async () => {
  let begun = (): void => assert.fail('begun twice');
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  await against(
    (_request, reply) => {
      reply.writeHead(200, { 'content-length': '100' });
      reply.write('half', () => begun());
    },
    async (send, clock) => {
      const answer = send('/');
      await beginning;
      await clock.advance(10_000);
      assert.equal(unreachable(await answer).mayHaveArrived, true);
    },
  );
});

it('a connection that breaks after the request was sent may have carried it', async () => {
  await against(
    (request) => request.socket.destroy(),
    async (send) => assert.equal(unreachable(await send('/')).mayHaveArrived, true),
  );
});

it('whoever asked can call it off, before or after it was sent', async () => {
  const off = new AbortController();
  await against(
    () => off.abort(new Error('hanging up')),
    async (send) => {
      assert.deepEqual(await send('/', off.signal), {
        kind: 'unreachable',
        why: 'hanging up',
        mayHaveArrived: true,
      });
      assert.deepEqual(await send('/', off.signal), {
        kind: 'unreachable',
        why: 'hanging up',
        mayHaveArrived: false,
      });
    },
  );
});

it('an answer that is too large is not read to its end', async () => {
  const part = 'x'.repeat(65_536);
  let left = 512;
  await against(
    (_request, reply) => {
      const more = (): void => {
        while (left > 0 && !reply.destroyed) {
          left -= 1;
          if (!reply.write(part)) return;
        }
        reply.end();
      };
      reply.on('drain', more);
      more();
    },
    async (send) => {
      const { why, mayHaveArrived } = unreachable(await send('/'));
      assert.match(why, /larger than 262144 bytes/);
      assert.equal(mayHaveArrived, true);
    },
  );
  assert.ok(left > 0, 'the server could not send all of it');
});

it('a port nobody listens on was certainly never reached', async () => {
  const server = createServer();
  const port = await listening(server);
  await new Promise((closed) => server.close(closed));
  const send = httpTransport({ allowedHosts: () => true, clock: new HandClock() });
  for (const host of ['127.0.0.1', 'localhost']) {
    const { why, mayHaveArrived } = unreachable(await send(post(`http://${host}:${port}/`), never));
    assert.equal(mayHaveArrived, false, why);
    assert.match(why, /ECONNREFUSED/);
  }
});

it('a name that does not exist was certainly never reached', async () => {
  // No label may have 64 letters, so the resolver says no without asking anybody.
  const name = `${'a'.repeat(64)}.invalid`;
  const send = httpTransport({ allowedHosts: () => true, clock: new HandClock() });
  assert.equal(unreachable(await send(post(`https://${name}/`), never)).mayHaveArrived, false);
});

it('a host with several addresses was never reached only if none of them was', async (t) => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET', syscall: 'read' });
  const send = httpTransport({ allowedHosts: () => true, clock: new HandClock() });
  // Loopback has one address on many machines, so what fetch says of two is told here.
  const failing = t.mock.method(globalThis, 'fetch');
  for (const [errors, mayHaveArrived] of [
    [[refused, refused], false],
    [[refused, reset], true],
    [[], true],
  ] as const) {
    const cause = new AggregateError(errors);
    failing.mock.mockImplementationOnce(() => Promise.reject(new TypeError('fetch failed', { cause })));
    assert.equal(
      unreachable(await send(post('https://api.example.test/'), never)).mayHaveArrived,
      mayHaveArrived,
    );
  }
});

it('a server that cannot speak TLS was certainly never reached', async () => {
  const server = createSocketServer((socket) =>
    socket.on('error', () => socket.destroy()).end('HTTP/1.1 400 No\r\n\r\n'),
  );
  const port = await listening(server);
  const send = httpTransport({ allowedHosts: () => true, clock: new HandClock() });
  const { why, mayHaveArrived } = unreachable(await send(post(`https://127.0.0.1:${port}/`), never));
  server.close();
  assert.equal(mayHaveArrived, false, why);
});

it('only the hosts of the carrier are talked to, and without TLS only loopback', async () => {
  const asked: string[] = [];
  const send = httpTransport({
    allowedHosts: (url) => {
      asked.push(url.host);
      return false;
    },
    clock: new HandClock(),
  });
  for (const url of [
    'https://api.example.test/',
    'http://127.0.0.1:9/',
    'http://api.example.test/',
    'ftp://x/',
    'x',
    '',
  ]) {
    assert.equal(unreachable(await send(post(url), never)).mayHaveArrived, false);
  }
  assert.deepEqual(asked, ['api.example.test', '127.0.0.1:9']);
  const listed = httpTransport({ allowedHosts: new Set(['api.example.test']), clock: new HandClock() });
  const { why } = unreachable(await listed(post('https://api.example.test.evil.test/'), never));
  assert.match(why, /not a host of the carrier/);
});
