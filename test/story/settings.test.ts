// Story: what the owner configures reaches the call it is meant for, and stays with it.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { placeRequest } from '../../sim/place-request.ts';
import type { CallSettings } from '../../src/call/call.ts';
import type { NumberRoute, Settings } from '../../src/config/settings.ts';
import type { PlaceRequest } from '../../src/runtime/phone.ts';
import { ScriptedAgent, startLine, type TestLine } from './line.ts';

const OURS = '+15550000000';
const CALLER = '+15550007777';

const nothing: NumberRoute = {
  inboundGreeting: null,
  agentId: null,
  responseModel: null,
  responseSystemPrompt: null,
  responseTimeoutMs: null,
  language: null,
  voice: null,
  tts: null,
};

async function line(t: TestContext, settings: Partial<Settings>, agent?: ScriptedAgent): Promise<TestLine> {
  const started = await startLine({ inboundPolicy: 'open', ...settings }, agent);
  t.after(() => started.stop());
  return started;
}

const patient = { name: 'mock', says: ['Hello?'], answerAfterMs: 900, pace: 1 } as const;

function order(changes: Partial<PlaceRequest> = {}): PlaceRequest {
  return placeRequest({ to: CALLER, ...changes });
}

async function ringing(phone: TestLine): Promise<CallSettings> {
  const { id } = await phone.app.phone.ring(CALLER, ['Hello?']);
  return phone.call(id).settings;
}

describe('a number of ours that differs from the others', () => {
  const route: NumberRoute = {
    inboundGreeting: 'Shop, good day.',
    agentId: 'shop',
    responseModel: 'fast',
    responseSystemPrompt: 'Sell.',
    responseTimeoutMs: 9_000,
    language: 'de-DE',
    voice: 'Polly.Vicki',
    tts: { provider: 'openai', providers: { openai: { voice: 'nova' } } },
  };

  it('gives its calls all that it has, for good', async (t) => {
    const phone = await line(t, { numbers: new Map([[OURS, route]]) });
    const { id } = await phone.app.phone.ring(CALLER, ['Hello?']);
    const { settings } = phone.call(id);
    const { inboundGreeting, ...rest } = route;
    for (const [name, value] of Object.entries({ ...rest, greeting: inboundGreeting, numberRoute: OURS })) {
      assert.deepEqual(settings[name as keyof CallSettings], value, name);
    }
    assert.equal(settings.sessionKey, 'agent:shop:voice:15550007777');
    const again = await phone.restart();
    assert.deepEqual(again.call(id).settings, settings);
    await again.app.stop();
  });

  it('leaves everything else as it is for all, and other numbers and our own calls alone', async (t) => {
    const bare = await line(t, { numbers: new Map([[OURS, nothing]]), voice: 'Polly.Amy' });
    const plain = await line(t, { numbers: new Map([['+15550002222', route]]), voice: 'Polly.Amy' });
    const expected = await ringing(plain);
    assert.equal(expected.numberRoute, null);
    assert.deepEqual(await ringing(bare), { ...expected, numberRoute: OURS });
    const both = await line(t, { numbers: new Map([[OURS, route]]), carrier: patient });
    const { settings } = await both.app.phone.place(order());
    assert.deepEqual([settings.numberRoute, settings.agentId], [null, 'main']);
  });
});

