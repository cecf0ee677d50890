// RestApi: Plivo's call resources over real HTTP: who asks, what is asked, what is answered, and the faults on the way.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pause } from '../pause.ts';
import { type Exchange, NOT_FOUND } from './exchange.ts';
import type { RestFault } from './faults.ts';
import type { RestRecord } from './ledger.ts';
import type { Numbers } from './numbers.ts';
import {
  type Body,
  type Parsed,
  parseCreate,
  parseDigits,
  parseSpeak,
  parseTransfer,
  type Refusal,
  strangeNames,
} from './order.ts';
import type { PostOffice } from './postman.ts';
import { finishedResource, liveResource } from './resource.ts';
import { type Question, type Route, routeOf } from './routes.ts';

interface Answer {
  readonly status: number;
  /** A string is sent as plain text. */
  readonly body: Readonly<Record<string, unknown>> | string | undefined;
}

interface About {
  readonly route: Route | undefined;
  readonly fault: RestFault | undefined;
  readonly record: RestRecord;
}

const UNAUTHORIZED =
  'Could not verify your access level for that URL.\nYou have to login with proper credentials';

export class RestApi {
  readonly #office: PostOffice;
  readonly #exchange: Exchange;
  readonly #numbers: Numbers;
  readonly #server: Server;
  #port = 0;

  constructor(office: PostOffice, exchange: Exchange, numbers: Numbers) {
    this.#office = office;
    this.#exchange = exchange;
    this.#numbers = numbers;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        response.destroy();
        if (!office.closing.aborted) office.ledger.problem('unexpected', String(error));
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens on a free port the first time, on the same port again after `close`. */
  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(this.#port, '127.0.0.1', resolve);
    await promise;
    this.#server.off('error', reject);
    const address = this.#server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Connections are refused from here on. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const transit = this.#office.activity.begin(`REST ${method} ${path}`);
    try {
      const text = await readBody(request);
      const question: Question = { method, path, headers, text, body: parsed(text) ?? {} };
      const record = this.#office.ledger.request({ method, path, body: question.body });
      const route = routeOf(question);
      const fault = route && this.#office.faults.forRest(route.action);
      const answer = this.#answer(question, { route, fault, record });
      if (fault) this.#office.faults.onStruck(fault, record.callUuid);
      if (fault?.do === 'slow' || fault?.do === 'hang') {
        transit.settled();
        const ms = fault.do === 'slow' ? fault.ms : Number.POSITIVE_INFINITY;
        await pause(this.#office.clock, ms, this.#office.closing);
      }
      if (fault?.do === 'status' && fault.retryAfterS !== undefined)
        response.setHeader('Retry-After', `${fault.retryAfterS}`);
      if (fault?.do === 'reset') response.destroy();
      else send(response, answer, record);
    } finally {
      transit.settled();
    }
  }

  /** Does what is asked, unless a fault comes before the doing. */
  #answer(question: Question, { route, fault, record }: About): Answer {
    record.callUuid = this.#callOf(route);
    if (fault?.do === 'status') {
      return refused({ status: fault.status, error: fault.error ?? 'service unavailable' });
    }
    if ((fault?.do === 'reset' || fault?.do === 'hang') && !fault.done) return { status: 0, body: undefined };
    const { authId } = this.#office.settings;
    if (!this.#knows(question) || (route && route.authId !== authId)) {
      return { status: 401, body: UNAUTHORIZED };
    }
    const bad = this.#malformed(question);
    if (bad) return refused(bad);
    if (route) return this.#act(route, question, record);
    return this.#numbers.answer(question.method, question.path, question.body) ?? refused(NOT_FOUND);
  }

  #callOf(route: Route | undefined): string | undefined {
    if (!route) return undefined;
    return route.action === 'cancel' ? this.#exchange.byRequest(route.id)?.uuid : route.id || undefined;
  }

