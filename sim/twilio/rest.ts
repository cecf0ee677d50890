// RestApi: Twilio's call resources over real HTTP: who asks, what is asked, what is answered, and the faults on the way.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pause } from '../pause.ts';
import { type Exchange, notFound } from './exchange.ts';
import type { RestAction, RestFault } from './faults.ts';
import { decodeForm } from './form.ts';
import type { RestRecord } from './ledger.ts';
import type { Numbers } from './numbers.ts';
import { type Form, parseCreate, parseUpdate, type Refusal, strangeNames } from './order.ts';
import type { PostOffice } from './postman.ts';
import { accountResource, callResource } from './resource.ts';

interface Question {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly form: Form;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Route {
  readonly action: RestAction;
  readonly accountSid: string;
  readonly callSid: string | undefined;
}

const ACCOUNT_PATH = /^\/2010-04-01\/Accounts\/([^/]+)(?:\.json|\/Calls\.json|\/Calls\/([^/]+)\.json)$/;
const BUSY_CODES: Readonly<Record<number, number>> = { 429: 20429, 500: 20500, 503: 20503 };
const FORM = 'application/x-www-form-urlencoded';

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
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const transit = this.#office.activity.begin(`REST ${request.method} ${path}`);
    try {
      const body = await readBody(request);
      const question = {
        method: request.method ?? '',
        path,
        query,
        headers: request.headers,
        body,
        form: decodeForm(body),
      };
      const record = this.#office.ledger.request(question);
      const route = routeOf(question);
      const fault = route && this.#office.faults.forRest(route.action);
      const answer = this.#answer(question, { route, fault, record });
      if (fault) this.#office.faults.onStruck(fault, record.callSid);
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
    record.callSid = route?.callSid;
    if (fault?.do === 'status') return refused(outage(fault));
    if ((fault?.do === 'reset' || fault?.do === 'hang') && !fault.done) return { status: 0, body: undefined };
    const denied = this.#denied(question, route);
    if (denied) return refused(denied);
    if (route) return this.#act(route, question, record);
    const strange = (name: string): void =>
      this.#office.ledger.problem('unknown-parameter', `${name} of a number`);
    return this.#numbers.answer(question, strange) ?? refused(notFound(question.path));
  }

  #denied(question: Question, route: Route | undefined): Refusal | undefined {
    const { accountSid, authToken, apiKeys } = this.#office.settings;
    const [user = '', secret = ''] = basicOf(question.headers.authorization);
    const isKnown =
      user === accountSid ? secret === authToken : Object.hasOwn(apiKeys, user) && apiKeys[user] === secret;
    if (!isKnown || (route && route.accountSid !== accountSid)) {
      return { status: 401, code: 20003, message: 'Authenticate' };
    }
    const type = question.headers['content-type'] ?? '';
    if (question.method !== 'POST' || type.startsWith(FORM)) return undefined;
    this.#office.ledger.problem(20415, `a ${type} body was sent to ${question.path}`);
    return { status: 415, code: 20415, message: `Unsupported media type ${type}` };
  }

  #act(route: Route, question: Question, record: RestRecord): Answer {
    if (route.action === 'account') return { status: 200, body: accountResource(route.accountSid) };
    if (route.action === 'create') return this.#create(question, record);
    const call = this.#exchange.call(route.callSid ?? '');
    if (!call) return refused(notFound(route.callSid ?? ''));
    if (route.action === 'delete') {
      this.#exchange.forget(call.sid);
      return { status: 204, body: undefined };
    }
    if (route.action === 'update') {
      this.#noteStrangeNames(question.form, 'update', call.sid);
      const change = parseUpdate(question.form);
      const refusal = change.ok ? this.#exchange.change(call, change.value) : change;
      if (refusal) return refused(refusal);
    }
    return { status: 200, body: callResource(call, route.accountSid) };
  }

  #create(question: Question, record: RestRecord): Answer {
    const { accountSid, fromNumbers } = this.#office.settings;
    this.#noteStrangeNames(question.form, 'create', undefined);
    const order = parseCreate(question.form, fromNumbers);
    if (!order.ok) return refused(order);
    const call = this.#exchange.place(order.value);
    record.callSid = call.sid;
    return { status: 201, body: callResource(call, accountSid) };
  }

  #noteStrangeNames(form: Form, action: 'create' | 'update', callSid: string | undefined): void {
    const { unknown, unsimulated } = strangeNames(form, action);
    const { ledger } = this.#office;
    for (const name of unknown) ledger.problem('unknown-parameter', `${name} in a call ${action}`, callSid);
    for (const name of unsimulated) ledger.problem('not-simulated', `${name} in a call ${action}`, callSid);
  }
}

function routeOf({ method, path }: Question): Route | undefined {
  const match = ACCOUNT_PATH.exec(path);
  if (!match) return undefined;
  const [, accountSid = '', callSid] = match;
  const action = actionOf(method, path.endsWith('/Calls.json'), callSid);
  return action && { action, accountSid, callSid };
}

function actionOf(method: string, isList: boolean, callSid: string | undefined): RestAction | undefined {
  if (isList) return method === 'POST' ? 'create' : undefined;
  if (callSid === undefined) return method === 'GET' ? 'account' : undefined;
  const actions: Readonly<Record<string, RestAction>> = { GET: 'fetch', POST: 'update', DELETE: 'delete' };
  return actions[method];
}

function outage({ status, code }: Extract<RestFault, { do: 'status' }>): Refusal {
  const message = status === 429 ? 'Too Many Requests' : 'Service unavailable';
  return { status, code: code ?? BUSY_CODES[status] ?? 20500, message };
}

function refused({ status, code, message }: Refusal): Answer {
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
}

function basicOf(header: string | undefined): readonly string[] {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1] ?? '';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? [] : [text.slice(0, colon), text.slice(colon + 1)];
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
  response.setHeader('Content-Type', 'application/json;charset=utf-8');
  response.end(JSON.stringify(body));
}
