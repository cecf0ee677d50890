// Tests of Tool: what an agent passes, what it gets back, and that it cannot pretend to be somebody else.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { FakePhone, someCall } from '../../sim/fake-phone.ts';
import { HandClock } from '../../sim/hand-clock.ts';
import { voiceService } from '../../sim/voice-service.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { OpenService } from '../operation/verb.ts';
import { voiceCallTool } from './tool.ts';

const by = { sessionKey: 'agent:main:main', agentId: 'main' };

describe('the voice_call tool', () => {
  let phone: FakePhone;
  let toNumber: string | null;
  let open: OpenService;

  beforeEach(() => {
    phone = new FakePhone();
    toNumber = '+15550005678';
    const service = voiceService(phone, new HandClock());
    open = () => ({ ...service, defaults: { ...service.defaults, toNumber } });
  });

  async function use(params: unknown): Promise<unknown> {
    const { content, details } = await voiceCallTool(open, by).execute('tool-1', params);
    assert.equal(content.length, 1);
    assert.equal(content[0]?.type, 'text');
    assert.equal(content[0]?.text, JSON.stringify(details, null, 2));
    return details;
  }

  async function errorOf(params: unknown): Promise<string> {
    const details = await use(params);
    assert.ok(typeof details === 'object' && details !== null && 'error' in details && 'cure' in details);
    return String(details.error);
  }

  it('does each of its actions', async () => {
    phone.calls = [someCall()];
    assert.deepEqual(await use({ action: 'initiate_call', message: 'Hi', to: '+15550001234' }), {
      callId: 'call-1',
      initiated: true,
    });
    assert.deepEqual(await use({ action: 'continue_call', callId: 'call-1', message: 'And you?' }), {
      success: true,
      transcript: 'Fine, thanks.',
    });
    assert.deepEqual(await use({ action: 'speak_to_user', callId: 'call-1', message: 'Wait' }), {
      success: true,
    });
    assert.deepEqual(await use({ action: 'end_call', callId: 'call-1' }), { success: true });
    assert.deepEqual(await use({ action: 'get_status', callId: 'nobody' }), { found: false, health: [] });
    assert.deepEqual(phone.spoken, [
      { id: 'call-1', text: 'And you?' },
      { id: 'call-1', text: 'Wait' },
    ]);
  });

  it('names what is missing in the documented words', async () => {
    toNumber = null;
    const wrong: readonly [object, string][] = [
      [{ action: 'initiate_call' }, 'message required'],
      [{ action: 'initiate_call', message: 'Hi' }, 'to required'],
      [{ action: 'continue_call', callId: 'call-1' }, 'callId and message required'],
      [{ action: 'speak_to_user', message: 'Hi' }, 'callId and message required'],
      [{ action: 'end_call' }, 'callId required'],
      [{ action: 'get_status', callId: '' }, 'callId required'],
      [{ mode: 'status' }, 'sid required for status'],
      [{ mode: 'call', message: 'Hi' }, 'to required for call'],
      [{}, 'to required for call'],
    ];
    for (const [params, expected] of wrong) assert.equal(await errorOf(params), expected);
  });

  it('an action it does not have is answered with those it has', async () => {
    for (const action of ['hang_up', 'toString', '__proto__', 7]) {
      assert.match(
        await errorOf({ action }),
        /action is not valid: it must be one of initiate_call, continue_call/,
      );
    }
  });

  it('presses keys: on a call, before it, and in the old form', async () => {
    await use({ action: 'send_dtmf', callId: 'call-1', digits: '1,2#' });
    assert.deepEqual(phone.pressed, [{ id: 'call-1', digits: '1ww2#' }]);
    assert.equal(await errorOf({ action: 'send_dtmf', callId: 'call-1' }), 'callId and digits required');
    const keys = { message: 'Hi', mode: 'conversation', dtmfSequence: '1#' };
    await use({ action: 'initiate_call', ...keys });
    await use(keys);
    assert.deepEqual(
      phone.placed.map(({ dtmfSequence }) => dtmfSequence),
      ['1#', '1#'],
    );
    // A form that is a notify call cannot press any: it is refused, the keys are not left out.
    assert.equal(
      await errorOf({ mode: 'call', message: 'Hi', dtmfSequence: '1#' }),
      'dtmfSequence requires conversation mode',
    );
  });

  it('speaks another language, with another voice', async () => {
    await use({ action: 'initiate_call', message: 'Guten Tag', language: 'de-DE', voice: 'Polly.Vicki' });
    assert.deepEqual([phone.placed[0]?.language, phone.placed[0]?.voice], ['de-DE', 'Polly.Vicki']);
  });

  it('shows and approves callers who wait', async () => {
    const pairing = { code: '4711', from: '+15550007777', at: 1_000, expiresAt: 601_000 };
    phone.waiting = [pairing];
    assert.deepEqual(await use({ action: 'list_pairings' }), { pairings: [pairing] });
    assert.equal(await errorOf({ action: 'approve_pairing' }), 'code required');
    assert.deepEqual(await use({ action: 'approve_pairing', code: '4711' }), {
      success: true,
      from: '+15550007777',
    });
  });

  it('the call belongs to the session that uses the tool, whatever it says', async () => {
    await use({ action: 'initiate_call', message: 'Hi', sessionKey: 'agent:boss:main', agentId: 'boss' });
    await use({ action: 'end_call', callId: 'call-1', sessionKey: 'agent:boss:main' });
    assert.equal(phone.placed[0]?.requesterSessionKey, 'agent:main:main');
    assert.equal(phone.placed[0]?.sessionKey, null);
    assert.equal(phone.placed[0]?.agentId, 'main');
    assert.equal(phone.ended[0]?.sessionKey, 'agent:main:main');
  });

  it('understands the form of the first releases', async () => {
    phone.calls = [someCall({ carrierCallId: 'CA1' })];
    await use({ mode: 'call', to: '+15550001234', message: 'Hi', sessionKey: 'x' });
    await use({ message: 'Hi' });
    await use({ message: 'Hi', mode: 'conversation' });
    assert.deepEqual(
      phone.placed.map(({ to, mode }) => [to, mode]),
      [
        ['+15550001234', 'notify'],
        ['+15550005678', 'notify'],
        ['+15550005678', 'conversation'],
      ],
    );
    const status = await use({ mode: 'status', sid: 'CA1' });
    assert.ok(typeof status === 'object' && status !== null && 'call' in status);
  });

  it('says why there is no telephone', async () => {
    open = () => {
      throw new VoiceCallError('VC_CONFIG_INVALID', { problems: 'fromNumber is required' });
    };
    assert.equal(
      await errorOf({ action: 'end_call', callId: 'x' }),
      'Invalid voice-call config: fromNumber is required',
    );
  });

  it('never throws, whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (params) => {
        await use(params);
      }),
    );
  });

  it('a fault of our own is an answer too', async () => {
    phone.trouble = new TypeError('x is undefined');
    assert.match(await errorOf({ action: 'end_call', callId: 'x' }), /unexpected fault: x is undefined/);
  });

  it('shows the agent its actions and lets the old form through', () => {
    const { parameters, catalogMode } = voiceCallTool(open, by);
    const properties = parameters['properties'] as Record<string, { enum?: readonly string[] }>;
    assert.deepEqual(Object.keys(properties), [
      ...['action', 'callId', 'message', 'to', 'mode'],
      ...['digits', 'dtmfSequence', 'language', 'voice', 'code'],
    ]);
    assert.equal(properties['action']?.enum?.length, 8);
    assert.equal(properties['mode']?.enum, undefined);
    assert.equal(parameters['required'], undefined);
    assert.equal(catalogMode, 'direct-only');
  });
});