  #knows({ headers }: Question): boolean {
    const { authId, authToken } = this.#office.settings;
    const encoded = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
    return Buffer.from(encoded, 'base64').toString('utf8') === `${authId}:${authToken}`;
  }

  /** A body that is not JSON, and an address without the slash all of Plivo's end with. */
  #malformed({ method, path, headers, text }: Question): Refusal | undefined {
    const { ledger } = this.#office;
    const type = headers['content-type'] ?? '';
    if (method === 'POST' && (!type.startsWith('application/json') || parsed(text) === undefined)) {
      ledger.problem('request', `a ${type || 'nameless'} body was sent to ${path}`);
      return { status: 400, error: 'the body is not JSON' };
    }
    // The official client forgets it when it asks, and is served all the same.
    if (method === 'GET' || path.split('?', 1)[0]?.endsWith('/')) return undefined;
    ledger.problem('request', `${method} ${path} lacks the slash at its end`);
    return NOT_FOUND;
  }

  #act(route: Route, question: Question, record: RestRecord): Answer {
    switch (route.action) {
      case 'account':
        return { status: 200, body: { auth_id: route.authId, account_type: 'standard', state: 'active' } };
      case 'create':
        return this.#create(question.body, record);
      case 'status':
        return this.#status(route);
      case 'transfer':
        return this.#transfer(route, question.body);
      case 'hangup':
      case 'cancel':
        return this.#end(route);
      case 'dtmf':
        return this.#aside(route, 'digits', parseDigits(question.body));
      case 'speak':
        return question.method === 'DELETE'
          ? { status: 204, body: undefined }
          : this.#aside(route, 'say', parseSpeak(question.body));
    }
  }

  #create(body: Body, record: RestRecord): Answer {
    const { fromNumbers, timeLimitS } = this.#office.settings;
    this.#noteStrangeNames(body, 'create');
    const order = parseCreate(body, { numbers: fromNumbers, limitS: timeLimitS });
    if (!order.ok) return refused(order);
    const calls = this.#exchange.place(order.value);
    record.callUuid = calls[0]?.uuid;
    const uuids = calls.map(({ requestUuid }) => requestUuid);
    return done(201, 'call fired', { request_uuid: uuids.length === 1 ? uuids[0] : uuids });
  }

  #status({ id, query }: Route): Answer {
    const wanted = query.get('status');
    if (id === '') {
      const live = this.#exchange.calls.filter(({ isAlive, status }) => isAlive && status !== 'queued');
      return { status: 200, body: { api_id: randomUUID(), calls: live.map(({ uuid }) => uuid) } };
    }
    const call = this.#exchange.call(id);
    if (!call) return refused(NOT_FOUND);
    const isQueued = call.isAlive && call.status === 'queued';
    const isLive = call.isAlive && !isQueued;
    if (wanted === 'live' ? isLive : wanted === 'queued' && isQueued) {
      return { status: 200, body: liveResource(call) };
    }
    return wanted === null && !call.isAlive
      ? { status: 200, body: finishedResource(call) }
      : refused(NOT_FOUND);
  }

  #transfer({ id }: Route, body: Body): Answer {
    this.#noteStrangeNames(body, 'transfer', id);
    const call = this.#exchange.call(id);
    const target = parseTransfer(body);
    if (!target.ok) return refused(target);
    const refusal = call ? this.#exchange.transfer(call, target.value) : NOT_FOUND;
    return refusal ? refused(refusal) : done(202, 'call transferred');
  }

  #end({ action, id }: Route): Answer {
    const call = this.#exchange.call(id);
    const hangUp = (): Refusal | undefined => (call ? this.#exchange.hangUp(call) : NOT_FOUND);
    const refusal = action === 'cancel' ? this.#exchange.cancel(id) : hangUp();
    return refusal ? refused(refusal) : { status: 204, body: undefined };
  }

  #aside({ id }: Route, kind: 'say' | 'digits', text: Parsed<string>): Answer {
    if (!text.ok) return refused(text);
    const call = this.#exchange.call(id);
    const refusal = call ? this.#exchange.aside(call, kind, text.value) : NOT_FOUND;
    return refusal ? refused(refusal) : done(202, kind === 'say' ? 'speak started' : 'digits sent');
  }

  #noteStrangeNames(body: Body, action: 'create' | 'transfer', callUuid?: string): void {
    const { unknown, unsimulated } = strangeNames(body, action);
    const { ledger } = this.#office;
    for (const name of unknown) ledger.problem('request', `${name} in a call ${action}`, callUuid);
    for (const name of unsimulated) ledger.problem('not-simulated', `${name} in a call ${action}`, callUuid);
  }
}

function done(status: number, message: string, more: Readonly<Record<string, unknown>> = {}): Answer {
  return { status, body: { api_id: randomUUID(), message, ...more } };
}

function refused({ status, error }: Refusal): Answer {
  return { status, body: { api_id: randomUUID(), error } };
}

function parsed(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status, body }: Answer, record: RestRecord): void {
  record.status = status;
  response.statusCode = status;
  if (body === undefined) return void response.end();
  const isText = typeof body === 'string';
  response.setHeader('Content-Type', isText ? 'text/plain' : 'application/json');
  response.end(isText ? body : JSON.stringify(body));
}
