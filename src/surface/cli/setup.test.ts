// Tests of setup.ts: what the command says without a Gateway, and when it asks questions at all.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Command } from 'commander';
import { bothOf, FakeTerminal } from '../../../sim/fake-terminal.ts';
import { HandClock } from '../../../sim/hand-clock.ts';
import { type ErrorCode, VoiceCallError } from '../../lib/errors.ts';
import type { SetupReport } from '../../setup/check.ts';
import type { Ask } from '../terminal.ts';
import { addSetup } from './setup.ts';

describe('voicecall setup', () => {
  let exitCode: number;
  let config: object;
  let answer: SetupReport | VoiceCallError;
  let ask: Ask | null;

  beforeEach(() => {
    [exitCode, config, ask] = [0, {}, null];
    answer = new VoiceCallError('VC_GATEWAY_UNREACHABLE', { url: 'ws://127.0.0.1:18789' });
  });

  async function setup(...options: string[]): Promise<string> {
    const request = async (method: string): Promise<unknown> => {
      assert.match(method, /^(voicecall\.setup|config\.get)$/);
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const terminal = new FakeTerminal();
    const readConfig = (): [object, Record<string, string>] => [config, {}];
    const deps = terminal.deps(bothOf({ request }), { ask, readConfig, clock: new HandClock() });
    const program = new Command().exitOverride();
    addSetup(program, deps);
    await program.parseAsync(['setup', ...options], { from: 'user' });
    exitCode = terminal.exitCode;
    return terminal.out;
  }

  it('without a Gateway says what the configuration file tells, and that the Gateway does not answer', async () => {
    config = { provider: 'twilio', publicUrl: 'https://voice.example.test/voice/webhook' };
    const text = await setup();
    assert.match(text, /^Voice Call setup: needs attention\nOK plugin-enabled: /);
    assert.match(text, /FAIL provider-config: .*twilio\.authToken is required/);
    assert.match(
      text,
      /FAIL gateway: No OpenClaw Gateway answers at ws:.*\n {5}Start it with "openclaw gateway run"/,
    );
    assert.equal(exitCode, 1);
  });

  it('prints the documented shape for scripts, without a Gateway too', async () => {
    config = { provider: 'mock' };
    const { ok, checks } = JSON.parse(await setup('--json')) as SetupReport;
    assert.equal(ok, false);
    assert.deepEqual(
      checks.filter((check) => !check.ok).map(({ id }) => id),
      ['gateway'],
    );
  });

  it('says that the plugin is switched off, when the Gateway runs without it', async () => {
    config = { provider: 'mock', enabled: false };
    answer = new VoiceCallError('VC_PLUGIN_NOT_LOADED', { url: 'ws://x', method: 'voicecall.setup' });
    assert.match(
      await setup(),
      /FAIL plugin-enabled: [\s\S]*FAIL gateway: The Gateway at ws:\/\/x runs without/,
    );
  });

  it('asks nothing where there is no Gateway to write to, and says so', async () => {
    ask = () => assert.fail('a question nobody can use the answer of');
    assert.match(await setup(), /Nothing was changed: No OpenClaw Gateway answers/);
    assert.equal(exitCode, 1);
  });

  it('asks nothing when everything that was asked for is there, however broken it is', async () => {
    ask = () => assert.fail('a question about what is known');
    const id = 'credentials';
    answer = { ok: false, checks: [{ id, ok: false, message: 'refused', cure: 'Copy both.' }] };
    assert.match(await setup(), /FAIL credentials: refused\n {5}Copy both\./);
    assert.equal(exitCode, 1);
  });

  it('asks nothing when an option is written wrong: that has to be corrected first', async () => {
    ask = () => assert.fail('a question, though the wrong option would stay');
    config = { provider: 'twilo', fromNumer: '+15550001234' };
    const text = await setup();
    assert.match(text, /FAIL provider: no carrier is chosen/);
    assert.match(text, /FAIL provider-config: .*provider is "twilo".*nearest known one is "fromNumber"/);
    assert.equal(exitCode, 1);
  });

  it('asks nothing when the Gateway found an option written wrong, whatever the file of this machine says', async () => {
    ask = () => assert.fail('a question, though the wrong option would stay');
    const id = 'provider-config';
    const finding = { ok: false, message: 'fromNumer is not a known option', cure: 'Correct it.' };
    answer = { ok: false, checks: [{ id, ...finding, miswritten: true }] };
    assert.match(await setup(), /FAIL provider-config: fromNumer is not a known option/);
    answer = { ok: false, checks: [{ id, ...finding }] };
    assert.match(await setup(), /here are some questions/, 'what is only missing is asked for');
  });

  it('passes on what else went wrong', async () => {
    for (const code of ['VC_GATEWAY_REFUSED', 'VC_GATEWAY_LOST'] satisfies ErrorCode[]) {
      answer = new VoiceCallError(code, { why: 'token mismatch', method: 'voicecall.setup' });
      assert.doesNotMatch(await setup(), /Voice Call setup:/);
      assert.equal(exitCode, 1);
    }
  });
});
