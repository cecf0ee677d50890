// delivery: puts one signed request on a loopback socket and waits for its answer, for as long as Twilio would.
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Clock } from '../../src/lib/clock.ts';
import type { Activity } from '../activity.ts';

/** Public origin (`https://voice.example.test`) to the loopback origin behind it. */
export type Tunnels = ReadonlyMap<string, string>;

export interface Letter {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Received {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly body: string;
  readonly bytes: Buffer;
}

export interface Failure {
  readonly failure: string;
  readonly code: number;
  readonly kind: 'connect' | 'read' | 'address';
}

export interface Overrides {
  readonly connectMs: number;
  readonly readMs: number;
  readonly totalMs: number;
  readonly retries: number;
  readonly retriesOn: (failure: Failure) => boolean;
}

interface Wires {
  readonly clock: Clock;
  readonly activity: Activity;
  readonly tunnels: Tunnels;
  readonly closing: AbortSignal;
}

/** Twilio takes no longer document. */
const MOST_BYTES = 65_536;

/** The settings a URL's fragment carries (`#rc=2&rp=all`), within Twilio's bounds. */
export function readOverrides(url: string): Overrides {
  const given = new URLSearchParams(URL.parse(url)?.hash.slice(1) ?? '');
  const bounded = (name: string, least: number, most: number): number => {
    const value = Number(given.get(name) ?? most);
    return Number.isInteger(value) ? Math.min(most, Math.max(least, value)) : most;
  };
  const policy = (given.get('rp') ?? 'ct').split(',');
  const word = { connect: 'ct', read: 'rt', address: 'none' };
  return {
    connectMs: given.has('ct') ? bounded('ct', 100, 10_000) : 5000,
    readMs: bounded('rt', 100, 15_000),
    totalMs: bounded('tt', 100, 15_000),
    retries: given.has('rc') ? bounded('rc', 0, 5) : 1,
    retriesOn: (failure) =>
      failure.kind !== 'address' && (policy.includes('all') || policy.includes(word[failure.kind])),
  };
}

export function deliver(wires: Wires, letter: Letter, overrides: Overrides): Promise<Received | Failure> {
  const route = routeOf(letter.url, wires.tunnels);
  if (!route) {
    const failure = `${letter.url} is not behind a tunnel of this twin, and only loopback is called`;
    return Promise.resolve({ failure, code: 11210, kind: 'address' });
  }
  return new Promise((resolve) => new Attempt({ wires, letter, overrides }, resolve).send(route));
}

interface Route {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Loopback is called directly; a public origin through its tunnel, which adds the headers tunnels add. */
function routeOf(url: string, tunnels: Tunnels): Route | undefined {
  const { origin, protocol, hostname, host, pathname, search } = new URL(url);
  const target = tunnels.get(origin);
  if (target !== undefined) {
    const forwarded = { 'X-Forwarded-Proto': protocol.slice(0, -1), 'X-Forwarded-Host': host };
    return {
      url: target + pathname + search,
      headers: { Host: host, ...forwarded, 'X-Forwarded-For': '127.0.0.1' },
    };
  }
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return isLoopback && protocol === 'http:' ? { url, headers: {} } : undefined;
}

interface Attending {
  readonly wires: Wires;
  readonly letter: Letter;
  readonly overrides: Overrides;
}

class Attempt {
  readonly #about: Attending;
  readonly #resolve: (outcome: Received | Failure) => void;
  readonly #cancels: (() => void)[] = [];
  #isDelivered = false;
  #isOver = false;

  constructor(about: Attending, resolve: (outcome: Received | Failure) => void) {
    this.#about = about;
    this.#resolve = resolve;
  }

  send(route: Route): void {
    const { letter, wires } = this.#about;
    const headers = { ...letter.headers, ...route.headers, 'Content-Length': Buffer.byteLength(letter.body) };
    const sent = request(route.url, { method: letter.method, headers, agent: false });
    const transit = wires.activity.begin(`${letter.method} ${letter.url}`);
    this.#cancels.push(
      () => transit.settled(),
      () => sent.destroy(),
    );
    sent.once('finish', () => {
      this.#isDelivered = true;
      transit.settled();
    });
    sent.once('response', (response) => this.#read(response));
    sent.on('error', (error) => this.#fail(error.message));
    this.#armDeadlines(sent);
    sent.end(letter.body);
  }

  #armDeadlines(sent: ClientRequest): void {
    const { wires, overrides } = this.#about;
    const deadlineMs = Math.min(overrides.readMs, overrides.totalMs);
    const now = wires.clock.now();
    const connect = wires.clock.at(now + overrides.connectMs, () => {
      if (!this.#isDelivered) this.#fail('no connection in time');
    });
    sent.once('finish', connect);
    const read = wires.clock.at(now + deadlineMs, () => this.#fail(`no answer within ${deadlineMs} ms`));
    const onClosing = (): void => this.#fail('the twin was closed');
    if (wires.closing.aborted) onClosing();
    wires.closing.addEventListener('abort', onClosing, { once: true });
    this.#cancels.push(connect, read, () => wires.closing.removeEventListener('abort', onClosing));
  }

  #read(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      this.#about.wires.activity.touch();
    });
    response.on('error', (error) => this.#fail(error.message));
    response.once('end', () => {
      const bytes = Buffer.concat(chunks);
      if (bytes.length > MOST_BYTES && !`${response.headers['content-type']}`.startsWith('audio/')) {
        return this.#end({ failure: 'the document exceeds 64 KiB', code: 11750, kind: 'address' });
      }
      this.#end({
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        location: response.headers.location,
        body: bytes.toString('utf8'),
        bytes,
      });
    });
  }

  /** Before the request was delivered it is a connect failure, which alone is retried by default. */
  #fail(why: string): void {
    if (this.#isDelivered) this.#end({ failure: why, code: 11200, kind: 'read' });
    else this.#end({ failure: why, code: 11205, kind: 'connect' });
  }

  #end(outcome: Received | Failure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#about.wires.activity.touch();
    this.#resolve(outcome);
  }
}
