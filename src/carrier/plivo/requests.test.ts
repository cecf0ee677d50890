// Tests of requests.ts: the official client sends the same, and every answer is understood.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OutgoingRequest, officialClient } from '../../../test/wire/plivo/official.ts';
import {
  CALL_UUID,
  inboundCall,
  liveCall,
  options,
  outboundCall,
  REQUEST_UUID,
  ringingCall,
} from '../../../test/wire/plivo/samples.ts';
import type { Instruction } from '../../call/instruction.ts';
import type { WireRequest, WireResponse } from '../carrier.ts';
import { plivoCarrier } from './index.ts';

const carrier = plivoCarrier(options);
const hello: Instruction = {
  kind: 'say',
  utterance: { id: 'u1', text: 'Hello & goodbye.', digits: null, requestId: null },
  turn: null,
};
const keys: Instruction = {
  kind: 'say',
  utterance: { id: 'u2', text: '(keys: 1w2)', digits: '1w2', requestId: null },
  turn: 3,
};
const at = (query: string): string =>
  `${options.address.webhookUrl}?callId=${outboundCall().id}&flow=${query}`;
const fieldsOf = (request: WireRequest | undefined): Record<string, unknown> =>
  JSON.parse(request?.body ?? '{}') as Record<string, unknown>;

/** Lets the official client send its own request; both must be alike on the wire. */
async function sameOnTheWire(
  ours: WireRequest | undefined,
  theirs: (calls: ReturnType<typeof officialClient>['calls']) => Promise<unknown>,
): Promise<void> {
  const sent: OutgoingRequest[] = [];
  const answer = { request_uuid: REQUEST_UUID, call_uuid: CALL_UUID, message: 'call fired', api_id: 'x' };
  await theirs(officialClient(options, answer, sent).calls);
  const [expected] = sent;
  assert.ok(ours && expected);
  const query = new URLSearchParams(Object.entries(expected.params ?? {})).toString();
  const body = typeof expected.data === 'string' && expected.data !== '' ? JSON.parse(expected.data) : {};
  assert.deepEqual(
    [ours.method, ours.url, ours.headers['authorization'], fieldsOf(ours)],
    [
      expected.method.toUpperCase(),
      query === '' ? expected.url : `${expected.url}?${query}`,
      expected.headers.toJSON()['Authorization'],
      body,
    ],
  );
}

describe('the official client sends the same when it', () => {
  it('dials', async () => {
    const { request, told } = carrier.dial(outboundCall(), hello);
    assert.equal(told, 'wait');
    await sameOnTheWire(request, (calls) =>
      calls.create('15550100002', '15550001234', at('answer&n=0'), {
        answerMethod: 'POST',
        ringUrl: at('ring&n=0'),
        ringMethod: 'POST',
        hangupUrl: at('hangup&n=0'),
        hangupMethod: 'POST',
        ringTimeout: 30,
        timeLimit: 300,
      }),
    );
  });

  it('tells the line something new', async () => {
    const places = [
      [hello, 'next&n=0&utterance=u1'],
      [keys, 'next&n=0&turn=3&utterance=u2'],
      [{ kind: 'listen', turn: 2 }, 'next&n=0&turn=2'],
      [{ kind: 'stream', n: 2, expiresAt: 7 }, 'next&n=0&stream=2'],
    ] as const;
    for (const [instruction, place] of places) {
      const requests = carrier.asRequests(liveCall(), instruction);
      assert.equal(requests.length, 1);
      await sameOnTheWire(requests[0], (calls) =>
        calls.transfer(CALL_UUID, { legs: 'aleg', alegUrl: at(place), alegMethod: 'POST' }),
      );
    }
  });

  it('hangs up', async () => {
    for (const kind of ['hangup', 'reject'] as const) {
      await sameOnTheWire(carrier.asRequests(liveCall(), { kind })[0], (calls) => calls.hangup(CALL_UUID));
    }
  });

  it('takes back what it dialled', async () => {
    const [request] = carrier.asRequests(ringingCall(), { kind: 'hangup' });
    await sameOnTheWire(request, (calls) => calls.cancel(REQUEST_UUID));
  });

  it('asks how a call stands, but for the slash that Plivo documents and its library forgets', async () => {
    const { url, ...request } = carrier.statusRequest(liveCall());
    assert.ok(url.endsWith(`/Call/${CALL_UUID}/?status=live`));
    await sameOnTheWire({ ...request, url: url.replace('/?', '?') }, (calls) => calls.getLiveCall(CALL_UUID));
  });
});

it('a call Plivo only has a request for is told nothing but to stop', () => {
  assert.deepEqual(carrier.asRequests(ringingCall(), hello), []);
  assert.deepEqual(carrier.asRequests(ringingCall(), { kind: 'listen', turn: 1 }), []);
  assert.deepEqual(carrier.asRequests(ringingCall(), { kind: 'stream', n: 1, expiresAt: 7 }), []);
  assert.match(carrier.statusRequest(ringingCall()).url, /\/Call\/\?status=live$/);
});

it('it rings and lasts whole seconds, no longer than Plivo allows', () => {
  const fields = (ringTimeoutMs: number, maxDurationMs: number): readonly unknown[] => {
    const order = fieldsOf(carrier.dial(outboundCall({ ringTimeoutMs, maxDurationMs }), hello).request);
    return [order['ring_timeout'], order['time_limit']];
  };
  assert.deepEqual(fields(20_001, 60_001), [21, 61]);
  assert.deepEqual(fields(1, 100_000_000), [1, 86_400]);
});

