// Tests of what an edit needs: the next call, or another house; and whether calls may move there.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from './parse.ts';
import { changedKeys, keepsCalls, needsNewHouse } from './reload.ts';
import type { Settings } from './settings.ts';

const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-test' };
const base = {
  provider: 'twilio',
  fromNumber: '+15550000001',
  twilio: account,
  publicUrl: 'https://voice.example.com/voice/webhook',
};

function settings(changes: object = {}): Settings {
  const parsed = parseConfig({ ...base, ...changes }, {});
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.settings;
}

describe('An edit of the configuration', () => {
  it('that changes nothing is none', () => {
    assert.deepEqual(changedKeys(settings(), settings()), []);
    assert.equal(needsNewHouse([]), false);
  });

  it('of how a call is held waits for the next call', () => {
    const edits: object[] = [
      { inboundGreeting: 'Good evening.' },
      { inboundPolicy: 'allowlist', allowFrom: ['+15550002222'] },
      { numbers: { '+15550000001': { inboundGreeting: 'Sales.' } } },
      { tts: { provider: 'openai', providers: { openai: { voice: 'onyx' } } } },
      { voice: 'Polly.Amy', language: 'en-GB', responseModel: 'fast', maxDurationSeconds: 60 },
      { agentId: 'phone', sessionScope: 'per-call', fromNumber: '+15550000002', shutdownDrainSeconds: 3 },
    ];
    for (const edit of edits) {
      const changed = changedKeys(settings(), settings(edit));
      assert.ok(changed.length > 0, JSON.stringify(edit));
      assert.equal(needsNewHouse(changed), false, `${JSON.stringify(edit)} changed ${changed}`);
    }
  });

  it('of where and with what we are reached builds another house', () => {
    const edits: object[] = [
      { serve: { port: 4000 } },
      { twilio: { ...account, authToken: 'another-token' } },
      { publicUrl: 'https://other.example.com/voice/webhook' },
      { streaming: { enabled: true } },
      { store: '/srv/calls' },
    ];
    for (const edit of edits) {
      assert.equal(needsNewHouse(changedKeys(settings(), settings(edit))), true, JSON.stringify(edit));
    }
  });

  it('leaves calls where they are while it is the same account and the same store', () => {
    assert.equal(keepsCalls(settings(), settings({ twilio: { ...account, authToken: 'rotated' } })), true);
    assert.equal(keepsCalls(settings(), settings({ serve: { port: 4000 } })), true);
    const other = { ...account, accountSid: `AC${'1'.repeat(32)}` };
    assert.equal(keepsCalls(settings(), settings({ twilio: other })), false);
    assert.equal(keepsCalls(settings(), settings({ provider: 'mock' })), false);
    assert.equal(keepsCalls(settings(), settings({ store: '/srv/calls' })), false);
  });
});
