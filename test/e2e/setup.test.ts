// The set-up in a real Gateway: from an installed plugin that knows nothing to a call that was heard, on a twin of Twilio.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Command } from 'commander';
import { type Answer, FakeTerminal } from '../../sim/fake-terminal.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { locateGateway } from '../../src/config/gateway-target.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { SetupReport } from '../../src/setup/check.ts';
import { addCommands } from '../../src/surface/cli.ts';
import { ADMIN_SCOPES, GatewayClient } from '../../src/surface/gateway-client.ts';
import { freePort, Home } from './home.ts';

const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-test' };
const OURS = '+15550000001';
const OWNER = '+15550001234';
const ANSWERS: readonly Answer[] = [
  [/^Carrier/, '1'],
  [/^Account SID/, ACCOUNT.accountSid],
  [/^Auth token/, ACCOUNT.authToken],
  [/^Our number/, OURS],
  [/^Way in/, '1'],
  [/^The address/, 'https://voice.example.test'],
  [/^Your own number/, OWNER],
  [/^Who may call/, '2'],
  [/^Write this/, 'y'],
  [/^Change this at the carrier/, 'y'],
  [/^Call you at/, 'y'],
];

describe('The set-up in a real Gateway', () => {
  let home: Home;
  let twin: TwilioTwin;

  before(async () => {
    const { home: installed, installed: result } = await Home.install();
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    twin = new TwilioTwin({ ...ACCOUNT, clock: systemClock, msPerChar: 4, personMsPerChar: 4 });
    await twin.listen();
    twin.numbers.add(OURS);
    const port = await freePort();
    twin.tunnel('https://voice.example.test', `http://127.0.0.1:${port}`);
    await home.start({ twilio: { apiBaseUrl: twin.apiBaseUrl }, serve: { port } });
  });
  after(async () => {
    await home?.remove();
    await twin?.close();
  });

  /** Our command, as at a terminal where somebody answers. */
  async function atTerminal(
    line: string[],
    answers: readonly Answer[],
  ): Promise<{ out: string; code: number }> {
    const terminal = new FakeTerminal(answers);
    const target = { url: `ws://127.0.0.1:${home.port}`, token: home.token, password: null };
    const gateway = new GatewayClient({ target, clock: systemClock, version: '0' });
    const admin = new GatewayClient({ target, clock: systemClock, version: '0', scopes: ADMIN_SCOPES });
    const program = new Command().exitOverride();
    const readConfig = (): [object, Home['env']] => [locateGateway(home.env).plugin, home.env];
    addCommands(program, terminal.deps({ gateway, admin }, { clock: systemClock, readConfig }));
    await program.parseAsync(line, { from: 'user' });
    gateway.close();
    admin.close();
    assert.deepEqual(terminal.unasked, [], terminal.out);
    return { out: terminal.out, code: terminal.exitCode };
  }

  it('says that no carrier is chosen, and ends with 1', async () => {
    const { code, stdout } = await home.voicecall('setup', '--json');
    const { ok, checks } = JSON.parse(stdout) as SetupReport;
    assert.equal(ok, false);
    assert.equal(checks.find(({ id }) => id === 'provider')?.message, 'no carrier is chosen');
    assert.equal(code, 1);
  });

  it('asks, writes once, puts the number right and calls its owner', async () => {
    const owner = twin.expect(OWNER, new Caller().answersAfter(100));
    const { out, code } = await atTerminal(['setup'], ANSWERS);
    assert.match(out, /OK credentials: [\s\S]*OK model: the model of agent main answered/, out);
    assert.match(out, /live-call: OK/, out);
    assert.equal(code, 0, out);
    assert.match(owner.heard[0]?.text ?? '', /The telephone is set up/);
    assert.equal(twin.numbers.get(OURS)?.voice_url, 'https://voice.example.test/voice/webhook');
  });

  it('is ready then, for the command line of OpenClaw too', async () => {
    const { code, stdout, stderr } = await home.openclaw('voicecall', 'setup', '--json');
    const report = JSON.parse(stdout) as SetupReport;
    assert.deepEqual(
      report.checks.filter(({ ok }) => !ok),
      [],
      stderr,
    );
    assert.equal(code, 0);
  });

  it('says so in one line when the configuration has lost something', async () => {
    const port = await freePort();
    const lost = { ...ACCOUNT, authToken: undefined, apiBaseUrl: twin.apiBaseUrl };
    await home.reconfigure({ provider: 'twilio', fromNumber: OURS, twilio: lost, serve: { port } });
    const asked = () => home.voicecall('setup', '--json');
    let { code, stdout } = await asked();
    // The edit is taken note of after a moment.
    for (let tries = 0; tries < 20 && code === 0; tries++) ({ code, stdout } = await asked());
    const { checks } = JSON.parse(stdout) as SetupReport;
    assert.match(
      checks.find(({ id }) => id === 'provider-config')?.message ?? '',
      /twilio\.authToken is required/,
    );
    assert.equal(checks.find(({ id }) => id === 'model')?.ok, true, 'what can be checked is checked');
    assert.equal(code, 1);
  });
});
