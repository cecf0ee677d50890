// Tests of Protocol: what phones may send, and that nothing else is taken for it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readFromPhone, readToPhone } from './protocol.ts';

describe('a message of a phone', () => {
  it('is read as it is meant', () => {
    const messages: readonly (readonly [text: string, read: object])[] = [
      ['{"type":"call"}', { type: 'call', to: null }],
      ['{"type":"call","to":"+15550001111"}', { type: 'call', to: '+15550001111' }],
      ['{"type":"answer"}', { type: 'answer' }],
      ['{"type":"hangup"}', { type: 'hangup' }],
      ['{"type":"key","key":"a"}', { type: 'key', key: 'A' }],
      ['{"type":"words","text":" Hello. "}', { type: 'words', text: 'Hello.' }],
      ['{"type":"played","mark":"m1"}', { type: 'played', mark: 'm1' }],
    ];
    for (const [text, read] of messages) assert.deepEqual(readFromPhone(text), read);
  });

  it('is nothing when a field is wrong, and it is said why', () => {
    const long = JSON.stringify({ type: 'words', text: 'x'.repeat(4_001) });
    const faults = [
      '',
      '{}',
      '[]',
      '{"type":"dial"}',
      '{"type":"key","key":"12"}',
      '{"type":"words","text":7}',
      long,
    ];
    for (const text of faults) assert.ok('why' in readFromPhone(text), text.slice(0, 40));
  });

  it('never makes us throw', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(anything, fc.jsonValue(), (text, value) => {
        assert.doesNotThrow(() => readFromPhone(text));
        assert.doesNotThrow(() => readToPhone(text));
        for (const type of ['call', 'key', 'words', 'played'])
          assert.doesNotThrow(() =>
            readFromPhone(JSON.stringify({ type, key: value, text: value, mark: value, to: value })),
          );
      }),
    );
  });
});
