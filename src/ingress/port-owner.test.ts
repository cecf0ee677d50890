// Tests of who has our port: real listeners, another process, and strangers who ask who we are.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { IDENTITY_PATH, type Identity, identityReply, readIdentity } from './identity.ts';
import { portTaken } from './port-owner.ts';
import { bind } from './server.ts';

const us: Identity = { instance: 'us', pid: process.pid, stateDir: '/home/ada/.openclaw' };
const BIND = '127.0.0.1';

async function listening(t: TestContext, identity?: Identity): Promise<number> {
  const listener = await bind({ host: BIND, port: 0, clock: new HandClock(), identity });
  t.after(() => listener.close());
  return listener.port;
}

function asked(port: number, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: BIND, port, path: IDENTITY_PATH, agent: false, headers };
    get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
}

describe('Who has our port', () => {
  it('is named when it is another Gateway, with its process and state folder', async (t) => {
    const port = await listening(t, { instance: 'them', pid: 4711, stateDir: '/srv/second' });
    const error = await portTaken({ port, bind: BIND }, us);
    assert.equal(error.code, 'VC_PORT_IN_USE');
    assert.equal(
      error.message,
      `Port ${port} on 127.0.0.1 is already in use by another Gateway (pid 4711, state dir /srv/second)`,
    );
    assert.match(
      error.cure,
      /^To have it, stop that Gateway, or set plugins\.entries\.voice-call\.config\.serve\.port/,
    );
  });

  it('is named when it is this very process', async (t) => {
    const port = await listening(t, us);
    const { message } = await portTaken({ port, bind: '0.0.0.0' }, us);
    assert.match(message, /on 0\.0\.0\.0 is already in use by this process$/);
  });

  it('is named when it is another program that speaks no word of HTTP', async (t) => {
    const program = `const server = require('node:net').createServer((socket) => socket.end('hello'));
      server.listen(0, '127.0.0.1', () => process.send(server.address().port)); process.on('message', () => 0);`;
    const other = fork('-', [], { execArgv: ['-e', program], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    t.after(() => other.kill('SIGKILL'));
    const [port] = (await once(other, 'message')) as [number];
    const { message, cure } = await portTaken({ port, bind: BIND }, us);
    if (process.platform === 'linux') {
      assert.match(message, new RegExp(`by another program \\(\\S+, pid ${other.pid}\\)$`));
    } else assert.match(message, /by another program$/);
    assert.match(cure, /^To have it, stop that program, or set /);
  });

  it('is asked within a second, also of a program that says nothing', async (t) => {
    const mute = createServer().listen(0, BIND);
    t.after(() => mute.close());
    await once(mute, 'listening');
    const address = mute.address();
    assert.ok(typeof address === 'object' && address);
    const began = performance.now();
    const { code } = await portTaken({ port: address.port, bind: BIND }, us);
    assert.equal(code, 'VC_PORT_IN_USE');
    assert.ok(performance.now() - began < 5_000);
  });
});

describe('Who we are', () => {
  it('is told on this machine, before and after the door is open', async (t) => {
    const port = await listening(t, us);
    assert.equal(await asked(port), 200);
  });

  it('is nobody else’s business: who comes through a tunnel gets what any stranger gets', async (t) => {
    const listener = await bind({ host: BIND, port: 0, clock: new HandClock(), identity: us });
    t.after(() => listener.close());
    const forwarding = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] };
    const gate = { path: '/voice/webhook', signatureHeaders: [] };
    const answer = (): never => assert.fail('it passed the gate');
    listener.serve({ publicUrls: [], forwarding, gate, answer });
    const strangers: Record<string, string>[] = [
      { 'x-forwarded-for': '203.0.113.7' },
      { forwarded: 'for=203.0.113.7' },
      { via: '1.1 proxy' },
      { host: 'voice.example.com' },
      { host: 'localhost' },
    ];
    for (const headers of strangers) assert.equal(await asked(listener.port, headers), 404);
    const head = { method: 'GET', path: IDENTITY_PATH, headers: { host: '127.0.0.1:1' } };
    assert.equal(identityReply(head, '192.0.2.1', us), null);
    assert.equal(identityReply({ ...head, method: 'POST' }, '127.0.0.1', us), null);
    assert.equal(identityReply(head, '127.0.0.1', undefined), null);
  });

  it('is read only from an answer of ours', () => {
    assert.deepEqual(readIdentity(JSON.stringify({ voiceCall: us })), us);
    for (const body of [
      '',
      'null',
      '{}',
      '{"voiceCall":{}}',
      '{"voiceCall":{"instance":1,"pid":2,"stateDir":3}}',
    ])
      assert.equal(readIdentity(body), null);
  });
});
