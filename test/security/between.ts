// Between: a stranger between the carrier and our door: writes other heads, or keeps our answer for himself.
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CarrierStage, PUBLIC_URL } from '../conformance/carrier-stage.ts';

export interface Meddling {
  /** Laid over the head of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** So many answers never reach the carrier, the first ones. */
  readonly swallows?: number;
}

/** From here on every webhook goes through the stranger, until `run` is over. */
export async function between(
  stage: CarrierStage,
  { headers = {}, swallows = 0 }: Meddling,
  run: () => Promise<void>,
): Promise<void> {
  let answers = 0;
  const server = createServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming);
    const { method, url: path } = incoming;
    const head = { ...incoming.headers, ...headers };
    const onward = request({
      host: '127.0.0.1',
      port: stage.port,
      method,
      path,
      headers: head,
      agent: false,
    });
    onward.on('error', () => outgoing.destroy());
    onward.on('response', async (answer) => {
      const text = await bodyOf(answer);
      if (answers++ < swallows) return;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
    });
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  stage.exchange.tunnel(new URL(PUBLIC_URL).origin, `http://127.0.0.1:${port}`);
  try {
    await run();
  } finally {
    stage.exchange.tunnel(new URL(PUBLIC_URL).origin, `http://127.0.0.1:${stage.port}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
