// Postman: retries, deadlines, redirects and tunnels of one webhook.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { it } from 'node:test';
import twilio from 'twilio';
import { play } from '../play.ts';
import { Caller } from './caller.ts';
import { ALICE, OURS, openStage, type Stage, TOKEN, twiml } from './stage.ts';

function dialIn({ twin }: Stage, voiceUrl: string) {
  return twin.dialIn({ from: ALICE, to: OURS, voiceUrl, person: new Caller() });
}

it('a refused connection is tried once more', async (test) => {
  const stage = await openStage(test);
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const call = dialIn(stage, `http://127.0.0.1:${port}/voice`);
  await play(stage.clock, stage.twin, () => !call.isAlive);
  assert.deepEqual([call.hooks.length, call.hooks[0]?.attempts], [1, 2]);
  assert.match(call.hooks[0]?.failure ?? '', /ECONNREFUSED/);
  assert.equal(call.end?.code, 11205);
});

it('a connection dropped after the request was read is not tried again', async (test) => {
  const stage = await openStage(test);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.resetAndDestroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const call = dialIn(stage, `http://127.0.0.1:${port}/voice`);
  await play(stage.clock, stage.twin, () => !call.isAlive);
  assert.equal(call.hooks[0]?.attempts, 1);
  assert.equal(call.end?.code, 11200);
});

it('the fragment of the URL sets deadline and retries, and is neither sent nor signed', async (test) => {
  const stage = await openStage(test);
  stage.plugin.answers = () => new Promise(() => undefined);
  const call = dialIn(stage, `${stage.plugin.origin}/voice#rt=2000&rc=2&rp=rt`);
  await play(stage.clock, stage.twin, () => call.hooks[0]?.failure !== undefined);
  assert.equal(stage.clock.now() - call.createdAt, 6000);
  assert.deepEqual(
    stage.plugin.questions.map(({ url }) => url),
    ['/voice', '/voice', '/voice'],
  );
  const tokens = stage.plugin.questions.map(({ headers }) => headers['i-twilio-idempotency-token']);
  assert.equal(new Set(tokens).size, 1);
  const [first] = stage.plugin.questions;
  const signature = `${first?.headers['x-twilio-signature']}`;
  assert.ok(twilio.validateRequest(TOKEN, signature, `${stage.plugin.origin}/voice`, { ...first?.params }));
});

it('redirects are followed, newly signed, without the digits', async (test) => {
  const stage = await openStage(test);
  stage.plugin.answers = ({ path }) => {
    if (path === '/voice') return twiml('<Gather action="/a"/>');
    if (path === '/a') return { status: 307, location: '/b' };
    return path === '/b' ? { status: 302, location: '/c' } : twiml('<Say>There</Say>');
  };
  const voiceUrl = `${stage.plugin.origin}/voice`;
  const call = stage.twin.dialIn({ from: ALICE, to: OURS, voiceUrl, person: new Caller().presses('1#') });
  await play(stage.clock, stage.twin, () => !call.isAlive);
  assert.deepEqual(
    stage.plugin.questions.map(({ path, method, params }) => [path, method, params['Digits']]),
    [
      ['/voice', 'POST', undefined],
      ['/a', 'POST', '1'],
      ['/b', 'POST', undefined],
      ['/c', 'GET', undefined],
    ],
  );
  assert.deepEqual(
    call.heard.map(({ text }) => text),
    ['There'],
  );
});

it('redirects in a circle are an application error', async (test) => {
  const stage = await openStage(test);
  stage.plugin.answers = () => ({ status: 302, location: '/voice' });
  const call = dialIn(stage, `${stage.plugin.origin}/voice`);
  await play(stage.clock, stage.twin, () => !call.isAlive);
  assert.equal(call.end?.code, 11215);
});

it('a tunnel leads a public origin to loopback, signed for the public one', async (test) => {
  const stage = await openStage(test, { signsDefaultPort: true });
  stage.twin.tunnel('https://voice.example.test', stage.plugin.origin);
  dialIn(stage, 'https://voice.example.test/voice?a=1');
  await stage.twin.idle();
  const [question] = stage.plugin.questions;
  assert.equal(question?.headers['host'], 'voice.example.test');
  assert.equal(question?.headers['x-forwarded-proto'], 'https');
  const signature = `${question?.headers['x-twilio-signature']}`;
  const url = 'https://voice.example.test/voice?a=1';
  assert.ok(twilio.validateRequest(TOKEN, signature, url, { ...question?.params }));
});

it('no other host than loopback is ever called', async (test) => {
  const stage = await openStage(test);
  const call = dialIn(stage, 'https://voice.example.test/voice');
  await play(stage.clock, stage.twin, () => !call.isAlive);
  assert.deepEqual(
    stage.twin.problems.map(({ code }) => code),
    [11210],
  );
  assert.equal(call.end?.code, 11210);
});
