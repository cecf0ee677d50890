// Tests of plugin.ts: what anybody who finds the path of the test phones can do to the Gateway.
import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { it } from 'node:test';
import { registerPhoneRoute } from './plugin.ts';
import { theSlot } from './slot.ts';

type Api = Parameters<typeof registerPhoneRoute>[0];
type Route = Parameters<Api['registerHttpRoute']>[0];

it('A stranger at the path of the test phones is turned away at once, also while a telephone is expected', async () => {
  const routes: Route[] = [];
  registerPhoneRoute({ registerHttpRoute: (route: Route) => routes.push(route) } as Partial<Api> as Api);
  theSlot().expect();
  const socket = new Socket();
  const said: unknown[] = [];
  socket.end = (text?: unknown) => {
    said.push(text);
    return socket;
  };
  const answered = routes[0]?.handleUpgrade?.(new IncomingMessage(socket), socket, Buffer.alloc(0));
  assert.match(String(said), /^HTTP\/1.1 503 /);
  assert.ok(socket.listenerCount('error') > 0, 'its errors end nobody');
  assert.equal(await answered, true);
});
