// Model: a small OpenAI-compatible server for the offline demo and the e2e tests; demo/talk.ts decides what it says.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock, wait } from '../src/lib/clock.ts';
import { replyTo } from './talk.ts';

/** `fail` answers 500, `hang` never answers, `slow` takes `slowMs` to the first token, `cut` breaks off half-way. */
export type ModelFault = 'fail' | 'hang' | 'slow' | 'cut';

export interface ModelOptions {
  /** Time to the first token, ms. Default 150. */
  readonly firstTokenMs?: number;
  /** Time between tokens, ms. Default 20. */
  readonly tokenMs?: number;
  /** Time to the first token under the fault `slow`, ms. Default 5000. */
  readonly slowMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** What is said to the caller's words so far, oldest first. Default: demo/talk.ts. */
  readonly reply?: (said: readonly string[]) => string;
}

/** One chat request as it came, for tests that ask what the model was told. */
export interface ModelRequest {
  readonly at: number;
  /** All system and developer messages, joined. */
  readonly system: string;
  /** The user messages, oldest first. */
  readonly said: readonly string[];
  readonly isStream: boolean;
  readonly toolNames: readonly string[];
  /** The text that was sent back, without the JSON around it; empty under a fault. */
  readonly answer: string;
}

interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
}

interface ChatBody {
  readonly model?: string;
  readonly stream?: boolean;
  readonly messages?: readonly ChatMessage[];
  readonly tools?: readonly { readonly function?: { readonly name?: string } }[];
}

export const MODEL_ID = 'receptionist';
const MAX_BODY_BYTES = 4_000_000;
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

export class DemoModel {
  /** Every chat request since the start, oldest first. */
  readonly requests: ModelRequest[] = [];
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #times: { readonly firstTokenMs: number; readonly tokenMs: number; readonly slowMs: number };
  readonly #reply: (said: readonly string[]) => string;
  #fault: ModelFault | null = null;
  #faultsLeft = 0;

  private constructor(options: ModelOptions) {
    const { firstTokenMs = 150, tokenMs = 20, slowMs = 5_000, clock = systemClock } = options;
    this.#clock = clock;
    this.#times = { firstTokenMs, tokenMs, slowMs };
    this.#reply = options.reply ?? ((said) => replyTo(said, new Date(clock.now())));
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: ModelOptions = {}): Promise<DemoModel> {
    const model = new DemoModel(options);
    const server = model.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** The next `times` chat requests meet this fault; null heals at once. */
  setFault(fault: ModelFault | null, times = Number.POSITIVE_INFINITY): void {
    this.#fault = fault;
    this.#faultsLeft = times;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (method === 'GET' && url.endsWith('/models')) {
      return sendJson(response, 200, { object: 'list', data: [{ id: MODEL_ID, object: 'model' }] });
    }
    if (method !== 'POST' || !url.endsWith('/chat/completions')) {
      return sendJson(response, 404, problem('no such path'));
    }
    const body = parseBody(await readBody(request));
    if (!body) return sendJson(response, 400, problem('the body is not a chat request'));
    await this.#answer(body, response);
  }

  async #answer(body: ChatBody, response: ServerResponse): Promise<void> {
    const fault = this.#takeFault();
    const { firstTokenMs, tokenMs, slowMs } = this.#times;
    const said = saidIn(body);
    const speaks = fault === null || fault === 'slow';
    const words = this.#reply(said);
    this.requests.push(logEntry(body, this.#clock.now(), speaks ? words : ''));
    if (fault === 'hang') return;
    await this.#pause(fault === 'slow' ? slowMs : firstTokenMs, response);
    if (fault === 'fail') return sendJson(response, 500, problem('told to fail'));
    const tokens = tokensOf(wantsSpokenObject(body) ? JSON.stringify({ spoken: words }) : words);
    if (!body.stream) {
      await this.#pause(tokenMs * tokens.length, response);
      return sendJson(response, 200, completion(body, tokens.join('')));
    }
    await this.#stream(body, fault === 'cut' ? tokens.slice(0, tokens.length / 2) : tokens, response);
    // Destroyed at once, even what was written would be lost.
    if (fault === 'cut') response.write(': cut\n\n', () => response.destroy());
    else finishStream(body, response);
  }

  async #stream(body: ChatBody, tokens: readonly string[], response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    sendChunk(response, body, { role: 'assistant', content: '' });
    for (const content of tokens) {
      if (response.destroyed) return;
      sendChunk(response, body, { content });
      await this.#pause(this.#times.tokenMs, response);
    }
  }

