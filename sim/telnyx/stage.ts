// stage: what the twin's own tests play on: a twin, a hand clock, the official SDK, and a small plugin that listens.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import Telnyx from 'telnyx';
import { StoryClock } from '../story-clock.ts';
import type { Fields } from './ledger.ts';
import type { TwinOptions } from './settings.ts';
import { TelnyxTwin } from './twin.ts';

export const ALICE = '+15550001234';
export const OURS = '+15550005678';

/** An event as it reached the plugin. */
export interface Told {
  readonly type: string;
  readonly payload: Fields;
  readonly attempt: number;
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Plugin {
  readonly origin: string;
  readonly told: Told[];
  /** What it answers an event with, perhaps after a while. Default: 200, at once. */
  answers: (told: Told) => number | Promise<number>;
}

export interface Stage {
  readonly clock: StoryClock;
  readonly twin: TelnyxTwin;
  readonly plugin: Plugin;
  readonly sdk: Telnyx;
}

export async function openStage(test: TestContext, options: TwinOptions = {}): Promise<Stage> {
  const clock = new StoryClock();
  const plugin = await openPlugin(test);
  const twin = new TelnyxTwin({ clock, webhookUrl: `${plugin.origin}/voice`, ...options });
  await twin.listen();
  test.after(() => twin.close());
  return { clock, twin, plugin, sdk: sdkFor(twin) };
}

/** The official client, its address replaced, so polite only where it must be. */
export function sdkFor(twin: TelnyxTwin, apiKey = twin.settings.apiKey): Telnyx {
  return new Telnyx({ apiKey, baseURL: `${twin.apiBaseUrl}/v2`, maxRetries: 0 });
}

async function openPlugin(test: TestContext): Promise<Plugin> {
  const plugin: Plugin & { origin: string } = { origin: '', told: [], answers: () => 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.once('end', async () => {
      const { data, meta } = JSON.parse(body);
      const { event_type: type, payload, id } = data;
      const { url = '', headers } = request;
      const told: Told = { type, payload, attempt: meta.attempt, id, path: url, headers, body };
      plugin.told.push(told);
      response.statusCode = await plugin.answers(told);
      response.end();
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
