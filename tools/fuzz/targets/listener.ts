// Listener: raw bytes at the real port: broken HTTP, half requests, upgrades with wrong tokens, WebSocket frames of any kind.
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { WebhookRequest } from '../../../src/carrier/carrier.ts';
import { mediaCodecs } from '../../../src/carrier/codecs.ts';
import { bind, type Listener } from '../../../src/ingress/server.ts';
import { StreamDoor } from '../../../src/ingress/stream.ts';
import { streamUrls } from '../../../src/ingress/stream-token.ts';
import { plain } from '../../../src/ingress/webhook.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { voiceActivity } from '../../../src/media/activity.ts';
import { energyModel } from '../../../src/media/energy.ts';
import { Engine } from '../../../src/media/engine.ts';
import { soundReader } from '../../../src/media/sound.ts';
import { keyTones } from '../../../src/media/tones.ts';
import type { Random } from '../../random.ts';
import { anyText, mutated } from '../mutate.ts';
import { forbid, number, type Outcome, type Subject, type Target, text } from '../target.ts';
import { NOW, PUBLIC_URL, twilioSigned } from './genuine.ts';

const PATH = '/voice/webhook';
const STREAM_PATH = '/voice/stream';
const SECRET = Buffer.from('a secret of the fuzzer, 32 bytes');
/** Everything that has a deadline has a tenth of it. */
const HURRY = 10;
const HEAD_WITHIN_MS = 600;
/** By then every connection is answered or closed: the longest deadline of the listener, hurried, and some patience. */
const ANSWER_WITHIN_MS = 10_000;
/** Stands in an input for the address of a stream that is expected just then. */
const TICKET = '{TICKET}';

export const listenerTargets: readonly Target[] = [
  {
    name: 'webhooks: the listener, raw bytes',
    family: 'webhooks',
    share: 20_000,
    promise:
      'Every connection is answered or closed within its deadline, never with 500; no webhook and no media stream is let in but with a signature or token of ours; the genuine webhook right after is answered.',
    open: () => listener((random) => ({ bytes: httpBytes(random), holds: random.once(300) ? 1 : 0 })),
  },
  {
    name: 'media frames: a real WebSocket, raw bytes',
    family: 'media frames',
    share: 8_000,
    promise:
      'A stream that was let in may send anything: the socket is closed, the listener goes on, and the genuine webhook right after is answered.',
    open: () => listener((random) => ({ bytes: streamBytes(random), holds: 0 })),
  },
];

const hurried: Clock = {
  now: () => systemClock.now(),
  at: (atMs, run) => systemClock.at(systemClock.now() + (atMs - systemClock.now()) / HURRY, run),
};

const signed = twilioSigned();
const genuine = signed.genuine[4] as WebhookRequest;

