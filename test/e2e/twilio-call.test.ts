// The plugin in a real Gateway, on Twilio: a faithful twin of the carrier on loopback, real signatures, real time.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { freePort, Home, type View } from './home.ts';

const ACCOUNT = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-test' };
const OURS = '+15550000001';
const says = [
  'Hello! My name is Ada. How late is the bakery open today?',
  'Please remind me to buy two loaves of rye.',
  'And who am I?',
] as const;

/** Somebody who says three things, each when listened to, then hangs up. */
function ada(): Caller {
  return new Caller().answersAfter(200).says(says[0]).says(says[1]).says(says[2]).hangsUp({ afterMs: 6_000 });
}

function words(call: View): string {
  return call.transcript.map(({ speaker, text }) => `${speaker}: ${text}`).join('\n');
}

const ended = (call: View): boolean => typeof call['endReason'] === 'string';

describe('The plugin in a real Gateway, on a twin of Twilio', () => {
  let home: Home;
  let twin: TwilioTwin;
  let voiceUrl: string;

  before(async () => {
    const { home: installed, installed: result } = await Home.install();
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    twin = new TwilioTwin({ ...ACCOUNT, clock: systemClock, msPerChar: 4, personMsPerChar: 4 });
    await twin.listen();
    const port = await freePort();
    voiceUrl = `http://127.0.0.1:${port}/voice/webhook`;
    await home.start({
      provider: 'twilio',
      fromNumber: OURS,
      twilio: { ...ACCOUNT, apiBaseUrl: twin.apiBaseUrl },
      serve: { port },
      inboundPolicy: 'allowlist',
      allowFrom: ['+15550002222'],
      maxConcurrentCalls: 2,
    });
  });
  after(async () => {
    await home?.remove();
    await twin?.close();
  });

  async function conversation(callId: string): Promise<View> {
    const call = await home.call(callId, ended);
    const lines = call.transcript.map(({ speaker }) => speaker).join(' ');
    assert.equal(lines, 'bot user bot user bot user bot', words(call));
    assert.match(call.transcript.at(-1)?.text ?? '', /Ada/);
    assert.deepEqual(twin.problems, []);
    return call;
  }

  it('holds a conversation of three turns that the CLI started', async () => {
    const person = twin.expect('+15550001111', ada());
    const placed = await home.openclaw(
      'voicecall',
      'call',
      '--to',
      '+15550001111',
      '--message',
      'Hi from your agent.',
    );
    assert.equal(placed.code, 0, placed.stderr);
    const { callId } = JSON.parse(placed.stdout) as { callId: string };
    const call = await conversation(callId);
    assert.deepEqual(
      person.heard.map(({ text }) => text),
      call.transcript.filter(({ speaker }) => speaker === 'bot').map(({ text }) => text),
      'what is on record is what was heard, once',
    );
    const bySid = await home.rpc<{ call: View }>('voicecall.status', { callId: call.providerCallId });
    assert.equal(bySid.call.callId, callId);
  });

  it('holds one that the agent tool started', async () => {
    twin.expect('+15550001112', ada());
    const placed = await home.tool({
      action: 'initiate_call',
      to: '+15550001112',
      message: 'Hello.',
      mode: 'conversation',
    });
    await conversation(String(placed['callId']));
  });

  it('holds one that RPC started, and a notify call says its message once', async () => {
    twin.expect('+15550001113', ada());
    const { callId } = await home.rpc<View>('voicecall.initiate', {
      to: '+15550001113',
      message: 'Hello.',
      mode: 'conversation',
    });
    await conversation(callId);
    const listener = twin.expect('+15550001114', new Caller().answersAfter(200));
    const notified = await home.rpc<View>('voicecall.initiate', {
      to: '+15550001114',
      message: 'Your parcel is here.',
      mode: 'notify',
    });
    const call = await home.call(notified.callId, ended);
    assert.deepEqual(
      listener.heard.map(({ text }) => text),
      ['Your parcel is here.'],
    );
    assert.equal(call['endReason'], 'hangup-bot');
  });

  it('takes a call of three turns from somebody on the allowlist', async () => {
    const incoming = twin.dialIn({ from: '+15550002222', to: OURS, voiceUrl, person: ada() });
    await twin.until(() => !incoming.isAlive, { withinMs: 60_000 });
    const { call } = await home.rpc<{ call: View }>('voicecall.status', { callId: incoming.sid });
    assert.equal(call['direction'], 'inbound');
    await conversation(call.callId);
  });

  it('turns away who is not on the list, and keeps it on record', async () => {
    const incoming = twin.dialIn({ from: '+15559990000', to: OURS, voiceUrl, person: ada() });
    await twin.until(() => !incoming.isAlive, { withinMs: 20_000 });
    const call = await home.call(incoming.sid, ended);
    assert.deepEqual(call.transcript, []);
    assert.equal(call['answeredAt'] ?? null, null);
  });

  it('finds the calls again after a restart of the Gateway', async () => {
    const dialled = twin.ledger.requests.length;
    const before = await home.rpc<{ calls: View[] }>('voicecall.status', { limit: 50 });
    assert.equal(before.calls.length, 6);
    await home.restart();
    const again = await home.rpc<{ calls: View[] }>('voicecall.status', { limit: 50 });
    assert.deepEqual(again, before);
    assert.deepEqual(twin.liveCalls(), []);
    assert.equal(twin.ledger.requests.length, dialled, 'nothing was dialled again');
  });
});
