// RestApi: Call Control v2 over real HTTP: who asks, what is asked, what is answered, and the faults on the way.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pause } from '../pause.ts';
import { isoTime, type TwinCall } from './call.ts';
import type { Exchange } from './exchange.ts';
import type { RestFault } from './faults.ts';
import type { Fields, RestRecord } from './ledger.ts';
import type { Numbers } from './numbers.ts';
import type { PostOffice } from './postman.ts';
import { errorBody, type Refusal, refuse } from './refusal.ts';
import { fault as faultIn, RULES, strangeNames, UNSIMULATED } from './rules.ts';

interface Question {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly authorization: string | undefined;
  readonly text: string;
}

interface Route {
  /** `dial`, `status` or the name of a command. */
  readonly action: string;
  readonly callId: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const CALL_PATH = /^\/v2\/calls(?:\/([^/]+)(?:\/actions\/([a-z_]+))?)?$/;
const FAULT_CODES = { 429: '10011', 401: '10009', 403: '10010' } as const;

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
    const transit = this.#office.activity.begin(`REST ${request.method} ${request.url}`);
    try {
      const question = await read(request);
      const route = routeOf(question);
      const record = this.#office.ledger.request({
        ...question,
        path: decode(question.path),
        action: route?.action ?? null,
        body: fieldsOf(question.text) ?? {},
        callId: route?.callId,
      });
      const fault = route && this.#office.faults.forRest(route.action);
      const answer = this.#answer(question, { route, fault, record });
      if (fault) this.#office.faults.onStruck(fault, record.callId);
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
  #answer(
    question: Question,
    about: {
      readonly route: Route | undefined;
      readonly fault: RestFault | undefined;
      readonly record: RestRecord;
    },
  ): Answer {
    const { route, fault, record } = about;
    if (fault?.do === 'status') return outage(fault.status);
    if ((fault?.do === 'reset' || fault?.do === 'hang') && !fault.done) return { status: 0, body: undefined };
    if (question.authorization !== `Bearer ${this.#office.settings.apiKey}`) {
      return refused(refuse('10009', 'Could not find any usable credentials in the request.'));
    }
    if (!route) {
      const answer = this.#numbers.answer(question, fieldsOf(question.text));
      return answer ?? refused(refuse('10005', 'The requested resource or URL could not be found.'));
    }
    return this.#act(route, question, record);
  }

  #act(route: Route, question: Question, record: RestRecord): Answer {
    if (route.action === 'status') return this.#status(route);
    const body = fieldsOf(question.text);
    if (!body) return refused({ ...refuse('10015', 'The request body is not a JSON object.'), status: 400 });
    if (!Object.hasOwn(RULES, route.action)) return this.#unsimulated(route);
    this.#noteStrangeNames(route, body);
    const call = route.callId === undefined ? undefined : this.#exchange.call(route.callId);
    if (route.action !== 'dial' && !call)
      return refused(refuse('90015', 'The call control ID is not valid.'));
    const wrong = faultIn(route.action, body);
    if (wrong) return refused(wrong);
    return call ? this.#command(call, route.action, record) : this.#dial(body, record);
  }

  #dial(body: Fields, record: RestRecord): Answer {
    const placed = this.#exchange.place(body);
    if ('code' in placed) return refused(placed);
    record.callId = placed.call.id;
    record.isRepeated = placed.isRepeated;
    // A call that is only being dialled is never said to be alive.
    return { status: 200, body: { data: { ...ids(placed.call), is_alive: false } } };
  }

  #command(call: TwinCall, action: string, record: RestRecord): Answer {
    const outcome = this.#exchange.command(call, action, record.body);
    if (typeof outcome === 'object') return refused(outcome);
    record.isRepeated = outcome === 'repeated';
    return { status: 200, body: { data: { result: 'ok' } } };
  }

  #status({ callId = '' }: Route): Answer {
    const call = this.#exchange.remembered(callId);
    if (!call) return refused(refuse('10005', 'The call could not be found.'));
    const { end } = call;
    const until = end?.at ?? this.#office.clock.now();
    const data = {
      ...ids(call),
      is_alive: call.isAlive,
      client_state: call.clientState ?? null,
      call_duration: Math.round((until - (call.answeredAt ?? until)) / 1000),
      start_time: isoTime(call.createdAt),
      end_time: end ? isoTime(end.at) : null,
    };
    return { status: 200, body: { data } };
  }

  #unsimulated({ action, callId }: Route): Answer {
    const isReal = UNSIMULATED.has(action);
    this.#office.ledger.problem(isReal ? 'not-simulated' : 'unknown-command', action, callId);
    return refused(refuse('10005', `${action} is no command of this twin.`));
  }

  #noteStrangeNames({ action, callId }: Route, body: Fields): void {
    for (const name of strangeNames(action, body)) {
      const code = UNSIMULATED.has(name) ? 'not-simulated' : 'unknown-parameter';
      this.#office.ledger.problem(code, `${name} in ${action}`, callId);
    }
  }
}

function ids(call: TwinCall): Fields {
  return {
    record_type: 'call',
    call_control_id: call.id,
    call_leg_id: call.legId,
    call_session_id: call.sessionId,
  };
}

function routeOf({ method, path }: Question): Route | undefined {
  const match = CALL_PATH.exec(path);
  if (!match) return undefined;
  const [, id, command] = match;
  const callId = id === undefined ? undefined : decode(id);
  if (callId === undefined) return method === 'POST' ? { action: 'dial', callId } : undefined;
  if (command === undefined) return method === 'GET' ? { action: 'status', callId } : undefined;
  // `dial` and `status` are our own words, not commands on a call.
  if (command === 'dial' || method !== (command === 'client_state_update' ? 'PUT' : 'POST')) return undefined;
  return { action: command, callId };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function outage(status: number): Answer {
  const known: Readonly<Record<number, keyof typeof errorOfStatus>> = FAULT_CODES;
  const code = known[status] ?? '10007';
  return refused({ ...refuse(code, errorOfStatus[code]), status });
}

const errorOfStatus = {
  '10011': 'You have exceeded the maximum number of allowed requests.',
  '10009': 'Could not find any usable credentials in the request.',
  '10010': 'You are not allowed to do that.',
  '10007': 'An unexpected error occurred.',
} as const;

function refused(refusal: Refusal): Answer {
  return { status: refusal.status, body: errorBody(refusal) };
}

function fieldsOf(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Fields) : undefined;
  } catch {
    return undefined;
  }
}

async function read(request: IncomingMessage): Promise<Question> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  return {
    method: request.method ?? '',
    path,
    query,
    authorization: request.headers.authorization,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(response: ServerResponse, { status, body }: Answer, record: RestRecord): void {
  record.status = status;
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(body));
}
