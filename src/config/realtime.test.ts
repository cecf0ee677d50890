// Tests of Realtime: what a person writes about the voice model, and what the plugin makes of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from './parse.ts';
import type { RealtimeSettings } from './realtime.ts';
import { CONFIG_PATH } from './schema.ts';

const KEY = 'sk-f00dfacef00dface';
const base = {
  provider: 'twilio',
  fromNumber: '+15550001234',
  publicUrl: 'https://voice.example.com/voice/webhook',
  twilio: { accountSid: 'AC0123', authToken: 'f00dface' },
  inboundPolicy: 'open',
};

function parsed(realtime: object, more: object = {}): ReturnType<typeof parseConfig> {
  return parseConfig({ ...base, realtime: { enabled: true, ...realtime }, ...more }, {});
}

function realtimeOf(realtime: object, more: object = {}): RealtimeSettings {
  const config = parsed(realtime, more);
  assert.ok(config.ok, config.ok ? '' : config.problems.join('; '));
  assert.ok(config.settings.realtime);
  return config.settings.realtime;
}

function problemsOf(realtime: object, more: object = {}): readonly string[] {
  const config = parsed(realtime, more);
  return config.ok ? [] : config.problems;
}

function noticesOf(realtime: object, more: object = {}): readonly string[] {
  const config = parsed(realtime, more);
  assert.ok(config.ok, config.ok ? '' : config.problems.join('; '));
  return config.notices;
}

describe('the voice model', () => {
  it('is off until it is asked for, and then has the documented defaults', () => {
    const off = parseConfig({ ...base, realtime: {} }, {});
    assert.ok(off.ok);
    assert.equal(off.settings.realtime, null);
    const { instructions, ...rest } = realtimeOf({});
    assert.match(instructions, /OpenClaw/);
    assert.match(instructions, /short/);
    assert.match(instructions, /openclaw_agent_consult/);
    assert.equal(instructions.split(/(?<=[.!?]) /).length, 3);
    assert.deepEqual(rest, {
      provider: null,
      providers: {},
      path: '/voice/stream/realtime',
      sensitivity: 'medium',
      preStartTimeoutMs: 5_000,
      maxPendingConnections: 32,
      maxPendingConnectionsPerIp: 4,
      maxConnections: 128,
      toolPolicy: 'safe-read-only',
      consultPolicy: 'auto',
      consultThinkingLevel: null,
      consultFastMode: null,
      tools: [],
      fastContext: null,
      agentContext: null,
    });
  });

  it('has the documented defaults for what it looks up and what it is told, once they are on', () => {
    const { fastContext, agentContext } = realtimeOf({
      fastContext: { enabled: true },
      agentContext: { enabled: true },
    });
    assert.deepEqual(fastContext, {
      timeoutMs: 800,
      maxResults: 3,
      sources: ['memory', 'sessions'],
      fallbackToConsult: false,
    });
    assert.deepEqual(agentContext, {
      maxChars: 6_000,
      includeIdentity: true,
      files: ['SOUL.md', 'IDENTITY.md', 'USER.md'],
    });
    const bare = realtimeOf({ agentContext: { enabled: true, includeWorkspaceFiles: false } });
    assert.deepEqual(bare.agentContext?.files, []);
  });

  it('takes everything a person may write', () => {
    const tool = {
      name: 'lookup_order',
      description: 'Finds an order',
      parameters: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    };
    const providers = { openai: { apiKey: KEY, voice: 'cedar', nested: { a: [1] } } };
    const { toolPolicy, consultPolicy, consultThinkingLevel, consultFastMode, ...rest } = realtimeOf({
      provider: 'openai',
      providers,
      instructions: 'Speak Latin.',
      toolPolicy: 'owner',
      consultPolicy: 'always',
      consultThinkingLevel: 'ultra',
      consultFastMode: true,
      tools: [{ type: 'function', ...tool }],
    });
    assert.deepEqual([toolPolicy, consultPolicy], ['owner', 'always']);
    assert.deepEqual([consultThinkingLevel, consultFastMode], ['ultra', true]);
    assert.deepEqual(rest.tools, [tool]);
    assert.deepEqual(rest.providers, providers);
    assert.deepEqual([rest.provider, rest.instructions], ['openai', 'Speak Latin.']);
  });

  it('has its streams beside the webhook, wherever that is, unless it is told another path', () => {
    const cases: readonly [serve: string, path: string][] = [
      ['/voice/webhook', '/voice/stream/realtime'],
      ['/voice/webhook/', '/voice/stream/realtime'],
      ['/webhook', '/stream/realtime'],
      ['/', '/voice/stream/realtime'],
      ['/calls', '/calls/stream/realtime'],
      ['/mywebhook', '/mywebhook/stream/realtime'],
    ];
    for (const [serve, path] of cases) assert.equal(realtimeOf({}, { serve: { path: serve } }).path, path);
    assert.equal(realtimeOf({ streamPath: 'talk/' }).path, '/talk');
  });

  it('has the limits and the sensitivity of media streams from streaming, though that is off', () => {
    const streaming = { interruptSensitivity: 'high', maxConnections: 3, preStartTimeoutMs: 900 };
    const { sensitivity, maxConnections, preStartTimeoutMs } = realtimeOf({}, { streaming });
    assert.deepEqual([sensitivity, maxConnections, preStartTimeoutMs], ['high', 3, 900]);
  });
});

