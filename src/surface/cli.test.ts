// Tests of Cli: what each command asks the Gateway, what it prints, and what it says when nobody answers.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Command } from 'commander';
import { someCall } from '../../sim/fake-phone.ts';
import { HandClock } from '../../sim/hand-clock.ts';
import { noStore } from '../../sim/no-store.ts';
import type { Call } from '../call/call.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { CallSource } from '../operation/call-status.ts';
import { verbs } from '../operation/index.ts';
import { addCommands, registerVoicecallCommands } from './cli.ts';
import type { Gateway } from './gateway.ts';

type Params = Readonly<Record<string, unknown>>;

class FakeGateway implements Gateway {
  readonly asked: { readonly method: string; readonly params: Params; readonly timeoutMs: number }[] = [];
  /** One answer per request, the last one for all that follow; errors are thrown. */
  answers: unknown[] = [{}];

  async request(
    method: string,
    params: object,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<unknown> {
    // As the wire carries it: what is undefined is not there.
    this.asked.push({ method, params: JSON.parse(JSON.stringify(params)) as Params, timeoutMs });
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

const unreachable = new VoiceCallError('VC_GATEWAY_UNREACHABLE', { url: 'ws://127.0.0.1:18789' });

describe('a command', () => {
  let gateway: FakeGateway;
  /** Asked as who may change the configuration. */
  let admin: FakeGateway;
  let clock: HandClock;
  let stored: readonly Call[] | null;
  let isTerminal: boolean;
  let out: string;
  let err: string;
  let exitCode: number;

  beforeEach(() => {
    gateway = new FakeGateway();
    admin = new FakeGateway();
    clock = new HandClock();
    stored = null;
    isTerminal = false;
    [out, err, exitCode] = ['', '', 0];
  });

  function openStore(): CallSource {
    const calls = stored;
    if (!calls) throw new VoiceCallError('VC_STORE_FAILED', { why: 'no such file', path: '/x' });
    return {
      find: (id) => calls.find((call) => call.id === id) ?? null,
      list: () => calls,
      page: ({ limit }) => ({ calls: calls.slice(0, limit), next: null }),
    };
  }

  function deps(): Parameters<typeof addCommands>[1] {
    return {
      gateway,
      admin,
      readConfig: () => [{}, {}],
      exposeHere: async (request) => ({ ok: true, here: request.mode }),
      ask: null,
      openStore,
      ...noStore,
      write: (text) => {
        out += text;
      },
      warn: (text) => {
        err += text;
      },
      fail: (code) => {
        exitCode = code;
      },
      isTerminal,
      clock,
    };
  }

  async function run(...words: readonly string[]): Promise<void> {
    const program = new Command('voicecall').exitOverride();
    addCommands(program, deps());
    for (const command of program.commands) {
      command.exitOverride().configureOutput({ writeErr: (text) => (err += text) });
    }
    await program.parseAsync(words, { from: 'user' });
  }

  it('call asks for a conversation and prints the id', async () => {
    gateway.answers = [{ callId: 'call-1', initiated: true }];
    await run('call', '-m', 'Hello', '-t', '+15550001234');
    assert.deepEqual(JSON.parse(out), { callId: 'call-1' });
    const [{ method, params, timeoutMs } = {}] = gateway.asked;
    assert.equal(method, 'voicecall.initiate');
    assert.deepEqual(params, { message: 'Hello', to: '+15550001234', mode: 'conversation' });
    assert.ok((timeoutMs ?? 0) >= 30_000);
    assert.equal(exitCode, 0);
  });

  it('expose asks the Gateway as who may change it, and does it here only when there is none', async () => {
    admin.answers = [{ ok: true, mode: 'off', path: '/voice/webhook' }];
    await run('expose', '--mode', 'off', '--path', '/in', '--port', '4000', '--serve-path', '/hook');
    const [{ method, params, timeoutMs } = {}] = admin.asked;
    assert.equal(method, 'voicecall.expose');
    assert.deepEqual(params, { mode: 'off', path: '/in', port: 4_000, servePath: '/hook' });
    assert.ok((timeoutMs ?? 0) >= 30_000);
    assert.deepEqual(JSON.parse(out), { ok: true, mode: 'off', path: '/voice/webhook' });
    out = '';
    admin.answers = [new VoiceCallError('VC_GATEWAY_UNREACHABLE', { url: 'ws://127.0.0.1:1' })];
    await run('expose');
    assert.deepEqual(JSON.parse(out), { ok: true, here: 'funnel' });
  });

  it('expose opens nothing for a mode it does not know', async () => {
    await run('expose', '--mode', 'internet');
    assert.match(err, /mode is not valid: it must be one of off, serve, funnel/);
    assert.deepEqual([admin.asked, exitCode], [[], 1]);
  });

  it('call takes another mode and leaves the number to the configuration', async () => {
    await run('call', '--message', 'Heads up', '--mode', 'notify');
    assert.deepEqual(gateway.asked[0]?.params, { message: 'Heads up', mode: 'notify' });
  });

  it('call without any number says which option and which key would give one', async () => {
    gateway.answers = [new VoiceCallError('VC_REQUEST_FAILED', { why: 'to required', cure: 'x' })];
    await run('call', '-m', 'Hello');
    assert.match(
      err,
      /^Missing --to and no toNumber configured\. Pass the number to call, or set plugins\.entries/,
    );
    assert.equal(exitCode, 1);
  });

  it('start needs a number and no message', async () => {
    gateway.answers = [{ callId: 'call-1', initiated: true }];
    await run('start', '--to', '+15550001234');
    assert.equal(gateway.asked[0]?.method, 'voicecall.start');
    assert.deepEqual(gateway.asked[0]?.params, { to: '+15550001234', mode: 'conversation' });
    await assert.rejects(run('start'), /required option '--to <phone>' not specified/);
  });

  it('speak, dtmf, end and ring pass on what they are given', async () => {
    gateway.answers = [{ success: true }];
    await run('speak', '--call-id', 'call-1', '--message', 'One moment');
    assert.deepEqual(JSON.parse(out), { success: true });
    await run('dtmf', '--call-id', 'call-1', '--digits', '1,2#');
    await run('end', '--call-id', 'call-1');
    await run('ring', '--from', '+15550007777', '--say', 'Hi', 'Bye');
    assert.deepEqual(
      gateway.asked.map(({ method, params }) => [method, params]),
      [
        ['voicecall.speak', { callId: 'call-1', message: 'One moment' }],
        ['voicecall.dtmf', { callId: 'call-1', digits: '1,2#' }],
        ['voicecall.end', { callId: 'call-1' }],
        ['voicecall.ring', { from: '+15550007777', says: ['Hi', 'Bye'] }],
      ],
    );
  });

  it('continue starts an operation and asks for its result once a second', async () => {
    gateway.answers = [
      { operationId: 'op-1', status: 'pending', pollTimeoutMs: 10_000 },
      { status: 'pending' },
      { status: 'completed', result: { success: true, transcript: 'Yes.' } },
    ];
    const running = run('continue', '--call-id', 'call-1', '--message', 'Ready?');
    await clock.advance(1_000);
    assert.equal(gateway.asked.length, 2);
    await clock.advance(1_000);
    await running;
    assert.deepEqual(JSON.parse(out), { success: true, transcript: 'Yes.' });
    assert.deepEqual(gateway.asked[0]?.params, { callId: 'call-1', message: 'Ready?' });
    assert.deepEqual(gateway.asked[2], {
      method: 'voicecall.continue.result',
      params: { operationId: 'op-1' },
      timeoutMs: 5_000,
    });
  });

  it('continue tells what failed', async () => {
    gateway.answers = [
      { operationId: 'op-1', pollTimeoutMs: 10_000 },
      { status: 'failed', error: 'Call ended: hangup-user', cure: 'Call again.' },
    ];
    const running = run('continue', '--call-id', 'call-1', '--message', 'Ready?');
    await clock.advance(1_000);
    await running;
    assert.equal(err, 'Call ended: hangup-user. Call again.\n');
    assert.equal(exitCode, 1);
  });

  it('continue gives up a little after the Gateway should have', async () => {
    gateway.answers = [{ operationId: 'op-1', pollTimeoutMs: 10_000 }, { status: 'pending' }];
    const running = run('continue', '--call-id', 'call-1', '--message', 'Ready?');
    await clock.advance(12_000);
    await running;
    assert.match(err, /did not answer voicecall\.continue within 12000 ms/);
    assert.equal(clock.pending, 0);
  });

  describe('latency', () => {
    it('reads the store, without asking a Gateway', async () => {
      stored = [];
      await run('latency', '--last', '5');
      assert.deepEqual(JSON.parse(out), {
        recordsScanned: 0,
        turnLatency: null,
        listenWait: null,
        stages: {},
      });
      assert.deepEqual(gateway.asked, []);
    });

    it('is a table for a person, with one line per stage', async () => {
      isTerminal = true;
      const stages = { speechEndAt: 0, transcriptAt: 200, heardAt: 900 };
      const turn = { turn: 1, listenedFromAt: 0, saidAt: 200, repliedAt: 700, stages };
      stored = [someCall({ turns: [turn] })];
      await run('latency');
      assert.match(out, /^1 call; .*\n +count +min +max +avg +p50 +p90 +p95 +p99\nturn +1 +500 /);
      assert.match(out, /\nwhole +1 +900 /);
    });

    it('wants a number of calls, and says what is wrong with another', async () => {
      stored = [];
      for (const value of ['0', '-1', 'many', '1e3']) {
        err = '';
        await run('latency', '--last', value);
        assert.match(err, /--last/);
        assert.ok(err.includes(value));
      }
      assert.equal(exitCode, 1);
    });
  });

  it('shows as letters what somebody wrote into a call to command the terminal', async () => {
    isTerminal = true;
    stored = [someCall({ to: '\u001b]0;mine\u0007\u009b2J' })];
    gateway.answers = [unreachable];
    await run('status');
    assert.ok(out.includes('\\u001b]0;mine\\u0007\\u009b2J'), out);
    assert.doesNotMatch(out, /[^\P{Cc}\n\t]/u);
  });

  describe('status', () => {
    const view = { found: true, calls: [] };

    it('prints JSON for scripts and text for people', async () => {
      gateway.answers = [view];
      await run('status');
      assert.deepEqual(JSON.parse(out), view);
      isTerminal = true;
      out = '';
      await run('status');
      assert.equal(out, 'No calls.\n');
      out = '';
      await run('status', '--json');
      assert.deepEqual(JSON.parse(out), view);
    });

    it('asks for one call, for so many, or for a part of them', async () => {
      await run('status', '--call-id', 'call-1');
      await run('status', '--limit', '5');
      await run('status', '--before', '0-1-x', '--state', 'ended', '--direction', 'inbound');
      assert.deepEqual(
        gateway.asked.map(({ params }) => params),
        [
          { callId: 'call-1' },
          { limit: 5 },
          { limit: 20, before: '0-1-x', state: 'ended', direction: 'inbound' },
        ],
      );
    });

    it('ends with 1 for a call that is not there, and names it; scripts still get their answer', async () => {
      gateway.answers = [{ found: false }];
      await run('status', '--call-id', 'nope');
      assert.deepEqual(JSON.parse(out), { found: false });
      assert.match(err, /^Call not found: nope\. List the calls with "voicecall status"/);
      assert.equal(exitCode, 1);
      [isTerminal, out] = [true, ''];
      await run('status', '--call-id', 'nope');
      assert.equal(out, '');
    });

    it('takes only whole numbers, and names the option', async () => {
      for (const value of ['5x', '-1', '0', '1e2', '201', '']) {
        [err, exitCode] = ['', 0];
        await run('status', '--limit', value);
        assert.equal(
          err,
          `Invalid numeric value for --limit: ${value}. Pass a whole number from 1 to 200.\n`,
        );
        assert.equal(exitCode, 1);
      }
      assert.equal(gateway.asked.length, 0);
    });

    it('reads the store when no Gateway answers, and says so', async () => {
      gateway.answers = [unreachable];
      stored = [someCall()];
      await run('status', '--call-id', 'call-1');
      const { found, call } = JSON.parse(out) as { found: boolean; call: { callId: string } };
      assert.deepEqual([found, call.callId], [true, 'call-1']);
      assert.match(
        err,
        /^No OpenClaw Gateway answers at ws:\/\/127\.0\.0\.1:18789: this is what the call store says/,
      );
      assert.equal(exitCode, 0);
    });

    it('without Gateway and without store says how to start one', async () => {
      gateway.answers = [unreachable];
      await run('status');
      assert.match(err, /^No OpenClaw Gateway answers at .*\. Start it with "openclaw gateway run"/);
      assert.equal(exitCode, 1);
    });

    it('never reads the store behind the back of a Gateway that answers', async () => {
      stored = [someCall()];
      for (const code of ['VC_GATEWAY_TIMEOUT', 'VC_GATEWAY_REFUSED', 'VC_REQUEST_FAILED'] as const) {
        [err, exitCode] = ['', 0];
        gateway.answers = [new VoiceCallError(code)];
        await run('status');
        assert.equal(exitCode, 1, code);
        assert.equal(out, '', code);
      }
    });
  });

  it('pairing prints JSON for scripts and text for people', async () => {
    const pairings = [{ code: '4711', from: '+15550007777', at: 0, expiresAt: 1_795_262_400_000 }];
    gateway.answers = [{ pairings }];
    await run('pairing', 'list');
    assert.deepEqual(JSON.parse(out), { pairings });
    [out, isTerminal] = ['', true];
    await run('pairing', 'list');
    assert.match(out, /^4711 {2}from \+15550007777 +until 2026-11-21 \d\d:\d\d:\d\d UTC\n$/);
    [out, gateway.answers] = ['', [{ pairings: [] }]];
    await run('pairing', 'list');
    assert.equal(out, 'Nobody waits.\n');
    [out, gateway.answers] = ['', [{ success: true, from: '+15550007777' }]];
    await run('pairing', 'approve', '4711');
    assert.deepEqual(gateway.asked.at(-1)?.params, { code: '4711' });
    assert.deepEqual(JSON.parse(out), { success: true, from: '+15550007777' });
  });

  it('that needs a Gateway says exactly what to do when there is none', async () => {
    gateway.answers = [unreachable];
    for (const words of [
      ['call', '-m', 'Hi'],
      ['start', '--to', '+15550001234'],
      ['continue', '--call-id', 'x', '--message', 'y'],
      ['speak', '--call-id', 'x', '--message', 'y'],
      ['dtmf', '--call-id', 'x', '--digits', '1'],
      ['end', '--call-id', 'x'],
      ['pairing', 'list'],
      ['pairing', 'approve', '4711'],
      ['ring'],
    ]) {
      [err, exitCode] = ['', 0];
      await run(...words);
      assert.equal(
        err,
        'No OpenClaw Gateway answers at ws://127.0.0.1:18789. Start it with "openclaw gateway run", or check with "openclaw gateway status".\n',
      );
      assert.equal(exitCode, 1);
    }
  });

  it('that fails for a reason nobody thought of still ends in one line', async () => {
    gateway.answers = [new TypeError('x is undefined\n    at somewhere')];
    await run('end', '--call-id', 'x');
    assert.match(err, /^Voice Call met an unexpected fault: x is undefined at somewhere\. [^\n]+\n$/);
    assert.equal(exitCode, 1);
  });

  it('passes on only what its verb takes', async () => {
    gateway.answers = [{ operationId: 'op', pollTimeoutMs: -5_000 }];
    const wishes = ['--dtmf-sequence', 'd', '--language', 'e', '--voice', 'f'];
    await run('call', '-m', 'a', '-t', 'b', '--mode', 'c', ...wishes);
    await run('start', '--to', 'a', '--message', 'b', '--mode', 'c', ...wishes);
    await run('continue', '--call-id', 'a', '--message', 'b');
    await run('speak', '--call-id', 'a', '--message', 'b');
    await run('dtmf', '--call-id', 'a', '--digits', '1');
    await run('end', '--call-id', 'a');
    await run('pairing', 'list');
    await run('pairing', 'approve', 'a');
    await run('status', '--call-id', 'a', '--limit', '1');
    await run('ring', '--from', 'a', '--say', 'b');
    assert.equal(gateway.asked.length, 10);
    const { params: first } = gateway.asked[0] ?? {};
    assert.deepEqual(first, {
      message: 'a',
      to: 'b',
      mode: 'c',
      dtmfSequence: 'd',
      language: 'e',
      voice: 'f',
    });
    for (const { method, params } of gateway.asked) {
      const verb = Object.values(verbs).find(({ name }) => method === `voicecall.${name}`);
      assert.ok(verb, method);
      for (const name of Object.keys(params))
        assert.ok(Object.hasOwn(verb.input.shape, name), `${method} ${name}`);
    }
  });

  it('is found under voicecall in the program of the host', async () => {
    const program = new Command('openclaw');
    registerVoicecallCommands(program, deps());
    await program.parseAsync(['voicecall', 'status'], { from: 'user' });
    assert.equal(gateway.asked[0]?.method, 'voicecall.status');
    assert.deepEqual(
      program.commands[0]?.commands.map((command) => command.name()),
      [
        ...['setup', 'smoke', 'expose', 'call', 'start', 'continue', 'speak', 'dtmf', 'end'],
        ...['pairing', 'status', 'latency', 'tail', 'import', 'ring', 'phone', 'speech', 'rehearse'],
      ],
    );
  });
});
