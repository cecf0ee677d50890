// Every command and every example in the documents, run against the real thing: one Gateway, the mock carrier, a stand-in for Tailscale.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FakeTool } from '../../sim/tunnels/tools.ts';
import { systemClock, wait } from '../../src/lib/clock.ts';
import { ADMIN_SCOPES, GatewayClient } from '../../src/surface/gateway-client.ts';
import type { CliResult } from '../../tools/gateway.ts';
import {
  documentedCommands,
  documentedJson,
  isComplete,
  type OurCommand,
  ourCommand,
  wordsOf,
} from '../documented.ts';
import { elsewhere, measuring } from '../documented-elsewhere.ts';
import { hostCommands } from '../documented-host.ts';
import { BIN, Home, type View } from './home.ts';

type Fields = Readonly<Record<string, unknown>>;

const LISTENER = '+15550001111';
/** Those that go on until somebody ends them: what is typed into them, and what they must have printed by then. */
const talking: Readonly<Record<string, { readonly types: string; readonly prints: RegExp }>> = {
  tail: { types: '', prints: /"callId"/ },
  phone: { types: 'Hello, who is there?\n', prints: /Hello/ },
};
const WITHIN_MS = 60_000;

describe('The documents', { timeout: 850_000 }, () => {
  let home: Home;
  let tailscale: FakeTool;
  /** Some methods are for the owner alone. */
  let owner: GatewayClient;
  let strangers = 0;

  before(async () => {
    tailscale = new FakeTool('tailscale');
    const PATH = `${tailscale.folder}${path.delimiter}${process.env['PATH'] ?? ''}`;
    const { home: installed, installed: result } = await Home.install({ env: { ...tailscale.env, PATH } });
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    await home.start({
      provider: 'mock',
      mock: { says: Array.from({ length: 40 }, () => 'Yes, that is fine.'), answerAfterMs: 50, pace: 10 },
      inboundPolicy: 'pairing',
      allowFrom: ['+15550005678'],
      toNumber: LISTENER,
      maxConcurrentCalls: 100,
      maxInboundCalls: 100,
      outbound: { maxCallsPerDay: 0, maxMinutesPerDay: 0 },
    });
    const target = { url: `ws://127.0.0.1:${home.port}`, token: home.token, password: null };
    owner = new GatewayClient({ target, clock: systemClock, version: '0', scopes: ADMIN_SCOPES });
  });
  after(async () => {
    owner?.close();
    await home?.remove();
    tailscale?.remove();
  });

  /** A call on which somebody can be talked to. */
  async function liveCall(): Promise<string> {
    const { callId } = await home.rpc<View>('voicecall.start', { to: LISTENER });
    await home.call(callId, ({ state }) => ['listening', 'active', 'speaking'].includes(state));
    return callId;
  }

  /** The code a caller was told whom nobody knows. */
  async function code(): Promise<string> {
    strangers++;
    const from = `+1555000${7_000 + strangers}`;
    const { callId } = await home.rpc<View>('voicecall.ring', { from, says: ['Hello?'] });
    await home.call(callId, ({ transcript }) => transcript.length > 0);
    const { pairings } = await home.rpc<{ pairings: { code: string; from: string }[] }>(
      'voicecall.pairing.list',
      {},
    );
    return pairings.find((one) => one.from === from)?.code ?? assert.fail(`no code for ${from}`);
  }

  async function operation(): Promise<string> {
    const asked = { callId: await liveCall(), message: 'Are you there?' };
    return (await home.rpc<{ operationId: string }>('voicecall.continue.start', asked)).operationId;
  }

  function oldCalls(): string {
    const file = path.join(home.stateDir, 'calls.jsonl');
    const call = {
      callId: 'of-old',
      provider: 'twilio',
      direction: 'outbound',
      state: 'busy',
      from: '+15550002222',
      to: LISTENER,
      sessionKey: 'voice:15550001111',
      startedAt: 1_790_000_000_000,
      endedAt: 1_790_000_009_000,
      endReason: 'busy',
      transcript: [],
      processedEventIds: [],
      metadata: { mode: 'conversation' },
    };
    writeFileSync(file, `${JSON.stringify(call)}\n`);
    return file;
  }

  /** What stands for something of the reader's, as something that is there. */
  async function filledIn(text: string): Promise<string> {
    let filled = text;
    if (/<id>|"callId": "\.\.\."/.test(filled)) {
      filled = filled
        .replaceAll(/<id>/g, await liveCall())
        .replace('"callId": "..."', `"callId": "${await liveCall()}"`);
    }
    if (filled.includes('<code>')) filled = filled.replaceAll('<code>', await code());
    if (filled.includes('<operation>')) filled = filled.replaceAll('<operation>', await operation());
    return filled.replaceAll('<file>', oldCalls());
  }

  async function run(text: string, ours: OurCommand): Promise<void> {
    if (ours.name === '' || (!isComplete(ours) && ours.args.length === 0))
      return help(ours.name, ours.throughOpenclaw);
    const typed = talking[ours.name];
    const words = wordsOf(await filledIn(text)).slice(ours.throughOpenclaw ? 2 : 1);
    if (typed) return talk(words, typed);
    const { code, stdout, stderr } = ours.throughOpenclaw
      ? await home.openclaw('voicecall', ...words)
      : await home.voicecall(...words);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.notEqual(stdout, '', stderr);
  }

  /** A command that is only named is there, with its help. */
  async function help(name: string, throughOpenclaw: boolean): Promise<void> {
    const words = [...name.split(' ').filter((word) => word !== ''), '--help'];
    const { code, stdout } = throughOpenclaw
      ? await home.openclaw('voicecall', ...words)
      : await home.voicecall(...words);
    assert.equal(code, 0);
    assert.match(stdout, /Usage: /);
  }

  async function talk(
    words: readonly string[],
    { types, prints }: { readonly types: string; readonly prints: RegExp },
  ): Promise<void> {
    await liveCall();
    const child = spawn(process.execPath, [BIN, ...words], { env: home.env, stdio: 'pipe' });
    let said = '';
    for (const out of [child.stdout, child.stderr])
      out.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdin.write(types);
    const until = systemClock.now() + WITHIN_MS;
    while (!prints.test(said) && child.exitCode === null && systemClock.now() < until)
      await wait(systemClock, 100);
    child.kill('SIGINT');
    assert.equal(await exited, 0, said);
    assert.match(said, prints);
  }

  describe('tell no command that does not work', () => {
    const mine = documentedCommands()
      .filter(({ text }) => isHere(text))
      .flatMap(({ text, where }) => {
        const ours = ourCommand(text);
        return ours ? [{ text, where, ours }] : [];
      });
    for (const { text, where, ours } of mine) it(`${text} (${where})`, () => run(text, ours));
  });

  describe('have no example that is not answered as they say', () => {
    const examples = documentedJson();
    for (const { text, where } of examples.filter((one) => /^\{ ?"(?:action|mode)"/.test(one.text))) {
      it(`the tool is asked ${text} (${where})`, async () => {
        const answer = await home.tool(JSON.parse(await filledIn(text)));
        assert.equal(answer['error'], undefined, JSON.stringify(answer));
      });
    }
    for (const { text, where, next } of examples.filter((one) => one.text.startsWith('{ "method"'))) {
      it(`the Gateway is asked ${text} (${where})`, async () => {
        const { method, params } = JSON.parse(await filledIn(text)) as { method: string; params: object };
        if (method === 'voicecall.pairing.list') await code();
        const answer = await owner.request(method, params, { timeoutMs: WITHIN_MS });
        lacksNothing(answer, JSON.parse(next ?? '{}'), method);
      });
    }
  });

  /** The host replaces no plugin whose calls still have an agent at work. */
  async function endAllCalls(): Promise<void> {
    const until = systemClock.now() + WITHIN_MS;
    for (;;) {
      const { calls } = await home.rpc<{ calls: readonly View[] }>('voicecall.status', {
        state: 'open',
        limit: 200,
      });
      if (calls.length === 0) return;
      assert.ok(systemClock.now() < until, `${calls.length} calls do not end`);
      await Promise.all(calls.map(({ callId }) => home.rpc('voicecall.end', { callId }, WITHIN_MS)));
    }
  }

  /** The host says so when something is not finished yet. */
  async function whenFinished(args: readonly string[]): Promise<CliResult> {
    const until = systemClock.now() + WITHIN_MS;
    for (;;) {
      const result = await home.openclaw(...args);
      if (!result.stderr.includes('retry after the work finishes') || systemClock.now() > until)
        return result;
    }
  }

  describe('tell no command of the host that does not work', () => {
    before(endAllCalls);
    const others = documentedCommands().filter(({ text }) => isHere(text) && ourCommand(text) === null);
    // What changes the configuration comes last.
    const isEdit = ({ text }: { readonly text: string }): boolean => text.startsWith('openclaw config set ');
    const ordered = [...others.filter((one) => !isEdit(one)), ...others.filter(isEdit)];
    for (const { text, where } of ordered) {
      it(`${text} (${where})`, async () => {
        const known =
          hostCommands.find(({ command }) => command.test(text)) ?? assert.fail('nobody knows it');
        const { code, stdout, stderr } = await whenFinished(known.args ?? wordsOf(text).slice(1));
        assert.equal(code, 0, `${stdout}${stderr}`);
        assert.match(`${stdout}${stderr}`, known.prints);
      });
    }
  });
});

function isHere(text: string): boolean {
  return !elsewhere.some(({ command }) => command.test(text)) && !measuring.test(text);
}

/** Every field of `told` is in what was answered, and of the same kind. */
function lacksNothing(answered: unknown, told: unknown, at: string): void {
  if (Array.isArray(told)) {
    assert.ok(Array.isArray(answered), `${at} is no list: ${JSON.stringify(answered)}`);
    if (told.length > 0) lacksNothing(answered[0], told[0], `${at}[0]`);
  } else if (typeof told === 'object' && told !== null) {
    assert.ok(typeof answered === 'object' && answered !== null, `${at} is ${JSON.stringify(answered)}`);
    for (const [name, value] of Object.entries(told)) {
      assert.ok(Object.hasOwn(answered, name), `${at} has no ${name}: ${JSON.stringify(answered)}`);
      lacksNothing((answered as Fields)[name], value, `${at}.${name}`);
    }
  } else if (told !== null) {
    assert.equal(typeof answered, typeof told, at);
  }
}