describe('what cannot be together', () => {
  it('is streaming and the voice model: the message names both', () => {
    const [text = '', ...others] = problemsOf({}, { streaming: { enabled: true } });
    assert.match(text, /realtime\.enabled/);
    assert.match(text, /streaming\.enabled/);
    assert.deepEqual(others, []);
    assert.ok(parseConfig({ ...base, realtime: {}, streaming: { enabled: true } }, {}).ok);
  });

  it('is the voice model and nobody being allowed to call', () => {
    const expected = [`${CONFIG_PATH}.inboundPolicy must not be "disabled" when realtime.enabled is true`];
    assert.deepEqual(problemsOf({}, { inboundPolicy: 'disabled' }), expected);
    assert.deepEqual(problemsOf({}, { inboundPolicy: undefined }), expected);
    assert.deepEqual(problemsOf({}, { inboundPolicy: undefined, provider: 'mock' }), expected);
    assert.deepEqual(problemsOf({}, { inboundPolicy: 'disabled', enabled: false }), []);
  });
});

describe('what is wrong about the voice model', () => {
  it('is told with its key, and never with a secret', () => {
    const wrong: readonly [raw: object, expected: string][] = [
      [
        { toolPolicy: 'all' },
        'realtime.toolPolicy is "all": it must be one of "safe-read-only", "owner", "none"',
      ],
      [{ fastContext: { timeoutMs: 0 } }, 'realtime.fastContext.timeoutMs is 0: it must be at least 1'],
      [{ fastContext: { sources: [] } }, 'realtime.fastContext.sources is a list: it must not be empty'],
      [
        { agentContext: { maxChars: 1.5 } },
        'realtime.agentContext.maxChars is 1.5: it must be a whole number',
      ],
      [
        { providers: { openai: KEY } },
        'realtime.providers.openai is not valid: it must be an object of options',
      ],
      [{ idleHangupMs: 5 }, 'realtime.idleHangupMs is not supported in this version. Remove it'],
    ];
    for (const [raw, expected] of wrong) {
      assert.deepEqual(problemsOf(raw), [`${CONFIG_PATH}.${expected}`]);
    }
    assert.match(problemsOf({ toolpolicy: 'none' })[0] ?? '', /"realtime\.toolPolicy"/);
    assert.match(
      problemsOf({ fastContext: { on: true } })[0] ?? '',
      /realtime\.fastContext\.on is not a known/,
    );
    const named = { type: 'function', name: 'two words', description: 'x' };
    assert.match(
      problemsOf({ tools: [named] }).join(),
      /realtime\.tools\.0\.name is "two words": a tool name/,
    );
  });
});

describe('what is doubtful about the voice model', () => {
  it('is the mock carrier, which has no media stream', () => {
    assert.match(noticesOf({}, { provider: 'mock' }).join(), /realtime is on: the mock carrier has no media/);
    assert.doesNotMatch(noticesOf({}).join(), /mock/);
  });

  it('is an option that is gone', () => {
    const agentContext = { enabled: true, includeSystemPrompt: true };
    assert.match(noticesOf({ agentContext }).join(), /includeSystemPrompt is gone/);
    assert.equal(realtimeOf({ agentContext }).agentContext?.maxChars, 6_000);
    assert.doesNotMatch(noticesOf({ agentContext: { enabled: true } }).join(), /includeSystemPrompt/);
  });

  it('is to ask an agent that may not be asked', () => {
    const parameters = { type: 'object', properties: {} };
    const tools = [{ type: 'function', name: 'lookup', description: 'Looks up', parameters }];
    const fastContext = { enabled: true };
    const alone = { toolPolicy: 'none', consultPolicy: 'always', fastContext, tools };
    const notices = noticesOf(alone).join('\n');
    assert.match(notices, /realtime\.consultPolicy has no effect/);
    assert.match(notices, /realtime\.fastContext has no effect/);
    assert.match(notices, /realtime\.tools has no effect/);
    assert.doesNotMatch(noticesOf({ ...alone, toolPolicy: 'owner' }).join(), /no effect/);
  });
});
