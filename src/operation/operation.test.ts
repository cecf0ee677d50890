// Tests of Operation: what each verb asks of the telephone, and what it refuses to ask.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { FakePhone, someCall } from '../../sim/fake-phone.ts';
import { HandClock, settle } from '../../sim/hand-clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { Health } from '../lib/health.ts';
import { Continues } from './continues.ts';
import { verbs } from './index.ts';
import type { Asker, PlaceDefaults } from './verb.ts';

const operator: Asker = { sessionKey: null, agentId: null, isTrusted: false };

describe('a verb', () => {
  let phone: FakePhone;
  let defaults: PlaceDefaults;

  beforeEach(() => {
    phone = new FakePhone();
    defaults = { toNumber: '+15550005678', mode: 'notify', transcriptTimeoutMs: 180_000 };
  });

  const quiet = (): void => undefined;
  const health = new Health(new HandClock(), { debug: quiet, info: quiet, warn: quiet, error: quiet });
  const watched: string[] = [];
  const watch = (id: string): void => void watched.push(id);
  const continues = new Continues(new HandClock(), () => 'op-1');

  function ask(verb: keyof typeof verbs, input: unknown, by: Asker = operator): Promise<unknown> {
    const service = { phone, health, watch, defaults, continues, testPhones: null };
    return verbs[verb].call(service, input, by);
  }

  async function refusal(verb: keyof typeof verbs, input: unknown, by?: Asker): Promise<string> {
    const error = await ask(verb, input, by).then(
      () => null,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof VoiceCallError, 'it was not refused');
    return error.message;
  }

  describe('initiate', () => {
    it('calls the given number in the given mode for the session that asks', async () => {
      const by: Asker = { sessionKey: 'agent:sales:main', agentId: 'sales', isTrusted: false };
      const input = { message: 'Hi', to: '+15550001234', mode: 'conversation' };
      assert.deepEqual(await ask('initiate', input, by), { callId: 'call-1', initiated: true });
      assert.deepEqual(phone.placed, [
        {
          to: '+15550001234',
          message: 'Hi',
          mode: 'conversation',
          requesterSessionKey: 'agent:sales:main',
          sessionKey: null,
          agentId: 'sales',
          dtmfSequence: null,
          language: null,
          voice: null,
        },
      ]);
    });

    it('falls back to the configured number and mode', async () => {
      await ask('initiate', { message: 'Hi', to: '', mode: null });
      assert.deepEqual([phone.placed[0]?.to, phone.placed[0]?.mode], ['+15550005678', 'notify']);
    });

    it('an operator may say whose call it is; a session cannot', async () => {
      const input = { message: 'Hi', requesterSessionKey: 'agent:main:x', sessionKey: 'voice:y' };
      await ask('initiate', input);
      await ask('initiate', input, { ...operator, sessionKey: 'agent:main:own' });
      assert.deepEqual(
        phone.placed.map((request) => request.requesterSessionKey),
        ['agent:main:x', 'agent:main:own'],
      );
      assert.equal(phone.placed[0]?.sessionKey, 'voice:y');
    });

    it('refuses what cannot be called, in the documented words', async () => {
      assert.equal(await refusal('initiate', {}), 'message required');
      assert.equal(await refusal('initiate', { message: '  ' }), 'message required');
      assert.match(
        await refusal('initiate', { message: 'Hi', to: '5550001234' }),
        /"5550001234" is not a phone/,
      );
      defaults = { ...defaults, toNumber: null };
      assert.equal(await refusal('initiate', { message: 'Hi' }), 'to required');
      assert.deepEqual(phone.placed, []);
    });

    it('passes on keys in their canonical form, language and voice', async () => {
      const keys = { dtmfSequence: 'p1,a#', mode: 'conversation' };
      await ask('initiate', { message: 'Hi', ...keys, language: 'de-de', voice: 'Polly.Vicki' });
      const { dtmfSequence, language, voice } = phone.placed[0] ?? {};
      assert.deepEqual([dtmfSequence, language, voice], ['ww1wwA#', 'de-DE', 'Polly.Vicki']);
    });

    it('refuses keys it cannot press, in the documented words', async () => {
      const bad = 'digits may only contain digits, *, #, comma, w, p';
      assert.equal(await refusal('initiate', { message: 'Hi', dtmfSequence: '1;2' }), bad);
      // Keys are looked at before the mode.
      assert.equal(await refusal('initiate', { message: 'Hi', dtmfSequence: 'x', mode: 'notify' }), bad);
      for (const mode of ['notify', undefined]) {
        assert.equal(
          await refusal('initiate', { message: 'Hi', dtmfSequence: '1#', mode }),
          'dtmfSequence requires conversation mode',
        );
      }
      assert.deepEqual(phone.placed, []);
    });

    it('refuses what is no language', async () => {
      assert.match(
        await refusal('initiate', { message: 'Hi', language: 'in German' }),
        /language is not valid: .*BCP 47/,
      );
    });

    it('refuses what this version does not know instead of ignoring it', async () => {
      assert.match(await refusal('initiate', { message: 'Hi', brief: 'x' }), /brief is not valid/);
      assert.match(
        await refusal('initiate', { message: 'Hi', mode: 'shout' }),
        /one of notify, conversation/,
      );
      assert.match(await refusal('initiate', { message: 7 }), /message is not valid: it must be a string/);
    });
  });

  describe('start', () => {
    it('without a message is a conversation', async () => {
      await ask('start', { to: '+15550001234' });
      assert.deepEqual([phone.placed[0]?.message, phone.placed[0]?.mode], [null, 'conversation']);
    });

    it('refuses a notify call that has nothing to say, and a call to nobody', async () => {
      assert.equal(await refusal('start', { to: '+15550001234', mode: 'notify' }), 'message required');
      assert.equal(await refusal('start', { message: 'Hi' }), 'to required');
    });

    it('lets only other plugins choose the agent', async () => {
      const input = { to: '+15550001234', agentId: 'sales' };
      const untrusted = 'agentId requires a trusted plugin caller and a valid agent id';
      assert.equal(await refusal('start', input), untrusted);
      const trusted = { ...operator, isTrusted: true };
      assert.equal(await refusal('start', { ...input, agentId: '../x' }, trusted), untrusted);
      await ask('start', input, trusted);
      assert.equal(phone.placed[0]?.agentId, 'sales');
    });
  });

  describe('continue', () => {
    it('says the question and returns the answer', async () => {
      const input = { callId: 'call-1', message: 'How are you?' };
      assert.deepEqual(await ask('continueCall', input), { success: true, transcript: 'Fine, thanks.' });
      assert.deepEqual(phone.spoken, [{ id: 'call-1', text: 'How are you?' }]);
      assert.equal(await refusal('continueCall', { callId: 'call-1' }), 'callId and message required');
    });

    it('can be started now and fetched later, for as long as words may take', async () => {
      const started = await ask('continueStart', { callId: 'call-1', message: 'How are you?' });
      assert.deepEqual(started, { operationId: 'op-1', status: 'pending', pollTimeoutMs: 218_000 });
      await settle();
      assert.deepEqual(await ask('continueResult', { operationId: 'op-1' }), {
        status: 'completed',
        result: { success: true, transcript: 'Fine, thanks.' },
      });
      assert.equal(await refusal('continueResult', { operationId: 'op-1' }), 'operation not found: op-1');
      assert.equal(await refusal('continueResult', {}), 'operationId required');
    });
  });

  it('speak says it', async () => {
    assert.deepEqual(await ask('speak', { callId: 'call-1', message: 'One moment' }), { success: true });
    assert.deepEqual(phone.spoken, [{ id: 'call-1', text: 'One moment' }]);
  });

  it('speak takes the wish of other plugins for a media stream, and says that there is none', async () => {
    phone.calls = [someCall()];
    const wish = { callId: 'call-1', message: 'Hi', allowTwimlFallback: false };
    assert.equal(
      await refusal('speak', wish),
      'mock cannot do this: speak without its own voice: this call has no media stream',
    );
    assert.equal(await refusal('speak', { ...wish, callId: 'x' }), 'Call not found: x');
    assert.deepEqual(phone.spoken, []);
    await ask('speak', { ...wish, allowTwimlFallback: true });
    assert.deepEqual(phone.spoken, [{ id: 'call-1', text: 'Hi' }]);
    assert.match(await refusal('speak', { ...wish, allowTwimlFallback: 'no' }), /must be a boolean/);
    phone.calls = [someCall({ stream: { n: 1, state: 'wanted', expiresAt: 0 } })];
    assert.match(await refusal('speak', wish), /no media stream/);
    phone.calls = [someCall({ stream: { n: 1, state: 'open', expiresAt: 0 } })];
    await ask('speak', wish);
    assert.equal(phone.spoken.length, 2);
  });

  it('dtmf presses keys', async () => {
    assert.deepEqual(await ask('dtmf', { callId: 'call-1', digits: '1,2#' }), { success: true });
    assert.deepEqual(phone.pressed, [{ id: 'call-1', digits: '1ww2#' }]);
    assert.equal(
      await refusal('dtmf', { callId: 'call-1', digits: '1<2' }),
      'digits may only contain digits, *, #, comma, w, p',
    );
    assert.equal(await refusal('dtmf', { callId: 'call-1' }), 'callId and digits required');
    assert.equal(phone.pressed.length, 1);
  });

  it('pairing shows who waits, and lets one of them call', async () => {
    const pairing = { code: '4711', from: '+15550007777', at: 1_000, expiresAt: 601_000 };
    phone.waiting = [pairing];
    assert.deepEqual(await ask('pairingList', {}), { pairings: [pairing] });
    assert.match(await refusal('pairingApprove', { code: '0815' }), /^No caller waits/);
    assert.deepEqual(await ask('pairingApprove', { code: ' 47 1-1' }), {
      success: true,
      from: '+15550007777',
    });
    assert.deepEqual(await ask('pairingList', {}), { pairings: [] });
    assert.equal(await refusal('pairingApprove', {}), 'code required');
  });

  it('end hangs up for the session that asks', async () => {
    assert.deepEqual(await ask('endCall', { callId: 'call-1' }, { ...operator, sessionKey: 's' }), {
      success: true,
    });
    assert.deepEqual(phone.ended, [{ id: 'call-1', sessionKey: 's' }]);
  });

  describe('status', () => {
    it('says what does not work now, and how to cure it', async () => {
      const failed = new VoiceCallError('VC_STORE_FAILED', { why: 'disk full', path: '/calls' });
      const { code, message, cure } = failed;
      health.trouble('store', failed);
      const status = await ask('status', {});
      health.well('store');
      const since = new HandClock().now();
      assert.ok(isObject(status));
      assert.deepEqual(status['health'], [{ subject: 'store', code, message, cure, since }]);
    });

    it('tells what our own calls took, where calls are listed', async () => {
      phone.spent = { calls: 1, maxCalls: 50, minutes: 2.5, maxMinutes: 180 };
      phone.calls = [someCall()];
      const [list, one] = [await ask('status', {}), await ask('status', { callId: 'call-1' })];
      assert.ok(isObject(list) && isObject(one));
      assert.deepEqual([list['outbound24h'], one['outbound24h']], [phone.spent, undefined]);
    });

    it("finds a call by our id or the carrier's", async () => {
      phone.calls = [someCall({ carrierCallId: 'CA1' })];
      for (const input of [{ callId: 'call-1' }, { callId: 'CA1' }, { sid: 'CA1' }]) {
        const status = await ask('status', input);
        assert.ok(isObject(status) && status['found'] === true && isObject(status['call']));
        assert.equal(status['call']['callId'], 'call-1');
      }
      assert.deepEqual(await ask('status', { callId: 'nobody' }), { found: false, health: [] });
    });

    it('lists calls when none is named, as many as wished', async () => {
      phone.calls = Array.from({ length: 30 }, (_, index) => someCall({ id: `call-${index}` }));
      const count = async (input: unknown): Promise<number> => {
        const status = await ask('status', input);
        assert.ok(isObject(status) && Array.isArray(status['calls']));
        return status['calls'].length;
      };
      assert.equal(await count({}), 20);
      assert.equal(await count(undefined), 20);
      assert.equal(await count({ limit: 3 }), 3);
      const more = await ask('status', { limit: 3 });
      assert.ok(isObject(more) && more['next'] === '0-1-more');
      assert.ok(!Object.hasOwn(Object(await ask('status', { limit: 30 })), 'next'));
      assert.match(
        await refusal('status', { state: 'gone' }),
        /state is not valid: it must be one of open, ended/,
      );
      assert.match(await refusal('status', { limit: 0 }), /limit is not valid: it must be at least 1/);
    });
  });

  it('watch looks at a call that is open', async () => {
    phone.calls = [someCall({ carrierCallId: 'CA1' })];
    assert.deepEqual(await ask('watch', { callId: 'CA1' }), { watching: true });
    phone.calls = [someCall({ id: 'over', phase: 'ended' })];
    assert.deepEqual(await ask('watch', { callId: 'over' }), { watching: false });
    assert.equal(await refusal('watch', { callId: 'nobody' }), 'Call not found: nobody');
    assert.deepEqual(watched, ['call-1']);
  });

  it('call.events turns the pages of what happened on a call', async () => {
    phone.calls = [someCall({ carrierCallId: 'CA1' })];
    phone.happened = [1, 2, 3].map((seq) => ({ seq: seq * 10, at: seq, event: { kind: 'rang', at: seq } }));
    const [first, second, third] = phone.happened;
    assert.deepEqual(await ask('callEvents', { callId: 'CA1', limit: 2 }), {
      events: [first, second],
      next: 20,
    });
    assert.deepEqual(await ask('callEvents', { callId: 'call-1', after: 20, limit: 2 }), {
      events: [third],
      next: null,
    });
    assert.equal(await refusal('callEvents', { callId: 'nobody' }), 'Call not found: nobody');
    assert.match(await refusal('callEvents', { callId: 'call-1', limit: 501 }), /at most 500/);
  });

  it('latency tells the percentiles and the turns they are made of, oldest first', async () => {
    const turn = (n: number, saidAt: number, repliedAt: number | null) => ({
      turn: n,
      listenedFromAt: saidAt - 1_000,
      saidAt,
      repliedAt,
    });
    const stages = { speechEndAt: 8_000, transcriptAt: 8_400.04, heardAt: 9_200 };
    phone.calls = [
      someCall({ id: 'late', turns: [{ ...turn(1, 9_000, 9_300), stages }, turn(2, 12_000, null)] }),
      someCall({ id: 'early', turns: [turn(1, 5_000, 5_100)] }),
    ];
    const told = await ask('latency', {});
    assert.ok(isObject(told));
    assert.deepEqual(told['turns'], [
      { callId: 'early', turn: 1, at: 5_000, latencyMs: 100 },
      { callId: 'late', turn: 1, at: 9_000, latencyMs: 300, stages: { transcription: 400, whole: 1_200 } },
      { callId: 'late', turn: 2, at: 12_000 },
    ]);
    assert.ok(isObject(told['turnLatency']));
    assert.deepEqual([told['recordsScanned'], told['turnLatency']['p50Ms']], [2, 100]);
  });

  it('ring lets somebody call us', async () => {
    assert.deepEqual(await ask('ring', { from: '+15550007777', says: ['Hi'] }), { callId: 'call-2' });
    assert.deepEqual(phone.rung, [{ from: '+15550007777', says: ['Hi'] }]);
    assert.match(await refusal('ring', { from: 'me' }), /from "me" is not a phone number/);
  });

  it('passes on what the telephone says', async () => {
    phone.trouble = new VoiceCallError('VC_TOO_MANY_CALLS', { limit: 1 });
    assert.equal(await refusal('initiate', { message: 'Hi' }), 'Maximum concurrent calls (1) reached');
  });

  it('needs the right to write, unless it only looks', () => {
    const reading = Object.values(verbs)
      .filter(({ scope }) => scope === 'read')
      .map(({ name }) => name);
    assert.deepEqual(reading, [
      'continue.result',
      'status',
      'call.events',
      'latency',
      'watch',
      'pairing.list',
    ]);
  });
});

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
