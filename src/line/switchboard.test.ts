// Tests of the switchboard: what it does with each message, and webhooks nobody answers. A hand-moved clock.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { plain } from '../ingress/webhook.ts';
import { FRAME_BYTES } from '../media/frame.ts';
import type { LineEvent, LineListener } from '../media/lines.ts';
import { FarLines } from './far-lines.ts';
import { MOST_WAITING, newTaken, tellHeard } from './heard.ts';
import type { FromLine, ToLine } from './protocol.ts';
import { type LineEngine, Switchboard } from './switchboard.ts';

const START = {
  taken: newTaken(),
  host: '127.0.0.1',
  port: 0,
  stream: {
    path: '/voice/stream',
    prefix: '',
    secret: new Uint8Array(32),
    limits: {
      maxConnections: 2,
      maxPendingConnections: 2,
      maxPendingConnectionsPerIp: 2,
      preStartTimeoutMs: 5_000,
    },
  },
};

/** An engine that notes what it is asked. */
function paperEngine(asked: unknown[][]): LineEngine {
  const note =
    (name: string) =>
    (...args: unknown[]): void => {
      asked.push([name, ...args]);
      if (args.includes('broken')) throw new Error('the engine broke');
    };
  return {
    open: note('open'),
    identify: note('identify'),
    say: note('say'),
    sound: note('sound'),
    keys: note('keys'),
    finish: note('finish'),
    drop: note('drop'),
    understood: note('understood'),
    close: note('close'),
    meter: note('meter'),
    isExpected: () => false,
    codecOf: () => null,
    carrierCallIdOf: () => null,
    attach: note('attach'),
    message: note('message'),
    detached: note('detached'),
  };
}

async function switchboard(t: TestContext) {
  const clock = new HandClock();
  const posted: { message: FromLine; move: readonly ArrayBuffer[] }[] = [];
  const asked: unknown[][] = [];
  const beats: string[] = [];
  let report: LineListener = () => undefined;
  const board = new Switchboard(
    {
      post: (message, move) => void posted.push({ message, move }),
      makeEngine: (listen) => {
        report = listen;
        return paperEngine(asked);
      },
      clock,
      beat: { start: () => beats.push('start'), stop: () => beats.push('stop') },
    },
    START,
  );
  await board.open(START);
  t.after(async () => {
    board.take({ kind: 'shut' });
    while (posted.at(-1)?.message.kind !== 'shut') await settle(1);
    assert.equal(clock.pending, 0);
  });
  const [first] = posted.splice(0);
  assert.ok(first?.message.kind === 'listening');
  const url = `http://127.0.0.1:${first.message.port}/voice/webhook`;
  const post = (body: string): Promise<Response> => fetch(url, { method: 'POST', body });
  const forwarding = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] };
  const gate = { path: '/voice/webhook', signatureHeaders: [] };
  board.take({ kind: 'serve', publicUrls: null, forwarding, gate });
  return { board, clock, posted, asked, beats, post, report: (event: LineEvent) => report(event) };
}

