// A test phone on the real Gateway, heard and understood by the embedded pair: a person calls, speaks, hears the answer.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TestPhone } from '../../sim/test-phone.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { GatewayClient } from '../../src/surface/gateway-client.ts';
import { Home } from './home.ts';
import { type OfflinePerson, offlinePersonAt } from './offline-person.ts';

interface Opened {
  readonly url: string;
  readonly number: string;
  readonly sound: boolean;
  readonly speech: unknown;
}

const ANSWER = 'Please call me back at the office before five.';

describe('a test phone in a real Gateway', { timeout: 400_000 }, () => {
  let home: Home;
  let person: OfflinePerson;

  before(async () => {
    const { home: installed, installed: result } = await Home.install({ model: { reply: () => ANSWER } });
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    person = await offlinePersonAt(home);
    await home.start({ provider: 'mock', inboundGreeting: 'Good morning. How can I help you?' });
  });
  after(async () => {
    await person?.stop();
    await home?.remove();
  });

  const origin = (): string => `ws://127.0.0.1:${home.port}`;

  it('is opened by a ticket, spoken to, and answers so that it is heard and understood', async (t) => {
    const opened = await home.rpc<Opened>('voicecall.phone.open', {});
    assert.equal(opened.sound, true, home.log);
    assert.deepEqual(opened.speech, { voice: 'flite', hearing: 'moonshine', isOffline: true });
    const question = await person.says('My name is Robert, and I am calling about my order.');
    const phone = await TestPhone.open(`${origin()}${opened.url}`);
    t.after(() => phone.hangUp());
    phone.send({ type: 'call' });
    const { callId } = await phone.until('calling');
    assert.equal((await phone.until('connected')).sound, true);
    await phone.until('said', ({ text, isFinal }) => isFinal && text.includes('help you'));
    await phone.says(question);
    await phone.until(
      'said',
      ({ speaker, text }) => speaker === 'user' && /calling about my order/i.test(text),
    );
    await phone.until('said', ({ text, isFinal }) => isFinal && text === ANSWER);
    phone.send({ type: 'hangup' });
    await phone.until('ended');
    assert.match(
      await person.understands(phone.heard, /office before/i),
      /help you.*call me back at the office/is,
    );
    const { stages } = await phone.until('turn', (turn) => turn.stages?.heardAt !== undefined);
    t.diagnostic(`transcript ${Math.round((stages?.transcriptAt ?? 0) - (stages?.speechEndAt ?? 0))} ms`);
    t.diagnostic(
      `heard ${Math.round((stages?.heardAt ?? 0) - (stages?.speechEndAt ?? 0))} ms after the question`,
    );
    const call = await home.call(callId, ({ state }) => state === 'hangup-user');
    assert.equal(call.transcript.length, 3);
  });

  it('is held in a terminal, by the quick command and by the one of OpenClaw', async () => {
    for (const called of [
      await home.voicecall('phone', '--no-sound'),
      await home.openclaw('voicecall', 'phone'),
    ]) {
      assert.equal(called.code, 0, called.stderr);
      assert.match(called.stdout, /agent {2}Good morning\. How can I help you\?\n/);
      assert.match(called.stdout, /The call is over: the person hung up\./);
    }
  });

  it('is held by scripted callers, and who is not answered as expected fails the command', async (t) => {
    const shipped = await home.voicecall('rehearse', '--no-sound');
    assert.equal(shipped.code, 0, `${shipped.stdout}${shipped.stderr}`);
    const { ok, reports } = JSON.parse(shipped.stdout) as {
      ok: boolean;
      reports: readonly { name: string }[];
    };
    assert.deepEqual([ok, reports.length], [true, 3]);
    for (const { name } of reports) t.diagnostic(name);
    const wrong = path.join(home.stateDir, 'wrong.yaml');
    writeFileSync(
      wrong,
      'name: Wrong\nsteps:\n  - say: hello\n  - expect: the moon\n    says: moon\n    within_ms: 8000\n',
    );
    const failed = await home.voicecall('rehearse', wrong, '--no-sound');
    assert.equal(failed.code, 1);
    assert.match(failed.stdout, /the agent said: .*Please call me back/);
    writeFileSync(wrong, 'name: Wrong\nsteps:\n  - shout: hello\n');
    const faulty = await home.voicecall('rehearse', wrong);
    assert.equal(faulty.code, 1);
    assert.match(faulty.stderr, /wrong\.yaml:3: steps\[1\]\.shout: a step is one of/);
  });

  it('lets nobody in with a ticket that was used, or with none', async () => {
    const { url } = await home.rpc<Opened>('voicecall.phone.open', { sound: false });
    const phone = await TestPhone.open(`${origin()}${url}`);
    phone.hangUp();
    for (const address of [url, '/voice-call-phone', '/voice-call-phone?ticket=none'])
      await assert.rejects(TestPhone.open(`${origin()}${address}`), { code: 'VC_PHONE_REFUSED' }, address);
    const plain = await fetch(`http://127.0.0.1:${home.port}/voice-call-phone`);
    assert.equal(plain.status, 426);
  });

  it('gives no ticket to who may only look', async () => {
    const { OPENCLAW_GATEWAY_TOKEN: token = null } = home.env;
    const reader = new GatewayClient({
      target: { url: origin(), token, password: null },
      clock: systemClock,
      version: '0.0.0',
      scopes: ['operator.read'],
    });
    await assert.rejects(reader.request('voicecall.phone.open', {}, { timeoutMs: 10_000 }), /operator.write/);
    reader.close();
  });

  it('is hung up by the Gateway that stops, and opened anew after it', async () => {
    const { url } = await home.rpc<Opened>('voicecall.phone.open', {});
    const phone = await TestPhone.open(`${origin()}${url}`);
    phone.send({ type: 'call' });
    await phone.until('connected');
    await home.restart();
    await phone.when(() => phone.isClosed);
    const again = await home.rpc<Opened>('voicecall.phone.open', {});
    const next = await TestPhone.open(`${origin()}${again.url}`);
    next.send({ type: 'call' });
    await next.until('connected');
    next.hangUp();
  });
});
