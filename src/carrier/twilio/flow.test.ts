// Tests of flow.ts: what we write into an address is what we read out of it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { liveCall, options } from '../../../test/wire/twilio/samples.ts';
import { flowUrl, type Place, visitOf } from './flow.ts';

const call = liveCall();
const nothing = { callId: call.id, turn: null, utteranceId: null, stream: null, inlined: false };

it('every address is absolute and comes back as it was meant', () => {
  const places: readonly [Place, object][] = [
    [{ flow: 'answer' }, {}],
    [{ flow: 'wait' }, {}],
    [{ flow: 'status', inlined: false }, {}],
    [{ flow: 'status', inlined: true }, { inlined: true }],
    [{ flow: 'gather', turn: 12 }, { turn: 12 }],
    [{ flow: 'silent', turn: 3, utteranceId: null }, { turn: 3 }],
    [
      { flow: 'silent', turn: 3, utteranceId: 'u9' },
      { turn: 3, utteranceId: 'u9' },
    ],
    [{ flow: 'played', utteranceId: 'u1' }, { utteranceId: 'u1' }],
    [{ flow: 'streamed', stream: 3 }, { stream: 3 }],
  ];
  for (const [place, rest] of places) {
    const url = flowUrl(options.address.webhookUrl, call, place);
    assert.ok(url.startsWith(`${options.address.webhookUrl}?`));
    const { pathname, search } = new URL(url);
    assert.deepEqual(visitOf(`${pathname}${search}`), { ...nothing, flow: place.flow, ...rest });
  }
});

it('an id that means something in a URL does no harm there', () => {
  const odd = { ...call, id: 'a&flow=status#?%20é' };
  assert.deepEqual(visitOf(flowUrl('/x', odd, { flow: 'wait' })), {
    ...nothing,
    callId: odd.id,
    flow: 'wait',
  });
});

it('a path without a query is nobody in particular', () => {
  const nobody = { callId: null, flow: null, turn: null, utteranceId: null, stream: null, inlined: false };
  for (const path of ['', '/', '/?', '/#?callId=x', '/?callId='])
    assert.deepEqual(visitOf(path), nobody, path);
});