describe('The switchboard', () => {
  it('measures its thread while there are lines', async (t) => {
    const { board, beats } = await switchboard(t);
    const open = (callId: string): void =>
      board.take({ kind: 'open', init: { callId, carrier: 'paper', sensitivity: 'high' } });
    open('a');
    open('b');
    board.take({ kind: 'close', callId: 'a' });
    assert.ok(!beats.includes('stop'));
    board.take({ kind: 'close', callId: 'b' });
    assert.equal(beats.at(-1), 'stop');
    open('c');
    assert.equal(beats.at(-1), 'start');
    board.take({ kind: 'shut' });
    assert.equal(beats.at(-1), 'stop');
  });

  it('asks the engine what the lines were asked, bytes and all', async (t) => {
    const { board, asked } = await switchboard(t);
    const lines = new FarLines((message, move = []) =>
      board.take(structuredClone<ToLine>(message, { transfer: [...move] })),
    );
    const init = { callId: 'c', carrier: 'paper', sensitivity: 'high' } as const;
    const bytes = Buffer.from('a view into a pool');
    lines.open(init);
    lines.identify('c', 'carrier-c');
    lines.say('c', { id: 'u', interruptible: false });
    lines.sound('c', 'u', { encoding: 'wav', sampleRate: 16_000, bytes });
    lines.keys('c', 'u', '12w#');
    lines.finish('c', 'u');
    lines.drop('c', ['u', 'v']);
    lines.understood('c', 'stop it');
    lines.close('c');
    assert.deepEqual(asked, [
      ['open', init],
      ['identify', 'c', 'carrier-c'],
      ['say', 'c', { id: 'u', interruptible: false }],
      ['sound', 'c', 'u', { encoding: 'wav', sampleRate: 16_000, bytes: new Uint8Array(bytes) }],
      ['keys', 'c', 'u', '12w#'],
      ['finish', 'c', 'u'],
      ['drop', 'c', ['u', 'v']],
      ['understood', 'c', 'stop it'],
      ['close', 'c'],
    ]);
    assert.equal(String(bytes), 'a view into a pool');
  });

  it('goes on when the engine stumbles over a message, and says so', async (t) => {
    const { board, asked, posted } = await switchboard(t);
    board.take({ kind: 'understood', callId: 'c', text: 'broken' });
    board.take({ kind: 'close', callId: 'c' });
    assert.deepEqual(asked.at(-1), ['close', 'c']);
    const fields = { message: 'understood', error: 'the engine broke' };
    assert.deepEqual(posted[0]?.message, {
      kind: 'log',
      level: 'error',
      text: 'the line thread met a fault',
      fields,
    });
  });

  it('passes on what the engine reports at once', async (t) => {
    const { posted, report } = await switchboard(t);
    const digit: LineEvent = { kind: 'digit', callId: 'c', at: 1, digit: '5' };
    report(digit);
    assert.deepEqual(
      posted.map(({ message }) => message),
      [{ kind: 'event', event: digit }],
    );
  });

  it('passes on the frames of all callers in one message at the end of a turn, with bytes of its own', async (t) => {
    const { clock, posted, report } = await switchboard(t);
    const frame = Buffer.alloc(FRAME_BYTES, 1);
    for (const callId of ['a', 'b', 'a']) report({ kind: 'audio', callId, at: 2, mulaw: frame });
    assert.equal(posted.length, 0);
    assert.equal(clock.pending, 1, 'one timer for all of them');
    await clock.advance(0);
    const [heard] = posted;
    assert.equal(posted.length, 1);
    assert.ok(heard?.message.kind === 'heard');
    assert.deepEqual(heard.message.callIds, ['a', 'b', 'a']);
    assert.deepEqual(heard.move, [heard.message.mulaw.buffer]);
    assert.equal(heard.move[0]?.byteLength, 3 * FRAME_BYTES);
  });

  it('keeps frames in order with everything else', async (t) => {
    const { clock, posted, report } = await switchboard(t);
    const mulaw = new Uint8Array(FRAME_BYTES);
    report({ kind: 'audio', callId: 'c', at: 1, mulaw });
    report({ kind: 'voice', callId: 'c', at: 1, isSpeaking: true });
    report({ kind: 'audio', callId: 'c', at: 2, mulaw });
    await clock.advance(0);
    assert.deepEqual(
      posted.map(({ message }) => message.kind),
      ['heard', 'event', 'heard'],
    );
  });

  it('throws away what a main thread that does not listen will never hear, says so, and goes on when it does', async (t) => {
    const { clock, posted, report } = await switchboard(t);
    const mulaw = new Uint8Array(FRAME_BYTES);
    const say = (): void => report({ kind: 'audio', callId: 'c', at: 1, mulaw });
    const kinds = (): readonly string[] => posted.splice(0).map(({ message }) => message.kind);
    for (let i = 0; i < MOST_WAITING; i++) say();
    await clock.advance(0);
    const [all] = posted;
    assert.deepEqual(kinds(), ['heard']);
    for (let i = 0; i < 3; i++) say();
    await clock.advance(0);
    assert.deepEqual(kinds(), ['log']);
    assert.ok(all?.message.kind === 'heard');
    tellHeard(all.message, START.taken, () => undefined);
    say();
    await clock.advance(0);
    assert.deepEqual(kinds(), ['heard']);
  });

  it('answers a webhook 503 after twelve seconds; what comes later is too late', async (t) => {
    const { board, clock, posted, post } = await switchboard(t);
    const answer = post('hello');
    while (posted.length === 0) await settle(1);
    const [asked] = posted;
    assert.ok(asked?.message.kind === 'webhook');
    await clock.advance(11_999);
    assert.equal(posted.length, 1);
    await clock.advance(1);
    const { status } = await answer;
    assert.equal(status, 503);
    board.take({ kind: 'answer', id: asked.message.id, reply: plain(200, 'late') });
    board.take({ kind: 'answer', id: 99, reply: plain(200, 'to nothing') });
  });

  it('answers 503 at once when 256 webhooks wait already', async (t) => {
    const { board, posted, post } = await switchboard(t);
    const waiting = Array.from({ length: 256 }, (_, at) => post(`${at}`));
    while (posted.length < 256) await settle(1);
    assert.equal((await post('one more')).status, 503);
    for (const { message } of posted)
      if (message.kind === 'webhook')
        board.take({ kind: 'answer', id: message.id, reply: plain(200, message.request.body) });
    const answers = await Promise.all(waiting.map(async (answer) => (await answer).text()));
    assert.deepEqual(
      answers,
      waiting.map((_, at) => `${at}`),
    );
  });
});
