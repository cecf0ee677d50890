// stage: what the Plivo twin's own tests play on: a twin, a hand clock, the official client, and a plugin that answers.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import { type OfficialClient, officialClientAt } from '../../test/wire/plivo/official.ts';
import { StoryClock } from '../story-clock.ts';
import type { TwinOptions } from './settings.ts';
import { PlivoTwin } from './twin.ts';

export const ACCOUNT = 'MAXXXXXXXXXXXXXXXXXX';
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
  | { readonly status?: number; readonly type?: string; readonly body?: string };

export type Answers = (question: Question) => PluginAnswer | Promise<PluginAnswer>;

export interface Plugin {
  readonly origin: string;
  readonly questions: Question[];
  answers: Answers;
}

export interface Stage {
  readonly clock: StoryClock;
  readonly twin: PlivoTwin;
  readonly plugin: Plugin;
  readonly sdk: OfficialClient;
}

/** A document in a Response. */
export function plivoXml(elements: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${elements}</Response>`;
}

export async function openStage(test: TestContext, options: Partial<TwinOptions> = {}): Promise<Stage> {
  const clock = new StoryClock();
  const twin = new PlivoTwin({ clock, authId: ACCOUNT, authToken: TOKEN, ...options });
  await twin.listen();
  test.after(() => twin.close());
  const sdk = officialClientAt(twin.apiBaseUrl, { authId: ACCOUNT, authToken: TOKEN });
  return { clock, twin, sdk, plugin: await openPlugin(test) };
}

/** A server that answers webhooks; notifications get an empty 200. */
async function openPlugin(test: TestContext): Promise<Plugin> {
  const questions: Question[] = [];
  const plugin = { origin: '', questions, answers: (() => plivoXml('')) as Answers };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', async () => {
      const { url = '', method = '', headers } = request;
      const [path = '', query = ''] = url.split('?');
      const form = new URLSearchParams(method === 'GET' ? query : Buffer.concat(chunks).toString());
      const question = { path, url, method, headers, params: Object.fromEntries(form) };
      questions.push(question);
      const isNotice = ['Ring', 'Hangup'].includes(form.get('Event') ?? '');
      const given = isNotice ? { body: '' } : await plugin.answers(question);
      const answer = typeof given === 'string' ? { body: given } : given;
      response.statusCode = answer.status ?? 200;
      response.setHeader('Content-Type', answer.type ?? 'text/xml');
      response.end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  plugin.origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return plugin;
}
