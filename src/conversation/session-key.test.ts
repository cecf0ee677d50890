// Which session a call talks to: by number, by call, the main one, or the one that was asked for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type SessionKeyInput, sessionKeyFor } from './session-key.ts';

const base: SessionKeyInput = {
  scope: 'per-phone',
  agentId: 'Main',
  otherParty: '+1 (555) 000-1234',
  callId: 'CALL-1',
  explicitKey: null,
};
const explicit = (explicitKey: string): string => sessionKeyFor({ ...base, explicitKey });

describe('The session of a call', () => {
  it('is shared by all calls with one number', () => {
    assert.equal(sessionKeyFor(base), 'agent:main:voice:15550001234');
  });

  it('is never shared by callers who hide their number', () => {
    for (const otherParty of ['unknown', 'anonymous', '', 'Restricted']) {
      assert.equal(sessionKeyFor({ ...base, otherParty }), 'agent:main:voice:call-1');
    }
  });

  it('can be one of its own, or the agent’s main one', () => {
    assert.equal(sessionKeyFor({ ...base, scope: 'per-call' }), 'agent:main:voice:call:call-1');
    assert.equal(sessionKeyFor({ ...base, scope: 'main' }), 'agent:main:main');
  });

  it('can be asked for, within the own agent', () => {
    assert.equal(explicit('agent:main:Telegram:42'), 'agent:main:telegram:42');
    assert.equal(explicit(' Meeting 7\n'), 'agent:main:meeting-7');
    assert.equal(explicit('global'), 'global');
    assert.equal(explicit('   '), 'agent:main:voice:15550001234');
  });

  it('of another agent cannot be reached by asking for it', () => {
    assert.equal(explicit('agent:other:main'), 'agent:main:agent:other:main');
    assert.equal(explicit('agent:main:'), 'agent:main:agent:main:');
    assert.equal(explicit('agent:mainly:main'), 'agent:main:agent:mainly:main');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const made = explicit(key);
        assert.ok(made === 'global' || made === 'unknown' || made.startsWith('agent:main:'), made);
        assert.ok(made.length > 'agent:main:'.length || made === 'global' || made === 'unknown');
        assert.equal(made, made.toLowerCase());
        assert.doesNotMatch(made, /[\s\p{Cc}]/u);
      }),
    );
  });
});
