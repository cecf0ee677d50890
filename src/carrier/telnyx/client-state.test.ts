// Tests of client-state.ts: what Telnyx carries comes back as it was, and nothing else is taken for it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { decodeState, encodeState, stateFor } from './client-state.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const index = fc.integer({ min: 1, max: 999_999 });

it('what was written is read back', () => {
  const fields = {
    callId: fc.uuid(),
    turn: fc.option(index),
    utteranceId: fc.option(index.map((count) => `u${count}`)),
    stream: fc.option(fc.record({ n: index, expiresAt: index }, { noNullPrototype: true })),
  };
  const state = fc.record(fields, { noNullPrototype: true });
  fc.assert(fc.property(state, (written) => assert.deepEqual(decodeState(encodeState(written)), written)));
});

it('it is base64 as Telnyx demands it', () => {
  const text = encodeState({ callId: 'a-call?>~', turn: 12, utteranceId: 'u3', stream: null });
  assert.match(text, /^[A-Za-z0-9+/]+={0,2}$/);
  assert.deepEqual(JSON.parse(Buffer.from(text, 'base64').toString()), { c: 'a-call?>~', t: 12, u: 'u3' });
});

it('what others wrote is nothing to us', () => {
  const foreign = [
    undefined,
    null,
    7,
    {},
    '',
    'not base64!',
    base64('call-1'),
    base64('null'),
    base64('[]'),
    base64('"c"'),
    base64('{"c":7}'),
    base64('{"c":""}'),
    base64('{"t":1,"u":"u1"}'),
    base64(JSON.stringify({ c: 'x'.repeat(201) })),
  ];
  for (const value of foreign) assert.equal(decodeState(value), null, String(value));
});

it('an odd turn, utterance or stream is none', () => {
  for (const odd of [
    { t: 0, u: 'u0' },
    { t: -1, u: '' },
    { t: 1.5, u: 7 },
    { t: '1', u: 'x1' },
    { t: 1e300, u: {} },
    { s: 1 },
    { s: 0, e: 1 },
    { s: '1', e: 1 },
    { s: 1, e: '1' },
  ]) {
    const state = decodeState(base64(JSON.stringify({ c: 'call-1', ...odd })));
    assert.deepEqual(
      state,
      { callId: 'call-1', turn: null, utteranceId: null, stream: null },
      JSON.stringify(odd),
    );
  }
});

it('nothing makes it throw', () => {
  fc.assert(fc.property(fc.anything(), (value) => assert.doesNotThrow(() => decodeState(value))));
  fc.assert(fc.property(fc.string(), (text) => assert.doesNotThrow(() => decodeState(base64(text)))));
});

it('the state says what the line is doing', () => {
  const utterance = { id: 'u2', text: 'Hi', digits: null, requestId: null };
  const of = (...[instruction]: [Parameters<typeof stateFor>[1]]): unknown => stateFor('c', instruction);
  const nothing = { callId: 'c', turn: null, utteranceId: null, stream: null };
  assert.deepEqual(of({ kind: 'say', utterance, turn: 3 }), { ...nothing, turn: 3, utteranceId: 'u2' });
  assert.deepEqual(of({ kind: 'listen', turn: 3 }), { ...nothing, turn: 3 });
  assert.deepEqual(of({ kind: 'stream', n: 2, expiresAt: 7 }), {
    ...nothing,
    stream: { n: 2, expiresAt: 7 },
  });
  assert.deepEqual(of({ kind: 'answer' }), nothing);
});
