// stage: what the twin's own tests play on: a twin, a hand clock, the official SDK, and a small plugin that answers.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import twilio from 'twilio';
import type { Clock } from '../../src/lib/clock.ts';
import { StoryClock } from '../story-clock.ts';
import type { TwinOptions } from './settings.ts';
import { TwilioTwin } from './twin.ts';

export const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
export const TOKEN = 'throw-away-token';
export const ALICE = '+15550001234';
export const OURS = '+15550005678';

export interface Question {
  readonly path: string;
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: Readonly<Record<string, string>>;
}

export type PluginAnswer =
  | string
  | {
      readonly status?: number;
      readonly type?: string;
      readonly body?: string | Buffer;
      readonly location?: string;
    };

export type Answers = (question: Question) => PluginAnswer | Promise<PluginAnswer>;

export interface Plugin {
  readonly origin: string;
  readonly questions: Question[];
  answers: Answers;
}

export interface Stage {
  readonly clock: StoryClock;
  readonly twin: TwilioTwin;
  readonly plugin: Plugin;
  readonly sdk: ReturnType<typeof twilio>;
}

/** A document in a Response. */
export function twiml(verbs: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`;
}

export async function openStage(test: TestContext, options: Partial<TwinOptions> = {}): Promise<Stage> {
  const clock = new StoryClock();
  const { twin, sdk } = await openTwin(test, clock, options);
  return { clock, twin, sdk, plugin: await openPlugin(test) };
}

export async function openTwin(
  test: TestContext,
  clock: Clock,
  options: Partial<TwinOptions> = {},
): Promise<Pick<Stage, 'twin' | 'sdk'>> {
  const twin = new TwilioTwin({ clock, accountSid: ACCOUNT, authToken: TOKEN, ...options });
  await twin.listen();
  test.after(() => twin.close());
  return { twin, sdk: sdkFor(twin) };
}

/** A server that answers webhooks; status callbacks get an empty 204 without being asked about. */
export async function openPlugin(test: TestContext): Promise<Plugin> {
  const plugin: Plugin & { origin: string } = { origin: '', questions: [], answers: () => twiml('') };
  const server = createServer((request, response) => {
    readQuestion(request)
      .then((question) => {
        plugin.questions.push(question);
        const isStatus = question.params['CallbackSource'] === 'call-progress-events';
        return isStatus ? { status: 204 } : plugin.answers(question);
      })
      .then((answer) => reply(response, typeof answer === 'string' ? { body: answer } : answer))
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  plugin.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return plugin;
}

async function readQuestion(request: IncomingMessage): Promise<Question> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { url = '', method = '', headers } = request;
  const [path = '', query = ''] = url.split('?');
  const form = new URLSearchParams(method === 'GET' ? query : Buffer.concat(chunks).toString());
  return { path, url, method, headers, params: Object.fromEntries(form) };
}

function reply(response: ServerResponse, answer: Exclude<PluginAnswer, string>): void {
  response.statusCode = answer.status ?? 200;
  response.setHeader('Content-Type', answer.type ?? 'text/xml');
  if (answer.location !== undefined) response.setHeader('Location', answer.location);
  response.end(answer.body ?? '');
}

/** The official client, its host replaced. */
export function sdkFor(twin: TwilioTwin, token = TOKEN): ReturnType<typeof twilio> {
  const wire = new twilio.RequestClient();
  const request: typeof wire.request = (options) =>
    wire.request({ ...options, uri: options.uri.replace('https://api.twilio.com', twin.apiBaseUrl) });
  const httpClient = Object.assign(Object.create(wire) as typeof wire, { request });
  return twilio(ACCOUNT, token, { httpClient });
}
