// WebhookBare: what the webhook bench compares with, in a thread as ours is: a bare node:http server, one fixed answer.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { contentType, text } = workerData as { readonly contentType: string; readonly text: string };
const server = createServer((message, response) => {
  message.resume().once('end', () => response.setHeader('content-type', contentType).end(text));
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
parentPort?.once('message', () => process.exit());