describe('language and voice', () => {
  const speech = async (
    t: TestContext,
    all: Partial<Settings>,
    call: Partial<PlaceRequest>,
  ): Promise<readonly (string | null)[]> => {
    const phone = await line(t, { carrier: patient, ...all });
    const { language, voice } = (await phone.app.phone.place(order(call))).settings;
    return [language, voice];
  };

  it('of the call win over those of the number and of all', async (t) => {
    const all = { language: 'en-US', voice: 'Polly.Amy' };
    assert.deepEqual(await speech(t, all, {}), ['en-US', 'Polly.Amy']);
    assert.deepEqual(await speech(t, all, { voice: 'Polly.Brian' }), ['en-US', 'Polly.Brian']);
    assert.deepEqual(await speech(t, all, { language: 'de-DE', voice: 'Polly.Vicki' }), [
      'de-DE',
      'Polly.Vicki',
    ]);
    const routed = await line(t, {
      ...all,
      numbers: new Map([[OURS, { ...nothing, voice: 'Polly.Brian' }]]),
    });
    const { language, voice } = await ringing(routed);
    assert.deepEqual([language, voice], ['en-US', 'Polly.Brian']);
  });

  it('a voice is not made to speak a language it was not chosen for', async (t) => {
    const all = { language: 'en-US', voice: 'Polly.Amy' };
    assert.deepEqual(await speech(t, all, { language: 'de-DE' }), ['de-DE', null]);
    assert.deepEqual(await speech(t, all, { language: 'en-GB' }), ['en-GB', 'Polly.Amy']);
    const german = new Map([[OURS, { ...nothing, language: 'de-DE' }]]);
    assert.equal((await ringing(await line(t, { ...all, numbers: german }))).voice, null);
  });
});

describe('keys', () => {
  it('are pressed before anything is said, when the call asks for it', async (t) => {
    const phone = await line(t, { carrier: patient });
    const { id } = await phone.app.phone.place(order({ dtmfSequence: 'ww12#' }));
    await phone.clock.advance(20_000);
    const [first, second] = phone.said(id);
    assert.match(first ?? '', /12#/);
    assert.equal(second, 'agent: Good morning.');
  });

  it('are pressed on a running call, and refused where nobody can hear them', async (t) => {
    const silent = new ScriptedAgent(() => '');
    const phone = await line(t, { carrier: { ...patient, says: ['Hm.', 'Hm.', 'Hm.'] } }, silent);
    const { id } = await phone.app.phone.place(order());
    await assert.rejects(phone.app.phone.sendDigits(id, '1'), { code: 'VC_CALL_NOT_CONNECTED' });
    await phone.clock.advance(1_500);
    const pressed = phone.app.phone.sendDigits(id, '1#');
    await phone.clock.advance(3_000);
    await pressed;
    assert.ok(phone.said(id).some((words) => words.includes('1#')));
    const ended = phone.app.phone.end(id, { sessionKey: null });
    await phone.clock.advance(20_000);
    await ended;
    await assert.rejects(phone.app.phone.sendDigits(id, '1'), { code: 'VC_CALL_NOT_ACTIVE' });
    const notify = await phone.app.phone.place(order({ mode: 'notify' }));
    await phone.clock.advance(1_500);
    await assert.rejects(phone.app.phone.sendDigits(notify.id, '1'), { code: 'VC_NOTIFY_ONLY' });
    await assert.rejects(phone.app.phone.sendDigits('nobody', '1'), { code: 'VC_CALL_NOT_FOUND' });
  });
});

describe('a call nobody answers', () => {
  it('is given up when it gets stale, even while it might still ring', async (t) => {
    const away = { ...patient, answerAfterMs: 600_000 };
    const deadline = async (staleAfterMs: number | null): Promise<number> => {
      const phone = await line(t, { carrier: away, staleAfterMs });
      const { createdAt, deadlines } = await phone.app.phone.place(order());
      return (deadlines.answer ?? 0) - createdAt;
    };
    assert.equal(await deadline(20_000), 20_000);
    assert.equal(await deadline(120_000), 45_000);
    assert.equal(await deadline(null), 45_000);
  });
});

describe('a webhook without a signature', () => {
  const plivo = {
    name: 'plivo',
    authId: 'MA0123',
    authToken: 'x',
    apiBaseUrl: 'http://127.0.0.1:9',
  } as const;

  async function status(t: TestContext, skipSignatureVerification: boolean): Promise<number> {
    const phone = await line(t, { carrier: plivo, skipSignatureVerification });
    const body = new URLSearchParams({ CallUUID: 'c-1', Event: 'Ring', Direction: 'outbound' });
    const response = await fetch(`${phone.app.reach?.address.webhookUrl}?flow=ring`, {
      method: 'POST',
      body,
    });
    await response.body?.cancel();
    return response.status;
  }

  it('is believed only when the owner says so', async (t) => {
    assert.equal(await status(t, false), 401);
    assert.equal(await status(t, true), 200);
  });
});
