// Loopback: a server of a stand-in, opened on this machine only, and closed with all that is connected to it.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Opens it on `port`, 0 for any free one; gives the port. */
export async function openOnLoopback(server: Server, port: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(port, '127.0.0.1', resolve);
  await promise;
  return (server.address() as AddressInfo).port;
}

export async function closeWithAll(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}
