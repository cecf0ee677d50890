// The plugin in a real Gateway behind a tunnel: a stand-in for the ngrok command on the PATH, a twin of Twilio outside.
import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FakeTool } from '../../sim/tunnels/tools.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { freePort, Home, type View } from './home.ts';

const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-test' };
const ONE = 'https://one.ngrok.example';
const TWO = 'https://two.ngrok.example';
const AUTHTOKEN = 'authtoken-of-a-test';

const ended = (call: View): boolean => typeof call['endReason'] === 'string';

describe('The plugin in a real Gateway, behind a tunnel', () => {
  const tool = new FakeTool('ngrok', { urls: [ONE, TWO] });
  let home: Home;
  let twin: TwilioTwin;

  before(async () => {
    const PATH = `${tool.folder}${delimiter}${process.env['PATH'] ?? ''}`;
    const { home: installed, installed: result } = await Home.install({ env: { ...tool.env, PATH } });
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    twin = new TwilioTwin({ ...ACCOUNT, clock: systemClock, msPerChar: 4, personMsPerChar: 4 });
    await twin.listen();
    await home.start({
      provider: 'twilio',
      fromNumber: '+15550000001',
      twilio: { ...ACCOUNT, apiBaseUrl: twin.apiBaseUrl },
      serve: { port: await freePort() },
      tunnel: { provider: 'ngrok', ngrokAuthToken: AUTHTOKEN },
      inboundPolicy: 'open',
    });
  });
  after(async () => {
    await home?.remove();
    await twin?.close();
    tool.remove();
  });

  async function reachedAt(origin: string): Promise<number> {
    const { port, pid } = await tool.ngrokAt(origin);
    twin.tunnel(origin, `http://127.0.0.1:${port}`);
    return pid;
  }

  async function talk(number: string): Promise<View> {
    twin.expect(number, new Caller().answersAfter(200).says('Hello!').hangsUp({ afterMs: 4_000 }));
    const params = { to: number, message: 'Hi.', mode: 'conversation' };
    const { callId } = await home.rpc<View>('voicecall.initiate', params);
    return home.call(callId, ended);
  }

  it('calls and is called through it, and its death and its new address change nothing of that', async () => {
    const pid = await reachedAt(ONE);
    const out = await talk('+15550001111');
    assert.deepEqual(
      out.transcript.map(({ speaker }) => speaker),
      ['bot', 'user', 'bot'],
    );
    const person = new Caller().says('Good day.').hangsUp({ afterMs: 4_000 });
    const voiceUrl = `${ONE}/voice/webhook`;
    const incoming = twin.dialIn({ from: '+15550002222', to: '+15550000001', voiceUrl, person });
    await twin.until(() => !incoming.isAlive, { withinMs: 60_000 });
    const taken = await home.call(incoming.sid, ended);
    assert.equal(taken.transcript.length, 3);
    assert.deepEqual(twin.problems, []);

    process.kill(pid, 'SIGKILL');
    await home.logged(/not well.*subject=tunnel.*ended with SIGKILL/);
    await reachedAt(TWO);
    await home.logged(/well again.*subject=tunnel/);
    const next = await talk('+15550001113');
    assert.equal(next.transcript.length, 3);
    assert.doesNotMatch(home.log, new RegExp(AUTHTOKEN));
    assert.ok(
      tool.asked.every((asked) => asked.startsWith('http ')),
      'nothing of the user was reconfigured',
    );
  });

  it('takes the tunnel down with it', async () => {
    const pid = await reachedAt(TWO);
    await home.stop();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
});