async function listener(make: Subject['make']): Promise<Subject> {
  const faults: string[] = [];
  const silent = (): void => undefined;
  const log = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (said: string, fields?: object) => void faults.push(`${said} ${JSON.stringify(fields)}`),
  };
  let hasBegun = false;
  const engine = new Engine({
    clock: hurried,
    listen: ({ kind }) => {
      hasBegun ||= kind === 'opened';
    },
    codecs: mediaCodecs,
    activityFor: (sensitivity) => voiceActivity({ sensitivity, model: energyModel() }),
    soundReader,
    keyTones,
  });
  const limits = {
    maxConnections: 50,
    maxPendingConnections: 40,
    maxPendingConnectionsPerIp: 40,
    preStartTimeoutMs: 5_000,
  };
  const door = new StreamDoor({
    lines: engine,
    paths: [STREAM_PATH],
    secret: SECRET,
    limits,
    clock: hurried,
    log,
  });
  const open = await bind({
    host: '127.0.0.1',
    port: 0,
    clock: hurried,
    headWithinMs: HEAD_WITHIN_MS,
    upgrade: (visit) => door.upgrade(visit),
  });
  const believed: WebhookRequest[] = [];
  open.serve({
    gate: { path: PATH, signatureHeaders: signed.carrier.signatureHeaders },
    answer: async (request) => {
      if (!signed.carrier.verify(request, NOW).ok) return plain(401, 'Unauthorized');
      believed.push(request);
      return plain(200, 'believed');
    },
    publicUrls: [PUBLIC_URL],
    forwarding: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const expected = new Expected(engine);
  return {
    make,
    async check(input): Promise<Outcome> {
      const ticket = expected.next();
      believed.length = 0;
      hasBegun = false;
      const statuses = await knocked(
        open,
        text(input, 'bytes').replaceAll(TICKET, ticket.path),
        number(input, 'holds') === 1,
      );
      engine.close(ticket.callId);
      const named = text(input, 'bytes').includes(TICKET);
      forbid(statuses.includes(500), 'the listener answers 500');
      forbid(statuses.includes(101) && !named, 'a forgery is accepted: a stream without a token of ours');
      for (const request of believed)
        forbid(!isGenuine(request), 'a forgery is accepted', () => JSON.stringify(request).slice(0, 500));
      forbid(faults.length > 0, 'the listener meets a fault of ours', () => faults.splice(0).join('; '));
      forbid((await visited(open, agent)) !== 200, 'the genuine webhook right after is not believed');
      const status = statuses.length === 0 ? 'closed' : String(statuses[0]);
      return { kind: hasBegun ? `${status}, a stream began` : status };
    },
    async close() {
      agent.destroy();
      await Promise.all([open.close(), door.close()]);
    },
  };
}

/** Calls that expect a stream, one after the other. */
class Expected {
  readonly #engine: Engine;
  readonly #addressOf = streamUrls({ secret: SECRET, base: PUBLIC_URL, path: STREAM_PATH });
  #nth = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  next(): { readonly callId: string; readonly path: string } {
    this.#nth += 1;
    const callId = `call-${this.#nth}`;
    this.#engine.open({ callId, carrier: 'twilio', sensitivity: 'medium' });
    this.#engine.identify(callId, 'CA0123456789abcdef0123456789abcdef');
    const { url } = this.#addressOf(callId, 1, systemClock.now() + 60_000);
    return { callId, path: new URL(url).pathname };
  }
}

function isGenuine(request: WebhookRequest): boolean {
  const says = JSON.stringify(signed.carrier.decode(request, NOW));
  // What means nothing does nothing.
  return (
    says === 'null' || signed.genuine.some((one) => JSON.stringify(signed.carrier.decode(one, NOW)) === says)
  );
}

/** Sends the bytes; the statuses of all answers that came before the connection ended. */
function knocked({ port }: Listener, bytes: string, holds: boolean): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const overdue = systemClock.at(systemClock.now() + ANSWER_WITHIN_MS, () => {
      socket.destroy();
      reject(new Error('a connection is neither answered nor closed'));
    });
    socket.setEncoding('latin1').on('data', (part: string) => {
      answer += part;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      overdue();
      resolve([...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)));
    });
    socket.on('connect', () => (holds ? socket.write(bytes, 'latin1') : socket.end(bytes, 'latin1')));
  });
}

function visited({ port }: Listener, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: genuine.path,
      headers: genuine.headers,
      agent,
    };
    const visit = httpRequest(options, (response) =>
      response.resume().on('end', () => resolve(response.statusCode)),
    );
    visit.on('error', reject).end(genuine.body);
  });
}

// Bytes: one letter is one byte

function utf8(words: string): string {
  return Buffer.from(words).toString('latin1');
}

function request(random: Random): string {
  const { path, headers, body } = random.once(3) ? random.pick(signed.genuine) : genuine;
  const spoilt = random.below(6);
  const sent = utf8(spoilt === 1 ? mutated(random, body) : body);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  lines.push(
    'host: voice.example.test',
    random.pick([
      `content-length: ${sent.length}`,
      `content-length: ${sent.length}`,
      'transfer-encoding: chunked',
    ]),
  );
  if (spoilt === 2)
    lines.push(
      utf8(
        random.pick([
          () => random.pick(lines),
          () => mutated(random, random.pick(lines)),
          () => random.pick(ODD_HEADERS),
        ])(),
      ),
    );
  const target = spoilt === 3 ? utf8(mutated(random, path)) : path;
  const head = `${random.once(9) ? random.pick(['GET', 'PUT', 'post', 'CONNECT', 'POST ', 'PRI']) : 'POST'} ${target} HTTP/${random.once(12) ? random.pick(['1.0', '2.0', '9', '1.1 ']) : '1.1'}\r\n${lines.join('\r\n')}\r\n\r\n`;
  const framed = lines.includes('transfer-encoding: chunked') ? chunked(random, sent) : sent;
  return head + (random.once(300) ? framed.padEnd(80_000, 'x') : framed);
}