  /** Ends early when the client goes away. */
  async #pause(ms: number, response: ServerResponse): Promise<void> {
    if (ms <= 0 || response.destroyed) return;
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    response.once('close', leave);
    await wait(this.#clock, ms, gone.signal).catch(() => undefined);
    response.off('close', leave);
  }

  #takeFault(): ModelFault | null {
    if (this.#faultsLeft <= 0) return null;
    this.#faultsLeft -= 1;
    return this.#fault;
  }
}

/** The entry for `models.providers.<name>` of OpenClaw's configuration. */
export function providerEntry(baseUrl: string): object {
  return {
    baseUrl,
    apiKey: 'sk-demo-on-this-machine',
    api: 'openai-completions',
    models: [
      {
        id: MODEL_ID,
        name: 'Demo model (rules, no AI)',
        reasoning: false,
        input: ['text'],
        cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        contextWindow: 128_000,
        maxTokens: 4_096,
      },
    ],
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) return '';
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseBody(text: string): ChatBody | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'messages' in body ? (body as ChatBody) : null;
  } catch {
    return null;
  }
}

function logEntry(body: ChatBody, at: number, answer: string): ModelRequest {
  return {
    at,
    system: textsOf(body, ['system', 'developer']).join('\n'),
    said: saidIn(body),
    isStream: body.stream === true,
    toolNames: (body.tools ?? []).map((tool) => tool.function?.name ?? ''),
    answer,
  };
}

/** The caller's words, oldest first, without what the host puts around them. */
function saidIn(body: ChatBody): readonly string[] {
  return textsOf(body, ['user'])
    .map((text) => hostParts.reduce((left, part) => left.replace(part, ''), text).trim())
    .filter((text) => text !== '');
}

/** An own message of the host's, the time stamp before the words, the line about the run after the first. */
const hostParts: readonly RegExp[] = [
  /<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/g,
  /^\s*\[[^\]\n]*\d[^\]\n]*\]/,
  /\n\nRuntime: agent=[^\n]*$/,
];

function textsOf(body: ChatBody, roles: readonly string[]): readonly string[] {
  return (body.messages ?? [])
    .filter(({ role }) => roles.includes(role))
    .map(({ content }) => textOf(content));
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('');
}

/** The plugin's spoken contract asks for one JSON object with the key `spoken`. */
function wantsSpokenObject(body: ChatBody): boolean {
  return textsOf(body, ['system', 'developer', 'user']).some((text) => text.includes('"spoken"'));
}

function tokensOf(text: string): readonly string[] {
  return text.split(/(?<= )/);
}

function completion(body: ChatBody, content: string): object {
  const message = { role: 'assistant', content };
  return {
    ...frameOf(body),
    object: 'chat.completion',
    choices: [{ index: 0, finish_reason: 'stop', message }],
    usage,
  };
}

function sendChunk(
  response: ServerResponse,
  body: ChatBody,
  delta: object,
  finish: string | null = null,
): void {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  const chunk = { ...frameOf(body), object: 'chat.completion.chunk', choices, ...(finish && { usage }) };
  response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

function finishStream(body: ChatBody, response: ServerResponse): void {
  sendChunk(response, body, {}, 'stop');
  response.end('data: [DONE]\n\n');
}

function frameOf({ model = MODEL_ID }: ChatBody): object {
  return { id: 'chatcmpl-demo', created: 0, model };
}

function problem(message: string): object {
  return { error: { message, type: 'demo_model', code: null } };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
