// Tests of flow.ts: what we write into an address is what we read out of it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { liveCall, options } from '../../../test/wire/plivo/samples.ts';
import type { Utterance } from '../../call/call.ts';
import { flowUrl, nextPlace, type Place, visitOf } from './flow.ts';

const call = liveCall();
const nothing = { callId: call.id, turn: null, utteranceId: null, stream: null };
const utterance: Utterance = { id: 'u3', text: 'Hello.', digits: null, requestId: null };
const places: readonly [Place, object][] = [
  [{ flow: 'answer' }, {}],
  [{ flow: 'ring' }, {}],
  [{ flow: 'hangup' }, {}],
  [{ flow: 'input', turn: 12 }, { turn: 12 }],
  [{ flow: 'silent', turn: 3, utteranceId: null }, { turn: 3 }],
  [
    { flow: 'silent', turn: 3, utteranceId: 'u9' },
    { turn: 3, utteranceId: 'u9' },
  ],
  [{ flow: 'played', utteranceId: 'u1' }, { utteranceId: 'u1' }],
  [{ flow: 'streaming', stream: 3 }, { stream: 3 }],
  [{ flow: 'streamed', stream: 3 }, { stream: 3 }],
  [nextPlace({ kind: 'wait' }), {}],
  [nextPlace({ kind: 'stream', n: 3, expiresAt: 7 }), { stream: 3 }],
  [nextPlace({ kind: 'listen', turn: 2 }), { turn: 2 }],
  [nextPlace({ kind: 'say', utterance, turn: null }), { utteranceId: 'u3' }],
  [nextPlace({ kind: 'say', utterance, turn: 4 }), { utteranceId: 'u3', turn: 4 }],
];

it('every address is absolute and comes back as it was meant', () => {
  for (const [place, rest] of places) {
    const url = flowUrl(options.address.webhookUrl, call, place);
    assert.ok(url.startsWith(`${options.address.webhookUrl}?`));
    const { pathname, search } = new URL(url);
    assert.deepEqual(visitOf(`${pathname}${search}`), { ...nothing, flow: place.flow, ...rest });
  }
});

it('the query stands in the order in which it is signed, and counts the documents fetched', () => {
  for (const [place] of places) {
    const { searchParams } = new URL(
      flowUrl(options.address.webhookUrl, { ...call, line: { ...call.line, asked: 7 } }, place),
    );
    assert.deepEqual([...searchParams.keys()], [...searchParams.keys()].sort());
    assert.equal(searchParams.get('n'), '7');
  }
});

it('an id that means something in a URL does no harm there', () => {
  const odd = { ...call, id: 'a&flow=hangup#?%20é' };
  assert.deepEqual(visitOf(flowUrl('/x', odd, { flow: 'answer' })), {
    ...nothing,
    callId: odd.id,
    flow: 'answer',
  });
});

it('a path without a query is nobody in particular', () => {
  const nobody = { callId: null, flow: null, turn: null, utteranceId: null, stream: null };
  for (const path of ['', '/', '/?', '/#?callId=x', '/?callId=', '/?flow=constructor'])
    assert.deepEqual(visitOf(path), nobody, path);
});
