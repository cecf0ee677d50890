// Tests of flow-query.ts: whatever a stranger writes into an address, we read what is ours or nothing.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { queryOf, readFlow } from './flow-query.ts';

const FLOWS = ['answer', 'next'] as const;
const read = (path: string) => readFlow(queryOf(path), FLOWS);
const nothing = { callId: null, flow: null, turn: null, utteranceId: null };

it('what is ours is read, wherever it stands in the query', () => {
  const all = { callId: 'c 1', flow: 'next', turn: 12, utteranceId: 'u9' };
  assert.deepEqual(read('/a/b?utterance=u9&turn=12&other=1&flow=next&callId=c+1#turn=3'), all);
});

it('a number is a plain one from 1, a flow one of those we hand out, and the first of two counts', () => {
  for (const odd of ['0', '-1', '01', '1e3', '1.5', ' 1', '１', '9999999999', ''])
    assert.deepEqual(read(`/?turn=${odd}&utterance=u${odd}`), nothing, odd);
  for (const odd of ['constructor', 'NEXT', 'next ', '']) assert.equal(read(`/?flow=${odd}`).flow, null, odd);
  assert.equal(read('/?turn=1&turn=2').turn, 1);
});

it('any path at all is read without complaint, and nothing but what we write comes out', () => {
  const values = fc.record({
    callId: fc.string({ unit: 'binary' }),
    flow: fc.oneof(fc.constantFrom(...FLOWS), fc.string()),
    turn: fc.oneof(fc.nat().map(String), fc.string()),
    utterance: fc.string(),
  });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), values, (path, query) => {
      for (const text of [path, `${path}?${new URLSearchParams(query)}`, `/?${new URLSearchParams(query)}`]) {
        const { flow, turn, utteranceId } = read(text);
        assert.ok(flow === null || FLOWS.includes(flow));
        assert.ok(turn === null || (Number.isInteger(turn) && turn > 0));
        assert.ok(utteranceId === null || /^u\d+$/.test(utteranceId));
      }
    }),
  );
});