const answer = (status: number, body: unknown = {}, retryAfterMs: number | null = null): WireResponse => ({
  kind: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  retryAfterMs,
});
const refusal = (status: number, error = 'no'): WireResponse => answer(status, { api_id: 'x', error });
const lost = (mayHaveArrived: boolean): WireResponse => ({
  kind: 'unreachable',
  why: 'ECONNRESET',
  mayHaveArrived,
});

describe('the answer to dialling', () => {
  const why = (response: WireResponse): string => {
    const dialled = carrier.readDialled(response);
    return dialled.ok ? assert.fail('it is taken for success') : dialled.why;
  };

  it('brings the id of the request, alone or in a list', () => {
    for (const request_uuid of [REQUEST_UUID, [REQUEST_UUID]]) {
      assert.deepEqual(carrier.readDialled(answer(201, { message: 'call fired', request_uuid })), {
        ok: true,
        carrierCallId: `request:${REQUEST_UUID}`,
      });
    }
  });

  it('without such an id is a failure', () => {
    for (const request_uuid of [undefined, '', [], [7], 'x y', {}]) {
      assert.match(why(answer(201, { request_uuid })), /^Plivo call create returned no request_uuid/);
    }
  });

  it('names the cure where there is a known one', () => {
    assert.match(
      why(refusal(401, 'authentication failed')),
      /^Plivo API error: 401 authentication failed\. Check/,
    );
    assert.match(why(answer(401, 'Could not verify your access level')), /plivo\.authToken/);
    assert.match(why(answer(404, '')), /plivo\.authId/);
    assert.match(why(refusal(400, 'from parameter is not a rented number')), /Check fromNumber/);
    assert.match(why(refusal(400, 'invalid destination number')), /Check the number to call/);
    assert.match(why(refusal(400, "'answer_url' is not valid")), /Check publicUrl/);
    assert.match(why(refusal(400, 'insufficient credit')), /Recharge/);
    assert.match(why(refusal(403, 'denied')), /Geo permissions/);
    assert.equal(why(refusal(400, 'failed to parse')), 'Plivo API error: 400 failed to parse');
  });

  it('hides the numbers Plivo quotes, and the markup of proxies', () => {
    assert.equal(why(refusal(400, '15550001234 is odd.')), 'Plivo API error: 400 15*******34 is odd');
    assert.equal(why(answer(400, '<html>x</html>')), 'Plivo API error: 400');
  });

  it('says whether the call may have been placed all the same', () => {
    assert.match(why(lost(true)), /did not answer.*may have been placed.*not repeated/);
    assert.match(why(lost(false)), /Nothing was dialled; try again/);
    assert.match(why(answer(503, '<html>')), /503.*may have been placed/);
    assert.match(why(answer(201, {})), /may have been placed/);
  });

  it('says when to try again after too many requests', () => {
    assert.match(why(answer(429)), /nothing was dialled, try again in a while/);
    assert.match(why(answer(429, {}, 1_500)), /try again in 2 s/);
  });
});

describe('the answer to an instruction', () => {
  const verdict = (response: WireResponse): string => {
    const told = carrier.readTold(hello, response);
    return told.ok ? 'ok' : told.failure.kind;
  };

  it('is agreement, a call that is gone, a reason to repeat it or a refusal', () => {
    for (const response of [answer(202), answer(204, ''), answer(200)]) assert.equal(verdict(response), 'ok');
    for (const response of [refusal(404), answer(404, '')]) assert.equal(verdict(response), 'gone');
    for (const response of [refusal(429), answer(500), answer(503), lost(true), lost(false)]) {
      assert.equal(verdict(response), 'retry');
    }
    for (const response of [refusal(400), refusal(401), refusal(405), answer(302)]) {
      assert.equal(verdict(response), 'refused');
    }
  });

  it('is quoted with the status, without numbers', () => {
    const told = carrier.readTold(hello, refusal(400, 'to +15550001234'));
    assert.equal(!told.ok && told.failure.why, 'Plivo API error: 400 to +1********34');
  });
});

it('how a call stands is known only when Plivo says so', () => {
  const stands = (call_status: string) => carrier.readStatus(answer(200, { call_status }));
  for (const status of ['queued', 'ringing', 'in-progress']) assert.equal(stands(status), 'live');
  for (const status of ['completed', 'busy', 'failed', 'timeout', 'no-answer', 'cancel'])
    assert.equal(stands(status), 'over');
  assert.equal(carrier.readStatus(answer(404)), 'over');
  for (const response of [
    answer(200, '<html>'),
    answer(200, { calls: [CALL_UUID] }),
    answer(401),
    answer(429),
    answer(500),
    lost(false),
  ]) {
    assert.equal(carrier.readStatus(response), 'unknown');
  }
});

it('a call without an id at Plivo cannot be asked about', () => {
  assert.throws(() => carrier.statusRequest(outboundCall()), { code: 'VC_INTERNAL' });
});

it('a call that rings here is turned away by request too', () => {
  const [request] = carrier.asRequests(inboundCall(), { kind: 'reject' });
  assert.equal(request?.method, 'DELETE');
});