const ODD_HEADERS = [
  ...[
    'content-length: 0',
    'content-length: 99999999',
    'content-length: -1',
    'content-length: 5, 5',
    'transfer-encoding: gzip, chunked',
  ],
  ...[
    'expect: 100-continue',
    'connection: upgrade',
    'upgrade: h2c',
    'upgrade: websocket',
    `x: ${'y'.repeat(20_000)}`,
    ' folded: x',
    'x',
  ],
  ...[
    'x-twilio-signature: AAAA',
    'content-type: application/json',
    'host: evil.example',
    'x-forwarded-host: evil.example',
    '__proto__: x',
  ],
];

function chunked(random: Random, body: string): string {
  const cut = random.below(body.length + 1);
  const chunk = (part: string): string => (part === '' ? '' : `${part.length.toString(16)}\r\n${part}\r\n`);
  const end = random.once(5)
    ? random.pick(['', '0\r\n', 'ffffffffffffffff\r\n', '-1\r\n', 'x\r\n', '0;a=b\r\n\r\n'])
    : '0\r\n\r\n';
  return chunk(body.slice(0, cut)) + chunk(body.slice(cut)) + end;
}

function upgrade(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: voice.example.test\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
}

function httpBytes(random: Random): string {
  const ticket = `${STREAM_PATH}/call-1/1/${(NOW * 2).toString(36)}/${'A'.repeat(24)}`;
  return random.pick([
    () => request(random),
    () => request(random),
    () => request(random) + request(random),
    () => request(random).slice(0, random.below(700)),
    () => latin1(mutated(random, request(random))),
    () => latin1(mutated(random, mutated(random, request(random)))),
    () => latin1(anyText(random, 300)),
    () =>
      upgrade(
        random.pick([ticket, latin1(mutated(random, ticket)), PATH, STREAM_PATH, '*', `${ticket}?token=x`]),
      ),
    () => latin1(mutated(random, upgrade(ticket))),
  ])();
}

function latin1(words: string): string {
  return words.replace(/[^\0-\xff]/g, utf8);
}

function streamBytes(random: Random): string {
  const frames = random.list(12, () => webSocketFrame(random)).join('');
  const bytes = upgrade(TICKET) + (random.once(4) ? '' : BEGINS) + frames;
  return random.once(6) ? latin1(mutated(random, bytes)) : bytes;
}

const START =
  '{"event":"start","start":{"streamSid":"MZ0","callSid":"CA0123456789abcdef0123456789abcdef","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{}},"streamSid":"MZ0"}';

/** Without it nothing that comes is let in further. */
const BEGINS = `\u0081${lengthOf(START.length, true)}\0\0\0\0${START}`;

/** A frame as a client sends it, and what no client should: without a mask, with odd codes, lengths and pieces. */
function webSocketFrame(random: Random): string {
  const words = random.pick([
    () => START,
    () =>
      `{"event":"media","media":{"track":"inbound","chunk":"1","timestamp":"1","payload":"${'/'.repeat(216)}"}}`,
    () => utf8(mutated(random, START)),
    () => latin1(anyText(random, 100)),
    () => '\u0003\u00e8bye',
    () => 'x'.repeat(random.pick([130, 9_000, random.once(40) ? 70_000 : 10])),
  ])();
  const first = random.once(4)
    ? random.below(256)
    : random.pick([0x81, 0x81, 0x81, 0x82, 0x01, 0x80, 0x88, 0x89, 0x8a]);
  const isMasked = !random.once(10);
  const size = random.once(15) ? random.pick([0, 5, 0x7f_ff_ff_ff]) : words.length;
  return String.fromCharCode(first) + lengthOf(size, isMasked) + (isMasked ? `\0\0\0\0${words}` : words);
}

function lengthOf(size: number, isMasked: boolean): string {
  const mask = isMasked ? 0x80 : 0;
  if (size < 126) return String.fromCharCode(mask | size);
  if (size < 65_536) return String.fromCharCode(mask | 126, size >> 8, size & 0xff);
  return String.fromCharCode(
    mask | 127,
    0,
    0,
    0,
    0,
    (size >>> 24) & 0xff,
    (size >> 16) & 0xff,
    (size >> 8) & 0xff,
    size & 0xff,
  );
}
