// Tests of GatewayClient: the greeting, the answers, and which silence means what.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeGateway, type FakeGatewayOptions, NEVER, Refusal } from '../../sim/fake-gateway.ts';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { type ErrorCode, VoiceCallError } from '../lib/errors.ts';
import { GatewayClient } from './gateway-client.ts';
import type { GatewayConnectionDeps } from './gateway-connection.ts';

const TIMEOUT = { timeoutMs: 5_000 };

describe('the Gateway client', () => {
  let clock: HandClock;
  let gateway: FakeGateway | null;
  let client: GatewayClient | null;

  beforeEach(() => {
    clock = new HandClock();
    gateway = null;
    client = null;
  });
  afterEach(async () => {
    client?.close();
    await gateway?.close();
  });

  async function connected(
    options: FakeGatewayOptions,
    more: Partial<GatewayConnectionDeps['target']> & Pick<GatewayConnectionDeps, 'onEvent'> = {},
  ): Promise<GatewayClient> {
    gateway = new FakeGateway(options);
    const { url } = await gateway.listening();
    const { onEvent, ...credentials } = more;
    const target = { url, token: null, password: null, ...credentials };
    client = new GatewayClient({ target, clock, version: '1.2.3', ...(onEvent && { onEvent }) });
    return client;
  }

  it('greets as an operator with its token, then asks', async () => {
    const methods = { 'voicecall.status': (params: object) => ({ echo: params }) };
    const asking = await connected({ token: 'secret', methods }, { token: 'secret' });
    assert.deepEqual(await asking.request('voicecall.status', { callId: 'x' }, TIMEOUT), {
      echo: { callId: 'x' },
    });
    const [greeting] = gateway?.requests ?? [];
    assert.equal(greeting?.method, 'connect');
    assert.deepEqual(greeting?.params, {
      minProtocol: 4,
      maxProtocol: 4,
      client: { id: 'cli', version: '1.2.3', platform: process.platform, mode: 'cli' },
      role: 'operator',
      scopes: ['operator.read', 'operator.write'],
      caps: [],
      auth: { token: 'secret' },
    });
  });

  it('greets anew for a method that came with a change of the configuration, once', async () => {
    const methods: Record<string, () => unknown> = { 'voicecall.status': () => 'up' };
    const asking = await connected({ methods });
    await asking.request('voicecall.status', {}, TIMEOUT);
    await assert.rejects(asking.request('voicecall.setup', {}, TIMEOUT), { code: 'VC_PLUGIN_NOT_LOADED' });
    methods['voicecall.setup'] = () => 'ready';
    assert.equal(await asking.request('voicecall.status', {}, TIMEOUT), 'up');
    assert.equal(await asking.request('voicecall.setup', {}, TIMEOUT), 'ready');
    const greetings = gateway?.requests.filter(({ method }) => method === 'connect');
    assert.equal(greetings?.length, 3);
  });

  it('greets once for all requests and matches answers to them', async () => {
    const methods = { 'voicecall.status': (params: object) => params };
    const asking = await connected({ methods }, { password: 'pw' });
    const answers = await Promise.all(
      [1, 2, 3].map((n) => asking.request('voicecall.status', { n }, TIMEOUT)),
    );
    assert.deepEqual(answers, [{ n: 1 }, { n: 2 }, { n: 3 }]);
    assert.equal(gateway?.requests.filter(({ method }) => method === 'connect').length, 1);
    assert.deepEqual(gateway?.requests[0]?.params['auth'], { password: 'pw' });
    assert.equal(clock.pending, 0);
  });

  it('nobody there is unreachable, and names the address', async () => {
    const port = await freePort();
    const target = { url: `ws://127.0.0.1:${port}`, token: null, password: null };
    client = new GatewayClient({ target, clock, version: '1' });
    const error = await failureOf(client.request('voicecall.status', {}, TIMEOUT), 'VC_GATEWAY_UNREACHABLE');
    assert.match(error.message, new RegExp(`ws://127.0.0.1:${port}$`));
    assert.equal(clock.pending, 0);
  });

  it('a wrong token is refused, not unreachable', async () => {
    const asking = await connected({ token: 'secret' }, { token: 'wrong' });
    const error = await failureOf(asking.request('voicecall.status', {}, TIMEOUT), 'VC_GATEWAY_REFUSED');
    assert.match(error.message, /gateway token mismatch/);
    assert.match(error.cure, /token/);
  });

  it('a door closed with a reason is refused with that reason', async () => {
    const asking = await connected({ door: { code: 1008, reason: 'pairing required' } });
    const error = await failureOf(asking.request('voicecall.status', {}, TIMEOUT), 'VC_GATEWAY_REFUSED');
    assert.match(error.message, /pairing required/);
  });

  it('a Gateway that is still starting is asked again until it is there, within the deadline', async () => {
    let door: NonNullable<FakeGatewayOptions['door']> | null = { code: 1013, reason: 'gateway starting' };
    const asking = await connected({
      methods: { 'voicecall.status': () => 'here' },
      get door() {
        return door;
      },
    });
    await failureOf(asking.request('voicecall.status', {}, { timeoutMs: 400 }), 'VC_GATEWAY_STARTING');
    const asked = asking.request('voicecall.status', {}, TIMEOUT);
    const isTurnedAway = (): boolean => gateway?.knocks === 2 && clock.pending === 1;
    while (!isTurnedAway()) await settle(1);
    door = null;
    await clock.advance(500);
    assert.equal(await asked, 'here');
  });

  it('a door that says nothing is a timeout: somebody is there', async () => {
    const asking = await connected({ door: 'silent' });
    const failing = failureOf(asking.request('voicecall.status', {}, TIMEOUT), 'VC_GATEWAY_TIMEOUT');
    await clock.advance(10_000);
    assert.match((await failing).message, /did not answer connect within 10000 ms/);
  });

  it('a Gateway without Voice Call is told apart by what it offers', async () => {
    const asking = await connected({ methods: { health: () => ({}) } });
    const error = await failureOf(asking.request('voicecall.status', {}, TIMEOUT), 'VC_PLUGIN_NOT_LOADED');
    assert.match(error.cure, /plugins\.entries\.voice-call\.enabled/);
  });

  it('an answer that does not come is a timeout', async () => {
    const asking = await connected({ methods: { 'voicecall.status': () => NEVER } });
    await asking.connect();
    const failing = failureOf(asking.request('voicecall.status', {}, TIMEOUT), 'VC_GATEWAY_TIMEOUT');
    await clock.advance(5_000);
    assert.match((await failing).message, /did not answer voicecall\.status within 5000 ms/);
    assert.equal(clock.pending, 0);
  });

  it('our own errors keep their words and cure; those of the Gateway get its cure', async () => {
    const details = { code: 'VC_CALL_NOT_FOUND', message: 'Call not found: x', cure: 'List them.' };
    const asking = await connected({
      methods: {
        'voicecall.end': () => {
          throw new Refusal({ code: 'UNAVAILABLE', message: 'Call not found: x. List them.', details });
        },
        'voicecall.call': () => {
          throw new Refusal({ code: 'FORBIDDEN', message: 'missing scope: operator.write' });
        },
      },
    });
    const ours = await failureOf(asking.request('voicecall.end', {}, TIMEOUT), 'VC_REQUEST_FAILED');
    assert.deepEqual([ours.message, ours.cure], ['Call not found: x', 'List them.']);
    const theirs = await failureOf(asking.request('voicecall.call', {}, TIMEOUT), 'VC_REQUEST_FAILED');
    assert.equal(theirs.message, 'missing scope: operator.write');
    assert.match(theirs.cure, /openclaw gateway status/);
  });

  it('a connection that breaks while something runs is lost, and the next request opens another', async () => {
    let isSlow = true;
    const asking = await connected({ methods: { 'voicecall.status': () => (isSlow ? NEVER : 'back') } });
    await asking.connect();
    const failing = failureOf(asking.request('voicecall.status', {}, TIMEOUT), 'VC_GATEWAY_LOST');
    gateway?.drop();
    assert.match((await failing).message, /while voicecall\.status was running/);
    isSlow = false;
    assert.equal(await asking.request('voicecall.status', {}, TIMEOUT), 'back');
  });

  it('a connection that was closed does not take the next one with it', async () => {
    const asking = await connected({ methods: { 'voicecall.status': () => 'fine' } });
    await asking.connect();
    asking.close();
    for (const _ of [1, 2, 3]) assert.equal(await asking.request('voicecall.status', {}, TIMEOUT), 'fine');
    assert.equal(gateway?.requests.filter(({ method }) => method === 'connect').length, 2);
  });

  it('hears the events of the plugin and no others', async () => {
    const heard: [string, unknown][] = [];
    const first = Promise.withResolvers<void>();
    const asking = await connected(
      {},
      {
        onEvent: (name, payload) => {
          heard.push([name, payload]);
          first.resolve();
        },
      },
    );
    await asking.connect();
    gateway?.emit('health', { ok: true });
    gateway?.emit('plugin.other.call', {});
    gateway?.emit('plugin.voice-call.call', { callId: 'x' });
    await first.promise;
    assert.deepEqual(heard, [['call', { callId: 'x' }]]);
  });

  it('frames that make no sense change nothing', async () => {
    const asking = await connected({ methods: { 'voicecall.status': () => 'fine' } });
    await asking.connect();
    gateway?.emit('connect.challenge', null);
    assert.equal(await asking.request('voicecall.status', {}, TIMEOUT), 'fine');
    assert.equal(gateway?.requests.filter(({ method }) => method === 'connect').length, 1);
  });
});

async function failureOf(asked: Promise<unknown>, code: ErrorCode): Promise<VoiceCallError> {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof VoiceCallError, 'it did not fail');
  assert.equal(error.code, code);
  return error;
}

/** A port nobody listens on: one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
