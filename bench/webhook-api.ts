// WebhookApi: the REST API of the carrier in the webhook bench: agrees to everything at once, and says when it did.
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

type Fields = Readonly<Record<string, unknown>>;

/** A command that does not come in this time never will; ms. */
const PATIENCE_MS = 5_000;

export class WebhookApi {
  /** Where it is; no slash at the end. */
  readonly base: string;
  readonly #server: Server;
  readonly #agreed: EventEmitter;

  static async open(): Promise<WebhookApi> {
    const agreed = new EventEmitter();
    const server = createServer((message, response) => {
      let body = '';
      message.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.once('finish', () => agreed.emit(message.url ?? '', body));
      message.once('end', () => response.end('{"data":{"result":"ok"}}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WebhookApi(server, agreed);
  }

  private constructor(server: Server, agreed: EventEmitter) {
    this.#server = server;
    this.#agreed = agreed;
    this.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** The JSON of the next request to `path` from now on, once it was agreed to. Rejects after 5 s. */
  async next(path: string): Promise<Fields> {
    const [body] = await once(this.#agreed, path, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return JSON.parse(String(body)) as Fields;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
